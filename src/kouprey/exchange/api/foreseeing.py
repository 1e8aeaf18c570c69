"""The endpoint that looks ahead: what partners would see under a version of an agreement."""

from __future__ import annotations

from msgspec import Struct

from kouprey.exchange.api.shapes import Ground
from kouprey.exchange.api.shown import grounds
from kouprey.exchange.model.foreseeing import Outlook
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with


class Question(Asked, frozen=True, kw_only=True):
    """The beginning of the hash of a version's note, "" for the newest."""

    version: str = ""


class AtLevel(Struct, kw_only=True):
    """Versions of objects of one level: held, seen now, seen then, and of those the ones that need release."""

    tlp: str
    held: int
    now: int
    then: int
    released: int
    because: tuple[Ground, ...]


class Example(Struct, kw_only=True):
    """One object."""

    id: str
    title: str
    tlp: str


class ForParty(Struct, kw_only=True):
    """What one party would see."""

    party: str
    now: int
    then: int
    released: int
    levels: tuple[AtLevel, ...]
    opens: tuple[Example, ...]
    closes: tuple[Example, ...]


class Ahead(Struct, kw_only=True):
    """What a version of an agreement would change; `more` parties were not looked at."""

    agreement: str
    version: int
    signed: bool
    parties: tuple[ForParty, ...]
    more: int


def doors(services: Services) -> list[Door]:
    """The endpoint."""
    exchange = services.get(Exchange)

    def foresight(request: Request, asked: Question) -> Ahead:
        seen = exchange.foresight(request.reader, request.path_params["agreement"], asked.version)
        return Ahead(
            agreement=seen.agreement,
            version=seen.number,
            signed=seen.signed,
            parties=tuple(map(_for_party, seen.outlooks)),
            more=seen.more,
        )

    return [
        api(
            "GET",
            "/agreements/{agreement}/foresight",
            foresight,
            takes=Question,
            gives=Ahead,
            group="Agreements",
            roles=roles_with(Permission.READ),
            fails={"unknown-agreement": 404, "unknown-version": 404},
            does=("GET /agreements/{agreement}/foresight",),
            summary="What each partner would see if a draft or a proposal were in force.",
        )
    ]


def _for_party(each: Outlook) -> ForParty:
    return ForParty(
        party=each.party,
        now=each.now,
        then=each.then,
        released=each.released,
        levels=tuple(
            AtLevel(
                tlp=level.tlp.word,
                held=level.held,
                now=level.now,
                then=level.then,
                released=level.released,
                because=grounds(level.because),
            )
            for level in each.levels
        ),
        opens=tuple(Example(id=s.stix_id, title=s.title, tlp=s.tlp.word) for s in each.opens),
        closes=tuple(Example(id=s.stix_id, title=s.title, tlp=s.tlp.word) for s in each.closes),
    )
