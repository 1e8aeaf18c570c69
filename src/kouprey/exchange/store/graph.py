"""One step through the references between objects: only over bodies the reader is given, only to what he may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from kouprey.exchange.store.seeing import Eyes, Query, is_given, only_newest, visible_version
from kouprey.exchange.store.terms import target_keys
from kouprey.kernel.storage.engine import Reader, Row, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

_KINDS = 3
"""Relations kept of one step, as a multiple of the limit of each kind."""
_AT_ONCE = 25
"""Objects whose relations are asked for together, where they are few."""
_SPEAKS = "FROM reference JOIN body ON body.id = reference.body_id AND body.revoked = 0"
"""What is revoked relates nothing any more."""
_NEWEST = "reference.target_key DESC, reference.body_id DESC"
"""The order of bodies for one target, since eras are in it too: that of the index, which is then left at the limit."""


class Step(NamedTuple):
    """`source` says `word` of `target`; `by` is the relationship that says so, "" for a property of the source."""

    source: str
    word: str
    target: str
    by: str


def list_steps(reader: Reader, eyes: Eyes, around: Collection[str], limit: int) -> tuple[list[Step], bool]:
    """Relations of these objects with others, the latest first, and whether a limit left some out."""
    found: dict[Step, None] = {}
    cut = False
    for steps in _in_turn(reader, eyes, list(around), limit + 1):
        cut = cut or len(steps) > limit
        found.update(dict.fromkeys(steps[:limit]))
        if len(found) > _KINDS * limit:
            return list(found), True
    return list(found), cut


def _in_turn(reader: Reader, eyes: Eyes, around: Sequence[str], limit: int) -> Iterator[list[Step]]:
    """What these name, then for each what names it and what is related with it: so many of each, the latest first."""
    yield _said_by(reader, eyes, around, limit)
    for begin in range(0, len(around), _AT_ONCE):
        some = around[begin : begin + _AT_ONCE]
        said, related = (_of_each(ask, reader, eyes, some, limit) for ask in (_said_of, _related))
        for each in some:
            yield said(each)
            yield related(each)


_Found = list[tuple[str, Step]]
"""Steps, each with the object it was found from."""


def _of_each(
    ask: Callable[[Reader, Eyes, Sequence[str], int], _Found],
    reader: Reader,
    eyes: Eyes,
    around: Sequence[str],
    limit: int,
) -> Callable[[str], list[Step]]:
    """The steps of each of these, asked for together unless there are many."""
    found = ask(reader, eyes, around, limit)
    if len(found) == limit and len(around) > 1:
        # All of it may be of one: of each the index gives the latest first, so no hub is gone through to its end.
        return lambda each: [step for _, step in ask(reader, eyes, (each,), limit)]
    of_each: dict[str, list[Step]] = {}
    for origin, step in found:
        of_each.setdefault(origin, []).append(step)
    return lambda each: of_each.get(each, [])


def _said_of(reader: Reader, eyes: Eyes, around: Sequence[str], limit: int) -> _Found:
    """Objects that name one of these in a property."""
    where, params = targets(reader, around)
    query = Query("SELECT reference.target, object.stix_id, reference.word, reference.target, ''").add(_SPEAKS)
    query.add("JOIN version ON version.id = body.version_id JOIN object ON object.id = version.object_id")
    query.add(visible_version(reader), *eyes.params).add(f"WHERE {where}", *params)
    # A relationship met as an object of its own hangs on its ends; met from an end it is what joins two others.
    query.add("AND reference.place = 0")
    stands_to_be_seen(query, reader, eyes)
    _as_given(query, eyes)
    return [(row[0], Step(*row[1:])) for row in _rows(reader, query, limit, _NEWEST)]


def _said_by(reader: Reader, eyes: Eyes, around: Collection[str], limit: int) -> list[Step]:
    """What these name in their properties."""
    where, params = any_of(reader, "object.stix_id", around)
    query = Query("SELECT object.stix_id, reference.word, reference.target, '' FROM object")
    query.add("JOIN version ON version.object_id = object.id JOIN body ON body.version_id = version.id")
    query.add("JOIN reference ON reference.body_id = body.id").add(visible_version(reader), *eyes.params)
    query.add(f"WHERE {where}", *params)
    _as_given(query, eyes)
    _to_visible(query, eyes, "reference.target")
    return [Step(*row) for row in _rows(reader, query, limit)]


def _related(reader: Reader, eyes: Eyes, around: Sequence[str], limit: int) -> _Found:
    """What relationships join these with."""
    where, params = targets(reader, around)
    query = Query("SELECT reference.target,")
    query.add("CASE WHEN reference.place = 1 THEN reference.target ELSE far.target END, reference.word,")
    query.add("CASE WHEN reference.place = 1 THEN far.target ELSE reference.target END, object.stix_id").add(_SPEAKS)
    query.add("JOIN reference far ON far.body_id = reference.body_id AND far.place = 3 - reference.place")
    query.add("JOIN version ON version.id = body.version_id JOIN object ON object.id = version.object_id")
    query.add(visible_version(reader), *eyes.params).add(f"WHERE {where}", *params)
    query.add("AND reference.place > 0")
    stands_to_be_seen(query, reader, eyes)
    _as_given(query, eyes)
    _to_visible(query, eyes, "far.target")
    return [(row[0], Step(*row[1:])) for row in _rows(reader, query, limit, _NEWEST)]


def targets(reader: Reader, around: Collection[str]) -> tuple[str, Row]:
    """A condition that holds for references to any of these, with its parameters."""
    keys, numbers = any_of(reader, "reference.target_key", target_keys(reader, around))
    ids, texts = any_of(reader, "reference.target", around)
    return f"{keys} AND {ids}", (*numbers, *texts)


def stands_to_be_seen(query: Query, reader: Reader, eyes: Eyes) -> None:
    """Step over what is hidden within the index, where all else would be fetched first; it decides nothing."""
    if reader.dialect == "sqlite":
        query.add("AND reference.label_set_id IN (SELECT label_set_id FROM visible")
        query.add("WHERE profile_id = ? AND until > CAST(? AS BIGINT))", *eyes.params)


def _as_given(query: Query, eyes: Eyes) -> None:
    """The body is the one the reader is given of the newest version he sees."""
    query.add(f"AND {is_given('body.id')}", *eyes.params)
    only_newest(query, eyes)


def _to_visible(query: Query, eyes: Eyes, target: str) -> None:
    query.add(
        "AND EXISTS (SELECT 1 FROM object other JOIN version theirs ON theirs.object_id = other.id"
        f" {visible_join('+theirs.label_set_id')} WHERE other.stix_id = {target})",
        *eyes.params,
    )


def _rows(reader: Reader, query: Query, limit: int, newest: str = "reference.body_id DESC") -> list[Row]:
    query.add(f"ORDER BY {newest}, reference.place, reference.target LIMIT ?", limit)
    return reader.all(query.sql, query.params)


def list_names(reader: Reader, eyes: Eyes, stix_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """(type, title) of those of these objects that the reader may see."""
    where, params = any_of(reader, "object.stix_id", stix_ids)
    query = Query("SELECT object.stix_id, object.type, body.title FROM object")
    query.add("JOIN version ON version.object_id = object.id JOIN body ON body.version_id = version.id")
    query.add(visible_version(reader), *eyes.params).add(f"WHERE {where}", *params)
    _as_given(query, eyes)
    return {row[0]: (row[1], row[2]) for row in reader.all(query.sql, query.params)}


class Seen(NamedTuple):
    """An object as its reader sees it: `at` is its version, or when it first came in where the id alone is one."""

    type: str
    title: str
    at: Instant
    tlp: TLP
    sources: tuple[str, ...]


def list_spots(reader: Reader, eyes: Eyes, stix_ids: Collection[str]) -> dict[str, Seen]:
    """Those of these objects that the reader may see, each with what he is told of it."""
    where, params = any_of(reader, "object.stix_id", stix_ids)
    query = Query("SELECT object.stix_id, object.type, body.title, version.instant, version.id FROM object")
    query.add("JOIN version ON version.object_id = object.id JOIN body ON body.version_id = version.id")
    query.add(visible_version(reader), *eyes.params).add(f"WHERE {where}", *params)
    _as_given(query, eyes)
    rows = reader.all(query.sql, query.params)
    where, params = any_of(reader, "assertion.version_id", [row[4] for row in rows])
    said: dict[int, list[Row]] = {}
    for row in reader.all(
        f"SELECT assertion.version_id, label.tlp, {eyes.source_name}, assertion.received_at FROM assertion"
        f" {visible_join('assertion.label_set_id')} JOIN label ON label.id = assertion.label_id"
        f" JOIN source ON source.id = assertion.source_id WHERE {where}",
        (*eyes.params, *params),
    ):
        said.setdefault(row[0], []).append(row)
    return {
        stix_id: Seen(
            kind,
            title,
            instant or min(int(row[3]) for row in said[version]),
            TLP(max(int(row[1]) for row in said[version])),
            tuple(sorted({str(row[2]) for row in said[version]})),
        )
        for stix_id, kind, title, instant, version in rows
    }
