"""Epochs of our own lanes: the genesis of a new one, and how an old one ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from hashlib import sha256

import msgspec

from kouprey.agreements.model import Standing, State
from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import (
    EPOCH_MAX,
    GENESIS_MEDIA_TYPE,
    SALT_SIZE,
    EntryBody,
    EntryKind,
    EpochReason,
    Genesis,
    LaneClass,
    LaneEnd,
)
from kouprey.federation.wire import entry
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Party

COMPROMISED = "its key was revoked"
"""Why an epoch was ended, when somebody else may have its key."""

ROOM = 4096
"""Entries below EPOCH_MAX at which the next epoch is opened."""


def genesis_of(lane: rows.Lane) -> Genesis:
    """The genesis document of a lane we hold, read."""
    return msgspec.json.decode(lane.genesis, type=Genesis)


def reason_to_leave(lane: rows.Lane | rows.Tip, standing: Standing) -> EpochReason | None:
    """Why the next entry may not go into this lane, or None when it may."""
    if lane.version_sha256 != standing.note_sha256.hex():
        return EpochReason.MEMBERSHIP
    if lane.size + ROOM >= EPOCH_MAX:
        return EpochReason.ROLL
    return EpochReason.RESTORE if lane.state != rows.OPEN else None


def close_epoch(tx: Tx, lane: rows.Lane, why: str, now: Instant) -> None:
    """End an epoch where it was last signed; what was never signed waits again for the next one."""
    unsigned = rows.list_entries(tx, lane.id, lane.signed_size, lane.size)
    _queue_again(tx, lane, unsigned)
    rows.delete_from(tx, lane.id, lane.signed_size)
    rows.set_tail(tx, lane.id, lane.signed_size, 0)
    rows.set_state(tx, lane.id, rows.CLOSED, why)
    detail = {"why": why, "size": lane.signed_size, "queued_again": len(unsigned)}
    audit.append(tx, at=now, actor="node", action="lane.close", subject=lane.origin, detail=detail)


def publish_anew(tx: Tx, lane: rows.Lane, first: int, why: str, now: Instant) -> int:
    """Take what was signed from `first` on out of an epoch that its readers hold in another history, and queue it.

    The epoch ends; the headers and what was signed stay, the bodies go with what waits. How many entries wait again.
    """
    if lane.state == rows.OPEN:
        close_epoch(tx, lane, why, now)
    parted = rows.list_entries(tx, lane.id, max(first, 1), lane.signed_size)
    queued = _queue_again(tx, lane, parted)
    if queued:
        rows.take_away(tx, lane.id, max(first, 1), lane.signed_size)
        detail = {"from": first, "queued_again": queued}
        audit.append(tx, at=now, actor="node", action="lane.publish-anew", subject=lane.origin, detail=detail)
    return queued


def _queue_again(tx: Tx, lane: rows.Lane, entries: Sequence[rows.StoredEntry]) -> int:
    waiting = [
        rows.Outgoing(
            held.publication,
            lane.agreement,
            lane.lane_class,
            kind,
            _again(lane, held, kind),
            held.at,
            lane.aim,
        )
        for held in entries
        for kind in (entry.read_header(held.header).kind,)
        # What was erased meanwhile has no body to wait with.
        if held.publication and held.state == rows.HELD
    ]
    rows.queue_outgoing(tx, waiting)
    return len(waiting)


def _compromised(before: rows.Lane | None) -> EpochReason | None:
    return EpochReason.COMPROMISE if before is not None and before.note == COMPROMISED else None


def _again(lane: rows.Lane, held: rows.StoredEntry, kind: EntryKind) -> bytes:
    """The body that waits for the next epoch; one that asks to erase goes on meaning the lane it was written for."""
    targets = entry.read_targets(held.body, held.index, lane.origin) if kind is EntryKind.ERASE else ()
    return entry.render_erase(lane.origin, *targets[0]) if len(targets) == 1 else held.body


def open_epoch(
    tx: Tx,
    home: Party,
    standing: Standing,
    lane_class: LaneClass,
    before: rows.Lane | None,
    now: Instant,
    aim: str = "",
) -> rows.Lane:
    """Store a new lane of ours with its genesis, unsigned; `before` is the epoch it follows, closed.

    `aim`: the parties it is for, "" for all; who is no party any more is left out.
    """
    previous = None if before is None else _end_of(tx, before)
    reason = None if before is None or previous is None else reason_to_leave(before, standing)
    genesis = Genesis(
        agreement=standing.agreement,
        version=standing.version,
        version_sha256=standing.note_sha256.hex(),
        author=home.id,
        audience=audience_of(standing, aim),
        lane_class=lane_class,
        purpose_set=tuple(sorted(standing.terms.purposes)),
        epoch=random_bytes(16).hex(),
        prev=previous,
        reason=_compromised(before) or reason or EpochReason.FIRST,
        root_key_statement=sha256(split_note(home.note)[0]).hexdigest(),
    )
    document = entry.render_genesis(genesis)
    body = entry.render_body(EntryBody(media_type=GENESIS_MEDIA_TYPE, label=None, content=document))
    salt = random_bytes(SALT_SIZE)
    header = entry.new_header(
        kind=EntryKind.GENESIS, index=0, version=standing.version, at_ms=now // 1000, salt=salt, body=body
    ).to_bytes()
    row = new_row(genesis, document, mine=True, now=now)
    lane = replace(row, size=1, tail=rows.sum_tail([header]), aim=aim)
    lane_id = rows.insert_lane(tx, lane)
    rows.insert_entries(tx, lane_id, [rows.StoredEntry(0, header, salt, body, rows.HELD, 0, now)])
    rows.keep_card(tx, genesis.root_key_statement, home.id, home.note)
    detail = {"agreement": standing.agreement, "reason": str(genesis.reason), "class": str(lane_class)}
    audit.append(tx, at=now, actor="node", action="lane.open", subject=lane.origin, detail=detail)
    return replace(lane, id=lane_id)


def may_append(standing: Standing, now: Instant) -> bool:
    """While we or all the others have suspended it, bodies wait in the queue."""
    state = standing.state(now)
    if state is State.SUSPENDED:
        others = [party for party in standing.parties if party != standing.home]
        return standing.home not in standing.suspended_by and not all(map(standing.suspended_between, others))
    return state is State.IN_FORCE


def audience_of(standing: Standing, aim: str) -> tuple[str, ...]:
    """Whom a lane of ours is for under the version that counts now."""
    wanted = set(aim.split()) or set(standing.parties)
    return tuple(sorted(wanted & set(standing.parties)))


def aim_of(standing: Standing, parties: Collection[str]) -> str:
    """How a choice of parties is written; "" when it is all of them, or none was chosen."""
    chosen = {standing.home, *parties} & set(standing.parties)
    return "" if not parties or chosen == set(standing.parties) else " ".join(sorted(chosen))


def new_row(genesis: Genesis, document: bytes, *, mine: bool, now: Instant) -> rows.Lane:
    """The row of a lane that begins with this genesis, still without entries."""
    origin = rules.lane_origin(document)
    return rows.Lane(
        id=0,
        origin=origin,
        tag=rules.lane_tag(origin),
        agreement=genesis.agreement,
        agreement_version=genesis.version,
        version_sha256=genesis.version_sha256,
        author=genesis.author,
        audience=genesis.audience,
        lane_class=genesis.lane_class,
        genesis=document,
        mine=mine,
        size=0,
        frontier=b"",
        tail=0,
        signed_size=0,
        state=rows.OPEN,
        note="",
        opened_at=now,
    )


def _end_of(tx: Tx, lane: rows.Lane) -> LaneEnd | None:
    """The last provable state of an epoch; of one that was never signed, that of the epoch before it."""
    if not lane.signed_size:
        return genesis_of(lane).prev
    last = rows.find_checkpoint(tx, lane.id, lane.signed_size)
    return None if last is None else LaneEnd(lane.origin, last.size, last.root.hex())
