"""The Link API of docs/spec/link.md: how other nodes reach this one; all but the card needs a peer's signature."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

import msgspec
from starlette.responses import Response

from kouprey.federation.model import CARD_MEDIA_TYPE, EPOCH_MAX, ReasonCode
from kouprey.federation.service import Federation
from kouprey.federation.wire import blob, link
from kouprey.federation.wire.parcel import Caps
from kouprey.kernel.web.door import Door, machine
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused

MIB = 1 << 20
PARCEL_CAPS = Caps(sealed=64 * MIB, total=256 * MIB, record=64 * MIB)
"""Less than a person may carry in: what comes by the network is not chosen by anybody here."""

_NOTES = "/link/v1/notes"
_TAG = re.compile(r"[0-9a-f]{32}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)

Answer = Callable[[Request, str], Response]
"""An endpoint for the party that signed the request."""


def routes(services: Services) -> list[Door]:
    """The doors of the Link API."""
    api = LinkApi(services.get(Federation))
    return [
        machine("/link/v1/card", api.card, open=True, show=show),
        api.door("/link/v1/lanes", api.lanes),
        api.door("/link/v1/held", api.held),
        api.door("/link/v1/papers", api.papers),
        api.door("/link/v1/heads", api.heads),
        api.door("/link/v1/{tag}/evidence", api.evidence, "POST"),
        api.door("/link/v1/hint", api.hint, "POST", cap=4 * MIB),
        api.door(_NOTES, api.notes, "POST", cap=16 * MIB),
        api.door("/link/v1/parcel", api.parcel, "POST", cap=PARCEL_CAPS.sealed, seconds=300.0),
        api.door("/link/v1/{tag}/checkpoint", api.checkpoint),
        api.door("/link/v1/{tag}/headers", api.headers),
        api.door("/link/v1/{tag}/bodies", api.bodies, "POST", seconds=60.0),
        api.door("/link/v1/{tag}/chunks", api.chunks, "POST", seconds=60.0),
        api.door("/link/v1/{tag}/receipt", api.receipt, "POST", cap=2 * MIB),
    ]


def show(error: KoupreyError, request: Request) -> Response:
    """A refusal as problem+json with a code of the closed list."""
    problem = link.problem_of(error)
    later = error.detail.get("retry_after")
    headers = {"Retry-After": str(later)} if isinstance(later, int) else None
    return Response(link.render_json(problem), problem.status, headers, media_type="application/problem+json")


class LinkApi:
    """The endpoints, on the services of one node."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation

    def door(self, path: str, answer: Answer, method: str = "GET", *, cap: int = MIB, seconds: float = 30.0) -> Door:
        """A door that only a trusted peer opens, by the signature of the very request."""

        def endpoint(request: Request) -> Response:
            asked = (request.method, _own_url(request), request.headers.items(), request.content)
            try:
                party = self._federation.peers.identify(*asked)
            except Damaged as error:
                if error.code != ReasonCode.BAD_SIGNATURE or path != _NOTES:
                    raise
                # A party that had to change its key at once signs by one that only its new card names.
                self._federation.papers.take_cards(link.read_papers(request.content), by="a card")
                party = self._federation.peers.identify(*asked)
            budgets = self._federation.peers.budgets
            with budgets.turn(party):
                self._federation.links.heard(party)
                said = answer(request, party)
            budgets.spend(party, len(request.content) + len(said.body))
            return said

        return machine(path, endpoint, method, open=True, show=show, cap=cap, seconds=seconds)

    def card(self, request: Request) -> Response:
        """Our signed card, for anybody: it proves itself, and trusting it is a person's deed."""
        return Response(self._federation.people.home().note, media_type=CARD_MEDIA_TYPE)

    def lanes(self, request: Request, party: str) -> Response:
        self._federation.serving.require_ready()
        return _json(link.LanesAnswer(lanes=self._federation.serving.lanes_for(party)))

    def held(self, request: Request, party: str) -> Response:
        # Answered before our own barrier is passed: two nodes that were restored need it from one another.
        answer = _json(self._federation.serving.held_of(party))
        self._federation.evidence.restarted(party)
        return answer

    def papers(self, request: Request, party: str) -> Response:
        # Before our own barrier, too: whoever was restored may not know any more what must not be served.
        start, _ = _range(request, {"from": "0"})
        page = self._federation.papers.page_for(party, start)
        return Response(link.render_papers(page), media_type=link.PAPERS_MEDIA_TYPE)

    def heads(self, request: Request, party: str) -> Response:
        return _json(self._federation.evidence.heads_for(party))

    def evidence(self, request: Request, party: str) -> Response:
        if self._federation.evidence.take(party, _tag(request), link.read_fork_evidence(request.content)):
            # We signed what we do not know: the partner is asked what it holds, and what it never took goes out anew.
            self._federation.links.ask_back(party)
        return Response(status_code=204)

    def checkpoint(self, request: Request, party: str) -> Response:
        note = self._federation.serving.checkpoint(party, _tag(request))
        return Response(note, media_type=link.CHECKPOINT_MEDIA_TYPE)

    def headers(self, request: Request, party: str) -> Response:
        start, end = _range(request)
        page = self._federation.serving.headers(party, _tag(request), start, end)
        return Response(link.render_headers_answer(page), media_type=link.HEADERS_MEDIA_TYPE)

    def bodies(self, request: Request, party: str) -> Response:
        asked = link.read_bodies_request(request.content)
        frames = self._federation.serving.bodies(party, _tag(request), asked.ranges)
        return Response(b"".join(map(link.render_frame, frames)), media_type=link.BODIES_MEDIA_TYPE)

    def chunks(self, request: Request, party: str) -> Response:
        asked = blob.read_chunks_request(request.content)
        lane = self._federation.serving.manifest(party, _tag(request), asked.entry)
        wanted = [bytes.fromhex(each) for each in asked.chunks]
        found = list(self._federation.files.chunks_at(lane, asked.entry, wanted))
        self._federation.serving.log_chunks(lane, party, asked.entry, [len(each.content) for each in found])
        return Response(blob.render_chunks(found), media_type=blob.CHUNKS_MEDIA_TYPE)

    def receipt(self, request: Request, party: str) -> Response:
        try:
            lane = self._federation.serving.lane_for(party, _tag(request))
            self._federation.admission.take_receipt(lane, link.read_receipt(request.content), party)
        except KoupreyError as error:
            # Perhaps of something that we signed and lost: the partner is asked what it holds. Nothing is believed.
            if error.code in (ReasonCode.MISMATCH, ReasonCode.UNKNOWN_LANE):
                self._federation.links.ask_back(party)
            raise
        return Response(status_code=204)

    def hint(self, request: Request, party: str) -> Response:
        link.read_hint(request.content)
        # What it says is not believed: the peer's worker asks the peer itself, at its own pace.
        self._federation.links.wake(party)
        return Response(status_code=202)

    def notes(self, request: Request, party: str) -> Response:
        _, problems = self._federation.papers.take(link.read_papers(request.content), by=party)
        if problems:
            raise Refused("Not all papers were taken.", problems[0], code=ReasonCode.BAD_NOTE)
        return Response(status_code=202)

    def parcel(self, request: Request, party: str) -> Response:
        contents = self._federation.parcels.read(BytesIO(request.content), by=party, caps=PARCEL_CAPS)
        said = {"entries": contents.entries, "receipts": contents.receipts, "problems": len(contents.problems)}
        return Response(msgspec.json.encode(said), 202, media_type="application/json")


def _own_url(request: Request) -> str:
    """What was asked for, in the words of this node: its own origin of that host, then path and query as they came."""
    host = request.headers.get("host", "").lower()
    origin = next((each for each in request.site.origins if urlsplit(each).netloc == host), request.site.origins[0])
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope.get("query_string", b"")
    target = path.partition(b"?")[0] + (b"?" + query if query else b"")
    return origin + target.decode("latin-1")


def _tag(request: Request) -> str:
    tag: str = request.path_params["tag"]
    if _TAG.fullmatch(tag) is None:
        raise Damaged("That is not the tag of a lane.", "It has 32 hex digits.", code=ReasonCode.BAD_REQUEST)
    return tag


def _range(request: Request, unsaid: Mapping[str, str] = {}) -> tuple[int, int]:
    query: bytes = request.scope.get("query_string", b"")
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    asked = {**unsaid, **dict(pairs)}
    numbers = all(_NUMBER.fullmatch(value) for value in asked.values())
    if len(dict(pairs)) != len(pairs) or not {"from"} <= set(asked) <= {"from", "to"} or not numbers:
        raise Damaged(
            "The range cannot be read.", "It is ?from=N or ?from=N&to=N, in entries.", code=ReasonCode.BAD_RANGE
        )
    return int(asked["from"]), int(asked.get("to", EPOCH_MAX))


def _json(value: msgspec.Struct) -> Response:
    return Response(link.render_json(value), media_type="application/json")
