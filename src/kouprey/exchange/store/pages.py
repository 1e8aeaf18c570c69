"""Pages in order of position: for clients that follow a collection, and for people who look at a list."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from kouprey.exchange.model import Head, PageRow
from kouprey.exchange.store.narrowing import Sought, few_found, list_levels, narrow, of_sets, of_types
from kouprey.exchange.store.reach import Stands, Window, each_window
from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query, few_label_sets, only_newest, visible_version
from kouprey.exchange.store.terms import PLACES, finds_newest_first, from_terms, with_terms
from kouprey.kernel.storage.engine import Reader, Row, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

_LEFT = 500
"""Members of a collection that are walked one by one, whoever may see them."""
_EXAMINED = 4_000
"""About how many versions are looked at to count hits; then a person is told that there may be more."""
_WALKED = 4_000
"""And to find a page of words that many versions have, before the index of terms is asked about the rest."""
_REVOKED = 12_000
"""The same where only what is revoked is wanted."""

VersionFilter = Literal["first", "last", "all"]
"""Which versions of an object are wanted (TAXII 2.1 section 3.4, `match[version]`)."""

_NEVER = 1 << 55
"""Above every position; times PLACES it is still a number of the database."""


def list_page(
    reader: Reader,
    eyes: Eyes,
    collection: str,
    *,
    after: Instant,
    limit: int,
    types: Collection[str],
    ids: Collection[str],
    versions: VersionFilter | Collection[Instant],
    bodies: bool,
) -> list[PageRow]:
    """Rows of a collection (by id) above a position, in order of position."""
    query = Query("SELECT object.stix_id, version.instant, version.version_text, membership.position")
    if bodies:
        query.add(f", {CHOSEN_BODY} AS chosen", *eyes.params)
    few = None if ids or _is_near_end(reader, collection, after) else few_label_sets(reader, eyes, limit)
    # SQLite keeps to the order of a CROSS JOIN; PostgreSQL has statistics and finds its own.
    if ids:
        query.add("FROM object CROSS JOIN version CROSS JOIN membership")
    elif few is not None:
        query.add("FROM version CROSS JOIN membership CROSS JOIN object")
    else:
        query.add("FROM membership CROSS JOIN version CROSS JOIN object")
    query.add(visible_version(reader), *eyes.params)
    query.add("WHERE version.id = membership.version_id AND object.id = version.object_id")
    query.add("AND membership.collection_id = ? AND membership.position > ?", collection, after)
    of_sets(query, reader, few)
    of_types(query, reader, "membership.type", types)
    if ids:
        where, params = any_of(reader, "object.stix_id", ids)
        query.add(f"AND {where}", *params)
    if versions in ("first", "last"):
        only_newest(query, eyes, collection=collection, oldest=versions == "first")
    elif versions != "all" and not isinstance(versions, str):
        where, params = any_of(reader, "version.instant", list(versions))
        query.add(f"AND {where}", *params)
    query.add("ORDER BY membership.position LIMIT ?", limit)
    if bodies:
        query.sql = (
            "SELECT page.stix_id, page.instant, page.version_text, page.position, body.bytes"
            f" FROM ({query.sql}) AS page JOIN body ON body.id = page.chosen ORDER BY page.position"
        )
    return [
        PageRow(stix_id=row[0], instant=row[1], version_text=row[2], position=row[3], raw=row[4] if bodies else b"")
        for row in reader.all(query.sql, query.params)
    ]


def _is_near_end(reader: Reader, collection: str, after: Instant) -> bool:
    """Whether so little of a collection stands above a position that walking it is the shorter road for everybody."""
    sql = "SELECT 1 FROM membership WHERE collection_id = ? AND position > ? ORDER BY position LIMIT 1 OFFSET ?"
    return reader.value(sql, (collection, after, _LEFT)) is None


def list_heads(
    reader: Reader,
    eyes: Eyes,
    sought: Sought,
    *,
    before: Instant | None,
    after: Instant | None,
    limit: int,
) -> list[Head]:
    """The newest visible version of each object, by falling position; rising when only `after` is given."""
    rising = after is not None and before is None
    rows: list[Row] = []
    for query in each_query(reader, eyes, sought, before=before, after=after, limit=limit):
        if query is None:
            continue
        rows += reader.all(
            "SELECT page.version_id, page.stix_id, page.type, page.instant, page.version_text, page.position,"
            f" body.title, body.revoked, coalesce(finding.musts, 0) FROM ({query.sql}) AS page"
            " JOIN body ON body.id = page.chosen LEFT JOIN finding ON finding.body_id = page.chosen",
            query.params,
        )
        if len(rows) >= limit:
            break
    rows.sort(key=lambda row: int(row[5]), reverse=not rising)
    rows = sorted(rows[:limit], key=lambda row: int(row[5]), reverse=True)
    return _heads(rows, _said(reader, eyes, [row[0] for row in rows]))


LISTED = (
    f"object.stix_id, version.type, version.instant, version.version_text, version.position, {CHOSEN_BODY} AS chosen"
)
"""What a list shows of a version; parameters of `Eyes`."""
COUNTED = "version.type, version.label_set_id, version.source_id"
"""What is counted of it."""


@dataclass(frozen=True)
class _Road:
    """Where hits are looked for: under these label sets, among these versions, in the index of terms, up to a limit."""

    sets: Collection[int]
    found: Collection[int] | None
    rising: bool
    limit: int
    counted: bool
    by_terms: bool


def each_query(
    reader: Reader,
    eyes: Eyes,
    sought: Sought,
    *,
    before: Instant | None,
    after: Instant | None,
    limit: int,
    counted: bool = False,
) -> Iterator[Query | None]:
    """Queries whose rows, one after the other until there are enough, are the hits in their order.

    Rows of a version's id and what is LISTED or COUNTED of it. None where counting may end: what follows is much work.
    """
    if reader.dialect == "postgres":
        # What fits one window of positions, or one list of label sets, does not fit the next: no plan is kept.
        reader.value("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
    levels = list_levels(reader, eyes)
    wanted = sought.filters.levels
    sets = [each for each, (level, _, _) in levels.items() if not wanted or TLP(level) in wanted]
    found = few_found(reader, eyes, sought) if sought.among is None else list(sought.among)
    if sought.nothing or not sets or found == []:
        return
    rising = after is not None and before is None
    low = max(after or 0, sought.filters.since or 0)
    high = min(each for each in (before, sought.filters.until, _NEVER) if each is not None)
    words = bool(sought.phrases)
    if sought.among is not None:
        by_terms = bool(sought.phrases) and finds_newest_first(reader)
        yield _query(reader, eyes, sought, _Road(sets, sought.among, rising, limit, counted, by_terms), (low, high))
        return
    whole = _Road(sets, None if words else found, rising, limit, counted, by_terms=words)
    if sought.stix_id or whole.found is not None or (words and finds_newest_first(reader)):
        yield _query(reader, eyes, sought, whole, (low, high))
        return
    stands = Stands({each: levels[each][2] for each in sets}, sought.types, sought.filters.conflict)
    most = _EXAMINED if counted else None
    if words:
        # Revoked is asked before the words, and rare. What a reader of little sees is spread thin, and dearer to walk.
        most = _REVOKED if sought.filters.revoked else min(_WALKED, sum(stands.sets.values()) // 4)
        # Conflicts are few and have an index of their own: to walk them all is less than to ask for all hits.
        if sought.filters.conflict:
            most = None
    near = replace(whole, by_terms=False)
    # Windows hold twice what they are asked for. Of what is counted nearly all fits, so a half is spare enough.
    # What is revoked is rare: small windows would be walked in vain.
    enough = limit * 3 // 4 if counted else limit * 8 if sought.filters.revoked else limit
    for window in each_window(reader, eyes, stands, (low, high), rising=rising, count=enough, most=most):
        yield _query(reader, eyes, sought, near, window)
        low, high = (window[1] - 1, high) if rising else (low, window[0] + 1)
    if counted and low + 1 < high:
        yield None
    if words and low + 1 < high:
        yield _query(reader, eyes, sought, whole, (low, high))


def _query(reader: Reader, eyes: Eyes, sought: Sought, road: _Road, window: Window) -> Query:
    query = Query(f"SELECT version.id AS version_id, {COUNTED if road.counted else LISTED}")
    if not road.counted:
        query.params.extend(eyes.params)
    query.add("FROM").add(_tables(reader, sought, road)).add(visible_version(reader), *eyes.params)
    query.add("WHERE 1 = 1" if road.counted and not sought.stix_id else "WHERE object.id = version.object_id")
    if sought.collection:
        query.add("AND membership.version_id = version.id AND membership.collection_id = ?", sought.collection)
    # A sum has no index: what is near is found by its label sets, or is known, and then sorted.
    order = "version.position + 0"
    if road.by_terms:
        order = from_terms(query, reader, eyes, sought.phrases, road.sets)
    elif sought.phrases:
        with_terms(query, eyes, sought.phrases)
    if not road.by_terms:
        of_sets(query, reader, road.sets)
    elif sought.filters.levels or reader.dialect == "postgres":
        # A sum again: PostgreSQL shall not begin with everything that is seen.
        of_sets(query, reader, road.sets, "version.label_set_id + 0")
    if road.found is not None:
        where, params = any_of(reader, "version.id", road.found)
        query.add(f"AND {where}", *params)
    of_types(query, reader, "version.type", sought.types)
    # The key of a term is its position times PLACES and the place of the body.
    ranged, times, rest = ("term.rowid", PLACES, PLACES - 1) if order == "term.rowid" else ("version.position", 1, 0)
    if window[0]:
        query.add(f"AND {ranged} > ?", window[0] * times + rest)
    if window[1] < _NEVER:
        query.add(f"AND {ranged} < ?", window[1] * times)
    narrow(query, reader, eyes, sought)
    only_newest(query, eyes, collection=sought.collection)
    # Counts stop at so many hits anyway: where the index gives all at once, any of them will do, and none is sorted.
    if not (road.counted and road.by_terms) or finds_newest_first(reader):
        query.add(f"ORDER BY {order} {'ASC' if road.rising else 'DESC'}")
    return query.add("LIMIT ?", road.limit)


def _tables(reader: Reader, sought: Sought, road: _Road) -> str:
    """In the order in which SQLite walks them."""
    of_several = road.by_terms and sought.filters.conflict and reader.dialect == "sqlite"
    tables = ["version INDEXED BY version_of_several" if of_several else "version"]
    if sought.stix_id:
        tables.insert(0, "object")
    elif road.by_terms:
        tables.insert(0, "term")
    if not sought.stix_id and not road.counted:
        tables.append("object")
    if sought.collection:
        tables.append("membership")
    return " CROSS JOIN ".join(tables)


def _heads(rows: list[Row], said: Mapping[int, tuple[int, int, set[str]]]) -> list[Head]:
    heads = []
    for version, stix_id, kind, instant, version_text, position, title, revoked, musts in rows:
        tlp, bodies, sources = said[version]
        heads.append(
            Head(
                stix_id=stix_id,
                type=kind,
                title=title,
                instant=instant,
                version_text=version_text,
                tlp=TLP(tlp),
                sources=tuple(sorted(sources)),
                position=position,
                conflict=bodies > 1,
                revoked=bool(revoked),
                musts=musts,
            )
        )
    return heads


def _said(reader: Reader, eyes: Eyes, versions: Collection[int]) -> dict[int, tuple[int, int, set[str]]]:
    """For each version what its visible assertions say: strictest level, number of bodies, names of sources."""
    where, params = any_of(reader, "assertion.version_id", versions)
    found: dict[int, tuple[int, set[int], set[str]]] = {}
    for version, body, tlp, source in reader.all(
        f"SELECT assertion.version_id, assertion.body_id, label.tlp, {eyes.source_name} FROM assertion"
        f" {visible_join('assertion.label_set_id')} JOIN label ON label.id = assertion.label_id"
        f" JOIN source ON source.id = assertion.source_id WHERE {where}",
        (*eyes.params, *params),
    ):
        level, bodies, sources = found.get(version, (0, set(), set()))
        found[version] = (max(level, tlp), bodies | {body}, sources | {source})
    return {version: (level, len(bodies), sources) for version, (level, bodies, sources) in found.items()}
