"""Pages of the ledger: what was given to whom under which clause, signed and confirmed when; and what was held back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from kouprey.agreements.service import Agreements
from kouprey.federation.model import BodyState
from kouprey.federation.service import EntryKey, EntryName, Federation
from kouprey.federation.service.ledger import LaneView
from kouprey.federation.service.lines import Line, LinePage
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.service import People

PAGE = 50
"""Entries of one page of a lane."""

VIEWS = {"given": mark("Given"), "received": mark("Received"), "lanes": mark("Lanes")}

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
    """A line as a person may see it: `hidden` when its label is above them; `because` is the clause it rests on.

    `name` is None where nobody here knows what it is called, or the person may not see what it is about.
    """

    line: Line
    hidden: bool
    because: Reason | None
    name: EntryName | None


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    view: str
    party: str
    agreement: str

    def url(self, **more: str) -> str:
        """The address of this page with something else asked; what is "" is left out."""
        words = {"view": self.view, "party": self.party, "agreement": self.agreement, **more}
        if words["view"] == "given":
            words["view"] = ""
        query = urlencode({name: text for name, text in words.items() if text})
        return f"/ledger?{query}" if query else "/ledger"


class LedgerPages:
    """Reads the ledger for people; nothing of an entry's content is shown here but what it is called."""

    def __init__(self, federation: Federation, agreements: Agreements, people: People) -> None:
        self._ledger = federation.ledger
        self._naming = federation.naming
        self._agreements = agreements
        self._people = people

    def overview(self, request: Request) -> Response:
        given = request.query_params
        asked = Asked(given.get("view", ""), given.get("party", ""), given.get("agreement", ""))
        if asked.view not in VIEWS:
            asked = Asked("given", asked.party, asked.agreement)
        lanes = self._ledger.list_lanes(party=asked.party, agreement=asked.agreement)
        waiting = [each for each in self._ledger.list_waiting() if asked.party in ("", each.party)]
        standings = self._agreements.standings().values()
        page = self._page(request, asked)
        return request.render(
            "federation/ledger.html",
            lanes=sorted(lanes, key=lambda lane: (not lane.mine, -lane.opened_at)),
            rows=self._rows(request, page.lines),
            newer=asked.url(after=_written(page.newer)) if page.newer else "",
            older=asked.url(before=_written(page.older)) if page.older else "",
            counts=_counts(lanes),
            waiting=sum(each.total for each in waiting),
            names=self._names(),
            asked=asked,
            views=VIEWS,
            parties=[each for each in self._people.list_parties() if not each.home],
            standings=sorted((each for each in standings if each.signed), key=lambda each: each.title),
            kinds=KINDS,
            states=STATES,
        )

    def _page(self, request: Request, asked: Asked) -> LinePage:
        if asked.view == "lanes":
            return LinePage()
        received = asked.view == "received"
        before, after = (_place(request, name, 3 if received else 1) for name in ("before", "after"))
        read = self._ledger.list_received if received else self._ledger.list_given
        return read(party=asked.party, agreement=asked.agreement, before=before, after=after)

    def lane(self, request: Request) -> Response:
        tag = request.path_params["tag"]
        found = [lane for lane in self._ledger.list_lanes() if lane.tag == tag]
        if not found:
            raise Unknown("There is no such lane.", code="unknown-lane")
        lane = found[0]
        # The newest page first; `end` is the index after the last entry shown.
        end = min(_number(request, "end", lane.size), lane.size)
        start = max(0, end - PAGE)
        lines = self._ledger.list_of_lane(tag, start, end - start)[::-1]
        return request.render(
            "federation/lane.html",
            lane=lane,
            rows=self._rows(request, lines),
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

    def _rows(self, request: Request, lines: Sequence[Line]) -> list[Row]:
        known: dict[tuple[str, str, Label], tuple[bool, Reason | None]] = {}
        seen: list[tuple[Line, bool, Reason | None]] = []
        for line in lines:
            hidden, because = False, None
            label = line.entry.label
            if label is not None:
                key = (line.author, line.agreement, label)
                if key not in known:
                    known[key] = self._judge(request, line, label)
                hidden, because = known[key]
            seen.append((line, hidden, because))
        # What is hidden is not even asked for; of the rest those who know the names tell as much as is theirs to see.
        keys = [_key(line) for line, hidden, _ in seen if not hidden]
        names: dict[EntryKey, EntryName] = {}
        for naming in self._naming:
            names.update(naming.name_entries(request.reader, keys))
        return [Row(line, hidden, because, None if hidden else names.get(_key(line))) for line, hidden, because in seen]

    def _judge(self, request: Request, line: Line, label: Label) -> tuple[bool, Reason | None]:
        """Whether this person may not see it; and under which clause its receivers may, asked of the one decision."""
        hidden = not self._agreements.decide([label], request.reader).allowed
        if line.author != self._people.home_id:
            gate = self._agreements.may_receive(label)
            return hidden, gate.because[0] if gate.allowed and gate.because else None
        for party, _ in line.confirmed:
            reader = self._agreements.party_reader(party, exercise=label.exercise)
            made = self._agreements.decide([label], reader, under=line.agreement)
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
        raise _no_such_page()
    return int(text)


def _key(line: Line) -> EntryKey:
    return line.entry.publication or (line.origin, line.entry.index)


def _written(place: tuple[int, ...]) -> str:
    return "-".join(map(str, place))


def _place(request: Request, name: str, length: int) -> tuple[int, ...]:
    """A place among lines as `_written` writes it, () for none."""
    text = request.query_params.get(name, "")
    if not text:
        return ()
    parts = text[:100].split("-")
    if len(parts) != length or not all(each.isascii() and each.isdigit() and len(each) < 19 for each in parts):
        raise _no_such_page()
    return tuple(map(int, parts))


def _no_such_page() -> Damaged:
    return Damaged(mark("There is no such page."), "", mark("Start from the newest."), code="bad-page")
