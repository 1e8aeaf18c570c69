"""Whether what is held is what was received, is labelled as it was said, and is counted and ordered truly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import islice

from kouprey.exchange.service import Exchange
from kouprey.exchange.service.comparing import compare
from kouprey.exchange.store import bookmarks, placements
from kouprey.exchange.store import checks as rows
from kouprey.exchange.wire import read_object
from kouprey.kernel.storage.integrity import last_position
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.finding import Check, Finding

MOST = 50
"""Findings of one kind; after so many nobody reads on."""

_RESTORE = "Ask its source for it again and import it, or restore a backup."


def checks(services: Services) -> list[Check]:
    """Bodies, label sets, the tally, occurrences, placements, positions, imports, and what is derived from bodies."""
    exchange = services.get(Exchange)
    return [
        Check("bodies", lambda _: islice(_bodies(exchange), MOST)),
        Check("label sets", lambda _: islice(_sets(exchange), MOST)),
        Check("tally", lambda repair: _tally(exchange, repair)),
        Check("occurrences", lambda repair: _occurrences(exchange, repair)),
        Check("placements", lambda repair: _placements(exchange, repair)),
        Check("positions", lambda _: _positions(exchange)),
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


def _tally(exchange: Exchange, repair: bool) -> Iterable[Finding]:
    with exchange._store.read() as reader:
        faults = rows.list_tally_faults(reader)
        days = rows.count_day_faults(reader)
    if not faults and not days:
        return []
    if repair:
        exchange._store.write(rows.count_anew)
    what = f"{days} counts by day are wrong."
    if faults:
        _, kind, _, told, counted = faults[0]
        what = f"{len(faults)} counts are wrong, the first: {told} of type {kind}, where {counted} are held."
    return [
        Finding(
            level="mended" if repair else "bad",
            what=what,
            why="Numbers on pages come from these tallies.",
            remedy="It was counted anew." if repair else "Run `kouprey doctor --repair`.",
        )
    ]


def _occurrences(exchange: Exchange, repair: bool) -> Iterable[Finding]:
    with exchange._store.read() as reader:
        wrong = rows.count_misplaced(reader)
    if not wrong:
        return []
    if repair:
        exchange._store.write(rows.place_anew)
    return [
        Finding(
            level="mended" if repair else "bad",
            what=f"{wrong} occurrences of values do not stand where their versions stand.",
            why="Somebody could learn that a value is named where he may not see it, or not learn it.",
            remedy="They were placed anew." if repair else "Run `kouprey doctor --repair`.",
        )
    ]


def _placements(exchange: Exchange, repair: bool) -> Iterable[Finding]:
    with exchange._store.read() as reader:
        faults = placements.list_faults(reader)
    if not faults:
        return []
    if repair:
        exchange._store.write(placements.count_anew)
    return [
        Finding(
            level="mended" if repair else "bad",
            what=f"{len(faults)} counts of placements among the ways of attack are wrong.",
            why="The numbers of the matrix come from them.",
            remedy="They were counted anew." if repair else "Run `kouprey doctor --repair`.",
        )
    ]


def _positions(exchange: Exchange) -> Iterable[Finding]:
    with exchange._store.read() as reader:
        faults = rows.list_position_faults(reader, last_position(reader))
    return [
        _bad(
            f"The order of positions is broken: {each}.", "Clients that poll could miss an object.", "Restore a backup."
        )
        for each in faults
    ]


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


def _bad(what: str, why: str, remedy: str) -> Finding:
    return Finding(level="bad", what=what, why=why, remedy=remedy)
