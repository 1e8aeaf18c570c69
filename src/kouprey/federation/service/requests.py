"""What authors ask to be erased: read from their entries, carried out, and confirmed by a signed word of ours."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from kouprey.federation import store as rows
from kouprey.federation.model import (
    LABELLED,
    BodyFrame,
    BodyState,
    EntryHeader,
    EntryKind,
    ErasureReceipt,
    IndexRange,
    ReasonCode,
)
from kouprey.federation.rules import ranges_of
from kouprey.federation.wire import entry
from kouprey.federation.wire.erasing import (
    RANGES_MAX,
    open_erasure_receipt,
    read_erasure_receipt,
    render_erasure_receipt,
)
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.errors import KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import Clock, Instant, format_second, wall_clock
from kouprey.people.service import People

_log = logging.getLogger(__name__)

AT_ONCE = 500
"""Entries carried out in one step, and requests looked at in one turn."""

NOT_APPLIED = "kind-not-applied"

Eraser = Callable[[str, str, Sequence[int]], Collection[int]]
"""(origin, author, indices): removes all that was made of these entries alone; gives those that must be kept."""


def note_requests(
    tx: Tx, lane: rows.Lane, came: Iterable[tuple[EntryHeader, BodyFrame]], now: Instant
) -> dict[int, KoupreyError]:
    """Write down what the erase entries among these ask; index -> why one asks what is not its author's to ask."""
    wrong: dict[int, KoupreyError] = {}
    for header, frame in came:
        if header.kind is not EntryKind.ERASE or frame.state is not BodyState.PRESENT:
            continue
        try:
            origin, targets = entry.read_erase(frame.body, header.index, lane.origin)
            meant = lane if origin == lane.origin else rows.find_lane(tx, origin=origin)
            if meant is not None and (meant.mine or _whose(meant) != _whose(lane)):
                raise Refused(
                    "An entry asks to erase what is not its author's.",
                    f"It means a lane of {meant.author}." if meant.author != lane.author else "",
                    "Nothing was erased. Ask its author what was meant.",
                    code="foreign-erasure",
                )
        except KoupreyError as error:
            wrong[header.index] = error
        else:
            rows.insert_requests(
                tx,
                (
                    rows.EraseRequest(lane.origin, header.index, first, beyond, origin, lane.author, now, 0)
                    for first, beyond in targets
                ),
            )
    return wrong


def called_erased(tx: Tx, lane: rows.Lane, headers: Sequence[EntryHeader]) -> set[int]:
    """Which of these entries their author has called erased, by an entry of his that is held here."""
    if not headers:
        return set()
    start, end = headers[0].index, headers[-1].index + 1
    asked = [each for each in rows.list_requests(tx, lane.origin, start, end) if each.author == lane.author]
    return {
        header.index
        for header in headers
        if header.kind in LABELLED and any(each.first <= header.index < each.beyond for each in asked)
    }


def _whose(lane: rows.Lane) -> tuple[str, str]:
    return lane.author, lane.agreement


class Requests:
    """Carries out what partners asked to be erased, and keeps what partners say they have erased for us."""

    def __init__(
        self,
        store: Store,
        people: People,
        keyring: Keyring,
        erasers: Sequence[Eraser],
        confirm: Callable[[Tx, int], None],
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._keyring = keyring
        self._erasers = erasers
        self._confirm = confirm
        self._clock = clock

    def carry_out(self) -> int:
        """Do what was asked and is not done; how many bodies were removed. What is under a hold is asked again later.

        Harmless to repeat, and safe to be killed in: a request stays open until all of it is done.
        """
        self._take_up()
        with self._store.read() as reader:
            waiting = rows.list_open_requests(reader, AT_ONCE)
        count = 0
        for origin, group in groupby(sorted(waiting, key=lambda each: each.origin), key=lambda each: each.origin):
            with self._store.read() as reader:
                lane = rows.find_lane(reader, origin=origin)
            # Of a lane that is not held yet nothing can be erased; its entries are barred when they come.
            if lane is None or lane.mine:
                continue
            for request in group:
                if request.author == lane.author:
                    count += self._carry_out(lane, request)
            self._say(lane)
        return count

    def _carry_out(self, lane: rows.Lane, request: rows.EraseRequest) -> int:
        count, start, kept_any = 0, request.first, False
        while True:
            with self._store.read() as reader:
                found = rows.list_unerased(reader, lane.id, start, request.beyond, AT_ONCE)
            if not found:
                break
            start = found[-1][0] + 1
            meant = [index for index, header, _ in found if entry.read_header(header).kind in LABELLED]
            kept: set[int] = set()
            for eraser in self._erasers:
                kept.update(eraser(lane.origin, lane.author, meant))
            kept_any = kept_any or bool(kept)
            held = {index for index, _, state in found if state == rows.HELD}
            count += len(held.intersection(meant) - kept)
            self._store.write(lambda tx, meant=meant, kept=kept: self._remove(tx, lane, meant, kept))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        if not kept_any:
            self._store.write(lambda tx: rows.finish_request(tx, request, self._clock()))
        return count

    def _remove(self, tx: Tx, lane: rows.Lane, meant: Sequence[int], kept: Collection[int]) -> None:
        now = self._clock()
        news = [index for index in meant if index in kept and rows.keep_entry(tx, lane.id, index, now)]
        gone = [index for index in meant if index not in kept]
        for index in gone:
            rows.erase_entry(tx, lane.id, index)
            rows.release_entry(tx, lane.id, index)
            rows.resolve_quarantined(tx, lane.id, index, now)
        if gone or news:
            self._confirm(tx, lane.id)
            detail = {"from": meant[0], "to": meant[-1] + 1, "erased": len(gone), "kept": len(kept)}
            audit.append(tx, at=now, actor=lane.author, action="lane.erase", subject=lane.origin, detail=detail)

    def _say(self, lane: rows.Lane) -> None:
        """Sign what we have erased of a lane, when that has changed."""
        home, now = self._people.home_id, self._clock()

        def work(tx: Tx) -> None:
            asked = [each for each in rows.list_requests(tx, lane.origin) if each.author == lane.author]
            erased = {index for each in asked for index in rows.list_erased(tx, lane.id, each.first, each.beyond)}
            held = next((each for each in rows.list_erasure_receipts(tx, lane.id) if each.party == home), None)
            said = ErasureReceipt(
                v=1,
                party=home,
                origin=lane.origin,
                serial=max(now, held.serial + 1 if held is not None else 0),
                at=format_second(now),
                # A note holds only so many; those of the latest entries are the ones somebody waits for.
                erased=ranges_of(sorted(erased))[-RANGES_MAX:],
                kept=ranges_of(rows.list_kept(tx, lane.id))[-RANGES_MAX:],
            )
            if held is not None:
                before = open_erasure_receipt(
                    held.note, [key.verify_key(f"{home}/node") for key in self._keyring.signers]
                )
                if (before.erased, before.kept) == (said.erased, said.kept):
                    return
            if said.erased or said.kept:
                note = render_erasure_receipt(said, self._keyring.speaker)
                rows.save_erasure_receipt(
                    tx, rows.StoredErasureReceipt(lane.id, home, said.serial, note, now, delivered=False)
                )

        self._store.write(work)

    def _take_up(self) -> None:
        """Entries that a version before this one could only put into quarantine are read now."""
        with self._store.read() as reader:
            waiting = rows.list_quarantined_as(reader, NOT_APPLIED)
        for lane_id, index in waiting:

            def work(tx: Tx, lane_id: int = lane_id, index: int = index) -> None:
                lane = rows.find_lane(tx, lane_id=lane_id)
                held = rows.list_entries(tx, lane_id, index, index + 1)
                if lane is None or not held or held[0].state != rows.HELD:
                    return
                header = entry.read_header(held[0].header)
                frame = BodyFrame(index, BodyState.PRESENT, held[0].salt, held[0].body)
                if header.kind is EntryKind.ERASE:
                    wrong = note_requests(tx, lane, [(header, frame)], self._clock())
                    rows.resolve_quarantined(tx, lane_id, index, self._clock())
                    for error in wrong.values():
                        _log.warning("Erase entry %d of lane %s was not carried out: %s", index, lane.tag, error)

            self._store.write(work)

    def take_receipt(self, note: bytes, party: str) -> bool:
        """Keep what a party says to have erased of a lane of ours; False when its newer word is held."""
        peer = self._people.get_party(party)
        receipt = open_erasure_receipt(note, [VerifyKey.parse(each) for each in peer.card.nodes])
        if receipt.party != party:
            raise Refused("An erasure receipt of somebody else was brought.", code=ReasonCode.BAD_RECEIPT)

        def work(tx: Tx) -> bool:
            lane = rows.find_lane(tx, origin=receipt.origin)
            if lane is None or not lane.mine or party not in lane.audience:
                raise Unknown("There is no such lane.", code=ReasonCode.UNKNOWN_LANE)
            now = self._clock()
            kept = rows.StoredErasureReceipt(lane.id, party, receipt.serial, note, now, delivered=True)
            if not rows.save_erasure_receipt(tx, kept):
                return False
            detail = {"erased": _count(receipt.erased), "kept": _count(receipt.kept)}
            audit.append(tx, at=now, actor=party, action="lane.erased", subject=lane.origin, detail=detail)
            return True

        return self._store.write(work)


class Asked(NamedTuple):
    """An entry whose author asked to erase it: where it stands, since when he asks, and what each reader has said.

    `erased` and `kept` are (party, its own time as it wrote it); of `outstanding` nothing was heard.
    """

    origin: str
    tag: str
    number: int
    author: str
    at: Instant
    erased: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]
    outstanding: tuple[str, ...]


def list_asked(reader: Reader, lane: rows.Lane, most: int) -> list[Asked]:
    """What the author of a lane asked to erase in it, the latest entries first; of others only we are known."""
    said = {each.party: read_erasure_receipt(each.note) for each in rows.list_erasure_receipts(reader, lane.id)}
    parties = [party for party in lane.audience if party != lane.author and (lane.mine or party in said)]
    found = []
    for index, at in sorted(_asked(reader, lane, most).items(), reverse=True)[:most]:
        done = {party: word for party, word in said.items() if _holds(word.erased, index)}
        kept = {party: word for party, word in said.items() if _holds(word.kept, index)}
        found.append(
            Asked(
                lane.origin,
                lane.tag,
                index,
                lane.author,
                at,
                tuple((party, word.at) for party, word in done.items()),
                tuple((party, word.at) for party, word in kept.items()),
                tuple(party for party in parties if party not in done and party not in kept),
            )
        )
    return found


def _asked(reader: Reader, lane: rows.Lane, most: int) -> dict[int, Instant]:
    """Entry -> since when its author asks, by his own clock."""
    found: dict[int, Instant] = {}
    for other in rows.list_lanes(reader, agreement=lane.agreement, author=lane.author):
        for index, body in reversed(rows.list_erase_entries(reader, other.id, other.signed_size)):
            header = rows.list_headers(reader, other.id, index, index + 1)[0]
            for first, beyond in entry.read_targets(body, index, other.origin, lane.origin):
                for each in range(first, min(beyond, first + most, lane.size)):
                    found[each] = entry.read_header(header).at_ms * 1000
            if len(found) > most:
                break
    return found


def _holds(ranges: Sequence[IndexRange], index: int) -> bool:
    return any(part.start <= index < part.end for part in ranges)


def _count(ranges: Iterable[IndexRange]) -> int:
    return sum(part.end - part.start for part in ranges)
