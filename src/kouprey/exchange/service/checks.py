"""Whether what is held is what was received, is labelled as it was said, and is counted and ordered truly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from kouprey.exchange.service import Exchange
from kouprey.exchange.service.comparing import compare
from kouprey.exchange.store import bookmarks, placements
from kouprey.exchange.store import checks as rows
from kouprey.exchange.store import publishing as rules
from kouprey.exchange.wire import read_object
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.storage.integrity import last_position
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.finding import Check, Finding

MOST = 50
"""Findings of one kind; after so many nobody reads on."""

_RESTORE = "Ask its source for it again and import it, or restore a backup."


def checks(services: Services) -> list[Check]:
    """Bodies, label sets, the tally, occurrences, placements, positions, rules, imports, and what bodies give."""
    exchange = services.get(Exchange)
    return [
        Check("bodies", lambda _: islice(_bodies(exchange), MOST)),
        Check("label sets", lambda _: islice(_sets(exchange), MOST)),
        Check("tally", lambda repair: _TALLY.findings(exchange, repair)),
        Check("occurrences", lambda repair: _OCCURRENCES.findings(exchange, repair)),
        Check("placements", lambda repair: _PLACEMENTS.findings(exchange, repair)),
        Check("positions", lambda repair: _POSITIONS.findings(exchange, repair)),
        Check("publishing rules", lambda _: islice(_rules(exchange), MOST)),
        Check("imports", lambda _: islice(_imports(exchange), MOST)),
        Check("derived", lambda repair: islice(compare(exchange._store, repair), MOST)),
    ]


def _bodies(exchange: Exchange) -> Iterator[Finding]:
    for held in rows.each_body(exchange._store):
        name = f"Body {held.id} of {held.stix_id}"
        if sha256(held.raw).digest() != held.sha256:
            yield _bad(f"{name} is not what was received.", "Its bytes do not have the hash that was kept.", _RESTORE)
            continue
        try:
            read = read_object(held.raw)
        except Damaged as damaged:
            yield _bad(f"{name} cannot be read.", str(damaged), _RESTORE)
            continue
        heads = (read.stix_id, read.instant, read.title, read.revoked, read.created_by or "")
        if heads != (held.stix_id, held.instant, held.title, bool(held.revoked), held.created_by):
            yield _bad(
                f"{name} is listed under something else than it says.",
                "Its id, version, title, creator or revocation differ between the bytes and the columns beside them.",
                "Restore a backup.",
            )


def _sets(exchange: Exchange) -> Iterator[Finding]:
    for version in rows.list_wrong_sets(exchange._store):
        yield _bad(
            f"Version {version} does not carry the labels of its assertions.",
            "Who may see it is decided by labels nobody gave it.",
            "Stop the node and restore a backup.",
        )


class _Faulty(NamedTuple):
    """Something kept beside what is held that can be looked at in one snapshot.

    `faults` says each fault in a sentence; `mend` makes it anew and `mended` tells so, where it can be made anew.
    """

    faults: Callable[[Reader], Iterable[str]]
    why: str
    mend: Callable[[Tx], None] | None = None
    mended: str = ""

    def findings(self, exchange: Exchange, repair: bool) -> list[Finding]:
        """One finding for each fault; with `repair` it is mended first, if it can be."""
        with exchange._store.read() as reader:
            faults = list(self.faults(reader))
        if not self.mend:
            return [_bad(what, self.why, "Restore a backup.") for what in faults]
        if not (repair and faults):
            return [_bad(what, self.why, "Run `kouprey doctor --repair`.") for what in faults]
        exchange._store.write(self.mend)
        return [Finding(level="mended", what=what, why=self.why, remedy=self.mended) for what in faults]


def _tally_faults(reader: Reader) -> Iterator[str]:
    faults, days = rows.list_tally_faults(reader), rows.count_day_faults(reader)
    if faults:
        _, kind, _, told, counted = faults[0]
        yield f"{len(faults)} counts are wrong, the first: {told} of type {kind}, where {counted} are held."
    elif days:
        yield f"{days} counts by day are wrong."


def _misplaced(reader: Reader) -> Iterator[str]:
    if wrong := rows.count_misplaced(reader):
        yield f"{wrong} occurrences of values do not stand where their versions stand."


def _placement_faults(reader: Reader) -> Iterator[str]:
    if faults := placements.list_faults(reader):
        yield f"{len(faults)} counts of placements among the ways of attack are wrong."


def _position_faults(reader: Reader) -> Iterator[str]:
    for each in rows.list_position_faults(reader, last_position(reader)):
        yield f"The order of positions is broken: {each}."


_TALLY = _Faulty(_tally_faults, "Numbers on pages come from these tallies.", rows.count_anew, "It was counted anew.")
_OCCURRENCES = _Faulty(
    _misplaced,
    "Somebody could learn that a value is named where he may not see it, or not learn it.",
    rows.place_anew,
    "They were placed anew.",
)
_PLACEMENTS = _Faulty(
    _placement_faults,
    "The numbers of the matrix come from them.",
    placements.count_anew,
    "They were counted anew.",
)
_POSITIONS = _Faulty(_position_faults, "Clients that poll could miss an object.")


def _imports(exchange: Exchange) -> Iterator[Finding]:
    with exchange._store.read() as reader:
        unfinished = bookmarks.list_unfinished(reader)
    for path, count in unfinished:
        yield Finding(
            level="warn",
            what=f"The import of {path} has not ended; {count:,} objects of it are durable.",
            why="It runs now, or it was interrupted.",
            remedy="If it does not run, give the same command again: it goes on there.",
        )


def _rules(exchange: Exchange) -> Iterator[Finding]:
    with exchange._store.read() as reader:
        paused = rules.list_rules(reader, "paused")
    for rule in paused:
        if rule.paused_itself:
            yield Finding(
                level="warn",
                what=f"The publishing rule {rule.name!r} paused itself, and gives nothing.",
                why=rule.because[0].text,
                remedy=f'Look at it, and start it again: `kouprey rule start "{rule.name}"`.',
            )


def _bad(what: str, why: str, remedy: str) -> Finding:
    return Finding(level="bad", what=what, why=why, remedy=remedy)
