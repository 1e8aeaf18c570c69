"""Parcels: make one for a party, read one that came, and say in a hundred letters what is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import (
    BlobChunk,
    BodyFrame,
    IndexRange,
    LaneGroup,
    LanePart,
    Manifest,
    Paper,
    Receipt,
)
from kouprey.federation.service.admit import Admission, Admitted, Offer
from kouprey.federation.service.frontiers import frontier_at
from kouprey.federation.service.papers import Papers
from kouprey.federation.service.serve import Serving
from kouprey.federation.wire import entry, parcel
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import VerifyKey, random_bytes
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.time import Clock, format_second, wall_clock
from kouprey.people.service import People

GROUP = 1000
"""Entries of one lane group, when there is a signed checkpoint to end it."""
GROUP_BYTES = 32 << 20
"""Bytes of the bodies of one group: its reader holds them all until it has verified the group."""


@dataclass
class Contents:
    """What a parcel brought, for the person who read it in."""

    made_by: str
    made_at: str
    entries: int = 0
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

    def make(self, party: str, out: BinaryIO, *, by: str, since: dict[str, int] | None = None) -> Manifest:
        """Write everything `party` has not confirmed: papers, our receipts, and entries of our lanes.

        `since` overrides, for a lane's origin, from which entry on (what the party's slip asks for).
        """
        peer = self._people.get_party(party)
        papers = self._papers.for_party(party)
        with self._store.read() as reader:
            receipts = self._receipts(reader, party)
            parts = [part for lane in self._lanes(party) for part in self._parts(reader, lane, party, since or {})]
            wants = tuple(self._wants(reader, party))
        parcel_id = random_bytes(16).hex()
        now = self._clock()
        entries = sum(part.end - part.start for _, part in parts)

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
            lanes=[part for _, part in parts],
            wants=wants,
            papers=papers,
            receipts=receipts,
        )
        groups = (self._group(lane, part, party) for lane, part in parts)
        parcel.write_parcel(
            out, manifest, self._keyring.node, [peer.card.age], papers=papers, receipts=receipts, groups=groups
        )
        return manifest

    def _lanes(self, party: str) -> list[rows.Lane]:
        """Our lanes past the serve gate, priority first."""
        tags = {lane.tag for lane in self._serving.lanes_for(party)}
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, mine=True) if lane.tag in tags]
        return sorted(lanes, key=lambda lane: (lane.lane_class != "priority", lane.id))

    def _parts(
        self, reader: Reader, lane: rows.Lane, party: str, since: dict[str, int]
    ) -> Iterator[tuple[rows.Lane, LanePart]]:
        confirmed = [held.size for held in rows.list_receipts(reader, lane.id) if held.party == party]
        start = since.get(lane.origin, max(confirmed, default=0))
        while start < lane.signed_size:
            most = rows.end_within(reader, lane.id, start, min(start + GROUP, lane.signed_size), GROUP_BYTES)
            kept = rows.find_checkpoint_within(reader, lane.id, start, most)
            if kept is None:
                return
            yield lane, LanePart(origin=lane.origin, start=start, end=kept.size)
            start = kept.size

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
        return group, self._serving.frames(lane, party, part.start, part.end)

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
            source, [self._keyring.age_secret], reader=self._people.home_id, node_keys=self._node_keys, caps=caps
        )
        manifest = next(pieces)
        if not isinstance(manifest, Manifest):
            raise Refused("A parcel does not begin with its manifest.", code="bad-parcel")
        contents = Contents(made_by=manifest.made_by, made_at=manifest.made_at, wants=manifest.wants)
        try:
            self._take_pieces(pieces, manifest.made_by, contents)
        except KoupreyError as error:
            contents.problems.append(str(error))
        self._remember(manifest, contents, by)
        return contents

    def _take_pieces(self, pieces: Iterator[parcel.Piece], made_by: str, contents: Contents) -> None:
        group: LaneGroup | None = None
        bodies: dict[int, BodyFrame] = {}
        papers: list[Paper] = []
        for piece in pieces:
            if isinstance(piece, Paper):
                papers.append(piece)
            elif isinstance(piece, Receipt):
                self._take_receipt(piece, made_by, contents)
            elif isinstance(piece, LaneGroup):
                papers = self._take_papers(papers, made_by, contents)
                self._admit(group, bodies, contents)
                group, bodies = piece, {}
            elif isinstance(piece, BodyFrame):
                bodies[piece.index] = piece
        self._take_papers(papers, made_by, contents)
        self._admit(group, bodies, contents)

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
        offer = Offer(group.part.origin, group.part.start, group.checkpoint, group.headers, (), bodies)
        try:
            admitted: Admitted = self._admission.admit(offer, via=f"parcel from {contents.made_by}")
        except KoupreyError as error:
            contents.problems.append(str(error))
        else:
            contents.entries += admitted.stored
            contents.quarantined += admitted.quarantined

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
        return () if found is None else (VerifyKey.parse(found.card.node),)

    def wants(self, party: str) -> list[str]:
        """Slips that can be read over the telephone: one line for each lane of `party` we follow."""
        self._people.get_party(party)
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, mine=False) if lane.author == party]
        return [
            f"please send {lane.tag[:12]} from {lane.size}"
            if lane.state == rows.OPEN
            else f"{lane.tag[:12]} is {lane.state}"
            for lane in lanes
        ]

    def _wants(self, reader: Reader, party: str) -> Iterator[LanePart]:
        for lane in rows.list_lanes(reader, mine=False):
            if lane.author == party and lane.state == rows.OPEN:
                yield LanePart(origin=lane.origin, start=lane.size, end=lane.size + 1)

    def slip(self, origin: str, missing: tuple[IndexRange, ...], size: int) -> str:
        """The slip for known gaps."""
        return rules.please_send(origin, missing, size)
