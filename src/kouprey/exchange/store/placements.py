"""Placements: written with the bodies, counted in a tally, and read as far as a reader sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from kouprey.exchange.model.placing import Place, Placed, Placement, Wish
from kouprey.exchange.store.seeing import Eyes, Query, is_given, only_newest, visible_version
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import SECOND, Instant

SEVERAL = 2_000
"""Placements of objects that carry several labels or bodies, of those a reader sees, which are counted one by one."""
_FEW = 5_000
"""Placements up to which those of a place are looked up under their label sets, and not by their order."""
_OVER = -1


class New(NamedTuple):
    """A body that is new, or read again."""

    body: int
    version: int
    placements: Sequence[Placement]


class _Stand(NamedTuple):
    """Under which label set a placement counts, who brought it, and when."""

    label_set: int
    source: int
    month: int


_NOWHERE, _SUPERSEDED = _Stand(0, 0, 0), _Stand(_OVER, 0, 0)


def month_of(instant: Instant) -> int:
    """The month of an instant in UTC: 202611."""
    then = datetime.fromtimestamp(instant // SECOND, UTC)
    return then.year * 100 + then.month


def keep(tx: Tx, objects: Collection[int], new: Sequence[New]) -> None:
    """Write what new bodies say, and count anew the placements of these objects, which may have got another version.

    The versions and labels of the objects are written already.
    """
    named = [each for each in new if each.placements]
    where, params = any_of(tx, "object_id", objects)
    known = tx.all(
        "SELECT body_id, name, scheme, way, kind, object_id, version_id, label_set_id, source_id, month FROM placement"
        f" WHERE {where}",
        params,
    )
    if not named and not known:
        return
    stands, of_object = _stands(tx, {row[6] for row in known} | {each.version for each in named})
    tally: dict[tuple[object, ...], int] = defaultdict(int)
    moved = []
    for row in known:
        was, now = _Stand(*row[7:10]), stands[row[6]]
        if was != now:
            _count(tally, was, row[3], row[2], row[1], row[4], -1)
            _count(tally, now, row[3], row[2], row[1], row[4], 1)
            moved.append((*now, *row[:5]))
    held = {tuple(row[:5]) for row in known}
    added: dict[tuple[object, ...], Row] = {}
    for each in named:
        for way, scheme, name, kind in each.placements:
            key = (each.body, name, scheme, way, kind)
            if key not in held and key not in added:
                stand = stands[each.version]
                added[key] = (*key, of_object[each.version], each.version, *stand)
                _count(tally, stand, way, scheme, name, kind, 1)
    if moved:
        tx.many(
            "UPDATE placement SET label_set_id = ?, source_id = ?, month = ?"
            " WHERE body_id = ? AND name = ? AND scheme = ? AND way = ? AND kind = ?",
            moved,
        )
    if added:
        tx.many(
            "INSERT INTO placement (body_id, name, scheme, way, kind, object_id, version_id, label_set_id, source_id,"
            " month) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            list(added.values()),
        )
    _add(tx, tally)


def forget(tx: Tx, bodies: Collection[int]) -> list[int]:
    """Take out what bodies say; the objects whose other placements are to be counted anew with `keep`."""
    where, params = any_of(tx, "body_id", bodies)
    tally: dict[tuple[object, ...], int] = defaultdict(int)
    objects = set()
    for way, scheme, name, kind, label_set, source, month, object_id in tx.all(
        f"SELECT way, scheme, name, kind, label_set_id, source_id, month, object_id FROM placement WHERE {where}",
        params,
    ):
        _count(tally, _Stand(label_set, source, month), way, scheme, name, kind, -1)
        objects.add(object_id)
    if objects:
        tx.execute(f"DELETE FROM placement WHERE {where}", params)
        _add(tx, tally)
    return sorted(objects)


def _count(
    tally: dict[tuple[object, ...], int], stand: _Stand, way: str, scheme: str, name: str, kind: str, n: int
) -> None:
    if stand.label_set > 0:
        tally[stand.label_set, way, scheme, name, kind, stand.source, stand.month] += n


def _add(tx: Tx, tally: Mapping[tuple[object, ...], int]) -> None:
    if rows := sorted((*key, n) for key, n in tally.items() if n):
        tx.many(
            "INSERT INTO placed (label_set_id, way, scheme, name, kind, source_id, month, n)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (label_set_id, way, scheme, name, kind, source_id, month)"
            " DO UPDATE SET n = placed.n + excluded.n",
            rows,
        )


def _stands(tx: Tx, versions: Collection[int]) -> tuple[dict[int, _Stand], dict[int, int]]:
    """For each version where its placements stand, and its object.

    All that is said of an object counts plainly while its versions carry one and the same label and have one body each:
    then whoever sees one sees all, and is given the newest.
    """
    where, params = any_of(tx, "beside.id", versions)
    rows = tx.all(
        "SELECT DISTINCT version.id, version.object_id, version.instant, version.label_set_id, version.bodies,"
        " version.source_id, version.received_at FROM version beside"
        f" JOIN version ON version.object_id = beside.object_id WHERE {where}",
        params,
    )
    where, params = any_of(tx, "label_set_id", {row[3] for row in rows})
    single = {
        row[0]
        for row in tx.all(
            f"SELECT label_set_id FROM label_set_member WHERE {where} GROUP BY label_set_id HAVING count(*) = 1", params
        )
    }
    of_object: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        of_object[row[1]].append(row)
    stands = {}
    for each in of_object.values():
        plain = len({row[3] for row in each}) == 1 and each[0][3] in single and all(row[4] == 1 for row in each)
        newest = max(row[2] for row in each)
        for row in each:
            if not plain:
                stands[row[0]] = _NOWHERE
            elif row[2] < newest:
                stands[row[0]] = _SUPERSEDED
            else:
                stands[row[0]] = _Stand(row[3], row[5], month_of(row[6]))
    return stands, {row[0]: row[1] for row in rows}


class Count(NamedTuple):
    """So many placements of one kind from one source."""

    place: Place
    kind: str
    source: str
    n: int


def list_counts(reader: Reader, eyes: Eyes, wish: Wish) -> list[Count]:
    """What the reader may see and wishes, by place, kind and source; attack patterns themselves are left out."""
    rows = reader.all(
        f"SELECT placed.way, placed.scheme, placed.name, placed.kind, {eyes.source_name}, sum(placed.n)"
        f" FROM placed {visible_join('placed.label_set_id')} JOIN source ON source.id = placed.source_id"
        " WHERE placed.n > 0 AND placed.kind <> 'attack-pattern' AND placed.month >= ? AND placed.month <= ?"
        f" GROUP BY placed.way, placed.scheme, placed.name, placed.kind, {eyes.source_name}",
        (*eyes.params, wish.since, wish.until or 999_999),
    )
    counts = [Count((row[0], row[1], row[2]), row[3], row[4], int(row[5])) for row in rows]
    return counts + _of_several(reader, eyes, wish)


def _of_several(reader: Reader, eyes: Eyes, wish: Wish) -> list[Count]:
    """The same of what carries several labels or bodies: of the newest that are seen each is looked at."""
    query = Query("SELECT placement.way, placement.scheme, placement.name, placement.kind, placement.version_id")
    query.add("FROM placement JOIN version ON version.id = placement.version_id")
    query.add(visible_version(reader), *eyes.params)
    query.add("WHERE placement.label_set_id = 0 AND placement.kind <> 'attack-pattern'")
    query.add(f"AND {is_given('placement.body_id')}", *eyes.params)
    only_newest(query, eyes)
    query.add("ORDER BY placement.body_id DESC LIMIT ?", SEVERAL)
    rows = reader.all(query.sql, query.params)
    voices = _voices(reader, eyes, {row[4] for row in rows})
    counts = []
    for way, scheme, name, kind, version in rows:
        month, source = voices[version]
        if wish.since <= month <= (wish.until or 999_999):
            counts.append(Count((way, scheme, name), kind, source, 1))
    return counts


def _voices(reader: Reader, eyes: Eyes, versions: Collection[int]) -> dict[int, tuple[int, str]]:
    """Of each version the month in which the reader's first voice said it, and the name of that one."""
    where, params = any_of(reader, "assertion.version_id", versions)
    found: dict[int, tuple[int, str]] = {}
    for version, at, name in reader.all(
        f"SELECT assertion.version_id, assertion.received_at, {eyes.source_name} FROM assertion"
        f" {visible_join('assertion.label_set_id')} JOIN source ON source.id = assertion.source_id"
        f" WHERE {where} ORDER BY assertion.received_at, {eyes.source_name}",
        (*eyes.params, *params),
    ):
        found.setdefault(version, (month_of(at), name))
    return found


class Pattern(NamedTuple):
    """One thing that an attack pattern says of itself."""

    stix_id: str
    title: str
    way: str
    scheme: str
    name: str


def list_patterns(reader: Reader, eyes: Eyes, limit: int) -> list[Pattern]:
    """The catalogue: phases and numbers of the attack patterns the reader sees, at most so many rows."""
    query = Query("SELECT object.stix_id, body.title, placement.way, placement.scheme, placement.name FROM placement")
    query.add("JOIN version ON version.id = placement.version_id JOIN object ON object.id = version.object_id")
    query.add("JOIN body ON body.id = placement.body_id").add(visible_version(reader), *eyes.params)
    query.add("WHERE placement.kind = 'attack-pattern' AND placement.label_set_id >= 0 AND placement.way <> 'object'")
    query.add(f"AND {is_given('placement.body_id')}", *eyes.params)
    only_newest(query, eyes)
    query.add("ORDER BY placement.body_id DESC, placement.way, placement.name LIMIT ?", limit)
    return [Pattern(*row) for row in reader.all(query.sql, query.params)]


def list_placed(
    reader: Reader,
    eyes: Eyes,
    places: Collection[Place],
    wish: Wish,
    *,
    before: int,
    limit: int,
) -> list[Placed]:
    """The objects that place something there, the latest body first, each once; below a body unless `before` is 0."""
    names = {name for _, _, name in places}
    where, params = any_of(reader, "placed.name", names)
    kinds, listed = _of_kinds(reader, "placed.kind", wish)
    voice, voiced = _of_voice(reader, eyes, "placed", wish)
    stood = reader.all(
        f"SELECT placed.name, placed.label_set_id, sum(placed.n) FROM placed {visible_join('placed.label_set_id')}"
        f" JOIN source ON source.id = placed.source_id WHERE placed.n > 0 AND {where} AND {kinds} AND {voice}"
        " GROUP BY placed.name, placed.label_set_id",
        (*eyes.params, *params, *listed, *voiced),
    )
    if sum(int(row[2]) for row in stood) <= _FEW:
        roads = [(names, {row[1] for row in stood})] if stood else []
    else:
        # Under one label set the index gives those of a name in their order, and what is hidden is not walked past.
        roads = [({row[0]}, {row[1]}) for row in stood]
    ways = {(way, scheme) for way, scheme, _ in places}
    found: dict[int, Placed] = {}
    for some, sets in [*roads, (names, {0})]:
        query = _of_places(reader, eyes, some, ways, sets)
        kinds, listed = _of_kinds(reader, "placement.kind", wish)
        query.add(f"AND {kinds}", *listed)
        if before:
            query.add("AND placement.body_id < ?", before)
        if sets == {0}:
            _first_voice(query, reader, eyes, wish)
        else:
            voice, voiced = _of_voice(reader, eyes, "placement", wish)
            query.add(f"AND {voice}", *voiced)
        query.add("ORDER BY placement.body_id DESC LIMIT ?", limit)
        for body, stix_id, kind, title, at in reader.all(query.sql, query.params):
            found[body] = Placed(stix_id=stix_id, type=kind, title=title, at=at, body=body)
    return [found[body] for body in sorted(found, reverse=True)[:limit]]


def _of_places(
    reader: Reader, eyes: Eyes, names: Collection[str], ways: Collection[tuple[str, str]], sets: Collection[int]
) -> Query:
    """Placements under these label sets that the reader sees, in the body he is given of the newest version."""
    query = Query("SELECT placement.body_id, object.stix_id, object.type, body.title,")
    # The version itself may have come in before the reader may know of it.
    query.add(f"(SELECT min(heard.received_at) FROM assertion heard {visible_join('heard.label_set_id')}", *eyes.params)
    query.add("WHERE heard.version_id = version.id)")
    query.add("FROM placement CROSS JOIN version CROSS JOIN object CROSS JOIN body CROSS JOIN source")
    query.add(visible_version(reader), *eyes.params)
    query.add("WHERE version.id = placement.version_id AND object.id = version.object_id")
    query.add("AND body.id = placement.body_id AND source.id = version.source_id")
    for column, values in (("placement.name", sorted(names)), ("placement.label_set_id", sorted(sets))):
        if len(values) == 1:
            query.add(f"AND {column} = ?", *values)
        else:
            where, params = any_of(reader, column, values)
            query.add(f"AND {where}", *params)
    query.add(f"AND ({' OR '.join('(placement.way = ? AND placement.scheme = ?)' for _ in ways)})")
    query.params.extend(text for pair in sorted(ways) for text in pair)
    if 0 in sets:
        query.add(f"AND {is_given('placement.body_id')}", *eyes.params)
        only_newest(query, eyes)
    return query


def _of_kinds(reader: Reader, column: str, wish: Wish) -> tuple[str, Row]:
    """A condition on the type of what is placed; attack patterns are the places themselves."""
    if not wish.kinds:
        return f"{column} <> 'attack-pattern'", ()
    where, params = any_of(reader, column, wish.kinds)
    return f"({where} AND {column} <> 'attack-pattern')", params


def _of_voice(reader: Reader, eyes: Eyes, table: str, wish: Wish) -> tuple[str, Row]:
    """A condition on who brought it first and when, for what stands under a label set; `source` is joined."""
    where, params = any_of(reader, eyes.source_name, wish.sources) if wish.sources else ("1 = 1", ())
    return f"{table}.month >= ? AND {table}.month <= ? AND {where}", (wish.since, wish.until or 999_999, *params)


def _first_voice(query: Query, reader: Reader, eyes: Eyes, wish: Wish) -> None:
    """Add that the first voice the reader hears is of a source, and of some months."""
    if not (wish.sources or wish.since or wish.until):
        return
    query.add(f"AND EXISTS (SELECT 1 FROM assertion {visible_join('assertion.label_set_id')}", *eyes.params)
    query.add("JOIN source ON source.id = assertion.source_id WHERE assertion.version_id = version.id")
    if wish.sources:
        where, params = any_of(reader, eyes.source_name, wish.sources)
        query.add(f"AND {where}", *params)
    if wish.since:
        query.add("AND assertion.received_at >= ?", begin_of(wish.since))
    if wish.until:
        query.add("AND assertion.received_at < ?", begin_of(_next(wish.until)))
    query.add(
        f"AND NOT EXISTS (SELECT 1 FROM assertion sooner {visible_join('sooner.label_set_id')}"
        " WHERE sooner.version_id = version.id AND sooner.received_at < assertion.received_at))",
        *eyes.params,
    )


def begin_of(month: int) -> Instant:
    """The instant at which a month (202611) begins in UTC."""
    return int(datetime(month // 100, month % 100, 1, tzinfo=UTC).timestamp()) * SECOND


def _next(month: int) -> int:
    return month + 1 if month % 100 < 12 else month + 89


def list_faults(reader: Reader) -> list[Row]:
    """(place, kind, source, month, told, counted) wherever the tally is not what counting gives."""
    key = "label_set_id, way, scheme, name, kind, source_id, month"
    told = {tuple(row[:7]): int(row[7]) for row in reader.all(f"SELECT {key}, n FROM placed")}
    counted = {
        tuple(row[:7]): int(row[7])
        for row in reader.all(f"SELECT {key}, count(*) FROM placement WHERE label_set_id > 0 GROUP BY {key}")
    }
    keys: Iterable[tuple[object, ...]] = sorted(told.keys() | counted.keys())
    return [(*k, told.get(k, 0), counted.get(k, 0)) for k in keys if told.get(k, 0) != counted.get(k, 0)]


def count_anew(tx: Tx) -> None:
    """Write the tally from the placements."""
    key = "label_set_id, way, scheme, name, kind, source_id, month"
    tx.execute("DELETE FROM placed")
    tx.execute(
        f"INSERT INTO placed ({key}, n) SELECT {key}, count(*) FROM placement WHERE label_set_id > 0 GROUP BY {key}"
    )
