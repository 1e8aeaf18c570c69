"""Endpoints about approvals: what waits to be released, and the words of those who release it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.agreements.model import CLAUSES
from kouprey.agreements.model.citing import clause_title
from kouprey.agreements.service import Agreements
from kouprey.exchange.api.shapes import Ground
from kouprey.exchange.api.shown import grounds
from kouprey.exchange.model.releasing import Approval, Spoken
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with

Ids = Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)]


class Chosen(Asked, frozen=True, kw_only=True):
    """Approvals by their ids."""

    ids: Ids


class Declined(Asked, frozen=True, kw_only=True):
    """Approvals by their ids, and why they are declined."""

    ids: Ids
    because: str


class Reviewed(Asked, frozen=True, kw_only=True):
    """What went in an emergency, and what its review says."""

    ids: Ids
    text: str


class Missing(Struct, kw_only=True):
    """So many more persons of a role."""

    role: str
    persons: int


class Shown(Struct, kw_only=True):
    """An approval: what was to go where, who has released it, and how it stands."""

    id: str
    object: str
    title: str
    tlp: str
    agreement: str
    clause: str
    agreement_title: str
    clause_title: str
    parties: tuple[str, ...]
    asked_by: str
    asked_at: Time
    state: str
    released_by: tuple[str, ...]
    lacks: tuple[Missing, ...]
    because: tuple[Ground, ...]
    ended_at: Time
    emergency: bool
    review_by: Time


class Queue(Struct, kw_only=True):
    """What waits, what is to be reviewed, and what waits no more."""

    waiting: tuple[Shown, ...]
    unreviewed: tuple[Shown, ...]
    settled: tuple[Shown, ...]


class Word(Struct, kw_only=True):
    """What became of one: `state` is how it stands, "left" when nothing was done."""

    id: str
    object: str
    state: str
    because: tuple[Ground, ...]


class Words(Struct, kw_only=True):
    """What became of each."""

    spoken: tuple[Word, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange), services.get(Agreements))
    told: dict[str, Any] = {"group": "Approvals", "roles": roles_with(Permission.RELEASE)}
    fails = {"not-a-person": 403, "unknown-approval": 404}
    acts: dict[str, tuple[type[Asked], Callable[..., Words], str]] = {
        "release": (Chosen, desk.release, "Say that these may go; with the last word needed each is decided and sent."),
        "decline": (Declined, desk.decline, "Say that these do not go, and why."),
        "take-back": (Chosen, desk.take_back, "Take one's word back as long as nothing was sent."),
        "review": (Reviewed, desk.review, "Review what a duty officer sent at once."),
    }
    return [
        api(
            "GET",
            "/approvals",
            desk.queue,
            gives=Queue,
            does=("GET /approvals",),
            summary="What waits for somebody's word before it goes to partners, as far as you may see it.",
            **told,
        ),
        *(
            api(
                "POST",
                f"/approvals/{verb}",
                act,
                takes=takes,
                gives=Words,
                repeatable=True,
                fails=fails,
                does=(f"POST /approvals/{verb}",),
                summary=summary,
                **told,
            )
            for verb, (takes, act, summary) in acts.items()
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange, agreements: Agreements) -> None:
        self._exchange = exchange
        self._agreements = agreements

    def queue(self, request: Request) -> Queue:
        who = request.reader
        return Queue(
            waiting=self._shown(self._exchange.list_approvals(who)),
            unreviewed=self._shown(self._exchange.list_unreviewed(who)),
            settled=self._shown(self._exchange.list_settled(who)),
        )

    def _shown(self, approvals: Sequence[Approval]) -> tuple[Shown, ...]:
        titles = {key: each.title for key, each in self._agreements.standings().items()}
        return tuple(_shown(each, titles.get(each.agreement, "")) for each in approvals)

    def release(self, request: Request, asked: Chosen) -> Words:
        return _words(self._exchange.release(request.reader, asked.ids, by=request.reader.name))

    def decline(self, request: Request, asked: Declined) -> Words:
        return _words(self._exchange.decline(request.reader, asked.ids, because=asked.because, by=request.reader.name))

    def take_back(self, request: Request, asked: Chosen) -> Words:
        return _words(self._exchange.take_back(request.reader, asked.ids, by=request.reader.name))

    def review(self, request: Request, asked: Reviewed) -> Words:
        return _words(self._exchange.review(request.reader, asked.ids, text=asked.text, by=request.reader.name))


def _shown(each: Approval, title: str) -> Shown:
    clause = CLAUSES["emergency" if each.emergency else "approvals"]
    return Shown(
        id=each.id,
        object=each.stix_id,
        title=each.title,
        tlp=each.tlp.word,
        agreement=each.agreement,
        clause=clause,
        agreement_title=title,
        clause_title=clause_title(clause),
        parties=each.parties,
        asked_by=each.asked_by,
        asked_at=time_of(each.asked_at),
        state=each.state,
        released_by=tuple(voice.person for voice in each.voices),
        lacks=tuple(Missing(role=lack.role, persons=lack.persons) for lack in each.lacks),
        because=grounds(each.because),
        ended_at=time_of(each.ended_at),
        emergency=each.emergency,
        review_by=time_of(each.review_by),
    )


def _words(spoken: Sequence[Spoken]) -> Words:
    return Words(
        spoken=tuple(
            Word(id=each.id, object=each.stix_id, state=each.state, because=grounds(each.because)) for each in spoken
        )
    )
