"""The REST interface of the ledger: what was given and received under which clause, and what was held back."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.responses import Response, StreamingResponse

from kouprey.agreements.model.citing import clause_of, clause_title
from kouprey.agreements.service import Agreements
from kouprey.federation.service import Federation
from kouprey.federation.service.ledger import LaneView
from kouprey.federation.service.proofs import entry_number
from kouprey.federation.service.telling import Row, Telling, knows_all
from kouprey.kernel.web.api import Asked, Paged, Time, api, next_page, place_of, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Unknown
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PAGE = 50


class Which(Paged, frozen=True, kw_only=True):
    """Of which partner and agreement, "" for any; a page has 50 lines. A `cursor` is the `next` of the one before."""

    party: str = ""
    agreement: str = ""
    limit: Annotated[int, Meta(ge=PAGE, le=PAGE)] = PAGE
    cursor: Annotated[str, Meta(max_length=2_000)] = ""


class Of(Asked, frozen=True, kw_only=True):
    """Of which agreement."""

    agreement: str


class Confirmed(Struct, kw_only=True):
    """A party that receives a line, and when we learnt that it holds it ("" = not yet)."""

    party: str
    at: Time


class Line(Struct, kw_only=True):
    """One thing given or received. Where `hidden`, it is above the reader: what it is about is not told.

    `clause` is the one of its agreement on which it rests, with the names of both.
    """

    lane: str
    index: int
    agreement: str
    author: str
    kind: str
    at: Time
    signed_at: Time
    confirmed: tuple[Confirmed, ...]
    hidden: bool
    title: str
    clause: str
    clause_title: str
    agreement_title: str


class Lines(Struct, kw_only=True):
    """A page, newest first; `next` is "" on the last."""

    lines: tuple[Line, ...]
    next: str


class Lane(Struct, kw_only=True):
    """One lane of ours or of a partner."""

    tag: str
    origin: str
    agreement: str
    author: str
    audience: tuple[str, ...]
    lane_class: str
    mine: bool
    state: str
    size: int
    signed_size: int
    signed_at: Time
    quarantined: int


class Lanes(Struct, kw_only=True):
    """Ours first, the newest first."""

    lanes: tuple[Lane, ...]


class Held(Struct, kw_only=True):
    """An entry that is kept and was not applied; `why` is "" for who may not know everything and keeps no links."""

    lane: str
    index: int
    author: str
    agreement: str
    code: str
    why: str
    at: Time
    clause: str
    clause_title: str
    agreement_title: str


class Quarantine(Struct, kw_only=True):
    """The newest first, at most 200."""

    held: tuple[Held, ...]


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Federation), services.get(Agreements), services.get(People))
    reads: dict[str, Any] = {"group": "Ledger", "roles": roles_with(Permission.READ)}
    return [
        api(
            "GET",
            "/ledger/given",
            desk.given,
            takes=Which,
            gives=Lines,
            does=("GET /ledger",),
            summary="What was given, to whom, under which clause, and when they confirmed it.",
            **reads,
        ),
        api(
            "GET",
            "/ledger/received",
            desk.received,
            takes=Which,
            gives=Lines,
            summary="What came, and from whom.",
            **reads,
        ),
        api("GET", "/ledger/lanes", desk.lanes, takes=Which, gives=Lanes, summary="The lanes.", **reads),
        api(
            "GET",
            "/ledger/lanes/{tag}",
            desk.lane,
            takes=Which,
            gives=Lines,
            fails={"unknown-lane": 404},
            does=("GET /ledger/{tag}",),
            summary="Every entry of a lane.",
            **reads,
        ),
        api(
            "GET",
            "/ledger/export",
            desk.export,
            takes=Of,
            media=("application/x-ndjson",),
            fails={"unknown-agreement": 404, "above-clearance": 403},
            does=("GET /ledger/export",),
            seconds=600.0,
            group="Ledger",
            roles=roles_with(Permission.PROVE),
            summary="The ledger of an agreement as lines that anybody can verify without this node.",
        ),
        *_proofs(desk, reads),
        api(
            "GET",
            "/quarantine",
            desk.quarantine,
            gives=Quarantine,
            does=("GET /quarantine",),
            summary="Entries that are kept and were not applied, each with its reason.",
            **reads,
        ),
    ]


def _proofs(desk: _Desk, reads: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/ledger/lanes/{tag}/entries/{number}/proof",
            desk.proof,
            media=("text/plain",),
            fails={"unknown-lane": 404, "unknown-entry": 404},
            does=("GET /ledger/{tag}/{number}/proof",),
            seconds=60.0,
            group="Ledger",
            roles=roles_with(Permission.PROVE),
            summary="The proof of one entry (C2SP tlog-proof), with what it says where the reader may see that.",
        ),
        api(
            "GET",
            "/ledger/lanes/{tag}/evidence",
            desk.evidence,
            media=("application/x-ndjson",),
            fails={"unknown-lane": 404},
            does=("GET /partners/{party}/evidence/{tag}",),
            summary="The proof that the author of a lane signed two histories of it, if there is one.",
            **reads,
        ),
    ]


class _Desk:
    """What these endpoints ask of the services."""

    def __init__(self, federation: Federation, agreements: Agreements, people: People) -> None:
        self._ledger = federation.ledger
        self._proofs = federation.proofs
        self._evidence = federation.evidence
        self._agreements = agreements
        self._telling = Telling(agreements, people.home_id, federation.naming)

    def given(self, request: Request, asked: Which) -> Lines:
        before = place_of(request, asked, tuple[int, ...]) or ()
        page = self._ledger.list_given(party=asked.party, agreement=asked.agreement, before=before)
        return self._page(request, asked, page.lines, page.older)

    def received(self, request: Request, asked: Which) -> Lines:
        before = place_of(request, asked, tuple[int, ...]) or ()
        page = self._ledger.list_received(party=asked.party, agreement=asked.agreement, before=before)
        return self._page(request, asked, page.lines, page.older)

    def _page(self, request: Request, asked: Which, lines: Any, older: tuple[int, ...]) -> Lines:
        following = next_page(request, asked, older) if older else ""
        return Lines(lines=tuple(map(_line, self._telling.tell(request.reader, lines))), next=following)

    def lanes(self, _: Request, asked: Which) -> Lanes:
        found = self._ledger.list_lanes(party=asked.party, agreement=asked.agreement)
        return Lanes(lanes=tuple(_lane(each) for each in sorted(found, key=lambda e: (not e.mine, -e.opened_at))))

    def lane(self, request: Request, asked: Which) -> Lines:
        tag = request.path_params["tag"]
        lane = next((each for each in self._ledger.list_lanes() if each.tag == tag), None)
        if lane is None:
            raise Unknown("There is no such lane.", remedy="GET /ledger/lanes lists them.", code="unknown-lane")
        end = place_of(request, asked, int)
        end = lane.size if end is None else min(end, lane.size)
        start = max(0, end - PAGE)
        lines = self._ledger.list_of_lane(tag, start, end - start)[::-1]
        following = next_page(request, asked, start) if start else ""
        return Lines(lines=tuple(map(_line, self._telling.tell(request.reader, lines))), next=following)

    def export(self, request: Request, asked: Of) -> Response:
        agreement = self._agreements.get_standing(asked.agreement).agreement
        self._telling.check_export(request.reader, agreement)
        return StreamingResponse(self._ledger.export(agreement), media_type="application/x-ndjson")

    def proof(self, request: Request) -> Response:
        tag, number = request.path_params["tag"], entry_number(request.path_params["number"])
        row = self._telling.tell(request.reader, self._ledger.list_of_lane(tag, number, 1))[:1]
        made = self._proofs.prove(tag, number, content=bool(row) and not row[0].hidden)
        return Response(made, media_type="text/plain")

    def evidence(self, request: Request) -> Response:
        made = self._evidence.export_by_tag("", request.path_params["tag"])
        return Response(made, media_type="application/x-ndjson")

    def quarantine(self, request: Request) -> Quarantine:
        told = knows_all(request.reader, request.who.roles)
        return Quarantine(
            held=tuple(
                Held(
                    lane=each.tag,
                    index=each.index,
                    author=each.author,
                    agreement=each.agreement,
                    code=each.code,
                    why=each.why if told else "",
                    at=time_of(each.at),
                    clause=clause_of(each.code),
                    clause_title=clause_title(clause_of(each.code)),
                    agreement_title=each.title,
                )
                for each in self._ledger.list_quarantined()
            )
        )


def _line(row: Row) -> Line:
    line = row.line
    return Line(
        lane=line.tag,
        index=line.entry.index,
        agreement=line.agreement,
        author=line.author,
        kind=line.entry.kind,
        at=time_of(line.at),
        signed_at=time_of(line.signed_at),
        confirmed=tuple(Confirmed(party=party, at=time_of(at)) for party, at in line.confirmed),
        hidden=row.hidden,
        title="" if row.name is None else row.name.title,
        clause="" if row.because is None else row.because.clause,
        clause_title="" if row.because is None else clause_title(row.because.clause),
        agreement_title=line.title,
    )


def _lane(view: LaneView) -> Lane:
    return Lane(
        tag=view.tag,
        origin=view.origin,
        agreement=view.agreement,
        author=view.author,
        audience=view.audience,
        lane_class=view.lane_class,
        mine=view.mine,
        state=view.state,
        size=view.size,
        signed_size=view.signed_size,
        signed_at=time_of(view.signed_at),
        quarantined=view.quarantined,
    )
