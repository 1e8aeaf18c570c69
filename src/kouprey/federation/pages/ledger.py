"""Pages of the ledger: what was given to whom under which clause, signed and confirmed when; and what was held back."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from kouprey.agreements.model.citing import clause_of, clause_title
from kouprey.agreements.service import Agreements
from kouprey.federation.model import BodyState
from kouprey.federation.service import Federation
from kouprey.federation.service.ledger import LaneView
from kouprey.federation.service.lines import LinePage
from kouprey.federation.service.proofs import entry_number
from kouprey.federation.service.telling import Telling, knows_all
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.people.model import Permission, roles_with
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
    "application/vnd.kouprey.activity+json": mark("activity"),
    "application/vnd.kouprey.badge-register+json": mark("register of badges"),
    "application/vnd.kouprey.blob+json": mark("file in parts"),
    "application/vnd.kouprey.concern+json": mark("concern"),
    "application/vnd.kouprey.dossier+json": mark("item of a dossier"),
    "application/vnd.kouprey.hand-off+json": mark("hand-off"),
    "application/vnd.kouprey.nomination+json": mark("nomination"),
    "application/vnd.kouprey.seats+json": mark("seats"),
    "application/vnd.kouprey.statement+json": mark("statement"),
    "application/vnd.kouprey.team-profile+json": mark("profile of a team"),
    "application/vnd.kouprey.training-needs+json": mark("needs and offers"),
}
"""Kinds of entries, and of what they carry by its media type, in words."""
STATES = {BodyState.PRESENT: "", BodyState.ERASED: mark("erased"), BodyState.WITHHELD: mark("withheld by its author")}


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
        self._proofs = federation.proofs
        self._telling = Telling(agreements, people.home_id, federation.naming)
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
            rows=self._telling.tell(request.reader, page.lines),
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
            clause_title=clause_title,
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
            root=self._ledger.heads(lane.agreement).get(lane.origin, (0, "–"))[1],
            rows=self._telling.tell(request.reader, lines),
            # That somebody keeps what he should erase tells of a hold.
            asked=self._ledger.list_asked(tag=tag) if knows_all(request.reader, request.who.roles) else (),
            may_prove=bool(set(request.who.roles) & set(roles_with(Permission.PROVE))),
            names=self._names(),
            kinds=KINDS,
            states=STATES,
            clause_title=clause_title,
            newer=f"/ledger/{tag}?end={min(end + PAGE, lane.size)}" if end < lane.size else "",
            older=f"/ledger/{tag}?end={start}" if start else "",
            shown=(start, end),
        )

    def export(self, request: Request) -> Response:
        """The lines anybody can verify; made while they are sent, because a ledger can be long."""
        asked = request.query_params.get("agreement", "")
        if not asked:
            # Of which agreement was not said; the ledger has a button for each.
            return request.redirect("/ledger", _("Choose an agreement below."), "info")
        agreement = self._agreements.get_standing(asked).agreement
        self._telling.check_export(request.reader, agreement)
        headers = {"Content-Disposition": f'attachment; filename="{self._people.home_id}-{agreement}.ledger"'}
        lines = self._ledger.export(agreement)
        return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)

    def proof(self, request: Request) -> Response:
        """The proof of one entry; what it says goes along only where the reader may see it."""
        tag, number = request.path_params["tag"], entry_number(request.path_params["number"])
        row = self._telling.tell(request.reader, self._ledger.list_of_lane(tag, number, 1))[:1]
        made = self._proofs.prove(tag, number, content=bool(row) and not row[0].hidden)
        headers = {"Content-Disposition": f'attachment; filename="{tag[:12]}-{number}.tlog-proof"'}
        return Response(made, media_type="text/plain", headers=headers)

    def quarantine(self, request: Request) -> Response:
        told = knows_all(request.reader, request.who.roles)
        held = self._ledger.list_quarantined()
        return request.render(
            "federation/quarantine.html",
            held=held,
            told=told,
            names=self._names(),
            clause_of=clause_of,
            clause_title=clause_title,
        )

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
