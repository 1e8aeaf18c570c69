"""What narrows a list: pieces of SQL for filters, each about what the reader may see and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from kouprey.exchange.model import Filters
from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query
from kouprey.kernel.storage.engine import Reader, Row, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant

_FEW = 5_000
"""Versions up to which they are looked up one by one."""
_SOME = 20_000
"""Bodies up to which two filters are asked together, to see whether they leave few."""

_ID = re.compile(r"[a-z0-9-]{1,250}--[0-9a-fA-F-]{4,36}", re.ASCII)


@dataclass(frozen=True)
class Sought:
    """What is looked for: a collection by its id, types, phrases (terms, open end) or an id, and filters.

    `nothing` says that something was typed in which there is nothing to look for. `joined` keeps what joined the
    collection above a position, whenever it became news. `among` are the few versions that are asked about at all.
    """

    collection: str = ""
    types: Collection[str] = ()
    phrases: Sequence[tuple[Sequence[str], bool]] = ()
    stix_id: str = ""
    nothing: bool = False
    joined: Instant | None = None
    among: Collection[int] | None = None
    filters: Filters = field(default_factory=Filters)


def looks_like_id(text: str) -> bool:
    """Whether a text is a STIX id, or so much of one that few begin with it."""
    return _ID.fullmatch(text) is not None


def list_levels(reader: Reader, eyes: Eyes) -> dict[int, tuple[int, int, int]]:
    """Label set -> (strictest level among the members the reader sees, number of members, versions by the tally)."""
    rows = reader.all(
        "SELECT label_set_member.label_set_id, max(label.tlp),"
        " (SELECT count(*) FROM label_set_member every WHERE every.label_set_id = label_set_member.label_set_id),"
        " (SELECT sum(tally.n) FROM tally WHERE tally.label_set_id = label_set_member.label_set_id)"
        f" FROM label_set_member {visible_join('label_set_member.alone_id')}"
        " JOIN label ON label.id = label_set_member.label_id"
        f" WHERE EXISTS (SELECT 1 FROM label_set_member own {visible_join('own.label_set_id')}"
        " WHERE own.label_set_id = label_set_member.label_set_id)"
        " GROUP BY label_set_member.label_set_id",
        (*eyes.params, *eyes.params),
    )
    return {int(row[0]): (int(row[1]), int(row[2]), int(row[3])) for row in rows if row[3]}


def few_found(reader: Reader, eyes: Eyes, sought: Sought) -> list[int] | None:
    """The versions that can fit, by the filter that leaves the fewest, when they are few; None when they are many.

    This only chooses the road: it may hold versions that the reader does not see, or that fit by what he does not see.
    """
    filters = sought.filters
    found: list[list[int]] = []
    if filters.sources:
        where, params = any_of(reader, eyes.source_name, filters.sources)
        sources = [row[0] for row in reader.all(f"SELECT source.id FROM source WHERE {where}", params)]
        where, params = any_of(reader, "assertion.source_id", sources)
        found += _few(reader, f"SELECT assertion.version_id FROM assertion WHERE {where}", params)
    if sought.collection:
        members = "SELECT membership.version_id FROM membership WHERE membership.collection_id = ?"
        joined = sought.joined or 0
        found += _few(reader, f"{members} AND membership.position > ?", (sought.collection, joined))
    if filters.revoked:
        found += _few(reader, "SELECT body.version_id FROM body WHERE body.revoked = 1", ())
    if filters.findings:
        only = " WHERE finding.musts > 0" if filters.findings == "must" else ""
        for bodies in _few(reader, f"SELECT finding.body_id FROM finding{only}", ()):
            where, params = any_of(reader, "body.id", bodies)
            found.append([row[0] for row in reader.all(f"SELECT body.version_id FROM body WHERE {where}", params)])
    if filters.revoked and filters.findings and not found:
        # Both are about the one body that the reader is given.
        revoked = "SELECT body.version_id FROM body WHERE body.revoked = 1"
        some = reader.value(f"SELECT count(*) FROM ({revoked} LIMIT ?) AS found", (_SOME + 1,))
        only = " AND finding.musts > 0" if filters.findings == "must" else ""
        if some <= _SOME:
            found += _few(
                reader, f"{revoked} AND EXISTS (SELECT 1 FROM finding WHERE finding.body_id = body.id{only})", ()
            )
    return min(found, key=len, default=None)


def _few(reader: Reader, sql: str, params: Row) -> list[list[int]]:
    """What a query gives as the only element; no element when it gives more than a few."""
    # Counted first: thousands that turn out to be too many need not be fetched.
    many = (*params, _FEW + 1)
    if reader.value(f"SELECT count(*) FROM ({sql} LIMIT ?) AS found", many) > _FEW:
        return []
    return [[row[0] for row in reader.all(f"{sql} LIMIT ?", many)]]


def narrow(query: Query, reader: Reader, eyes: Eyes, sought: Sought) -> None:
    """Add the conditions on `version` and `object` that do not depend on the road; levels are left to label sets."""
    filters = sought.filters
    if sought.collection and sought.joined is not None:
        query.add("AND membership.position > ?", sought.joined)
    if sought.stix_id:
        query.add("AND object.stix_id >= ? AND object.stix_id < ?", sought.stix_id, sought.stix_id + "~")
    if filters.sources:
        where, params = any_of(reader, eyes.source_name, filters.sources)
        query.add(
            f"AND EXISTS (SELECT 1 FROM assertion {visible_join('assertion.label_set_id')}"
            f" JOIN source ON source.id = assertion.source_id WHERE assertion.version_id = version.id AND {where})",
            *eyes.params,
            *params,
        )
    if filters.conflict:
        query.add(
            "AND version.bodies > 1 AND (SELECT count(DISTINCT assertion.body_id) FROM assertion"
            f" {visible_join('assertion.label_set_id')} WHERE assertion.version_id = version.id) > 1",
            *eyes.params,
        )
    if filters.findings:
        # About the body the reader is given, and about no other.
        only = " AND finding.musts > 0" if filters.findings == "must" else ""
        query.add(f"AND EXISTS (SELECT 1 FROM finding WHERE finding.body_id = {CHOSEN_BODY}{only})", *eyes.params)
    if filters.received_before is not None:
        query.add("AND version.received_at < ?", filters.received_before)
    if filters.ended_before is not None:
        query.add(
            f"AND EXISTS (SELECT 1 FROM expiry WHERE expiry.body_id = {CHOSEN_BODY} AND expiry.ends_at <= ?)",
            *eyes.params,
            filters.ended_before,
        )
    if filters.in_force:
        # Neither past its end nor revoked, by the body the reader is given.
        query.add(
            f"AND NOT EXISTS (SELECT 1 FROM expiry WHERE expiry.body_id = {CHOSEN_BODY} AND expiry.ends_at <= ?)"
            f" AND EXISTS (SELECT 1 FROM body WHERE body.id = {CHOSEN_BODY} AND body.revoked = 0)",
            *eyes.params,
            eyes.now,
            *eyes.params,
        )
    if filters.revoked is not None:
        # Of one body it is enough to ask the index of what is revoked; of several the one he is given is looked at. The
        # OFFSET has PostgreSQL ask that before it looks for words, instead of making a join of it.
        alone = " OFFSET 0" if reader.dialect == "postgres" else ""
        some = f"EXISTS (SELECT 1 FROM body WHERE body.version_id = version.id AND body.revoked = 1{alone})"
        given = f"EXISTS (SELECT 1 FROM body WHERE body.id = {CHOSEN_BODY} AND body.revoked = 1)"
        fits = f"({some} AND (version.bodies = 1 OR {given}))"
        query.add(f"AND {fits}" if filters.revoked else f"AND NOT {fits}", *eyes.params)


def of_sets(
    query: Query, reader: Reader, label_sets: Collection[int] | None, column: str = "version.label_set_id"
) -> None:
    """Add that the version carries one of these label sets; None for any."""
    if label_sets is not None:
        where, params = any_of(reader, column, label_sets)
        query.add(f"AND {where}", *params)


def of_types(query: Query, reader: Reader, column: str, types: Collection[str]) -> None:
    """Add that a column of types holds one of these; none for any."""
    if len(types) == 1:
        # An equality lets the index give the rows in order of position.
        query.add(f"AND {column} = ?", *types)
    elif types:
        where, params = any_of(reader, column, types)
        query.add(f"AND {where}", *params)
