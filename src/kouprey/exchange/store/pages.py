"""Pages in order of position: for clients that follow a collection, and for people who look at a list."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from kouprey.exchange.model import Head, PageRow
from kouprey.exchange.store.seeing import CHOSEN_BODY, VISIBLE_VERSION, Eyes, Query, few_label_sets, only_newest
from kouprey.kernel.storage.engine import Reader, Row, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

VersionFilter = Literal["first", "last", "all"]
"""Which versions of an object are wanted (TAXII 2.1 section 3.4, `match[version]`)."""


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
    _of_sets(query, reader, few)
    _of_types(query, reader, "membership.type", types)
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
    *,
    collection: str,
    types: Collection[str],
    text: str,
    before: Instant | None,
    after: Instant | None,
    limit: int,
) -> list[Head]:
    """The newest visible version of each object, by falling position; rising when only `after` is given."""
    few = few_label_sets(reader, eyes)
    place = "membership.position" if collection else "version.position"
    if few is not None:
        # A sum has no index: the few versions are found by their label sets and then sorted.
        place = f"({place} + 0)"
    query = Query(
        "SELECT version.id AS version_id, object.stix_id, version.type, version.instant, version.version_text,"
    )
    query.add(f"{place} AS position, {CHOSEN_BODY} AS chosen", *eyes.params)
    if collection:
        tables = "version CROSS JOIN membership" if few is not None else "membership CROSS JOIN version"
        query.add(f"FROM {tables} CROSS JOIN object").add(VISIBLE_VERSION, *eyes.params)
        query.add("WHERE version.id = membership.version_id AND membership.collection_id = ?", collection)
    else:
        query.add("FROM version CROSS JOIN object").add(VISIBLE_VERSION, *eyes.params).add("WHERE 1 = 1")
    query.add("AND object.id = version.object_id")
    _of_sets(query, reader, few)
    _of_types(query, reader, "membership.type" if collection else "version.type", types)
    if before is not None:
        query.add(f"AND {place} < ?", before)
    if after is not None:
        query.add(f"AND {place} > ?", after)
    if text:
        _matching(query, eyes, text)
    only_newest(query, eyes, collection=collection)
    rising = after is not None and before is None
    query.add(f"ORDER BY {place} {'ASC' if rising else 'DESC'} LIMIT ?", limit)
    rows = reader.all(
        "SELECT page.version_id, page.stix_id, page.type, page.instant, page.version_text, page.position,"
        f" body.title, body.revoked FROM ({query.sql}) AS page JOIN body ON body.id = page.chosen"
        " ORDER BY page.position DESC",
        query.params,
    )
    return _heads(rows, _said(reader, eyes, [row[0] for row in rows]))


def _heads(rows: list[Row], said: Mapping[int, tuple[int, int, set[str]]]) -> list[Head]:
    heads = []
    for version, stix_id, kind, instant, version_text, position, title, revoked in rows:
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
            )
        )
    return heads


def _of_sets(query: Query, reader: Reader, label_sets: Collection[int] | None) -> None:
    if label_sets is not None:
        where, params = any_of(reader, "version.label_set_id", label_sets)
        query.add(f"AND {where}", *params)


def _of_types(query: Query, reader: Reader, column: str, types: Collection[str]) -> None:
    if len(types) == 1:
        # An equality lets the index give the rows in order of position.
        query.add(f"AND {column} = ?", *types)
    elif types:
        where, params = any_of(reader, column, types)
        query.add(f"AND {where}", *params)


def _matching(query: Query, eyes: Eyes, text: str) -> None:
    """Part of the title the reader is given, without regard to the case of ASCII letters; or of the id."""
    folded = text.encode("utf-8", "replace").lower().decode()
    escaped = folded.replace("!", "!!").replace("%", "!%").replace("_", "!_").replace("\0", "")
    pattern = f"%{escaped}%"
    query.add("AND (object.stix_id LIKE ? ESCAPE '!'", pattern)
    query.add(
        f"OR EXISTS (SELECT 1 FROM body WHERE body.id = {CHOSEN_BODY} AND lower(body.title) LIKE ? ESCAPE '!'))",
        *eyes.params,
        pattern,
    )


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
