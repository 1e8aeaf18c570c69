"""The ledger: what was given to whom under which agreement, signed when, confirmed by whom, and what still waits."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from kouprey.federation import store as rows
from kouprey.federation.model import BodyFrame, BodyState, EntryHeader, Receipt
from kouprey.federation.service.lines import Lines
from kouprey.federation.service.requests import Asked, list_asked
from kouprey.federation.store.anchors import StoredAnchor, list_anchors
from kouprey.federation.wire import entry
from kouprey.federation.wire.ledger import LedgerLane, render_ledger
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.storage.engine import Reader
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import Instant, format_second

_READ_BYTES = 4 << 20
_READ_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A receipt: `party` holds `size` entries without the bodies of `without`; both clocks are shown, none decides."""

    party: str
    size: int
    without: int
    said_at: Instant
    at: Instant


@dataclass(frozen=True, slots=True)
class LaneView:
    """One lane for people: `size` entries are durable, `signed_size` provable since `signed_at`.

    `quarantined` entries of it were kept and not applied.
    """

    tag: str
    origin: str
    agreement: str
    title: str
    author: str
    audience: tuple[str, ...]
    lane_class: str
    mine: bool
    state: str
    note: str
    size: int
    signed_size: int
    signed_at: Instant
    opened_at: Instant
    quarantined: int
    confirmations: tuple[Confirmation, ...]
    anchors: tuple[StoredAnchor, ...] = ()
    """What other readers have fixed of it in lanes of their own, and whether it is what is held here."""
    disowned: tuple[rows.Disowned, ...] = ()
    """What was confirmed by a key that its party has revoked, beyond its cut: it counts nowhere."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a party does not have yet: bodies not appended, entries not signed, entries not confirmed, papers."""

    party: str
    queued: int = 0
    unsigned: int = 0
    unconfirmed: int = 0
    papers: int = 0

    @property
    def total(self) -> int:
        """Publications the party has not confirmed."""
        return self.queued + self.unsigned + self.unconfirmed


@dataclass(frozen=True, slots=True)
class Place:
    """Where a publication stands: its entry, since when it is signed (0 = not yet), and who has confirmed it."""

    publication: int
    origin: str
    index: int
    agreement: str
    audience: tuple[str, ...]
    leaf: bytes
    at: Instant
    signed_at: Instant
    confirmed: tuple[tuple[str, Instant, Instant], ...]


@dataclass(frozen=True, slots=True)
class HeldBack:
    """An entry of `author` that is kept and was not applied, with the reason; `tag` and `index` find it."""

    lane_id: int
    tag: str
    author: str
    agreement: str
    title: str
    index: int
    code: str
    why: str
    at: Instant


class Ledger(Lines):
    """Reads lanes, receipts and queues, and writes the export that anybody can verify."""

    def list_lanes(self, *, party: str = "", agreement: str = "") -> list[LaneView]:
        """Lanes to and from `party` ("" = everybody), oldest first."""
        with self._store.read() as reader:
            titles = {key: held.title for key, held in self._agreements.standings(reader).items()}
            return [
                self._view(reader, lane, titles)
                for lane in rows.list_lanes(reader, agreement=agreement)
                if not party or lane.author == party or (lane.mine and party in lane.audience)
            ]

    def _view(self, reader: Reader, lane: rows.Lane, titles: dict[str, str]) -> LaneView:
        signed = rows.find_checkpoint(reader, lane.id, lane.signed_size)
        confirmations = []
        for held in rows.list_receipts(reader, lane.id):
            parts = msgspec.json.decode(held.receipt, type=Receipt).without
            without = sum(part.end - part.start for part in parts)
            confirmations.append(Confirmation(held.party, held.size, without, held.said_at, held.at))
        return LaneView(
            tag=lane.tag,
            origin=lane.origin,
            agreement=lane.agreement,
            title=titles.get(lane.agreement, ""),
            author=lane.author,
            audience=lane.audience,
            lane_class=str(lane.lane_class),
            mine=lane.mine,
            state=lane.state,
            note=lane.note,
            size=lane.size,
            signed_size=lane.signed_size,
            signed_at=0 if signed is None else signed.at,
            opened_at=lane.opened_at,
            quarantined=rows.count_quarantined(reader, lane.id),
            confirmations=tuple(confirmations),
            anchors=() if lane.mine else tuple(list_anchors(reader, lane.id)),
            disowned=tuple(rows.list_disowned(reader, lane.id)) if lane.mine else (),
        )

    def list_waiting(self) -> list[Waiting]:
        """What waits for each party we have an agreement with, by party."""
        home = self._people.home_id
        with self._store.read() as reader:
            queued = rows.count_outgoing(reader)
            papers = rows.count_papers(reader)
            found = {party: Waiting(party, papers=count) for party, count in papers.items()}
            for standing in self._agreements.standings(reader).values():
                lanes = rows.list_lanes(reader, mine=True, agreement=standing.agreement)
                for party in standing.parties:
                    if party == home:
                        continue
                    held = found.get(party, Waiting(party))
                    unsigned = unconfirmed = 0
                    for lane in lanes:
                        if party in lane.audience:
                            receipts = rows.list_receipts(reader, lane.id)
                            confirmed = next((each.size for each in receipts if each.party == party), 0)
                            tail = rows.count_published(reader, lane.id, max(lane.signed_size, confirmed))
                            unsigned += tail
                            unconfirmed += rows.count_published(reader, lane.id, confirmed) - tail
                    found[party] = Waiting(
                        party,
                        queued=held.queued + queued.get(standing.agreement, 0),
                        unsigned=held.unsigned + unsigned,
                        unconfirmed=held.unconfirmed + unconfirmed,
                        papers=held.papers,
                    )
        return [found[party] for party in sorted(found)]

    def list_asked(self, *, party: str = "", tag: str = "", most: int = 100) -> list[Asked]:
        """What was asked to be erased in lanes to and from `party`, or in the lane `tag`, and who has done it."""
        with self._store.read() as reader:
            return [
                asked
                for lane in rows.list_lanes(reader)
                if tag in ("", lane.tag) and (not party or lane.author == party or party in lane.audience)
                for asked in list_asked(reader, lane, most)
            ][:most]

    def waiting(self, party: str = "") -> int:
        """Publications not confirmed yet by a party, or, without one, by all parties together."""
        return sum(each.total for each in self.list_waiting() if not party or each.party == party)

    def heads(self, agreement: str) -> dict[str, tuple[int, str]]:
        """Origin -> (size, root in hex) of every signed lane of an agreement: equal where nothing is under way."""
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, agreement=agreement) if lane.signed_size]
            signed = {lane.origin: rows.find_checkpoint(reader, lane.id, lane.signed_size) for lane in lanes}
        return {origin: (kept.size, kept.root.hex()) for origin, kept in signed.items() if kept is not None}

    def find_places(self, publications: Sequence[int]) -> dict[int, Place]:
        """Publication number -> where it stands; those that still wait in the queue are missing."""
        places: dict[int, Place] = {}
        with self._store.read() as reader:
            lanes: dict[int, rows.Lane | None] = {}
            for publication, (lane_id, index) in rows.list_places(reader, publications).items():
                if lane_id not in lanes:
                    lanes[lane_id] = rows.find_lane(reader, lane_id=lane_id)
                lane = lanes[lane_id]
                held = rows.list_entries(reader, lane_id, index, index + 1)
                if lane is None or not held:
                    continue
                signed = rows.find_checkpoint_within(reader, lane_id, index, index)
                places[publication] = Place(
                    publication=publication,
                    origin=lane.origin,
                    index=index,
                    agreement=lane.agreement,
                    audience=lane.audience,
                    leaf=sha256(b"\0" + held[0].header).digest(),
                    at=held[0].at,
                    signed_at=0 if signed is None else signed.at,
                    confirmed=tuple(rows.list_confirmations(reader, lane_id, index)),
                )
        return places

    def list_quarantined(self, limit: int = 200) -> list[HeldBack]:
        """Entries that were kept and not applied, newest first."""
        found: list[HeldBack] = []
        with self._store.read() as reader:
            titles = {key: held.title for key, held in self._agreements.standings(reader).items()}
            for held in rows.list_quarantined(reader, limit):
                lane = rows.find_lane(reader, lane_id=held.lane_id)
                if lane is not None:
                    title = titles.get(lane.agreement, "")
                    where = (lane.id, lane.tag, lane.author, lane.agreement, title)
                    found.append(HeldBack(*where, held.index, held.code, held.why, held.at))
        return found

    def export(self, agreement: str) -> Iterator[bytes]:
        """The ledger of an agreement as lines of docs/spec/ledger.md: everything that is signed, ours and theirs."""
        versions = [version for version in self._agreements.list_versions(agreement) if not version.missing]
        parties = {party for version in versions for party in version.party_ids}
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, agreement=agreement) if lane.signed_size]
        return render_ledger(
            party=self._people.home_id,
            made_at=format_second(self._clock()),
            roots=[note for party in sorted(parties) for note in self._people.list_root_notes(party)],
            cards=self._cards(parties),
            agreements=[(version.note, version.document_bytes) for version in versions],
            lanes=map(self._lane, lanes),
        )

    def _cards(self, parties: Collection[str]) -> list[bytes]:
        """Every card of these parties that we kept, the present one last."""
        with self._store.read() as reader:
            kept = {statement: note for statement, party, note in rows.list_cards(reader) if party in parties}
        for party in sorted(parties):
            found = self._people.find_party(party)
            if found is not None:
                kept[sha256(split_note(found.note)[0]).hexdigest()] = found.note
        return list(kept.values())

    def _lane(self, lane: rows.Lane) -> LedgerLane:
        with self._store.read() as reader:
            signed = rows.find_checkpoint(reader, lane.id, lane.signed_size)
            receipts = [held for held in rows.list_receipts(reader, lane.id) if held.size <= lane.signed_size]
        if signed is None:
            raise Unknown("A checkpoint of the lane is missing.", code="damaged-lane")
        return LedgerLane(
            origin=lane.origin,
            checkpoint=signed.note,
            size=signed.size,
            entries=self._entries(lane),
            receipts=tuple((held.party, msgspec.json.decode(held.receipt, type=Receipt)) for held in receipts),
        )

    def _entries(self, lane: rows.Lane) -> Iterator[tuple[EntryHeader, BodyFrame]]:
        start, called = 0, self._called_erased(lane)
        while start < lane.signed_size:
            with self._store.read() as reader:
                most = min(start + _READ_ENTRIES, lane.signed_size)
                upto = rows.end_within(reader, lane.id, start, most, _READ_BYTES)
                held = rows.list_entries(reader, lane.id, start, upto)
            for each in held:
                state = BodyState(each.state)
                if state is BodyState.ERASED and each.index not in called:
                    state = BodyState.WITHHELD
                yield entry.read_header(each.header), BodyFrame(each.index, state, each.salt, each.body)
            start = upto

    def _called_erased(self, lane: rows.Lane) -> set[int]:
        """Entries whose author has called them erased; whatever else is missing is withheld (docs/spec/ledger.md)."""
        with self._store.read() as reader:
            absent = rows.list_absent(reader, lane.id, lane.signed_size, (rows.ERASED,))
            said = (
                (other.origin, index, body)
                for other in (rows.list_lanes(reader, agreement=lane.agreement, author=lane.author) if absent else ())
                for index, body in rows.list_erase_entries(reader, other.id, other.signed_size)
            )
            targets = [
                target
                for origin, index, body in said
                for target in entry.read_targets(body, index, origin, lane.origin)
            ]
        return {index for index in absent if any(start <= index < end for start, end in targets)}
