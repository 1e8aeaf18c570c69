"""The REST interface of partners: cards, links, and what waits for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.responses import Response

from kouprey.federation.service import Federation
from kouprey.federation.service.ledger import Waiting
from kouprey.federation.store.links import Link as Held
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.people.model import Party, Permission, roles_with
from kouprey.people.service import People

CARD = "text/plain"
ONE = "/partners/{party}"
UNKNOWN = {"unknown-party": 404, "own-party": 404}
LINKED = {**UNKNOWN, "no-link": 404}
BAD = {"bad-card": 400}


class Nothing(Asked, frozen=True, kw_only=True):
    """No question."""


class Compared(Asked, frozen=True, kw_only=True):
    """The fingerprint words of the card, as they were compared by voice; a renewed card needs none."""

    words: Annotated[str, Meta(max_length=400)] = ""


class Address(Asked, frozen=True, kw_only=True):
    """Where a partner's node is reached."""

    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    allow_private: bool = False


class Link(Struct, kw_only=True):
    """How a partner is reached, and how that went last."""

    url: str
    paused: bool
    last_ok: Time
    last_try: Time
    failures: int
    error: str
    down_since: Time


class Pending(Struct, kw_only=True):
    """What a partner does not have yet."""

    queued: int
    unsigned: int
    unconfirmed: int
    papers: int


class Partner(Struct, kw_only=True):
    """A party whose card we trust; `words` are its fingerprint, `wants` what to ask it for over the telephone.

    `members` belong to it, and it to those in `member_of`, as this node has written down; no right follows from it.
    """

    id: str
    name: str
    home: bool
    words: tuple[str, ...]
    link: Link | None
    waiting: Pending
    quarantined: int
    wants: tuple[str, ...]
    members: tuple[str, ...]
    member_of: tuple[str, ...]


class Listed(Struct, kw_only=True):
    """Every party whose card is held but our own, by name."""

    partners: tuple[Partner, ...]


class Card(Struct, kw_only=True):
    """A card that was read; nothing is kept. `known` when its root key is the one we trust already."""

    party: str
    name: str
    words: tuple[str, ...]
    known: bool


class Offered(Struct, kw_only=True):
    """A lane a partner says it has for us, and how much of it we hold."""

    origin: str
    size: int
    held: int


class Offers(Struct, kw_only=True):
    """What a call brought."""

    lanes: tuple[Offered, ...]


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Federation), services.get(People))
    return [*_cards(desk), *_looking(desk), *_links(desk)]


def _cards(desk: _Desk) -> list[Door]:
    reads: dict[str, Any] = {"group": "Partners", "roles": roles_with(Permission.READ)}
    links: dict[str, Any] = {"group": "Partners", "roles": roles_with(Permission.LINK)}
    return [
        api(
            "GET",
            "/card",
            desk.card,
            media=(CARD,),
            does=("GET /partners/card", "GET /partners/card/file"),
            summary="Our own card, as it is signed, to be given to partners.",
            **reads,
        ),
        api(
            "POST",
            "/cards/reading",
            desk.read_card,
            brings=(CARD,),
            takes=Nothing,
            gives=Card,
            fails=BAD,
            reads=True,
            does=("POST /partners/trust",),
            summary="Read a card and its fingerprint words; nothing is kept.",
            **links,
        ),
        api(
            "POST",
            "/cards",
            desk.trust,
            brings=(CARD,),
            takes=Compared,
            gives=Partner,
            status=201,
            fails={**BAD, "not-compared": 409},
            does=("POST /partners/trust/confirmed",),
            summary="Trust a card, with the words that were compared by voice.",
            **links,
        ),
    ]


def _looking(desk: _Desk) -> list[Door]:
    reads: dict[str, Any] = {"group": "Partners", "roles": roles_with(Permission.READ)}
    links: dict[str, Any] = {"group": "Partners", "roles": roles_with(Permission.LINK)}
    return [
        api("GET", "/partners", desk.list, gives=Listed, does=("GET /partners",), summary="List partners.", **reads),
        api(
            "GET",
            ONE,
            desk.show,
            gives=Partner,
            fails=UNKNOWN,
            does=("GET /partners/{party}",),
            summary="A partner: its link, what waits for it, what is held back of it.",
            **reads,
        ),
        api(
            "POST",
            f"{ONE}/exchange",
            desk.exchange,
            status=202,
            gives=Partner,
            fails=LINKED,
            repeatable=True,
            does=("POST /partners/{party}/now",),
            summary="Begin an exchange now.",
            **links,
        ),
        api(
            "POST",
            f"{ONE}/call",
            desk.call,
            gives=Offers,
            fails=LINKED,
            reads=True,
            seconds=60.0,
            does=("POST /partners/{party}/test",),
            summary="Call the partner once, and say what it has for us.",
            **links,
        ),
    ]


def _links(desk: _Desk) -> list[Door]:
    links: dict[str, Any] = {"group": "Partners", "roles": roles_with(Permission.LINK)}
    return [
        api(
            "PUT",
            f"{ONE}/link",
            desk.link,
            takes=Address,
            gives=Partner,
            fails={**UNKNOWN, "bad-url": 400},
            does=("POST /partners/{party}/link",),
            summary="Keep the address at which a partner is reached.",
            **links,
        ),
        api(
            "POST",
            f"{ONE}/pause",
            desk.pause,
            gives=Partner,
            fails=LINKED,
            repeatable=True,
            does=("POST /partners/{party}/pause",),
            summary="Use the link no more; what is published waits.",
            **links,
        ),
        api(
            "DELETE",
            f"{ONE}/pause",
            desk.resume,
            gives=Partner,
            fails=LINKED,
            repeatable=True,
            does=("POST /partners/{party}/resume",),
            summary="Use the link again.",
            **links,
        ),
    ]


class _Desk:
    """What these endpoints ask of the services."""

    def __init__(self, federation: Federation, people: People) -> None:
        self._federation = federation
        self._people = people

    def list(self, _: Request) -> Listed:
        return Listed(partners=tuple(map(self._partner, self._parties())))

    def show(self, request: Request) -> Partner:
        return self._partner(self._party(request))

    def card(self, _: Request) -> Response:
        return Response(self._people.home().note, media_type="text/plain; charset=utf-8")

    def read_card(self, request: Request, _: Nothing) -> Card:
        card, words = self._people.read_card(request.content)
        held = self._people.find_party(card.party)
        known = held is not None and held.card.root == card.root
        return Card(party=card.party, name=card.name, words=tuple(words), known=known)

    def trust(self, request: Request, asked: Compared) -> Partner:
        read = self.read_card(request, Nothing())
        if not read.known and asked.words.lower().split() != [each.lower() for each in read.words]:
            raise Refused(
                "The words of the card were not compared.",
                "They are how a person knows that the card is the partner's own.",
                "Compare them by voice, and send them as `words`.",
                code="not-compared",
                detail={"words": list(read.words)} if not asked.words else {},
            )
        return self._partner(self._people.trust(request.content, by=request.reader.name))

    def link(self, request: Request, asked: Address) -> Partner:
        party = self._party(request)
        self._federation.links.add(party.id, asked.url, allow_private=asked.allow_private, by=request.reader.name)
        return self._partner(party)

    def pause(self, request: Request) -> Partner:
        return self._paused(request, True)

    def resume(self, request: Request) -> Partner:
        return self._paused(request, False)

    def _paused(self, request: Request, paused: bool) -> Partner:
        party = self._party(request)
        self._federation.links.pause(party.id, paused=paused, by=request.reader.name)
        return self._partner(party)

    def exchange(self, request: Request) -> Partner:
        party = self._party(request)
        self._federation.links.get_link(party.id)
        self._federation.links.wake(party.id)
        return self._partner(party)

    def call(self, request: Request) -> Offers:
        party = self._party(request)
        held = {lane.origin: lane.size for lane in self._federation.ledger.list_lanes(party=party.id)}
        offered = self._federation.links.test(party.id)
        return Offers(lanes=tuple(Offered(origin=e.origin, size=e.size, held=held.get(e.origin, 0)) for e in offered))

    def _parties(self) -> Sequence[Party]:
        return sorted((each for each in self._people.list_parties() if not each.home), key=lambda each: each.name)

    def _party(self, request: Request) -> Party:
        return partner_of(self._people, request)

    def _partner(self, party: Party) -> Partner:
        links = {link.party: link for link in self._federation.links.list_links()}
        waiting = {each.party: each for each in self._federation.ledger.list_waiting()}.get(party.id, Waiting(party.id))
        lanes = self._federation.ledger.list_lanes(party=party.id)
        known = self._people.list_memberships()
        return Partner(
            id=party.id,
            name=party.name,
            home=party.home,
            words=tuple(self._people.fingerprint(party.id)),
            link=_link(links.get(party.id)),
            waiting=Pending(
                queued=waiting.queued,
                unsigned=waiting.unsigned,
                unconfirmed=waiting.unconfirmed,
                papers=waiting.papers,
            ),
            quarantined=sum(lane.quarantined for lane in lanes if lane.author == party.id),
            wants=tuple(self._federation.parcels.wants(party.id)),
            members=tuple(each.member for each in known if each.party == party.id),
            member_of=tuple(each.party for each in known if each.member == party.id),
        )


def _link(held: Held | None) -> Link | None:
    if held is None:
        return None
    return Link(
        url=held.url,
        paused=held.paused,
        last_ok=time_of(held.last_ok),
        last_try=time_of(held.last_try),
        failures=held.failures,
        error=held.error,
        down_since=time_of(held.down_since),
    )


def partner_of(people: People, request: Request) -> Party:
    """The partner that a path names; Unknown for ourselves."""
    party = people.get_party(request.path_params["party"])
    if party.home:
        raise Unknown("That is this node itself.", remedy="Name a partner.", code="own-party")
    return party
