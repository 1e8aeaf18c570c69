"""Endpoints of a constituent: what concerns it, and what it says of that."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.constituents.model import Word
from kouprey.constituents.service import Constituents
from kouprey.exchange.model.inside import Hit
from kouprey.kernel.web.api import Asked, Paged, Time, api, next_page, place_of, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.time import FOREVER
from kouprey.people.model import HOSTED

Note = Annotated[str, Meta(max_length=2_000)]


class Question(Paged, frozen=True, kw_only=True):
    """A page of what concerns the own networks, the latest first."""


class Value(Struct, kw_only=True):
    """A value of the own networks that is named."""

    kind: str
    value: str


class Concern(Struct, kw_only=True):
    """A thing that names something of the own networks; `sources` are parties."""

    id: str
    type: str
    title: str
    tlp: str
    received: Time
    sources: tuple[str, ...]
    values: tuple[Value, ...]


class Concerns(Struct, kw_only=True):
    """A page, and where the next one begins, "" for none."""

    concerns: tuple[Concern, ...]
    next: str


class Saying(Asked, frozen=True, kw_only=True):
    """What became of it: seen, false-positive or fixed, and words of one's own."""

    word: Word
    note: Note = ""


class Wishing(Asked, frozen=True, kw_only=True):
    """What is to be different with what is held of one."""

    text: Annotated[str, Meta(min_length=1, max_length=2_000)]


def doors(constituents: Constituents) -> list[Door]:
    """Only a constituent comes in."""
    told: dict[str, Any] = {"group": "For constituents", "roles": (HOSTED,), "own": False}

    def inside(request: Request, asked: Question) -> Concerns:
        before = place_of(request, asked, int)
        found = constituents.inside(request.reader, before=before or FOREVER, limit=min(asked.limit, 200))
        return Concerns(
            concerns=tuple(map(_concern, found.hits)),
            next=next_page(request, asked, found.before) if found.before else "",
        )

    def say(request: Request, asked: Saying) -> None:
        constituents.say(request.reader, request.path_params["stix_id"], asked.word, asked.note)

    def wish(request: Request, asked: Wishing) -> None:
        constituents.wish(request.reader, asked.text)

    return [
        api(
            "GET",
            "/yours",
            inside,
            takes=Question,
            gives=Concerns,
            fails={"not-a-constituent": 403},
            does=("GET /yours",),
            summary="What is said of the own networks.",
            **told,
        ),
        api(
            "POST",
            "/yours/{stix_id}/feedback",
            say,
            takes=Saying,
            fails={"not-a-constituent": 403, "unknown-object": 404},
            does=("POST /yours/{stix_id}",),
            summary="Say what became of it.",
            **told,
        ),
        api(
            "POST",
            "/yours/wishes",
            wish,
            takes=Wishing,
            fails={"not-a-constituent": 403},
            does=("POST /yours/own",),
            summary="Ask for something to be corrected.",
            **told,
        ),
    ]


def _concern(hit: Hit) -> Concern:
    return Concern(
        id=hit.stix_id,
        type=hit.type,
        title=hit.title,
        tlp=hit.tlp.text,
        received=time_of(hit.received_at),
        sources=hit.sources,
        values=tuple(Value(kind=each.kind, value=each.text) for each in hit.values),
    )
