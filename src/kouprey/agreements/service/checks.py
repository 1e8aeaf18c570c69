"""Whether what is written down of who may see what is what the agreements say."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from kouprey.agreements import rules
from kouprey.agreements.service import Agreements
from kouprey.agreements.service.life import Life
from kouprey.kernel.storage import labels
from kouprey.kernel.storage.integrity import list_damaged_labels
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.finding import Check, Finding


def checks(services: Services) -> list[Check]:
    """Labels and profiles by their hashes, and every decision asked again."""
    agreements = services.get(Agreements)
    return [
        Check("labels", lambda _: _labels(agreements)),
        Check("decisions", lambda repair: _decisions(agreements, repair)),
    ]


def _labels(agreements: Life) -> Iterable[Finding]:
    with agreements._store.read() as reader:
        return [
            Finding(
                level="bad",
                what=f"{each} is not what it was when it was written.",
                why="Its hash differs: what carries it could be shown to those who may not see it.",
                remedy="Stop the node and restore a backup.",
            )
            for each in list_damaged_labels(reader)
        ]


def _decisions(agreements: Life, repair: bool) -> Iterable[Finding]:
    try:
        wrong = _count_wrong(agreements)
    except ValueError:
        return []  # A label cannot be read at all, which the check of labels says.
    if not wrong:
        return []
    if repair:
        agreements._store.write(agreements.refresh)
    return [
        Finding(
            level="mended" if repair else "bad",
            what=f"{wrong} written decisions are not what the agreements say.",
            why="Somebody could see what he may not, or not see what he may.",
            remedy="All were decided again." if repair else "Run `kouprey doctor --repair`.",
        )
    ]


def _count_wrong(agreements: Life) -> int:
    now = agreements._clock()
    with agreements._store.read() as reader:
        standings = agreements._load_standings(reader, now)
        profiles, sets = labels.list_profiles(reader), labels.list_label_sets(reader)
        held = labels.list_decisions(reader)
    wrong = 0
    for profile, set_id in product(profiles, sets):
        made = rules.decide_set(sets[set_id], profiles[profile], standings, "", now)
        until, recheck = held.pop((profile, set_id), (-1, 0))
        # What was due meanwhile is decided anew by the running node.
        if until < 0 or (until != (made.until if made.allowed else 0) and recheck > now):
            wrong += 1
    return wrong + len(held)
