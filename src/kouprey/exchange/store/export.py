"""The bodies of listed heads, as the same reader is given them."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.exchange.model import Head
from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query, visible_version
from kouprey.kernel.storage.engine import Reader, any_of
from kouprey.kernel.storage.labels import read_label, visible_join
from kouprey.kernel.words.label import Label
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


def list_said(reader: Reader, eyes: Eyes, heads: Collection[Head]) -> dict[tuple[str, Instant], frozenset[Label]]:
    """(STIX id, instant) -> the labels of what the reader sees said of it."""
    query = Query("SELECT DISTINCT object.stix_id, version.instant, assertion.label_id")
    query.add("FROM object CROSS JOIN version JOIN assertion ON assertion.version_id = version.id")
    query.add(visible_join("assertion.label_set_id"), *eyes.params)
    query.add("WHERE version.object_id = object.id")
    for column, values in (
        ("object.stix_id", {head.stix_id for head in heads}),
        ("version.instant", {head.instant for head in heads}),
    ):
        where, params = any_of(reader, column, values)
        query.add(f"AND {where}", *params)
    found: dict[tuple[str, Instant], set[int]] = {}
    for stix_id, instant, label in reader.all(query.sql, query.params):
        found.setdefault((stix_id, instant), set()).add(label)
    labels = {number: read_label(reader, number) for number in set().union(*found.values())}
    return {key: frozenset(labels[number] for number in numbers) for key, numbers in found.items()}
