"""Epochs of our own lanes: the genesis of a new one, and how an old one ends."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import msgspec

from kouprey.agreements.model import Standing
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
    rows.queue_outgoing(
        tx,
        (
            rows.Outgoing(
                held.publication,
                lane.agreement,
                lane.lane_class,
                entry.read_header(held.header).kind,
                held.body,
                held.at,
            )
            for held in unsigned
            if held.publication
        ),
    )
    rows.delete_from(tx, lane.id, lane.signed_size)
    rows.set_tail(tx, lane.id, lane.signed_size, 0)
    rows.set_state(tx, lane.id, rows.CLOSED, why)
    detail = {"why": why, "size": lane.signed_size, "queued_again": len(unsigned)}
    audit.append(tx, at=now, actor="node", action="lane.close", subject=lane.origin, detail=detail)


def open_epoch(
    tx: Tx, home: Party, standing: Standing, lane_class: LaneClass, before: rows.Lane | None, now: Instant
) -> rows.Lane:
    """Store a new lane of ours with its genesis, unsigned; `before` is the epoch it follows, closed."""
    previous = None if before is None else _end_of(tx, before)
    reason = None if before is None or previous is None else reason_to_leave(before, standing)
    genesis = Genesis(
        agreement=standing.agreement,
        version=standing.version,
        version_sha256=standing.note_sha256.hex(),
        author=home.id,
        audience=tuple(sorted(standing.parties)),
        lane_class=lane_class,
        purpose_set=tuple(sorted(standing.terms.purposes)),
        epoch=random_bytes(16).hex(),
        prev=previous,
        reason=reason or EpochReason.FIRST,
        root_key_statement=sha256(split_note(home.note)[0]).hexdigest(),
    )
    document = entry.render_genesis(genesis)
    body = entry.render_body(EntryBody(media_type=GENESIS_MEDIA_TYPE, label=None, content=document))
    salt = random_bytes(SALT_SIZE)
    header = entry.new_header(
        kind=EntryKind.GENESIS, index=0, version=standing.version, at_ms=now // 1000, salt=salt, body=body
    ).to_bytes()
    lane = replace(new_row(genesis, document, mine=True, now=now), size=1, tail=rows.sum_tail([header]))
    lane_id = rows.insert_lane(tx, lane)
    rows.insert_entries(tx, lane_id, [rows.StoredEntry(0, header, salt, body, rows.HELD, 0, now)])
    rows.keep_card(tx, genesis.root_key_statement, home.id, home.note)
    detail = {"agreement": standing.agreement, "reason": str(genesis.reason), "class": str(lane_class)}
    audit.append(tx, at=now, actor="node", action="lane.open", subject=lane.origin, detail=detail)
    return replace(lane, id=lane_id)


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
