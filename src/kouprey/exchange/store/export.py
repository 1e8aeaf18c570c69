"""The bodies of listed heads, as the same reader is given them."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.exchange.model import Head
from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query, visible_version
from kouprey.kernel.storage.engine import Reader, any_of
from kouprey.kernel.words.time import Instant


def list_bodies(reader: Reader, eyes: Eyes, heads: Collection[Head]) -> dict[tuple[str, Instant], bytes]:
    """(STIX id, instant) -> the bytes as received, for heads read in this same snapshot."""
    query = Query(f"SELECT object.stix_id, version.instant, {CHOSEN_BODY} AS chosen", list(eyes.params))
    query.add("FROM object CROSS JOIN version").add(visible_version(reader), *eyes.params)
    query.add("WHERE version.object_id = object.id")
    for column, values in (
        ("object.stix_id", {head.stix_id for head in heads}),
        ("version.instant", {head.instant for head in heads}),
    ):
        where, params = any_of(reader, column, values)
        query.add(f"AND {where}", *params)
    rows = reader.all(
        f"SELECT page.stix_id, page.instant, body.bytes FROM ({query.sql}) AS page JOIN body ON body.id = page.chosen",
        query.params,
    )
    return {(row[0], row[1]): bytes(row[2]) for row in rows}
