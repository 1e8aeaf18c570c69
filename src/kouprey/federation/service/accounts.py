"""Accounts: entries and receipts one after the other, for those above who sum up what an agreement came to."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from kouprey.federation import store as rows
from kouprey.federation.model import EntryKind, IndexRange, Receipt
from kouprey.federation.wire import entry
from kouprey.kernel.storage.engine import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant


class AccountLane(NamedTuple):
    """A lane under an agreement: whose it is, for whom, and how many of its entries are provable."""

    id: int
    agreement: str
    author: str
    audience: tuple[str, ...]
    mine: bool
    size: int


class AccountEntry(NamedTuple):
    """Entry `number` of a lane. `sealed_at`: its author's time, never later than it came; `label`: None if no body."""

    number: int
    kind: EntryKind
    sealed_at: Instant
    media_type: str
    label: Label | None
    content: bytes


class AccountReceipt(NamedTuple):
    """That `party` holds entries up to `size`, since `said_at` by its own clock and never later than we learnt it."""

    party: str
    size: int
    said_at: Instant


class AccountDay(NamedTuple):
    """A day of our link to a party: the microseconds in which it was reached, and was not."""

    party: str
    at: Instant
    up: int
    down: int


def list_account_days(reader: Reader, since: Instant) -> list[AccountDay]:
    """Every day of every link of which something is known, from `since` on."""
    return [
        AccountDay(party, span.at, span.up, span.down)
        for party, span in rows.list_history(reader, rows.DAY_GRAIN, since)
        if span.up or span.down
    ]


def list_account_lanes(reader: Reader, agreement: str = "") -> list[AccountLane]:
    """Every lane here, ours and those that came, in the order in which they were opened."""
    return [
        AccountLane(lane.id, lane.agreement, lane.author, lane.audience, lane.mine, lane.signed_size)
        for lane in rows.list_lanes(reader, agreement=agreement)
    ]


def find_account_lane(reader: Reader, origin: str) -> int:
    """Our number of a lane, 0 when it is not known here."""
    lane = rows.find_lane(reader, origin=origin)
    return 0 if lane is None else lane.id


def list_account_entries(reader: Reader, lane: AccountLane, start: int, end: int) -> list[AccountEntry]:
    """Entries [start, end) of what is provable; one that cannot be read has neither label nor content."""
    found = []
    for held in rows.list_entries(reader, lane.id, start, min(end, lane.size)):
        header = entry.read_header(held.header)
        media_type, label, content = "", None, b""
        if held.state == rows.HELD and not header.sealed:
            try:
                read = entry.read_body(held.body, header.kind, owner=lane.author, agreement=lane.agreement)
                media_type, label, content = read.media_type, read.label, read.content
            except KoupreyError:
                pass
        found.append(
            AccountEntry(held.index, header.kind, min(header.at_ms * 1000, held.at), media_type, label, content)
        )
    return found


def list_account_receipts(reader: Reader, lane_id: int) -> list[AccountReceipt]:
    """Every receipt of a lane that is known here, by party and size."""
    return [
        AccountReceipt(party, size, min(said, at)) for party, size, said, at in rows.list_receipt_times(reader, lane_id)
    ]


def list_missing(reader: Reader, lane_id: int) -> dict[str, tuple[int, tuple[IndexRange, ...]]]:
    """Party -> the size of its newest receipt, and the entries whose bodies it says not to hold."""
    return {
        held.party: (held.size, msgspec.json.decode(held.receipt, type=Receipt).without)
        for held in rows.list_receipts(reader, lane_id)
    }
