"""How closely MISP wants a thing held: its tags and its distribution, read so that nothing becomes looser."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from kouprey.kernel.words.tlp import PAP, TLP, parse_pap, parse_tlp
from kouprey.misp.model import Standing
from kouprey.misp.rules.reading import Json, list_of, text_of, truth_of

_DISTRIBUTIONS: dict[str, TLP | None] = {
    "": None,
    "5": None,
    "3": None,
    "2": TLP.AMBER,
    "1": TLP.AMBER_STRICT,
    "0": TLP.RED,
    "4": TLP.RED,
}
"""Your organisation only, this community, connected communities, all, a sharing group, inherit."""

LoseTag = Callable[[str, str], None]
"""Takes what is lost and why."""


class Tags(NamedTuple):
    """What tags say: the strictest TLP and PAP among them, and the texts of those that are no TLP level.

    `floor` is the strictest TLP of local tags: they were not meant for others, so they can forbid and permit nothing.
    """

    tlp: TLP | None
    floor: TLP | None
    pap: PAP
    labels: tuple[str, ...]


def read_tags(holder: Json, lose: LoseTag) -> Tags:
    """The tags of an event, attribute or cluster; local ones and those not for export stay where they are."""
    levels: dict[bool, TLP] = {}
    pap = PAP.CLEAR
    labels: dict[str, None] = {}
    for tag in list_of(holder, "Tag"):
        name = text_of(tag, "name").strip()
        word = name.lower()
        if word.startswith("tlp:"):
            level = _level(word)
            local = truth_of(tag, "local")
            levels[local] = max(TLP.RED if level is None else level, levels.get(local, TLP.CLEAR))
            if level is None:
                lose(f"level {name}", "It is no level of TLP; it is held at TLP:RED.")
            continue
        if word.startswith("pap:"):
            pap = max(pap, _action(word))
        if truth_of(tag, "local"):
            lose(f"tag {name}", "It is local to the instance it comes from.")
        elif "exportable" in tag and not truth_of(tag, "exportable"):
            lose(f"tag {name}", "It is not to be exported.")
        elif name:
            labels[name] = None
    return Tags(levels.get(False), levels.get(True), pap, tuple(labels))


def standing_of(holder: Json, tags: Tags, within: Standing) -> Standing:
    """How a thing is held that stands in another: never looser than that one, its tags or its distribution."""
    floor = _DISTRIBUTIONS.get(text_of(holder, "distribution").strip(), TLP.RED)
    stated = max((level for level in (within.stated, tags.tlp, tags.floor, floor) if level is not None), default=None)
    # A level that was only assumed gives way to a TLP tag; a distribution is no permission and gives way to nothing.
    assumed = TLP.CLEAR if within.stated is None and tags.tlp is not None else within.tlp
    return Standing(max(assumed, stated or TLP.CLEAR), stated, max(within.pap, tags.pap))


def _level(word: str) -> TLP | None:
    try:
        return parse_tlp(word)
    except ValueError:
        return None


def _action(word: str) -> PAP:
    try:
        return parse_pap(word)
    except ValueError:
        return PAP.RED
