"""Summing up: entries and receipts become sums by quarter, each under the label that decides who is told of it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from functools import partial
from hashlib import sha256

from kouprey.agreements.service import Agreements
from kouprey.federation.model import EntryKind
from kouprey.federation.service.accounts import (
    AccountEntry,
    AccountLane,
    find_account_lane,
    list_account_entries,
    list_account_lanes,
    list_account_receipts,
)
from kouprey.kernel.storage import labels, meta
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Clock, wall_clock
from kouprey.performance import store as rows
from kouprey.performance.model import Said
from kouprey.performance.rules import CONTEXT, INDICATOR, MORE, bucket, quarter_of
from kouprey.performance.store import Given, TallyKey
from kouprey.performance.wire import STIX, read_said, read_targets

STEP = 300
"""Entries of one transaction: well below 200 ms of the writer."""
_KEY = "performance.key"


class Summing:
    """Goes on with what is not summed up yet; each step is one transaction, so nothing is counted twice."""

    def __init__(self, store: Store, agreements: Agreements, clock: Clock = wall_clock) -> None:
        self._store = store
        self._agreements = agreements
        self._clock = clock

    def sum_up(self, steps: int = 20) -> int:
        """Sum up what came and what was acknowledged since; at most so many steps, how many were taken."""
        for taken in range(steps):
            # Read before: a transaction reads nothing but itself.
            begun = self._begun() if self._pending() else None
            if begun is None or not self._store.write(partial(self._step, begun=begun)):
                return taken
        return steps

    def _begun(self) -> dict[str, int]:
        """Agreement -> the second from which it was first in force."""
        begun: dict[str, int] = {}
        for version in self._agreements.list_versions():
            if not version.missing:
                second = version.in_force_from // SECOND
                begun[version.agreement] = min(second, begun.get(version.agreement, second))
        return begun

    def behind(self, agreement: str = "") -> int:
        """How many provable entries are not summed up yet."""
        with self._store.read() as reader:
            done = rows.lanes_done(reader)
            return sum(max(0, lane.size - done.get(lane.id, 0)) for lane in list_account_lanes(reader, agreement))

    def _pending(self) -> bool:
        with self._store.read() as reader:
            return _next_entries(reader) is not None or _next_receipt(reader) is not None

    def _step(self, tx: Tx, begun: Mapping[str, int]) -> bool:
        if (entries := _next_entries(tx)) is not None:
            lane, start = entries
            held = list_account_entries(tx, lane, start, start + STEP)
            _Step(tx, self._agreements, lane, _key(tx), begun.get(lane.agreement, 0)).count(held)
            rows.set_lane_done(tx, lane.id, start + len(held))
            return bool(held)
        if (receipt := _next_receipt(tx)) is not None:
            lane, party, start, size, said_at = receipt
            held = list_account_entries(tx, lane, start, min(start + STEP, size))
            _Step(tx, self._agreements, lane, b"", 0).acknowledge(held, party, said_at)
            rows.set_receipt_done(tx, lane.id, party, start + len(held))
            return bool(held)
        return False


class _Step:
    """One transaction's worth of a lane."""

    def __init__(self, tx: Tx, agreements: Agreements, lane: AccountLane, key: bytes, since: int) -> None:
        self._tx = tx
        self._agreements = agreements
        self._lane = lane
        self._key = key
        self._sums: Counter[TallyKey] = Counter()
        self._sets: dict[Label, int] = {}
        self._since = since
        self._given: dict[int, Given] = {}
        self._learnt: set[int] = set()
        self._related: set[int] = set()
        self._relating: set[int] = set()

    def count(self, entries: list[AccountEntry]) -> None:
        """What was given, held for wrong, and asked to be erased."""
        read: list[tuple[AccountEntry, int, Said]] = []
        for entry in entries:
            if entry.kind is EntryKind.ERASE:
                self._recall(entry)
            elif entry.media_type == STIX and (label := _counted(entry)) is not None:
                said = read_said(entry.content)
                if said is not None:
                    read.append((entry, self._set_of(label), said))
        keys = {
            self._hash(each, str(label_set), self._lane.author)
            for _, label_set, said in read
            for each in (said.stix_id, *said.relates)
        }
        self._given = {given.key: given for given in rows.list_given(self._tx, keys)}
        self._related = rows.list_related(self._tx, keys)
        for each in read:
            self._count(*each)
        rows.save_given(self._tx, [self._given[key] for key in sorted(self._learnt)])
        rows.insert_related(self._tx, sorted(self._relating))
        rows.add_up(self._tx, self._sums)

    def _recall(self, entry: AccountEntry) -> None:
        origin, targets = read_targets(entry.content)
        lane_id = find_account_lane(self._tx, origin) if origin else self._lane.id
        if not lane_id:
            return
        for first, beyond in targets:
            # Of a lane that has ended, whatever receipt comes afterwards may answer it.
            number = entry.number if lane_id == self._lane.id else first
            rows.insert_recall(self._tx, lane_id, number, first, beyond)

    def acknowledge(self, entries: list[AccountEntry], party: str, said_at: int) -> None:
        """How long it took a party to confirm these; both times in whole seconds, as receipts have them."""
        for entry in entries:
            if entry.media_type == STIX and (label := _counted(entry)) is not None:
                seconds = max(0, said_at // SECOND - entry.sealed_at // SECOND)
                self._add(entry, "acknowledge", self._set_of(label), party, bucket(seconds))
        rows.add_up(self._tx, self._sums)

    def _count(self, entry: AccountEntry, label_set: int, said: Said) -> None:
        sealed = entry.sealed_at // SECOND
        if said.modified >= self._since and said.modified:
            self._add(entry, "publish", label_set, "", bucket(max(0, sealed - said.modified)))
        for each in said.doubts:
            rows.insert_mark(self._tx, self._lane.agreement, self._hash(each), self._lane.author, label_set)
        for each in said.relates:
            self._relate(each, label_set)
        key = self._hash(said.stix_id, str(label_set), self._lane.author)
        held = self._given.get(key)
        if held is None:
            thing = self._hash(said.stix_id)
            held = Given(key, thing, self._lane.agreement, self._lane.author, quarter_of(sealed), label_set, 0)
            self._given[key] = held
            self._learnt.add(key)
            self._sums[_cell(held, "objects")] += 1
        related = said.flags & INDICATOR and key in self._related
        self._learn(held, said.flags | (MORE if related else 0))

    def _relate(self, stix_id: str, label_set: int) -> None:
        key = self._hash(stix_id, str(label_set), self._lane.author)
        if key not in self._related:
            self._related.add(key)
            self._relating.add(key)
        held = self._given.get(key)
        if held is not None and held.flags & INDICATOR:
            self._learn(held, MORE)

    def _learn(self, held: Given, flags: int) -> None:
        known = held.flags | flags
        if known == held.flags:
            return
        self._given[held.key] = held._replace(flags=known)
        self._learnt.add(held.key)
        if known & INDICATOR and not held.flags & INDICATOR:
            self._sums[_cell(held, "indicators")] += 1
        if known == CONTEXT:
            self._sums[_cell(held, "context")] += 1

    def _add(self, entry: AccountEntry, what: str, label_set: int, party: str, seconds: int) -> None:
        quarter = quarter_of(entry.sealed_at // SECOND)
        lane = self._lane
        self._sums[TallyKey(lane.agreement, quarter, what, lane.author, party, label_set, seconds)] += 1

    def _set_of(self, label: Label) -> int:
        if label not in self._sets:
            self._sets[label] = self._agreements.label_set(self._tx, [labels.intern_label(self._tx, label)])
        return self._sets[label]

    def _hash(self, *parts: str) -> int:
        text = "\0".join((self._lane.agreement, *parts)).encode()
        return int.from_bytes(sha256(self._key + text).digest()[:8]) >> 1


def _counted(entry: AccountEntry) -> Label | None:
    """The label of what counts: content in earnest; an exercise never does."""
    return entry.label if entry.label is not None and not entry.label.exercise else None


def _cell(held: Given, what: str) -> TallyKey:
    return TallyKey(held.agreement, held.quarter, what, held.author, "", held.label_set_id, 0)


def _next_entries(reader: Reader) -> tuple[AccountLane, int] | None:
    done = rows.lanes_done(reader)
    for lane in list_account_lanes(reader):
        if done.get(lane.id, 0) < lane.size:
            return lane, done.get(lane.id, 0)
    return None


def _next_receipt(reader: Reader) -> tuple[AccountLane, str, int, int, int] | None:
    """(lane, party, from, to, when) of the first receipt that covers what is not summed up as acknowledged."""
    for lane in list_account_lanes(reader):
        done = rows.receipts_done(reader, lane.id)
        for receipt in list_account_receipts(reader, lane.id):
            size = min(receipt.size, lane.size)
            if done.get(receipt.party, 0) < size and receipt.party != lane.author:
                return lane, receipt.party, done.get(receipt.party, 0), size, receipt.said_at
    return None


def _key(tx: Tx) -> bytes:
    """The key of the hashes; it never leaves this database."""
    held = meta.get(tx, _KEY)
    if held is None:
        held = secrets.token_bytes(32)
        meta.put(tx, _KEY, held)
    return held
