"""SQL of lanes and of the checkpoints that sign them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

from kouprey.federation.model import LaneClass
from kouprey.kernel.storage.engine import Params, Reader, Row, Tx
from kouprey.kernel.words.time import Instant

OPEN, CLOSED, FROZEN = "open", "closed", "frozen"
UNKNOWN = -1

_LANE = (
    "id, origin, tag, agreement, agreement_version, version_sha256, author, audience, class, genesis, mine, size,"
    " frontier, tail, signed_size, state, note, opened_at, aim"
)


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane as it is kept: ours (`mine`) or the replica of another party's.

    `size` entries are durable; `signed_size` of them are covered by a signed checkpoint (for a replica both are equal).
    `frontier` is the compact range of [0, signed_size), concatenated; `tail` the checksum of the headers behind it
    (UNKNOWN where they were appended before checksums were kept). `audience` holds the author.
    `aim` is whom a lane of ours is for where that is not all parties, "" for all and for replicas.
    """

    id: int
    origin: str
    tag: str
    agreement: str
    agreement_version: int
    version_sha256: str
    author: str
    audience: tuple[str, ...]
    lane_class: LaneClass
    genesis: bytes
    mine: bool
    size: int
    frontier: bytes
    tail: int
    signed_size: int
    state: str
    note: str
    opened_at: Instant
    aim: str = ""


class Tip(NamedTuple):
    """Where a lane of ours is appended to: of its row only what that needs, since everything published asks for it."""

    id: int
    agreement_version: int
    version_sha256: str
    size: int
    tail: int
    signed_size: int
    state: str


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed checkpoint of a lane with the compact range of [0, size)."""

    size: int
    root: bytes
    note: bytes
    frontier: bytes
    at: Instant


def insert_lane(tx: Tx, lane: Lane) -> int:
    """Store a new lane; `lane.id` is ignored, the id is returned."""
    values = (
        lane.origin,
        lane.tag,
        lane.agreement,
        lane.agreement_version,
        lane.version_sha256,
        lane.author,
        " ".join(lane.audience),
        str(lane.lane_class),
        lane.genesis,
        int(lane.mine),
        lane.size,
        lane.frontier,
        lane.tail,
        lane.signed_size,
        lane.state,
        lane.note,
        lane.opened_at,
        lane.aim,
    )
    columns = _LANE.removeprefix("id, ")
    marks = ", ".join("?" * len(values))
    return int(tx.value(f"INSERT INTO lane ({columns}) VALUES ({marks}) RETURNING id", values))


def find_lane(reader: Reader, *, origin: str = "", tag: str = "", lane_id: int = 0) -> Lane | None:
    """A lane by its origin, its tag or our number."""
    if lane_id:
        rows = _lanes(reader, "id = ?", (lane_id,))
    elif origin:
        rows = _lanes(reader, "origin = ?", (origin,))
    else:
        rows = _lanes(reader, "tag = ?", (tag,))
    return rows[0] if rows else None


def find_last_lane(reader: Reader, agreement: str, lane_class: LaneClass, aim: str = "") -> Lane | None:
    """The epoch of ours opened last for an agreement, class and aim."""
    rows = _lanes(
        reader,
        "mine = 1 AND agreement = ? AND class = ? AND aim = ?",
        (agreement, str(lane_class), aim),
        " DESC LIMIT 1",
    )
    return rows[0] if rows else None


def find_tip(reader: Reader, agreement: str, lane_class: LaneClass, aim: str = "") -> Tip | None:
    """The tip of the epoch of ours opened last for an agreement, class and aim."""
    row = reader.one(
        "SELECT id, agreement_version, version_sha256, size, tail, signed_size, state FROM lane"
        " WHERE agreement = ? AND class = ? AND aim = ? AND mine = 1 ORDER BY id DESC LIMIT 1",
        (agreement, str(lane_class), aim),
    )
    return None if row is None else Tip(*row)


def list_lanes(reader: Reader, *, mine: bool | None = None, agreement: str = "", author: str = "") -> list[Lane]:
    """Lanes in the order in which they were opened."""
    wanted: list[tuple[str, int | str]] = []
    if mine is not None:
        wanted.append(("mine = ?", int(mine)))
    if agreement:
        wanted.append(("agreement = ?", agreement))
    if author:
        wanted.append(("author = ?", author))
    return _lanes(reader, " AND ".join(["1 = 1", *(each for each, _ in wanted)]), [value for _, value in wanted])


def set_tail(tx: Tx, lane_id: int, size: int, tail: int) -> None:
    """Entries up to `size` are stored in this transaction, and `tail` sums up those that nobody has signed."""
    tx.execute("UPDATE lane SET size = ?, tail = ? WHERE id = ?", (size, tail, lane_id))


def sum_tail(headers: Sequence[bytes], before: int = 0) -> int:
    """The checksum of headers behind those that `before` sums up.

    It tells damage between appending and signing. Whoever means harm and can write the database could write this too:
    against him a hash would help no more, and cost a third of an append.
    """
    return UNKNOWN if before == UNKNOWN else crc32(b"".join(headers), before)


def set_state(tx: Tx, lane_id: int, state: str, note: str = "") -> None:
    """Open, closed or frozen, with the reason people are told."""
    tx.execute("UPDATE lane SET state = ?, note = ? WHERE id = ?", (state, note, lane_id))


def save_checkpoint(tx: Tx, lane_id: int, kept: StoredCheckpoint) -> None:
    """Store a signed checkpoint; it becomes what the lane is served up to."""
    tx.execute(
        "INSERT INTO lane_checkpoint (lane_id, size, root, note, frontier, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (lane_id, size) DO NOTHING",
        (lane_id, kept.size, kept.root, kept.note, kept.frontier, kept.at),
    )
    tx.execute(
        "UPDATE lane SET signed_size = ?, frontier = ? WHERE id = ? AND signed_size < ?",
        (kept.size, kept.frontier, lane_id, kept.size),
    )


def find_checkpoint(reader: Reader, lane_id: int, size: int) -> StoredCheckpoint | None:
    """The checkpoint of exactly this size."""
    return _checkpoint(reader, "lane_id = ? AND size = ?", (lane_id, size))


def find_checkpoint_within(reader: Reader, lane_id: int, above: int, most: int) -> StoredCheckpoint | None:
    """The largest checkpoint of a size in (above, most], else the smallest above `above`: where a page can end."""
    return _checkpoint(
        reader, "lane_id = ? AND size > ? AND size <= ? ORDER BY size DESC LIMIT 1", (lane_id, above, most)
    ) or _checkpoint(reader, "lane_id = ? AND size > ? ORDER BY size LIMIT 1", (lane_id, above))


def find_checkpoint_below(reader: Reader, lane_id: int, most: int) -> StoredCheckpoint | None:
    """The largest checkpoint of at most this size."""
    return _checkpoint(reader, "lane_id = ? AND size <= ? ORDER BY size DESC LIMIT 1", (lane_id, most))


def _checkpoint(reader: Reader, where: str, params: Params) -> StoredCheckpoint | None:
    row = reader.one(f"SELECT size, root, note, frontier, at FROM lane_checkpoint WHERE {where}", params)
    return None if row is None else StoredCheckpoint(int(row[0]), row[1], row[2], row[3], int(row[4]))


def _lanes(reader: Reader, where: str, params: Params, end: str = "") -> list[Lane]:
    return [_lane(row) for row in reader.all(f"SELECT {_LANE} FROM lane WHERE {where} ORDER BY id{end}", params)]


def _lane(row: Row) -> Lane:
    return Lane(
        id=int(row[0]),
        origin=str(row[1]),
        tag=str(row[2]),
        agreement=str(row[3]),
        agreement_version=int(row[4]),
        version_sha256=str(row[5]),
        author=str(row[6]),
        audience=tuple(str(row[7]).split()),
        lane_class=LaneClass(str(row[8])),
        genesis=row[9],
        mine=bool(row[10]),
        size=int(row[11]),
        frontier=row[12],
        tail=int(row[13]),
        signed_size=int(row[14]),
        state=str(row[15]),
        note=str(row[16]),
        opened_at=int(row[17]),
        aim=str(row[18]),
    )
