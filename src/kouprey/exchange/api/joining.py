"""Endpoints for who joined an agreement later: what they lack of what was given before, and giving it to them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.exchange.api.shapes import Reasoned, Report, instant_of
from kouprey.exchange.api.shown import reasoned, report
from kouprey.exchange.model.joining import GivenBefore
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.joining import AT_ONCE
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with

PAGE = "/agreements/{agreement}/given-before"


class Newcomer(Asked, frozen=True, kw_only=True):
    """A party of the agreement; `since`: only what was given to the others from then on."""

    party: Annotated[str, Meta(max_length=200)]
    since: Time = ""


class TypeLacking(Struct, kw_only=True):
    """Of one type: looked at, would go, would ask for release, held back."""

    type: str
    found: int
    goes: int
    waits: int
    held: int


class Lacks(Struct, kw_only=True):
    """What the party lacks of what stands still, as far as you see it.

    `found` objects, and more when `beyond`; the first `looked` were asked about at the gate. `hinders` is why it would
    wait, or with `stopped` why nothing can be given.
    """

    agreement: str
    party: str
    since: Time
    found: int
    beyond: bool
    looked: int
    goes: int
    waits: int
    held: int
    pruned: int
    types: tuple[TypeLacking, ...]
    waiting: tuple[Reasoned, ...]
    grounds: tuple[Reasoned, ...]
    hinders: str
    stopped: bool


class Handed(Struct, kw_only=True):
    """What became of it; `more` says to ask again, and what was given is not given twice."""

    party: str
    report: Report
    more: bool


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    exchange = services.get(Exchange)
    told: dict[str, Any] = {
        "takes": Newcomer,
        "group": "Giving",
        "roles": roles_with(Permission.PUBLISH),
        "fails": {"unknown-agreement": 404},
        "seconds": 120.0,
    }

    def show(request: Request, asked: Newcomer) -> Lacks:
        agreement, since = request.path_params["agreement"], instant_of(asked.since, "since") or 0
        return _lacks(exchange.foresee_before(request.reader, agreement, asked.party, since=since))

    def give(request: Request, asked: Newcomer) -> Handed:
        who, since = request.reader, instant_of(asked.since, "since") or 0
        agreement = request.path_params["agreement"]
        made = exchange.give_before(who, agreement, asked.party, by=who.name, since=since, most=AT_ONCE)
        return Handed(party=made.party, report=report(made.report), more=made.more)

    return [
        api(
            "GET",
            PAGE,
            show,
            gives=Lacks,
            does=(f"GET {PAGE}",),
            summary="What a party that joined later lacks of what was given to the others, and what would go to it.",
            **told,
        ),
        api(
            "POST",
            PAGE,
            give,
            gives=Handed,
            repeatable=True,
            does=(f"POST {PAGE}",),
            summary="Give a party what was given to the others before it joined and still stands; nothing twice.",
            **told,
        ),
    ]


def _lacks(seen: GivenBefore) -> Lacks:
    return Lacks(
        agreement=seen.agreement,
        party=seen.party,
        since=time_of(seen.since),
        found=seen.found,
        beyond=seen.beyond,
        looked=seen.looked,
        goes=seen.goes,
        waits=seen.waits,
        held=seen.held,
        pruned=seen.pruned,
        types=tuple(
            TypeLacking(type=each.type, found=each.found, goes=each.goes, waits=each.waits, held=each.held)
            for each in seen.types
        ),
        waiting=tuple(map(reasoned, seen.waiting)),
        grounds=tuple(map(reasoned, seen.grounds)),
        hinders=seen.hinders,
        stopped=seen.stopped,
    )
