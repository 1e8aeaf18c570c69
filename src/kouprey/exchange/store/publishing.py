"""Publishing rules, up to where each has come, and what became of every version that one met."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from kouprey.exchange.model.publishing import PublishingRule, PublishingState, RuleDay, RuleFate, RuleItem
from kouprey.exchange.model.searching import Search
from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query, visible_version
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.time import Instant

_RULE = (
    "id, name, what, search, agreement, audience, sightings, day_limit, state, because, person, made_at, began_at,"
    " reached"
)
_REFUSED = 1_000
"""Held back on one day and written down; beyond that nobody reads on, and a stream that never fits fills no disk."""


class Met(NamedTuple):
    """A version in the order in which a rule meets it: `place` is its position, in the collection if there is one."""

    version: int
    position: Instant
    place: Instant


class Sighted(NamedTuple):
    """A version that says something was seen, and its bytes."""

    version: int
    stix_id: str
    raw: bytes


class Became(NamedTuple):
    """What a rule did with one version."""

    version: int
    stix_id: str
    fate: RuleFate
    because: tuple[Reason, ...]


def insert(tx: Tx, made: PublishingRule) -> None:
    tx.execute(
        f"INSERT INTO publishing_rule ({_RULE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            made.id,
            made.name,
            made.what,
            msgspec.json.encode(made.search).decode(),
            made.agreement,
            made.audience,
            int(made.sightings),
            made.limit,
            made.state,
            _written(made.because),
            made.person,
            made.made_at,
            made.began_at,
            made.reached,
        ),
    )


def list_rules(reader: Reader, state: PublishingState | None = None) -> list[PublishingRule]:
    """Those that were not ended, by name; or those that stand so."""
    where, params = ("state = ?", (state,)) if state else ("state <> 'ended'", ())
    return [
        _rule(row) for row in reader.all(f"SELECT {_RULE} FROM publishing_rule WHERE {where} ORDER BY name", params)
    ]


def find(reader: Reader, name_or_id: str) -> PublishingRule | None:
    row = reader.one(
        f"SELECT {_RULE} FROM publishing_rule WHERE state <> 'ended' AND (id = ? OR name = ?) ORDER BY id LIMIT 1",
        (name_or_id, name_or_id),
    )
    return None if row is None else _rule(row)


def run(tx: Tx, rule: str, *, person: str, at: Instant, reached: Instant) -> None:
    """From now on it gives, as this person, what stands above a position."""
    tx.execute(
        "UPDATE publishing_rule SET state = 'running', because = '', person = ?, began_at = ?, reached = ?"
        " WHERE id = ? AND state <> 'ended'",
        (person, at, reached, rule),
    )


def pause(tx: Tx, rule: str, because: Sequence[Reason]) -> bool:
    """Nothing goes by it; False when it was not running."""
    sql = "UPDATE publishing_rule SET state = 'paused', because = ? WHERE id = ? AND state = 'running'"
    return tx.execute(sql, (_written(because), rule)) > 0


def change(tx: Tx, rule: str, *, name: str, limit: int, sightings: bool) -> None:
    tx.execute(
        "UPDATE publishing_rule SET name = ?, day_limit = ?, sightings = ? WHERE id = ?",
        (name, limit, int(sightings), rule),
    )


def end(tx: Tx, rule: str, at: Instant) -> None:
    tx.execute("UPDATE publishing_rule SET state = 'ended', ended_at = ? WHERE id = ?", (at, rule))


def reach(tx: Tx, rule: str, before: Instant, after: Instant) -> bool:
    """Everything up to `after` was looked at; False when somebody else has moved it, or it does not run."""
    sql = "UPDATE publishing_rule SET reached = ? WHERE id = ? AND reached = ? AND state = 'running'"
    return tx.execute(sql, (after, rule, before)) > 0


def list_next(reader: Reader, collection: str, after: Instant, limit: int) -> list[Met]:
    """The next versions above a place, whoever may see them: what a rule may see is asked when it looks at them."""
    if collection:
        rows = reader.all(
            "SELECT version.id, version.position, membership.position FROM membership"
            " JOIN version ON version.id = membership.version_id"
            " WHERE membership.collection_id = ? AND membership.position > ? ORDER BY membership.position LIMIT ?",
            (collection, after, limit),
        )
    else:
        rows = reader.all(
            "SELECT id, position, position FROM version WHERE position > ? ORDER BY position LIMIT ?", (after, limit)
        )
    return [Met(*map(int, row)) for row in rows]


def last_place(reader: Reader, collection: str) -> Instant:
    """The place of the newest version, 0 when there is none."""
    if collection:
        found = reader.value("SELECT max(position) FROM membership WHERE collection_id = ?", (collection,))
    else:
        found = reader.value("SELECT max(position) FROM version")
    return int(found or 0)


def list_sightings(reader: Reader, eyes: Eyes, versions: Collection[int]) -> list[Sighted]:
    """Those of these versions that are sightings the reader sees, with the bytes he is given."""
    where, params = any_of(reader, "version.id", versions)
    query = Query(f"SELECT version.id AS id, object.stix_id AS stix_id, {CHOSEN_BODY} AS chosen", list(eyes.params))
    query.add("FROM version JOIN object ON object.id = version.object_id")
    query.add(visible_version(reader), *eyes.params).add(f"WHERE {where} AND version.type = 'sighting'", *params)
    rows = reader.all(
        f"SELECT page.id, page.stix_id, body.bytes FROM ({query.sql}) AS page JOIN body ON body.id = page.chosen",
        query.params,
    )
    return [Sighted(int(row[0]), row[1], bytes(row[2])) for row in rows]


def list_versions_of(reader: Reader, stix_ids: Collection[str]) -> list[int]:
    """All versions of these objects, whoever may see them."""
    where, params = any_of(reader, "object.stix_id", stix_ids)
    sql = f"SELECT version.id FROM object JOIN version ON version.object_id = object.id WHERE {where}"
    return [int(row[0]) for row in reader.all(sql, params)]


def count_given(reader: Reader, rule: str, since: Instant) -> int:
    """How many objects it gave, or asked to be released, since an instant."""
    sql = "SELECT count(*) FROM publishing_rule_item WHERE rule_id = ? AND at >= ? AND fate <> 'refused'"
    return int(reader.value(sql, (rule, since)) or 0)


def insert_items(tx: Tx, rule: str, day: int, became: Sequence[Became], at: Instant) -> None:
    """Write down what became of versions; met again on the same day, the last word counts."""
    sql = "SELECT count(*) FROM publishing_rule_item WHERE rule_id = ? AND day = ? AND fate = 'refused'"
    room = _REFUSED - int(tx.value(sql, (rule, day)) or 0)
    kept = []
    for each in became:
        if each.fate == "refused":
            room -= 1
            if room < 0:
                continue
        kept.append((rule, day, each.version, each.stix_id, each.fate, _written(each.because), at))
    tx.many(
        "INSERT INTO publishing_rule_item (rule_id, day, version_id, stix_id, fate, because, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (rule_id, day, version_id) DO UPDATE SET fate = excluded.fate,"
        " because = excluded.because, at = excluded.at, undone_at = 0",
        kept,
    )


def mark_undone(tx: Tx, rule: str, day: int, stix_id: str, at: Instant) -> None:
    tx.execute(
        "UPDATE publishing_rule_item SET undone_at = ? WHERE rule_id = ? AND day = ? AND stix_id = ?",
        (at, rule, day, stix_id),
    )


def forget_items(tx: Tx, before: int) -> None:
    """What was done before a day is not told any more; the ledger and the audit keep what was given."""
    tx.execute("DELETE FROM publishing_rule_item WHERE day < ?", (before,))


def list_days(reader: Reader, eyes: Eyes, rule: str, limit: int) -> list[RuleDay]:
    """What it did by day, the newest first, of versions the reader sees."""
    query = Query("SELECT item.day,")
    query.add("sum(CASE WHEN item.fate = 'queued' THEN 1 ELSE 0 END),")
    query.add("sum(CASE WHEN item.fate = 'waiting' THEN 1 ELSE 0 END),")
    query.add("sum(CASE WHEN item.fate = 'refused' THEN 1 ELSE 0 END),")
    query.add("sum(CASE WHEN item.undone_at > 0 THEN 1 ELSE 0 END)")
    query.add("FROM publishing_rule_item item JOIN version ON version.id = item.version_id")
    query.add(visible_version(reader), *eyes.params)
    query.add("WHERE item.rule_id = ? GROUP BY item.day ORDER BY item.day DESC LIMIT ?", rule, limit)
    return [
        RuleDay(day=int(row[0]), given=int(row[1]), waiting=int(row[2]), held=int(row[3]), undone=int(row[4]))
        for row in reader.all(query.sql, query.params)
    ]


def list_items(
    reader: Reader, eyes: Eyes, rule: str, day: int, fates: Collection[RuleFate], limit: int, *, undone: bool = True
) -> list[RuleItem]:
    """What it did on one day, newest first, of versions the reader sees; without what was undone if that is wanted."""
    query = Query(
        "SELECT item.stix_id AS stix_id, version.type AS type, item.fate AS fate, item.because AS because,"
        f" item.at AS at, item.undone_at AS undone_at, version.position AS position, {CHOSEN_BODY} AS chosen",
        list(eyes.params),
    )
    query.add("FROM publishing_rule_item item JOIN version ON version.id = item.version_id")
    query.add(visible_version(reader), *eyes.params)
    query.add("WHERE item.rule_id = ? AND item.day = ?", rule, day)
    where, params = any_of(reader, "item.fate", fates)
    query.add(f"AND {where}", *params)
    if not undone:
        query.add("AND item.undone_at = 0")
    query.add("ORDER BY item.at DESC, version.position DESC LIMIT ?", limit)
    rows = reader.all(
        "SELECT page.stix_id, page.type, body.title, page.fate, page.because, page.at, page.undone_at"
        f" FROM ({query.sql}) AS page JOIN body ON body.id = page.chosen ORDER BY page.at DESC, page.position DESC",
        query.params,
    )
    return [
        RuleItem(
            stix_id=row[0],
            type=row[1],
            title=row[2],
            fate=row[3],
            because=_read(row[4]),
            at=int(row[5]),
            undone_at=int(row[6]),
        )
        for row in rows
    ]


def _written(because: Sequence[Reason]) -> str:
    return msgspec.json.encode(list(because)).decode() if because else ""


def _read(text: str) -> tuple[Reason, ...]:
    return msgspec.json.decode(text, type=tuple[Reason, ...]) if text else ()


def _rule(row: Row) -> PublishingRule:
    return PublishingRule(
        id=row[0],
        name=row[1],
        what=row[2],
        search=msgspec.json.decode(row[3], type=Search),
        agreement=row[4],
        audience=row[5],
        sightings=bool(row[6]),
        limit=int(row[7]),
        state=row[8],
        because=_read(row[9]),
        person=row[10],
        made_at=int(row[11]),
        began_at=int(row[12]),
        reached=int(row[13]),
    )
