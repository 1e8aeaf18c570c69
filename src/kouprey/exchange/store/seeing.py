"""Pieces of SQL by which one reader sees: which versions, which assertions of them, and which body he is given."""

from __future__ import annotations

from dataclasses import dataclass, field

from kouprey.kernel.storage.engine import Reader
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant


@dataclass(frozen=True)
class Eyes:
    """A reader at an instant, as the two parameters of `visible_join`."""

    profile: int
    now: Instant
    local: bool

    @property
    def source_name(self) -> str:
        """Names of our files, persons and programs are for our own people; anybody else learns the party."""
        return "source.name" if self.local else "source.party"

    @property
    def params(self) -> tuple[int, Instant]:
        return self.profile, self.now


@dataclass
class Query:
    """A text and its parameters, grown together so that they stay in step."""

    sql: str = ""
    params: list[object] = field(default_factory=list)

    def add(self, sql: str, *params: object) -> Query:
        """Go on with a further piece."""
        self.sql += " " + sql
        self.params.extend(params)
        return self


def visible_version(reader: Reader) -> str:
    """Keeps versions the reader may see; parameters of `Eyes`."""
    # The plus keeps SQLite from walking the versions of each label set where an order by position is wanted; from
    # PostgreSQL it would hide how much a reader sees.
    return visible_join("+version.label_set_id" if reader.dialect == "sqlite" else "version.label_set_id")


_NARROW = 5_000

CHOSEN_BODY = (
    "CASE WHEN version.bodies = 1 THEN version.body_id ELSE ("
    f"SELECT assertion.body_id FROM assertion {visible_join('assertion.label_set_id')}"
    " WHERE assertion.version_id = version.id"
    " ORDER BY CASE WHEN assertion.body_id = version.body_id THEN 0 ELSE 1 END, assertion.body_id LIMIT 1) END"
)
"""The body a reader is given: the served one if he may see it, else the oldest he may; parameters of `Eyes`.

A version with one body is visible only through an assertion of it.
"""


def is_given(body: str) -> str:
    """Keeps those bodies (`body` is a column) of `version` that the reader is given; parameters of `Eyes`.

    Asked in two parts, because PostgreSQL takes an equality with CHOSEN_BODY for something that hardly ever holds.
    """
    return f"(version.bodies = 1 OR {body} = {CHOSEN_BODY})"


def only_newest(query: Query, eyes: Eyes, *, collection: str = "", oldest: bool = False) -> None:
    """Keep only the newest (or oldest) visible version of each object, among those in `collection` if one is given."""
    query.add(f"AND NOT EXISTS (SELECT 1 FROM version other {visible_join('+other.label_set_id')}", *eyes.params)
    if collection:
        query.add(
            "JOIN membership beside ON beside.version_id = other.id AND beside.collection_id = ?",
            collection,
        )
    query.add(
        f"WHERE other.object_id = version.object_id AND other.instant {'<' if oldest else '>'} version.instant)",
    )


def few_label_sets(reader: Reader, eyes: Eyes, wanted: int) -> list[int] | None:
    """The label sets of all a reader sees when that is little, by the tally; None when it is much.

    Who sees much meets `wanted` of it by walking the positions; who sees little would walk past everything else first.
    This only chooses the road: what is seen is decided by `visible_version` on either.
    """
    rows = reader.all(
        f"SELECT tally.label_set_id, sum(tally.n) FROM tally {visible_join('tally.label_set_id')}"
        " GROUP BY tally.label_set_id",
        eyes.params,
    )
    seen = sum(int(row[1]) for row in rows)
    if seen > _NARROW:
        return None
    held = int(reader.value("SELECT sum(n) FROM tally") or 0)
    # One road looks at all that is seen, the other at so many for each that is.
    return [row[0] for row in rows] if seen * seen <= wanted * held else None
