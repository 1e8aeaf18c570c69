"""Parcels: make one for a party, read one that came, and say in a hundred letters what is missing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import (
    BlobChunk,
    BodyFrame,
    BodyState,
    LaneGroup,
    LanePart,
    Manifest,
    Paper,
    ReasonCode,
    Receipt,
)
from kouprey.federation.service.admit import Admission, Admitted, Offer
from kouprey.federation.service.ahead import Waiting, as_wanted, lacking
from kouprey.federation.service.filekeeping import FileKeeping
from kouprey.federation.service.frontiers import frontier_at
from kouprey.federation.service.packing import Choice, answer_slips, confirmed, note_picked, pick
from kouprey.federation.service.papers import Papers
from kouprey.federation.service.serve import Serving
from kouprey.federation.wire import entry, parcel
from kouprey.federation.wire.blob import BLOB_MEDIA_TYPE
from kouprey.federation.wire.slip import read_slips
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import VerifyKey, random_bytes
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.time import Clock, format_second, wall_clock
from kouprey.people.service import People

_log = logging.getLogger(__name__)

_BLOB = BLOB_MEDIA_TYPE.encode() + b"\n"


@dataclass
class Contents:
    """What a parcel brought, for the person who read it in.

    `entries` were taken in, those that had come early among them; `early` wait for what lies below them.
    """

    made_by: str
    made_at: str
    entries: int = 0
    early: int = 0
    quarantined: int = 0
    receipts: int = 0
    papers: int = 0
    wants: tuple[LanePart, ...] = ()
    problems: list[str] = field(default_factory=list)


class Parcels:
    """Makes and reads the files that go by stick, mail or relay."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        keyring: Keyring,
        serving: Serving,
        admission: Admission,
        papers: Papers,
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._keyring = keyring
        self._serving = serving
        self._admission = admission
        self._papers = papers
        self._clock = clock
        self._waiting = Waiting(store, admission, clock)
        self.files: FileKeeping | None = None
        self.taken: list[Callable[[], object]] = []

    def make(
        self,
        party: str,
        out: BinaryIO,
        *,
        by: str,
        since: Mapping[str, int] | None = None,
        slips: str = "",
        fresh: bool = False,
        most: int = 0,
    ) -> Manifest:
        """Write everything `party` has not confirmed: papers, our receipts, and entries of our lanes.

        `since` overrides, for a lane's origin, from which entry on; `slips` are what the party asks for, and then no
        other entry goes; `fresh` leaves out what earlier parcels carry; `most` bounds the bodies, about so many bytes.
        """
        peer = self._people.get_party(party)
        lanes = self._lanes(party)
        choice = Choice(since or {}, fresh=fresh, most=most)
        if slips.strip():
            choice = answer_slips(lanes, read_slips(slips), party)
        papers = self._papers.for_party(party)
        with self._store.read() as reader:
            receipts = self._receipts(reader, party)
            picked = list(pick(reader, lanes, party, choice))
            wants = tuple(part for lack in lacking(reader, party) for part in as_wanted(*lack))
        parcel_id = random_bytes(16).hex()
        now = self._clock()
        entries = sum(part.end - part.start for _, part in picked)

        def begin(tx: Tx) -> int:
            detail = {"parcel": parcel_id, "entries": entries, "receipts": len(receipts), "papers": len(papers)}
            audit.append(tx, at=now, actor=by, action="parcel.make", subject=party, detail=detail)
            return rows.next_parcel(tx, parcel_id, party, now)

        manifest = parcel.new_manifest(
            parcel=parcel_id,
            made_by=self._people.home_id,
            made_at=format_second(now),
            seq=self._store.write(begin),
            recipients=(party,),
            lanes=[part for _, part in picked],
            wants=wants,
            papers=papers,
            receipts=receipts,
        )
        groups = (self._group(lane, part, party) for lane, part in picked)
        parcel.write_parcel(
            out, manifest, self._keyring.speaker, [peer.card.age], papers=papers, receipts=receipts, groups=groups
        )
        # A stick that is full says so here, before anything counts as carried.
        out.flush()
        self._store.write(lambda tx: note_picked(tx, picked, party))
        return manifest

    def uncarried(self, party: str) -> int:
        """How many entries for a party are neither confirmed nor in a parcel that was made."""
        lanes = self._lanes(party)
        with self._store.read() as reader:
            carried = rows.list_carried(reader, party)
            reached = [max(confirmed(reader, lane.id, party), carried.get(lane.id, 0)) for lane in lanes]
        return sum(max(0, lane.signed_size - done) for lane, done in zip(lanes, reached, strict=True))

    def _lanes(self, party: str) -> list[rows.Lane]:
        """Our lanes past the serve gate, priority first."""
        tags = {lane.tag for lane in self._serving.lanes_for(party)}
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, mine=True) if lane.tag in tags]
        return sorted(lanes, key=lambda lane: (lane.lane_class != "priority", lane.id))

    def _group(self, lane: rows.Lane, part: LanePart, party: str) -> tuple[LaneGroup, Iterable[BodyFrame | BlobChunk]]:
        with self._store.read() as reader:
            kept = rows.find_checkpoint(reader, lane.id, part.end)
            frontier = frontier_at(reader, lane.id, part.start).hashes
            headers = rows.list_headers(reader, lane.id, part.start, part.end)
        if kept is None:
            raise Refused("A checkpoint of the lane is missing.", code="damaged-lane")
        group = LaneGroup(
            part=part, checkpoint=kept.note, frontier=frontier, headers=tuple(map(entry.read_header, headers))
        )
        return group, self._pieces(lane, part, party)

    def _pieces(self, lane: rows.Lane, part: LanePart, party: str) -> Iterator[BodyFrame | BlobChunk]:
        """The bodies of a stretch as they may leave, then the parts of the files among them."""
        manifests = []
        for frame in self._serving.frames(lane, party, part.start, part.end):
            if frame.state is BodyState.PRESENT and frame.body.startswith(_BLOB):
                manifests.append(frame.index)
            yield frame
        for index in manifests if self.files is not None else ():
            assert self.files is not None
            yield from self.files.all_chunks(lane, index)

    def _receipts(self, reader: Reader, party: str) -> list[Receipt]:
        """Our receipts for the lanes `party` writes."""
        home = self._people.home_id
        return [
            msgspec.json.decode(held.receipt, type=Receipt)
            for lane in rows.list_lanes(reader, mine=False)
            if lane.author == party
            for held in rows.list_receipts(reader, lane.id)
            if held.party == home
        ]

    def read(self, source: BinaryIO, *, by: str, caps: parcel.Caps = parcel.DEFAULT_CAPS) -> Contents:
        """Take in a parcel; what cannot be applied is named in `problems`, the rest is durable.

        Raises Damaged or Refused when the parcel cannot be opened, is not for us or not signed by a trusted party. One
        that is cut or damaged further on gives what came before the damage.
        """
        pieces = parcel.read_parcel(
            source,
            self._keyring.age_secrets,
            reader=self._people.home_id,
            node_keys=self._node_keys,
            revoked=self._admission.keys.revoked_keys,
            caps=caps,
        )
        manifest = next(pieces)
        if not isinstance(manifest, Manifest):
            raise Refused("A parcel does not begin with its manifest.", code="bad-parcel")
        contents = Contents(made_by=manifest.made_by, made_at=manifest.made_at, wants=manifest.wants)
        try:
            self._take_pieces(pieces, manifest.made_by, contents)
        except KoupreyError as error:
            contents.problems.append(str(error))
        self.close_gaps(contents)
        for each in self.taken:
            each()
        self._remember(manifest, contents, by)
        return contents

    def _take_pieces(self, pieces: Iterator[parcel.Piece], made_by: str, contents: Contents) -> None:
        group: LaneGroup | None = None
        origin = ""
        bodies: dict[int, BodyFrame] = {}
        papers: list[Paper] = []
        for piece in pieces:
            if isinstance(piece, Paper):
                papers.append(piece)
            elif isinstance(piece, Receipt):
                # A card among the papers may name the key that signed it, or a statement say that it does not count.
                papers = self._take_papers(papers, made_by, contents)
                self._take_receipt(piece, made_by, contents)
            elif isinstance(piece, LaneGroup):
                papers = self._take_papers(papers, made_by, contents)
                self._admit(group, bodies, contents)
                group, bodies = piece, {}
            elif isinstance(piece, BodyFrame):
                bodies[piece.index] = piece
            elif isinstance(piece, BlobChunk):
                origin = origin if group is None else group.part.origin
                # The entries first: a part is kept for a manifest that was let in, and for no other.
                self._admit(group, bodies, contents)
                group, bodies = None, {}
                self._take_chunk(origin, piece, contents)
        self._take_papers(papers, made_by, contents)
        self._admit(group, bodies, contents)

    def _take_chunk(self, origin: str, chunk: BlobChunk, contents: Contents) -> None:
        with self._store.read() as reader:
            lane = rows.find_lane(reader, origin=origin)
        try:
            if lane is not None and not lane.mine and self.files is not None:
                self.files.take_chunk(lane, chunk)
        except KoupreyError as error:
            # Once: what bars one part bars those behind it.
            if str(error) not in contents.problems:
                contents.problems.append(str(error))

    def _take_papers(self, papers: list[Paper], made_by: str, contents: Contents) -> list[Paper]:
        """Papers come before lanes, because an agreement in them may be what the lanes stand on."""
        if papers:
            taken, problems = self._papers.take(papers, by=made_by)
            contents.papers += taken
            contents.problems += problems
        return []

    def _take_receipt(self, receipt: Receipt, party: str, contents: Contents) -> None:
        origin = receipt.note.partition("\n")[0]
        try:
            with self._store.read() as reader:
                lane = rows.find_lane(reader, origin=origin)
            if lane is None:
                raise Refused("A receipt is for a lane we did not write.", origin[:80], code="unknown-lane")
            self._admission.take_receipt(lane, receipt, party)
        except KoupreyError as error:
            contents.problems.append(str(error))
        else:
            contents.receipts += 1

    def _admit(self, group: LaneGroup | None, bodies: dict[int, BodyFrame], contents: Contents) -> None:
        if group is None:
            return
        part = group.part
        offer = Offer(
            part.origin, part.start, group.checkpoint, group.headers, (), bodies, self._regained(group, contents)
        )
        try:
            admitted = self._admission.admit(offer, via=f"parcel from {contents.made_by}")
        except KoupreyError as error:
            self._not_admitted(error, group, offer, contents)
        else:
            _count(admitted, part.origin, contents)

    def _not_admitted(self, error: KoupreyError, group: LaneGroup, offer: Offer, contents: Contents) -> None:
        if error.code == ReasonCode.BAD_ROOT and offer.regained:
            with self._store.read() as reader:
                lane = rows.find_lane(reader, origin=offer.origin)
            if lane is not None and lane.state in (rows.OPEN, rows.CLOSED):
                # Another history than ours, of an epoch that its author has ended: it was rolled back, and says so.
                self._admission.end_rolled_back(lane)
                return
        if error.code != ReasonCode.GAP:
            contents.problems.append(str(error))
            return
        try:
            self._waiting.keep(group, offer, contents.made_by)
        except KoupreyError as refusal:
            contents.problems.append(str(refusal))
        else:
            contents.early += len(offer.headers)

    def _regained(self, group: LaneGroup, contents: Contents) -> bool:
        """Whether more of an ended epoch may be taken in: only its author can say so."""
        with self._store.read() as reader:
            lane = rows.find_lane(reader, origin=group.part.origin)
        return group.part.ended and (lane is None or lane.author == contents.made_by)

    def close_gaps(self, contents: Contents | None = None) -> None:
        """Take in what came early, where what lay below it has come since, by whatever road."""
        for ahead, outcome in self._waiting.take_in():
            if isinstance(outcome, KoupreyError):
                _log.warning("What waited of lane %s was refused: %s", rules.lane_tag(ahead.origin)[:12], outcome)
                if contents is not None:
                    contents.problems.append(str(outcome))
            elif contents is not None:
                _count(outcome, ahead.origin, contents)

    def _remember(self, manifest: Manifest, contents: Contents, by: str) -> None:
        now = self._clock()

        def work(tx: Tx) -> None:
            rows.parcel_was_read(tx, manifest.parcel, manifest.made_by, contents.entries, now)
            detail = {
                "parcel": manifest.parcel,
                "entries": contents.entries,
                "receipts": contents.receipts,
                "problems": len(contents.problems),
            }
            audit.append(tx, at=now, actor=by, action="parcel.read", subject=manifest.made_by, detail=detail)

        self._store.write(work)

    def _node_keys(self, party: str) -> Iterable[VerifyKey]:
        found = self._people.find_party(party)
        return () if found is None else map(VerifyKey.parse, found.card.nodes)

    def wants(self, party: str) -> list[str]:
        """Slips that can be read over the telephone: one line for each lane of `party` we follow or have heard of."""
        self._people.get_party(party)
        with self._store.read() as reader:
            return [
                rules.please_send(origin, missing, size) if missing else rules.please_go_on(origin, size)
                for origin, missing, size in lacking(reader, party)
            ]

    def gaps(self) -> dict[str, int]:
        """Party -> how many entries of its lanes are missing before others that came."""
        with self._store.read() as reader:
            parties = [party.id for party in self._people.list_parties() if not party.home]
            found = {
                party: sum(part.end - part.start for _, missing, _ in lacking(reader, party) for part in missing)
                for party in parties
            }
        return {party: count for party, count in found.items() if count}


def _count(admitted: Admitted, origin: str, contents: Contents) -> None:
    contents.entries += admitted.stored
    contents.quarantined += admitted.quarantined
    if admitted.refused:
        contents.problems.append(
            f"{admitted.refused} bodies of lane {rules.lane_tag(origin)[:12]} were erased and came again; they were"
            " refused."
        )
