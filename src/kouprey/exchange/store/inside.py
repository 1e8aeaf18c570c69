"""What is said of values that lie in somebody's networks and domains, the newest first, as far as the reader sees."""

from __future__ import annotations

from collections.abc import Collection as Several
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from kouprey.exchange.model import PageRow
from kouprey.exchange.store.narrowing import of_types
from kouprey.exchange.store.pages import VersionFilter
from kouprey.exchange.store.seeing import Eyes, Query, is_given, only_newest
from kouprey.kernel.storage.engine import Reader, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant


class Named(NamedTuple):
    """That a version, in one of its bodies, names an observable."""

    observable: int
    version: int
    body: int
    stix_id: str
    position: Instant


def list_named(
    reader: Reader, eyes: Eyes, ids: Sequence[int], *, after: Instant, upto: Instant, limit: int
) -> list[Named]:
    """The newest rows whose position lies in (after, upto], of the newest visible versions; nothing revoked."""
    wanted, given = _wanted(reader, ids)
    query = Query(
        "SELECT wanted.value, version.id, occurrence.body_id, object.stix_id, version.position"
        f" FROM {wanted} CROSS JOIN occurrence JOIN version ON version.id = occurrence.version_id"
        f" {visible_join('+version.label_set_id')} JOIN object ON object.id = version.object_id"
        " JOIN body ON body.id = occurrence.body_id WHERE occurrence.observable_id = wanted.value"
        " AND body.revoked = 0 AND version.position > ? AND version.position <= ? AND (version.bodies = 1 OR EXISTS"
        f" (SELECT 1 FROM assertion {visible_join('assertion.label_set_id')}"
        " WHERE assertion.version_id = occurrence.version_id AND assertion.body_id = occurrence.body_id))",
        [given, *eyes.params, after, upto, *eyes.params],
    )
    only_newest(query, eyes)
    query.add("ORDER BY version.position DESC, wanted.value LIMIT ?", limit)
    return [
        Named(int(row[0]), int(row[1]), int(row[2]), row[3], int(row[4])) for row in reader.all(query.sql, query.params)
    ]


def list_page(
    reader: Reader,
    eyes: Eyes,
    ids: Sequence[int],
    *,
    after: Instant,
    limit: int,
    types: Several[str],
    stix_ids: Several[str],
    versions: VersionFilter | Several[Instant],
) -> list[PageRow]:
    """Versions above a position that name one of these observables in the body the reader is given, by position.

    What was revoked is among them: whoever follows a collection has to learn it.
    """
    wanted, given = _wanted(reader, ids)
    query = Query(
        "SELECT DISTINCT object.stix_id, version.instant, version.version_text, version.position,"
        f" occurrence.body_id AS chosen FROM {wanted} CROSS JOIN occurrence"
        f" JOIN version ON version.id = occurrence.version_id {visible_join('+version.label_set_id')}"
        " JOIN object ON object.id = version.object_id WHERE occurrence.observable_id = wanted.value"
        f" AND version.position > ? AND {is_given('occurrence.body_id')}",
        [given, *eyes.params, after, *eyes.params],
    )
    of_types(query, reader, "version.type", types)
    if stix_ids:
        where, params = any_of(reader, "object.stix_id", stix_ids)
        query.add(f"AND {where}", *params)
    if versions in ("first", "last"):
        only_newest(query, eyes, oldest=versions == "first")
    elif not isinstance(versions, str):
        where, params = any_of(reader, "version.instant", list(versions))
        query.add(f"AND {where}", *params)
    query.add("ORDER BY version.position LIMIT ?", limit)
    sql = (
        "SELECT page.stix_id, page.instant, page.version_text, page.position, body.bytes"
        f" FROM ({query.sql}) AS page JOIN body ON body.id = page.chosen ORDER BY page.position"
    )
    return [
        PageRow(stix_id=row[0], instant=row[1], version_text=row[2], position=row[3], raw=row[4])
        for row in reader.all(sql, query.params)
    ]


def _wanted(reader: Reader, ids: Sequence[int]) -> tuple[str, str]:
    """Observables as a table `wanted (value)`, and its parameter."""
    if reader.dialect == "sqlite":
        return "json_each(?) AS wanted", msgspec.json.encode(ids).decode()
    return "unnest(CAST(? AS BIGINT[])) AS wanted (value)", f"{{{','.join(map(str, ids))}}}"
