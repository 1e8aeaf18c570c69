"""Pages in order of position: for clients that follow a collection, and for people who look at a list."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from kouprey.exchange.model import Head, PageRow
from kouprey.exchange.store import findings as judged
from kouprey.exchange.store.narrowing import Sought, list_levels, narrow, of_sets, of_types
from kouprey.exchange.store.seeing import CHOSEN_BODY, VISIBLE_VERSION, Eyes, Query, few_label_sets, only_newest
from kouprey.exchange.store.terms import PLACES, from_terms, walks
from kouprey.kernel.storage.engine import Reader, Row, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

_PAGE = 1_001
"""Hits up to which it can be worth walking from the newest version on; for counts it never is."""

VersionFilter = Literal["first", "last", "all"]
"""Which versions of an object are wanted (TAXII 2.1 section 3.4, `match[version]`)."""

_FEW = 5_000
"""Versions with findings up to which they are looked up one by one."""


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
    few = None if ids else few_label_sets(reader, eyes)
    # SQLite keeps to the order of a CROSS JOIN; PostgreSQL has statistics and finds its own.
    if ids:
        query.add("FROM object CROSS JOIN version CROSS JOIN membership")
    elif few is not None:
        query.add("FROM version CROSS JOIN membership CROSS JOIN object")
    else:
        query.add("FROM membership CROSS JOIN version CROSS JOIN object")
    query.add(VISIBLE_VERSION, *eyes.params)
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
    if sought.nothing:
        return []
    query = heads_query(reader, eyes, sought, before=before, after=after, limit=limit)
    rows = reader.all(
        "SELECT page.version_id, page.stix_id, page.type, page.instant, page.version_text, page.position,"
        f" body.title, body.revoked, coalesce(finding.musts, 0) FROM ({query.sql}) AS page"
        " JOIN body ON body.id = page.chosen LEFT JOIN finding ON finding.body_id = page.chosen"
        " ORDER BY page.position DESC",
        query.params,
    )
    return _heads(rows, _said(reader, eyes, [row[0] for row in rows]))


def heads_query(
    reader: Reader, eyes: Eyes, sought: Sought, *, before: Instant | None, after: Instant | None, limit: int
) -> Query:
    """Rows of (version_id, stix_id, type, instant, version_text, position, chosen, label_set_id, source_id)."""
    levels = list_levels(reader, eyes)
    wanted = sought.filters.levels
    sets = [each for each, (level, _, _) in levels.items() if not wanted or TLP(level) in wanted]
    few = few_label_sets(reader, eyes)
    by_terms = bool(sought.phrases)
    walk = limit <= _PAGE and _sees_most(reader, levels) and walks(reader, sought.phrases)
    by_member = bool(sought.collection) and not by_terms
    place = "membership.position" if by_member else "version.position"
    found = None if by_terms or sought.stix_id else _few_judged(reader, sought)
    if (few is not None and not by_terms) or found is not None or sought.stix_id:
        # A sum has no index: the few versions are found by their label sets or findings and then sorted.
        place = f"({place} + 0)"
    query = Query("SELECT version.id AS version_id, object.stix_id, version.type, version.instant,")
    query.add(f"version.version_text, {place} AS position, {CHOSEN_BODY} AS chosen,", *eyes.params)
    query.add("version.label_set_id, version.source_id FROM").add(
        _tables(sought, few is not None or found is not None, walk)
    )
    query.add(VISIBLE_VERSION, *eyes.params)
    query.add("WHERE object.id = version.object_id")
    if sought.collection:
        query.add("AND membership.version_id = version.id AND membership.collection_id = ?", sought.collection)
    order = from_terms(query, reader, eyes, sought.phrases, sets, walk=walk) if by_terms else place
    if wanted or (few is not None and not by_terms):
        of_sets(query, reader, sets)
    if found is not None:
        where, params = any_of(reader, "version.id", found)
        query.add(f"AND {where}", *params)
    of_types(query, reader, "membership.type" if by_member else "version.type", sought.types)
    # The key of a term is its position times PLACES and the place of the body.
    times, rest = (PLACES, PLACES - 1) if order == "term.rowid" else (1, 0)
    for sign, limits, beyond in (("<", (before, sought.filters.until), 0), (">", (after, sought.filters.since), rest)):
        for at in limits:
            if at is not None:
                query.add(f"AND {order} {sign} ?", at * times + beyond)
    narrow(query, reader, eyes, sought)
    only_newest(query, eyes, collection=sought.collection)
    rising = after is not None and before is None
    return query.add(f"ORDER BY {order} {'ASC' if rising else 'DESC'} LIMIT ?", limit)


def _few_judged(reader: Reader, sought: Sought) -> list[int] | None:
    asked = sought.filters.findings
    return judged.few_with(reader, must=asked == "must", most=_FEW) if asked else None


def _sees_most(reader: Reader, levels: Mapping[int, tuple[int, int, int]]) -> bool:
    return 2 * sum(n for _, _, n in levels.values()) >= int(reader.value("SELECT sum(n) FROM tally") or 0)


def _tables(sought: Sought, few: bool, walk: bool) -> str:
    """In the order in which SQLite walks them."""
    if sought.stix_id:
        tables = "object CROSS JOIN version"
    elif sought.phrases and not walk:
        tables = "term CROSS JOIN version CROSS JOIN object"
    elif sought.collection and not few and not sought.phrases:
        return "membership CROSS JOIN version CROSS JOIN object"
    else:
        tables = "version CROSS JOIN object"
    return tables + (" CROSS JOIN membership" if sought.collection else "")


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
