"""Endpoints about concerns: what is said of things that were given, and what is answered."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.agreements.service import Agreements
from kouprey.exchange.model.concerning import Concern, ConcernKind, Outcome
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with

Text = Annotated[str, Meta(max_length=2_000)]


class NewConcern(Asked, frozen=True, kw_only=True):
    """What is said, and why; `tlp` is the level wanted, for `retag` alone."""

    kind: ConcernKind
    text: Text
    tlp: str = ""


class NewAnswer(Asked, frozen=True, kw_only=True):
    """What becomes of it here, and in words; a refusal needs them."""

    outcome: Outcome
    text: Text = ""


class Reply(Struct, kw_only=True):
    """What a party answered, and when that came here."""

    party: str
    outcome: str
    text: str
    at: Time


class Told(Struct, kw_only=True):
    """A concern with its answers; `outstanding` parties owe one."""

    id: str
    kind: str
    object: str
    author: str
    agreement: str
    agreement_title: str
    tlp: str
    text: str
    at: Time
    parties: tuple[str, ...]
    outstanding: tuple[str, ...]
    answers: tuple[Reply, ...]


class Concerns(Struct, kw_only=True):
    """What is asked of us, what partners owe an answer to, and what is answered."""

    asked: tuple[Told, ...]
    outstanding: tuple[Told, ...]
    answered: tuple[Told, ...]


class Raised(Struct, kw_only=True):
    """One for each agreement under which it is said."""

    concerns: tuple[Told, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange), services.get(Agreements))
    told: dict[str, Any] = {"group": "Concerns"}
    gives = roles_with(Permission.PUBLISH)
    return [
        api(
            "GET",
            "/concerns",
            desk.list,
            gives=Concerns,
            roles=roles_with(Permission.READ),
            does=("GET /concerns", "GET /intelligence/{stix_id}/concern"),
            summary="Recalls, other markings, false positives and feedback, and their answers.",
            **told,
        ),
        api(
            "POST",
            "/objects/{id}/concerns",
            desk.say,
            takes=NewConcern,
            gives=Raised,
            roles=gives,
            status=201,
            fails={"unknown-object": 404, "nobody-to-tell": 409},
            does=("POST /intelligence/{stix_id}/concern",),
            summary="Say something to those who gave an object or were given it.",
            **told,
        ),
        api(
            "POST",
            "/concerns/{concern}/answer",
            desk.answer,
            takes=NewAnswer,
            gives=Told,
            roles=gives,
            fails={"unknown-concern": 404, "not-asked": 409, "answered-already": 409},
            does=("POST /concerns/{concern}/answer",),
            summary="Answer what a partner said; once, and for good.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange, agreements: Agreements) -> None:
        self._exchange = exchange
        self._agreements = agreements

    def _told(self, each: Concern) -> Told:
        held = self._agreements.standings().get(each.agreement)
        return _told(each, held.title if held is not None else "")

    def list(self, request: Request) -> Concerns:
        who = request.reader
        return Concerns(
            asked=tuple(map(self._told, self._exchange.list_asked(who))),
            outstanding=tuple(map(self._told, self._exchange.list_outstanding(who))),
            answered=tuple(map(self._told, self._exchange.list_answered(who))),
        )

    def say(self, request: Request, asked: NewConcern) -> Raised:
        who, stix_id = request.reader, request.path_params["id"]
        made = self._exchange.raise_concern(who, stix_id, asked.kind, text=asked.text, tlp=asked.tlp, by=who.name)
        return Raised(concerns=tuple(map(self._told, made)))

    def answer(self, request: Request, asked: NewAnswer) -> Told:
        who, concern = request.reader, request.path_params["concern"]
        return self._told(self._exchange.answer_concern(who, concern, asked.outcome, text=asked.text, by=who.name))


def _told(each: Concern, title: str) -> Told:
    return Told(
        id=each.id,
        kind=each.kind,
        object=each.stix_id,
        author=each.author,
        agreement=each.agreement,
        agreement_title=title,
        tlp=each.tlp,
        text=each.text,
        at=time_of(each.at),
        parties=each.parties,
        outstanding=each.outstanding,
        answers=tuple(Reply(party=a.party, outcome=a.outcome, text=a.text, at=time_of(a.at)) for a in each.answers),
    )
