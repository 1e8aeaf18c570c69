"""Pages of the ledger: what was given to whom under which clause, signed and confirmed when; and what was held back."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response, StreamingResponse

from kouprey.agreements.service import Agreements
from kouprey.federation.model import BodyState
from kouprey.federation.service.ledger import EntryView, LaneView, Ledger, Place
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.service import People

PAGE = 50
"""Entries of one page of a lane."""
LATEST = 20
"""Entries of the overview in each direction."""

KINDS = {
    "genesis": mark("beginning of the lane"),
    "object": mark("content"),
    "erase": mark("erasure"),
    "key_statement": mark("keys"),
    "agreement": mark("agreement"),
    "anchor": mark("anchor"),
    "close": mark("end of the lane"),
    "ref": mark("reference"),
    "blob_manifest": mark("file"),
    "notice": mark("notice"),
}
STATES = {BodyState.PRESENT: "", BodyState.ERASED: mark("erased"), BodyState.WITHHELD: mark("withheld by its author")}


@dataclass(frozen=True)
class Row:
    """One entry as a person may see it: `hidden` when its label is above them; `because` is the clause it rests on."""

    lane: LaneView
    entry: EntryView
    place: Place | None
    hidden: bool
    because: Reason | None

    @property
    def receivers(self) -> tuple[str, ...]:
        """The parties it was given to."""
        return tuple(party for party in self.lane.audience if party != self.lane.author)

    def confirmed(self, party: str) -> int:
        """When the receipt of `party` for this entry came, 0 while it is awaited."""
        if self.place is not None:
            return next((at for who, _said, at in self.place.confirmed if who == party), 0)
        return next(
            (each.at for each in self.lane.confirmations if each.party == party and each.size > self.entry.index), 0
        )

    @property
    def signed_at(self) -> int:
        """Since when it is provable, 0 while it is not."""
        if self.place is not None:
            return self.place.signed_at
        return self.lane.signed_at if self.entry.index < self.lane.signed_size else 0


class LedgerPages:
    """Reads the ledger for people; nothing of an entry's content is shown here, only what it was and where it went."""

    def __init__(self, ledger: Ledger, agreements: Agreements, people: People) -> None:
        self._ledger = ledger
        self._agreements = agreements
        self._people = people

    def overview(self, request: Request) -> Response:
        party, agreement = request.query_params.get("party", ""), request.query_params.get("agreement", "")
        lanes = self._ledger.list_lanes(party=party, agreement=agreement)
        given = self._latest(request, [lane for lane in lanes if lane.mine])
        received = self._latest(request, [lane for lane in lanes if not lane.mine])
        waiting = [each for each in self._ledger.list_waiting() if party in ("", each.party)]
        standings = self._agreements.standings().values()
        return request.render(
            "federation/ledger.html",
            lanes=sorted(lanes, key=lambda lane: (not lane.mine, -lane.opened_at)),
            given=given,
            received=received,
            counts=_counts(lanes),
            waiting=sum(each.total for each in waiting),
            names=self._names(),
            asked={"party": party, "agreement": agreement},
            parties=[each for each in self._people.list_parties() if not each.home],
            standings=sorted((each for each in standings if each.signed), key=lambda each: each.title),
            kinds=KINDS,
            states=STATES,
        )

    def lane(self, request: Request) -> Response:
        tag = request.path_params["tag"]
        found = [lane for lane in self._ledger.list_lanes() if lane.tag == tag]
        if not found:
            raise Unknown("There is no such lane.", code="unknown-lane")
        lane = found[0]
        # The newest page first; `end` is the index after the last entry shown.
        end = min(_number(request, "end", lane.size), lane.size)
        start = max(0, end - PAGE)
        entries = self._ledger.list_entries(tag, start, end - start)[::-1]
        return request.render(
            "federation/lane.html",
            lane=lane,
            rows=self._rows(request, lane, entries),
            names=self._names(),
            kinds=KINDS,
            states=STATES,
            newer=f"/ledger/{tag}?end={min(end + PAGE, lane.size)}" if end < lane.size else "",
            older=f"/ledger/{tag}?end={start}" if start else "",
            shown=(start, end),
        )

    def export(self, request: Request) -> Response:
        """The lines anybody can verify; made while they are sent, because a ledger can be long."""
        agreement = self._agreements.get_standing(request.query_params.get("agreement", "")).agreement
        # The lines hold every body, so they are for those who may see whatever the agreement could carry.
        versions = self._agreements.list_versions(agreement)
        highest = max(parse_tlp(version.document.terms.tlp_ceiling) for version in versions)
        if highest > request.reader.clearance:
            raise Forbidden(
                mark("The ledger holds more than you may see."),
                f"Its agreement reaches up to {highest.text}; you are cleared up to {request.reader.clearance.text}.",
                mark("Ask somebody with that clearance."),
                code="above-clearance",
            )
        headers = {"Content-Disposition": f'attachment; filename="{self._people.home_id}-{agreement}.ledger"'}
        lines = self._ledger.export(agreement)
        return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)

    def quarantine(self, request: Request) -> Response:
        return request.render("federation/quarantine.html", held=self._ledger.list_quarantined(), names=self._names())

    def _latest(self, request: Request, lanes: list[LaneView]) -> list[Row]:
        rows: list[Row] = []
        for lane in lanes:
            start = max(0, lane.size - LATEST)
            entries = self._ledger.list_entries(lane.tag, start, LATEST)
            rows += self._rows(request, lane, [entry for entry in entries if entry.kind in ("object", "ref")])
        return sorted(rows, key=lambda row: (row.entry.at, row.entry.index), reverse=True)[:LATEST]

    def _rows(self, request: Request, lane: LaneView, entries: list[EntryView]) -> list[Row]:
        places = self._ledger.find_places([entry.publication for entry in entries if entry.publication])
        known: dict[Label, tuple[bool, Reason | None]] = {}
        rows = []
        for entry in entries:
            hidden, because = False, None
            if entry.label is not None:
                if entry.label not in known:
                    known[entry.label] = self._judge(request, lane, entry.label)
                hidden, because = known[entry.label]
            rows.append(Row(lane, entry, places.get(entry.publication), hidden, because))
        return rows

    def _judge(self, request: Request, lane: LaneView, label: Label) -> tuple[bool, Reason | None]:
        """Whether this person may not see it; and under which clause its receivers may, asked of the one decision."""
        hidden = not self._agreements.decide([label], request.reader).allowed
        if not lane.mine:
            gate = self._agreements.may_receive(label)
            return hidden, gate.because[0] if gate.allowed and gate.because else None
        for party in lane.audience:
            if party != lane.author:
                reader = self._agreements.party_reader(party, exercise=label.exercise)
                made = self._agreements.decide([label], reader, under=lane.agreement)
                return hidden, made.because[0] if made.because else None
        return hidden, None

    def _names(self) -> dict[str, str]:
        return {party.id: party.name for party in self._people.list_parties()}


def _counts(lanes: list[LaneView]) -> dict[str, int]:
    """Entries besides the beginning of each lane: given, received; and those held back."""

    def entries(mine: bool) -> int:
        return sum(max(0, lane.size - 1) for lane in lanes if lane.mine is mine)

    held_back = sum(lane.quarantined for lane in lanes)
    return {"given": entries(True), "received": entries(False), "quarantined": held_back}


def _number(request: Request, name: str, otherwise: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return otherwise
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Damaged(mark("There is no such page."), "", mark("Start from the newest."), code="bad-page")
    return int(text)
