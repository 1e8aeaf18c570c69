"""Observables and where they are named: written with the bodies, read as far as a reader sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from kouprey.exchange.model import Observable
from kouprey.exchange.store.seeing import Eyes, Query
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.storage import labels, meta
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

COUNTED = 1_000
"""Occurrences that are counted of one observable; beyond it is only known to be more."""
COUNTED_IN_BATCH = 100
"""And of each one of many."""

_KEY = "exchange.observables"
_AT_ONCE = 10_000
_COMMON = 64
"""Occurrences from which on those the reader sees are looked for label set by label set, not among all."""

STANDS = "CASE WHEN version.bodies = 1 THEN version.label_set_id ELSE 0 END"
"""The label set under which the occurrences of a version stand; 0 where each of its bodies has to be asked for."""
# Under a label set stand bodies that whoever sees the set sees; under 0 those of which the assertions have to be asked.
_SEEN = f"{visible_join('+occurrence.label_set_id')} WHERE {{where}}"
_SEEN_OF_SEVERAL = (
    f"JOIN version ON version.id = occurrence.version_id {visible_join('+version.label_set_id')}"
    " WHERE {where} AND occurrence.label_set_id = 0 AND EXISTS (SELECT 1 FROM assertion"
    f" {visible_join('assertion.label_set_id')} WHERE assertion.version_id = occurrence.version_id"
    " AND assertion.body_id = occurrence.body_id)"
)
_SEEN_SIGHTING = (
    f"JOIN version ON version.id = sighting.version_id {visible_join('+version.label_set_id')}"
    " WHERE {where} AND (version.bodies = 1 OR EXISTS (SELECT 1 FROM assertion"
    f" {visible_join('assertion.label_set_id')} WHERE assertion.version_id = sighting.version_id"
    " AND assertion.body_id = sighting.body_id))"
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
    named: Iterable[tuple[int, int, int, Sequence[Observable]]],
    place_of: Callable[[Observable], str],
    *,
    anew: bool = False,
) -> None:
    """Write what bodies name: (label set or 0, version, body, its observables); what is known stays, unless `anew`.

    `place_of` orders a kind.
    """
    key = meta.get(tx, _KEY)
    if key is None:
        key = random_bytes(32)
        meta.put(tx, _KEY, key)
    ids: dict[Observable, int] = {}
    occurrences: list[tuple[int, int, int, int]] = []
    for label_set, version, body, observables in named:
        for observable in observables:
            found = ids.get(observable)
            if found is None:
                found = ids[observable] = _id(key, observable)
            occurrences.append((found, label_set, body, version))
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
        "INSERT INTO occurrence (observable_id, label_set_id, body_id, version_id) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (observable_id, label_set_id, body_id) DO UPDATE SET version_id = excluded.version_id",
        occurrences,
    )


def move(tx: Tx, left: int, taken: int, body: int, observables: Iterable[Observable]) -> None:
    """What a body names stood under one label set, or 0, and stands under another from now on."""
    tx.many(
        "UPDATE occurrence SET label_set_id = ? WHERE observable_id = ? AND label_set_id = ? AND body_id = ?",
        [(taken, each, left, body) for each in ids_of(tx, observables)],
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
    for begin in range(0, len(ordered), _AT_ONCE):
        some = ordered[begin : begin + _AT_ONCE]
        if reader.dialect == "sqlite":
            common = _list_common(reader, some)
            several = [each for each in some if each not in common] if common else some
        else:
            counts, common, several = _count_rare(reader, eyes, some)
            found |= counts
        found |= Counter(row[0] for row in _list_rare(reader, eyes, several))
        found |= _count_common(reader, eyes, sorted(common))
    return {key: n if n < COUNTED_IN_BATCH else COUNTED_IN_BATCH for key, n in found.items()}


def _wanted(reader: Reader, ids: Sequence[int]) -> tuple[str, str]:
    """A table of one column `value`, and its parameter: a text, since to read one costs least on either side."""
    if reader.dialect == "sqlite":
        return "json_each(?) AS wanted", msgspec.json.encode(ids).decode()
    return "unnest(CAST(? AS BIGINT[])) AS wanted (value)", f"{{{','.join(map(str, ids))}}}"


def _list_common(reader: Reader, ids: Sequence[int]) -> set[int]:
    """Those with many occurrences, whoever sees them: this only chooses the road."""
    wanted, some = _wanted(reader, ids)
    rows = reader.all(
        f"SELECT wanted.value FROM {wanted} WHERE (SELECT 1 FROM occurrence"
        f" WHERE occurrence.observable_id = wanted.value LIMIT 1 OFFSET {_COMMON}) = 1",
        (some,),
    )
    return {int(row[0]) for row in rows}


def _list_rare(reader: Reader, eyes: Eyes, ids: Sequence[int]) -> list[Row]:
    """A row with the id for each occurrence the reader sees."""
    if not ids:
        return []
    wanted, some = _wanted(reader, ids)
    begin = f"SELECT wanted.value FROM {wanted} CROSS JOIN occurrence"
    where = "occurrence.observable_id = wanted.value"
    return reader.all(
        f"{begin} {_SEEN.format(where=where)} UNION ALL {begin} {_SEEN_OF_SEVERAL.format(where=where)}",
        (some, *eyes.params, some, *eyes.params, *eyes.params),
    )


def _count_rare(reader: Reader, eyes: Eyes, ids: Sequence[int]) -> tuple[dict[int, int], set[int], list[int]]:
    """The same on PostgreSQL, in one: every look at an index costs it more.

    Besides, those with many occurrences, and those that versions with several bodies name: other roads are for them.
    """
    wanted, some = _wanted(reader, ids)
    rows = reader.all(
        f"SELECT wanted.value, CASE WHEN seen.held > {_COMMON} THEN -1 WHEN seen.first = 0 THEN -2 ELSE seen.n END"
        f" FROM {wanted} CROSS JOIN LATERAL ("
        "SELECT count(*) FILTER (WHERE near.label_set_id IN (SELECT label_set.id FROM label_set"
        f" {visible_join('label_set.id')})) AS n, count(*) AS held, min(near.label_set_id) AS first FROM ("
        "SELECT occurrence.label_set_id FROM occurrence WHERE occurrence.observable_id = wanted.value"
        f" ORDER BY occurrence.label_set_id LIMIT {_COMMON + 1}) AS near) AS seen"
        f" WHERE seen.n > 0 OR seen.held > {_COMMON} OR seen.first = 0",
        (some, *eyes.params),
    )
    counts = {key: n for key, n in rows if n > 0}
    return counts, {key for key, n in rows if n == -1}, [key for key, n in rows if n == -2]


def _count_common(reader: Reader, eyes: Eyes, ids: Sequence[int]) -> dict[int, int]:
    """Label set by label set: what stands under the others is not walked past."""
    if not ids:
        return {}
    wanted, some = _wanted(reader, ids)
    where = "occurrence.observable_id = wanted.value"
    under = (
        f"SELECT 1 FROM occurrence WHERE {where} AND occurrence.label_set_id = label_set.id LIMIT {COUNTED_IN_BATCH}"
    )
    several = f"SELECT 1 FROM occurrence {_SEEN_OF_SEVERAL.format(where=where)} LIMIT {COUNTED_IN_BATCH}"
    rows = reader.all(
        "SELECT wanted.value, coalesce((SELECT sum((SELECT count(*) FROM ("
        f"{under}) AS few)) FROM label_set {visible_join('label_set.id')}), 0)"
        f" + (SELECT count(*) FROM ({several}) AS few) FROM {wanted}",
        (*eyes.params, *eyes.params, *eyes.params, some),
    )
    return {int(row[0]): int(row[1]) for row in rows if row[1]}


def list_occurrences(reader: Reader, eyes: Eyes, observable: int) -> list[Occurrence]:
    """The newest COUNTED occurrences that the reader sees, newest body first."""
    sets = labels.list_visible(reader, *eyes.params)
    some, given = any_of(reader, "label_set.id", sets)
    # Under one of the sets stand COUNTED that are not older than this; so no older one can be among the newest.
    floor = reader.value(
        "SELECT max((SELECT occurrence.body_id FROM occurrence WHERE occurrence.observable_id = ?"
        " AND occurrence.label_set_id = label_set.id ORDER BY occurrence.body_id DESC LIMIT 1 OFFSET ?))"
        f" FROM label_set WHERE {some}",
        (observable, COUNTED - 1, *given),
    )
    under, given = any_of(reader, "occurrence.label_set_id", sets)
    columns = "SELECT occurrence.version_id, occurrence.body_id, version.object_id FROM occurrence"
    named = "occurrence.observable_id = ? AND occurrence.body_id >= ?"
    query = Query(columns).add("JOIN version ON version.id = occurrence.version_id")
    query.add(_SEEN.format(where=f"{named} AND {under}"), *eyes.params, observable, floor or 0, *given)
    query.add("UNION ALL").add(columns).add(_SEEN_OF_SEVERAL.format(where=named), *eyes.params, observable, floor or 0)
    query.add(f"ORDER BY 2 DESC LIMIT {COUNTED}", *eyes.params)
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
    where = "occurrence.observable_id = observable.id"
    for span in spans:
        rows = reader.all(
            "SELECT observable.id, observable.kind, observable.text FROM observable WHERE observable.place <> ''"
            " AND observable.kind = ? AND observable.place > ? AND observable.place < ?"
            f" AND (EXISTS (SELECT 1 FROM occurrence {_SEEN.format(where=where)})"
            f" OR EXISTS (SELECT 1 FROM occurrence {_SEEN_OF_SEVERAL.format(where=where)}))"
            " ORDER BY observable.place LIMIT ?",
            (*span, *eyes.params, *eyes.params, *eyes.params, limit),
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
    seen = _SEEN_SIGHTING.format(where=where)
    rows = reader.all(
        f"SELECT target, sum(times) FROM (SELECT sighting.target, max(sighting.times) AS times FROM sighting {seen}"
        f" AND NOT EXISTS ({newest}) GROUP BY sighting.target, sighting.version_id) AS each_one GROUP BY target",
        (*eyes.params, *params, *eyes.params, *eyes.params),
    )
    return {row[0]: int(row[1]) for row in rows}
