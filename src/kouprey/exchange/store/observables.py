"""Observables and where they are named: written with the bodies, read as far as a reader sees."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from kouprey.exchange.model import Observable
from kouprey.exchange.store.seeing import Eyes, Query
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.storage import meta
from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

COUNTED = 1_000
"""Occurrences that are counted of one observable; beyond it is only known to be more."""
COUNTED_IN_BATCH = 100
"""And of each one of many."""

_KEY = "exchange.observables"
_AT_ONCE = 10_000

# A version with one body is visible only through an assertion of it; of several, the reader may see some.
_SEEN = (
    f"JOIN version ON version.id = occurrence.version_id {visible_join('+version.label_set_id')}"
    " WHERE {where} AND (version.bodies = 1 OR EXISTS (SELECT 1 FROM assertion"
    f" {visible_join('assertion.label_set_id')} WHERE assertion.version_id = occurrence.version_id"
    " AND assertion.body_id = occurrence.body_id))"
)


class Seen(NamedTuple):
    """A version and one of its bodies, as a list shows them."""

    version: int
    body: int
    stix_id: str
    type: str
    title: str
    instant: Instant
    version_text: str
    received_at: Instant
    revoked: int


Occurrence = tuple[int, int, int]
"""(version, body, object) of a body that names an observable."""


def keep(
    tx: Tx,
    named: Iterable[tuple[int, int, Sequence[Observable]]],
    place_of: Callable[[Observable], str],
    *,
    anew: bool = False,
) -> None:
    """Write what bodies name: (version, body, its observables); what is known stays, unless `anew`.

    `place_of` orders a kind.
    """
    key = meta.get(tx, _KEY)
    if key is None:
        key = random_bytes(32)
        meta.put(tx, _KEY, key)
    ids: dict[Observable, int] = {}
    occurrences: list[tuple[int, int, int]] = []
    for version, body, observables in named:
        for observable in observables:
            found = ids.get(observable)
            if found is None:
                found = ids[observable] = _id(key, observable)
            occurrences.append((found, version, body))
    if not occurrences:
        return
    # In the order of the tables: neighbours share a page.
    occurrences.sort()
    tx.many(
        "INSERT INTO observable (id, kind, text, place) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO "
        + ("UPDATE SET kind = excluded.kind, text = excluded.text, place = excluded.place" if anew else "NOTHING"),
        sorted((i, each.kind, each.text, place_of(each)) for each, i in ids.items()),
    )
    tx.many(
        "INSERT INTO occurrence (observable_id, version_id, body_id) VALUES (?, ?, ?)"
        " ON CONFLICT (observable_id, version_id, body_id) DO NOTHING",
        occurrences,
    )


def _id(key: bytes, observable: Observable) -> int:
    # The key stands in front: BLAKE2 needs no HMAC, and key and value mostly fit into one block.
    data = key + f"{observable.kind}\0{observable.text}".encode()
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def ids_of(reader: Reader, observables: Iterable[Observable]) -> list[int]:
    """The ids these have or would have, one for each; [] in a store that has never held any."""
    key = meta.get(reader, _KEY)
    return [] if key is None else [_id(key, each) for each in observables]


def count_seen(reader: Reader, eyes: Eyes, ids: Collection[int]) -> dict[int, int]:
    """Of each that the reader sees named at all, in how many versions, up to COUNTED_IN_BATCH."""
    ordered = sorted(ids)
    found: dict[int, int] = {}
    seen = _SEEN.format(where="occurrence.observable_id = wanted.value")
    for begin in range(0, len(ordered), _AT_ONCE):
        some: object = ordered[begin : begin + _AT_ONCE]
        wanted = "unnest(CAST(? AS BIGINT[])) AS wanted (value)"
        if reader.dialect == "sqlite":
            wanted, some = "json_each(?) AS wanted", msgspec.json.encode(some).decode()
        rows = reader.all(
            "SELECT value, n FROM (SELECT wanted.value AS value, (SELECT count(*) FROM (SELECT 1 FROM occurrence"
            f" {seen} LIMIT {COUNTED_IN_BATCH}) AS seen) AS n FROM {wanted} WHERE EXISTS"
            " (SELECT 1 FROM occurrence WHERE occurrence.observable_id = wanted.value)) AS counted WHERE n > 0",
            (*eyes.params, *eyes.params, some),
        )
        found.update((int(row[0]), int(row[1])) for row in rows)
    return found


def list_occurrences(reader: Reader, eyes: Eyes, observable: int) -> list[Occurrence]:
    """The newest COUNTED occurrences that the reader sees, newest version first."""
    query = Query("SELECT occurrence.version_id, occurrence.body_id, version.object_id FROM occurrence")
    query.add(_SEEN.format(where="occurrence.observable_id = ?"), *eyes.params, observable, *eyes.params)
    query.add(f"ORDER BY occurrence.version_id DESC, occurrence.body_id DESC LIMIT {COUNTED}")
    return [(int(row[0]), int(row[1]), int(row[2])) for row in reader.all(query.sql, query.params)]


def show(reader: Reader, bodies: Collection[int]) -> list[Seen]:
    """Bodies the reader has been found to see, the newest version first."""
    where, params = any_of(reader, "body.id", bodies)
    rows = reader.all(
        "SELECT version.id, body.id, object.stix_id, object.type, body.title, version.instant, version.version_text,"
        " version.received_at, body.revoked FROM body JOIN version ON version.id = body.version_id"
        f" JOIN object ON object.id = version.object_id WHERE {where} ORDER BY version.id DESC",
        params,
    )
    return [Seen(*row) for row in rows]


def list_said(reader: Reader, eyes: Eyes, bodies: Collection[int]) -> dict[int, tuple[TLP, tuple[str, ...]]]:
    """For each body what its visible assertions say: the strictest level, and the names of the sources."""
    where, params = any_of(reader, "body.id", bodies)
    found: dict[int, tuple[TLP, set[str]]] = {}
    for body, tlp, name in reader.all(
        f"SELECT assertion.body_id, label.tlp, {eyes.source_name} FROM body JOIN assertion"
        " ON assertion.version_id = body.version_id AND assertion.body_id = body.id"
        f" {visible_join('assertion.label_set_id')} JOIN label ON label.id = assertion.label_id"
        f" JOIN source ON source.id = assertion.source_id WHERE {where}",
        (*eyes.params, *params),
    ):
        level, names = found.get(body, (TLP.CLEAR, set()))
        found[body] = (max(level, TLP(tlp)), names | {name})
    return {body: (level, tuple(sorted(names))) for body, (level, names) in found.items()}


def list_bytes(reader: Reader, bodies: Collection[int]) -> list[bytes]:
    """The bytes of bodies the reader has been found to see."""
    where, params = any_of(reader, "id", bodies)
    return [bytes(row[0]) for row in reader.all(f"SELECT bytes FROM body WHERE {where}", params)]


def list_within(
    reader: Reader, eyes: Eyes, spans: Iterable[tuple[str, str, str]], limit: int
) -> list[tuple[int, Observable]]:
    """What is named in anything the reader sees, and whose kind and place lie in spans: (kind, above, below).

    Up to `limit` of each span, in order.
    """
    found: list[tuple[int, Observable]] = []
    seen = _SEEN.format(where="occurrence.observable_id = observable.id")
    for span in spans:
        rows = reader.all(
            "SELECT observable.id, observable.kind, observable.text FROM observable WHERE observable.place <> ''"
            " AND observable.kind = ? AND observable.place > ? AND observable.place < ?"
            f" AND EXISTS (SELECT 1 FROM occurrence {seen}) ORDER BY observable.place LIMIT ?",
            (*span, *eyes.params, *eyes.params, limit),
        )
        found += [(int(row[0]), Observable(row[1], row[2])) for row in rows]
    return found


def sightings_of(reader: Reader, eyes: Eyes, targets: Collection[str]) -> dict[str, int]:
    """How often each object was seen, by the newest visible version of every sighting of it."""
    where, params = any_of(reader, "sighting.target", targets)
    newest = (
        f"SELECT 1 FROM version other {visible_join('+other.label_set_id')}"
        " WHERE other.object_id = version.object_id AND other.instant > version.instant"
    )
    seen = _SEEN.replace("occurrence.", "sighting.").format(where=where)
    rows = reader.all(
        f"SELECT target, sum(times) FROM (SELECT sighting.target, max(sighting.times) AS times FROM sighting {seen}"
        f" AND NOT EXISTS ({newest}) GROUP BY sighting.target, sighting.version_id) AS each_one GROUP BY target",
        (*eyes.params, *params, *eyes.params, *eyes.params),
    )
    return {row[0]: int(row[1]) for row in rows}
