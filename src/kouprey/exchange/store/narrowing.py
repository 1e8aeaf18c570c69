"""What narrows a list: pieces of SQL for filters, each about what the reader may see and nothing else."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from kouprey.exchange.model import Filters
from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query
from kouprey.kernel.storage.engine import Reader, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant

_ID = re.compile(r"[a-z0-9-]{1,250}--[0-9a-fA-F-]{4,36}", re.ASCII)


@dataclass(frozen=True)
class Sought:
    """What is looked for: a collection by its id, types, phrases (terms, open end) or an id, and filters.

    `nothing` says that something was typed in which there is nothing to look for. `joined` keeps what joined the
    collection above a position, whenever it became news.
    """

    collection: str = ""
    types: Collection[str] = ()
    phrases: Sequence[tuple[Sequence[str], bool]] = ()
    stix_id: str = ""
    nothing: bool = False
    joined: Instant | None = None
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
    if filters.in_force:
        # Neither past its end nor revoked, by the body the reader is given.
        query.add(
            f"AND NOT EXISTS (SELECT 1 FROM expiry WHERE expiry.body_id = {CHOSEN_BODY} AND expiry.ends_at <= ?)"
            f" AND EXISTS (SELECT 1 FROM body WHERE body.id = {CHOSEN_BODY} AND body.revoked = 0)",
            *eyes.params,
            eyes.now,
            *eyes.params,
        )
    if filters.revoked is True:
        query.add("AND version.id IN (SELECT body.version_id FROM body WHERE body.revoked = 1)")
    if filters.revoked is not None:
        query.add(
            f"AND EXISTS (SELECT 1 FROM body WHERE body.id = {CHOSEN_BODY} AND body.revoked = ?)",
            *eyes.params,
            int(filters.revoked),
        )


def of_sets(query: Query, reader: Reader, label_sets: Collection[int] | None) -> None:
    """Add that the version carries one of these label sets; None for any."""
    if label_sets is not None:
        where, params = any_of(reader, "version.label_set_id", label_sets)
        query.add(f"AND {where}", *params)


def of_types(query: Query, reader: Reader, column: str, types: Collection[str]) -> None:
    """Add that a column of types holds one of these; none for any."""
    if len(types) == 1:
        # An equality lets the index give the rows in order of position.
        query.add(f"AND {column} = ?", *types)
    elif types:
        where, params = any_of(reader, column, types)
        query.add(f"AND {where}", *params)
