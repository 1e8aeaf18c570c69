"""All SQL of federation: lanes, entries, receipts, quarantine, links, papers, parcels, and the guard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kouprey.federation.model import EntryKind, LaneClass
from kouprey.kernel.storage.engine import Params, Reader, Row, Tx
from kouprey.kernel.words.time import Instant

OPEN, CLOSED, FROZEN = "open", "closed", "frozen"
HELD, ERASED, WITHHELD = 0, 1, 2
"""What `lane_entry.state` says of a body; the first three are BodyState."""

_LANE = (
    "id, origin, tag, agreement, agreement_version, version_sha256, author, audience, class, genesis, mine, size,"
    " frontier, signed_size, state, note, opened_at"
)


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane as it is kept: ours (`mine`) or the replica of another party's.

    `size` entries are durable; `signed_size` of them are covered by a signed checkpoint (for a replica both are equal).
    `frontier` is the compact range of [0, size), concatenated. `audience` holds the author.
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
    signed_size: int
    state: str
    note: str
    opened_at: Instant


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed checkpoint of a lane with the compact range of [0, size)."""

    size: int
    root: bytes
    note: bytes
    frontier: bytes
    at: Instant


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry: its 64-byte header, and salt and body where they are held."""

    index: int
    header: bytes
    salt: bytes
    body: bytes
    state: int
    publication: int
    at: Instant


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """The newest receipt of a party for a lane; `delivered_size` tells how far the author has it, when it is ours."""

    lane_id: int
    party: str
    size: int
    receipt: bytes
    said_at: Instant
    at: Instant
    delivered_size: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A body waiting to be appended to a lane of ours."""

    publication: int
    agreement: str
    lane_class: LaneClass
    kind: EntryKind
    body: bytes
    at: Instant


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An entry that is kept but was not applied, with the reason."""

    lane_id: int
    index: int
    code: str
    why: str
    at: Instant
    resolved_at: Instant | None


@dataclass(frozen=True, slots=True)
class Link:
    """How we reach a party, and how that went."""

    party: str
    url: str
    allow_private: bool
    paused: bool
    last_ok: Instant
    last_try: Instant
    failures: int
    error: str


# lanes


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
        lane.signed_size,
        lane.state,
        lane.note,
        lane.opened_at,
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


def list_lanes(reader: Reader, *, mine: bool | None = None, agreement: str = "") -> list[Lane]:
    """Lanes in the order in which they were opened."""
    where, params = ["1 = 1"], []
    if mine is not None:
        where.append("mine = ?")
        params.append(int(mine))
    if agreement:
        where.append("agreement = ?")
        params.append(agreement)  # type: ignore[arg-type]  # one list for both kinds of parameters
    return _lanes(reader, " AND ".join(where), params)


def set_size(tx: Tx, lane_id: int, size: int, frontier: bytes) -> None:
    """Entries up to `size` are stored in this transaction."""
    tx.execute("UPDATE lane SET size = ?, frontier = ? WHERE id = ?", (size, frontier, lane_id))


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
    tx.execute("UPDATE lane SET signed_size = ? WHERE id = ? AND signed_size < ?", (kept.size, lane_id, kept.size))


def find_checkpoint(reader: Reader, lane_id: int, size: int) -> StoredCheckpoint | None:
    """The checkpoint of exactly this size."""
    row = reader.one(
        "SELECT size, root, note, frontier, at FROM lane_checkpoint WHERE lane_id = ? AND size = ?", (lane_id, size)
    )
    return None if row is None else StoredCheckpoint(int(row[0]), row[1], row[2], row[3], int(row[4]))


def find_checkpoint_within(reader: Reader, lane_id: int, above: int, most: int) -> StoredCheckpoint | None:
    """The largest checkpoint of a size in (above, most], else the smallest above `above`: where a page can end."""
    for where, order, params in (
        ("size > ? AND size <= ?", "DESC", (lane_id, above, most)),
        ("size > ?", "ASC", (lane_id, above)),
    ):
        row = reader.one(
            "SELECT size, root, note, frontier, at FROM lane_checkpoint"
            f" WHERE lane_id = ? AND {where} ORDER BY size {order} LIMIT 1",
            params,
        )
        if row is not None:
            return StoredCheckpoint(int(row[0]), row[1], row[2], row[3], int(row[4]))
    return None


def get_frontier(reader: Reader, lane_id: int, size: int) -> bytes:
    """The compact range of [0, size), where `size` is 0 or the size of a checkpoint we hold."""
    kept = find_checkpoint(reader, lane_id, size) if size else None
    return kept.frontier if kept is not None else b""


# entries


def insert_entries(tx: Tx, lane_id: int, entries: Iterable[StoredEntry]) -> None:
    """Store entries that follow what is there."""
    tx.many(
        "INSERT INTO lane_entry (lane_id, entry_index, header, salt, body, state, publication, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((lane_id, e.index, e.header, e.salt, e.body, e.state, e.publication, e.at) for e in entries),
    )


def list_entries(reader: Reader, lane_id: int, start: int, end: int) -> list[StoredEntry]:
    """Entries [start, end)."""
    rows = reader.all(
        "SELECT entry_index, header, salt, body, state, publication, at FROM lane_entry"
        " WHERE lane_id = ? AND entry_index >= ? AND entry_index < ? ORDER BY entry_index",
        (lane_id, start, end),
    )
    return [StoredEntry(int(r[0]), r[1], r[2], r[3], int(r[4]), int(r[5]), int(r[6])) for r in rows]


def list_headers(reader: Reader, lane_id: int, start: int, end: int) -> list[bytes]:
    """Headers [start, end), without their bodies."""
    rows = reader.all(
        "SELECT header FROM lane_entry WHERE lane_id = ? AND entry_index >= ? AND entry_index < ? ORDER BY entry_index",
        (lane_id, start, end),
    )
    return [row[0] for row in rows]


def list_entry_places(reader: Reader, publications: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Publication number -> (lane id, index), for those appended already."""
    found: dict[int, tuple[int, int]] = {}
    for publication in publications:
        row = reader.one("SELECT lane_id, entry_index FROM lane_entry WHERE publication = ?", (publication,))
        if row is not None:
            found[publication] = (int(row[0]), int(row[1]))
    return found


# outgoing bodies


def queue_outgoing(tx: Tx, waiting: Iterable[Outgoing]) -> None:
    """Durably promise to append these."""
    tx.many(
        "INSERT INTO lane_outgoing (publication, agreement, class, kind, body, at) VALUES (?, ?, ?, ?, ?, ?)",
        ((o.publication, o.agreement, str(o.lane_class), int(o.kind), o.body, o.at) for o in waiting),
    )


def list_outgoing(reader: Reader, agreement: str, lane_class: LaneClass, limit: int) -> list[Outgoing]:
    """What waits for one lane, oldest first."""
    rows = reader.all(
        "SELECT publication, kind, body, at FROM lane_outgoing WHERE agreement = ? AND class = ?"
        " ORDER BY publication LIMIT ?",
        (agreement, str(lane_class), limit),
    )
    return [Outgoing(int(r[0]), agreement, lane_class, EntryKind(r[1]), r[2], int(r[3])) for r in rows]


def list_outgoing_lanes(reader: Reader) -> list[tuple[str, LaneClass]]:
    """(agreement, class) pairs for which something waits; priority before bulk."""
    rows = reader.all("SELECT DISTINCT agreement, class FROM lane_outgoing")
    return sorted(
        ((str(agreement), LaneClass(name)) for agreement, name in rows),
        key=lambda pair: (pair[1] is not LaneClass.PRIORITY, pair[0]),
    )


def count_outgoing(reader: Reader) -> dict[str, int]:
    """Agreement -> how many bodies wait to be appended."""
    return {str(a): int(n) for a, n in reader.all("SELECT agreement, count(*) FROM lane_outgoing GROUP BY agreement")}


def delete_outgoing(tx: Tx, publications: Iterable[int]) -> None:
    """They are entries now, in this same transaction."""
    tx.many("DELETE FROM lane_outgoing WHERE publication = ?", ((publication,) for publication in publications))


# receipts and quarantine


def save_receipt(tx: Tx, receipt: StoredReceipt) -> None:
    """Keep the newest receipt of a party; an older one changes nothing."""
    tx.execute(
        "INSERT INTO lane_receipt (lane_id, party, size, receipt, said_at, at, delivered_size)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (lane_id, party) DO UPDATE SET size = excluded.size, receipt = excluded.receipt,"
        " said_at = excluded.said_at, at = excluded.at WHERE lane_receipt.size < excluded.size",
        (
            receipt.lane_id,
            receipt.party,
            receipt.size,
            receipt.receipt,
            receipt.said_at,
            receipt.at,
            receipt.delivered_size,
        ),
    )


def receipt_delivered(tx: Tx, lane_id: int, party: str, size: int) -> None:
    """The author has acknowledged our receipt up to `size`."""
    tx.execute(
        "UPDATE lane_receipt SET delivered_size = ? WHERE lane_id = ? AND party = ? AND delivered_size < ?",
        (size, lane_id, party, size),
    )


def list_receipts(reader: Reader, lane_id: int) -> list[StoredReceipt]:
    """The newest receipt of every party for a lane."""
    rows = reader.all(
        "SELECT lane_id, party, size, receipt, said_at, at, delivered_size FROM lane_receipt"
        " WHERE lane_id = ? ORDER BY party",
        (lane_id,),
    )
    return [StoredReceipt(int(r[0]), str(r[1]), int(r[2]), r[3], int(r[4]), int(r[5]), int(r[6])) for r in rows]


def quarantine(tx: Tx, lane_id: int, index: int, code: str, why: str, now: Instant) -> None:
    """Note that an entry is kept and not applied."""
    tx.execute(
        "INSERT INTO quarantine (lane_id, entry_index, code, why, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (lane_id, entry_index) DO NOTHING",
        (lane_id, index, code, why, now),
    )


def list_quarantined(reader: Reader, limit: int = 200) -> list[Quarantined]:
    """What waits for a person's eye, newest first."""
    rows = reader.all(
        "SELECT lane_id, entry_index, code, why, at, resolved_at FROM quarantine WHERE resolved_at IS NULL"
        " ORDER BY at DESC, lane_id, entry_index LIMIT ?",
        (limit,),
    )
    return [Quarantined(int(r[0]), int(r[1]), str(r[2]), str(r[3]), int(r[4]), r[5]) for r in rows]


def list_missing_bodies(reader: Reader, lane_id: int, end: int) -> list[int]:
    """Indices below `end` whose bodies are not held or not applied."""
    rows = reader.all(
        "SELECT entry_index FROM lane_entry WHERE lane_id = ? AND entry_index < ? AND state <> 0"
        " UNION SELECT entry_index FROM quarantine WHERE lane_id = ? AND entry_index < ? AND resolved_at IS NULL"
        " ORDER BY entry_index",
        (lane_id, end, lane_id, end),
    )
    return [int(row[0]) for row in rows]


# links, papers, nonces, parcels


def save_link(tx: Tx, party: str, url: str, allow_private: bool) -> None:
    """Create a link, or give it a new address."""
    tx.execute(
        "INSERT INTO link (party, url, allow_private, paused, last_ok, last_try, failures, error)"
        " VALUES (?, ?, ?, 0, 0, 0, 0, '') ON CONFLICT (party) DO UPDATE SET url = excluded.url,"
        " allow_private = excluded.allow_private, failures = 0, error = ''",
        (party, url, int(allow_private)),
    )


def pause_link(tx: Tx, party: str, paused: bool) -> int:
    """Stop or go on; the number of links changed."""
    return tx.execute("UPDATE link SET paused = ?, failures = 0 WHERE party = ?", (int(paused), party))


def note_link(tx: Tx, party: str, now: Instant, error: str) -> None:
    """Write down how the last attempt went."""
    if error:
        tx.execute(
            "UPDATE link SET last_try = ?, failures = failures + 1, error = ? WHERE party = ?", (now, error, party)
        )
    else:
        tx.execute(
            "UPDATE link SET last_try = ?, last_ok = ?, failures = 0, error = '' WHERE party = ?", (now, now, party)
        )


def list_links(reader: Reader) -> list[Link]:
    """Every link, by party."""
    rows = reader.all(
        "SELECT party, url, allow_private, paused, last_ok, last_try, failures, error FROM link ORDER BY party"
    )
    return [
        Link(str(r[0]), str(r[1]), bool(r[2]), bool(r[3]), int(r[4]), int(r[5]), int(r[6]), str(r[7])) for r in rows
    ]


def queue_papers(tx: Tx, paper_id: int, parties: Iterable[str], agreement: str, papers: bytes, now: Instant) -> None:
    """Papers for each of these parties, by whatever road reaches them first."""
    for party in parties:
        tx.execute(
            "INSERT INTO paper_outgoing (id, party, agreement, papers, at, delivered_at) VALUES (?, ?, ?, ?, ?, 0)"
            " ON CONFLICT (id, party) DO NOTHING",
            (paper_id, party, agreement, papers, now),
        )


def list_papers(reader: Reader, party: str) -> list[tuple[int, bytes]]:
    """(id, papers) not yet delivered to a party, oldest first."""
    rows = reader.all(
        "SELECT id, papers FROM paper_outgoing WHERE party = ? AND delivered_at = 0 ORDER BY id", (party,)
    )
    return [(int(row[0]), row[1]) for row in rows]


def papers_delivered(tx: Tx, paper_id: int, party: str, now: Instant) -> None:
    """The party has taken these papers."""
    tx.execute("UPDATE paper_outgoing SET delivered_at = ? WHERE id = ? AND party = ?", (now, paper_id, party))


def spend_nonce(tx: Tx, nonce: str, forget_after: Instant, now: Instant) -> bool:
    """True when this nonce was spent before; spends it otherwise."""
    tx.execute("DELETE FROM request_nonce WHERE forget_after < ?", (now,))
    changed = tx.execute(
        "INSERT INTO request_nonce (nonce, forget_after) VALUES (?, ?) ON CONFLICT (nonce) DO NOTHING",
        (nonce, forget_after),
    )
    return changed == 0


def next_parcel(tx: Tx, parcel: str, party: str, now: Instant) -> int:
    """The number of a new parcel."""
    seq = int(tx.value("SELECT coalesce(max(seq), 0) + 1 FROM parcel_made"))
    tx.execute(
        "INSERT INTO parcel_made (seq, parcel, party, entries, at) VALUES (?, ?, ?, 0, ?)", (seq, parcel, party, now)
    )
    return seq


def parcel_was_read(tx: Tx, parcel: str, made_by: str, entries: int, now: Instant) -> None:
    """Remember a parcel; reading it again is harmless and changes nothing."""
    tx.execute(
        "INSERT INTO parcel_read (parcel, made_by, entries, at) VALUES (?, ?, ?, ?) ON CONFLICT (parcel) DO NOTHING",
        (parcel, made_by, entries, now),
    )


# the guard (its own database)


def find_guard(reader: Reader, origin: str) -> tuple[int, bytes, str] | None:
    """(size, root, holder) of what was last signed for a lane."""
    row = reader.one("SELECT size, root, holder FROM guard WHERE origin = ?", (origin,))
    return None if row is None else (int(row[0]), row[1], str(row[2]))


def begin_guard(tx: Tx, origin: str, size: int, root: bytes, holder: str) -> None:
    """First record of a new lane."""
    tx.execute("INSERT INTO guard (origin, size, root, holder) VALUES (?, ?, ?, ?)", (origin, size, root, holder))


def claim_guard(tx: Tx, origin: str, holder: str) -> None:
    """From now on `holder` alone may sign for this lane."""
    tx.execute("UPDATE guard SET holder = ? WHERE origin = ?", (holder, origin))


def advance_guard(tx: Tx, origin: str, old_size: int, size: int, root: bytes, holder: str) -> bool:
    """Compare and swap; False when somebody else has signed since, who must then be the only one."""
    changed = tx.execute(
        "UPDATE guard SET size = ?, root = ? WHERE origin = ? AND size = ? AND holder = ?",
        (size, root, origin, old_size, holder),
    )
    return changed == 1


def _lanes(reader: Reader, where: str, params: Params) -> list[Lane]:
    return [_lane(row) for row in reader.all(f"SELECT {_LANE} FROM lane WHERE {where} ORDER BY id", params)]


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
        signed_size=int(row[13]),
        state=str(row[14]),
        note=str(row[15]),
        opened_at=int(row[16]),
    )
