"""The web face of a node: doors of all capabilities behind one frame, and who stands before them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address

from kouprey import __version__
from kouprey.audit.service import Audit
from kouprey.constituents.pages import VIEWS
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import hmac_sha256
from kouprey.kernel.web.app import Frame, build_app, health_door
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.identity import ACTING_FOR, Identity
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.live import PATH, Live, Pulses
from kouprey.kernel.web.once import Once
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.site import NavItem, Site
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Forbidden
from kouprey.kernel.words.look import Look
from kouprey.kernel.words.priming import prime
from kouprey.node import first_steps, governing, pages
from kouprey.node.assemble import Node, load
from kouprey.node.banner import Banner
from kouprey.node.capabilities import CAPABILITIES
from kouprey.node.health import health
from kouprey.node.metrics import metrics_door
from kouprey.node.rest import described
from kouprey.node.settings import Settings
from kouprey.node.setup import Setup
from kouprey.people.model import HOSTED, Permission, rights_of, roles_with
from kouprey.people.service import People
from kouprey.response.service import Notices

SECTIONS: dict[int, str] = {
    0: "",
    2: mark("Intelligence"),
    3: mark("Watch and protect"),
    4: mark("Response"),
    5: mark("Exchange"),
    6: mark("Capacity"),
    7: mark("Node"),
}
"""Headings of the navigation, by the hundreds of the orders of its places."""


def build_web(node: Node) -> Frame:
    """The ASGI application of an opened node."""
    people = node.services.get(People)
    ring = node.services.get(Keyring)
    home = people.home()
    scheme = node.settings.origin.partition(":")[0]
    # Names are for pages and speak their language, so commands do without.
    node.federation.naming[:] = [load(plate.names)(node.services) for plate in CAPABILITIES if plate.names]
    node.services.get(Audit).subjects[:] = [
        load(plate.subjects)(node.services) for plate in CAPABILITIES if plate.subjects
    ]
    others = sorted(node.settings.allowed_hosts)
    origins = (node.settings.origin, *(f"{scheme}://{host}" for host in others))
    tells = tells_story(node.settings)
    site = Site(
        node_id=sha256(home.card.node.encode()).hexdigest()[:8],
        party=home.id,
        party_name=home.name,
        version=__version__,
        origins=tuple(dict.fromkeys(origins)),
        sign=lambda data: hmac_sha256(ring.cookie, data),
        authenticate=Authenticator(people),
        nav=_navigation(node),
        templates=("kouprey.node", *(plate.templates for plate in CAPABILITIES if plate.templates)),
        sign_in="/story" if tells else "/sign-in",
        search="/intelligence",
        note="demonstration" if tells else "",
        banner=Banner(node.data) if tells else None,
        bell=lambda request: node.services.get(Notices).count(request.reader),
        once=Once(node.store, node.clock),
        live=PATH,
        hosted=VIEWS[0][0],
        keep_look=Keeper(people),
    )
    pulses = {topic: pulse for plate in CAPABILITIES if plate.pulses for topic, pulse in _pulses(node, plate.pulses)}
    live = Live(node.store.changes, pulses)
    doors = [
        *_doors(node),
        live.door(roles_with(Permission.READ)),
        health_door(lambda: health(node)),
        metrics_door(node, roles_with(Permission.OPERATE)),
    ]
    # Everything that answers is imported by now, and nobody asks yet.
    prime()
    return build_app(site, [*described(doors, node.settings.origin), *doors], traffic=node.traffic)


def _doors(node: Node) -> Sequence[Door]:
    doors = [door for plate in CAPABILITIES for name in plate.routes for door in load(name)(node.services)]
    doors += [*governing.routes(node), *first_steps.routes(node)]
    return [*pages.routes(node), *doors] if tells_story(node.settings) else doors


def tells_story(settings: Settings) -> bool:
    """Whether this is a node of the demonstration.

    Its pages let anybody in as the people of the story, so it must be one that nobody beyond this machine can reach.
    """
    try:
        local = settings.host == "localhost" or ip_address(settings.host).is_loopback
    except ValueError:
        local = False
    return settings.story and local


def _pulses(node: Node, name: str) -> Iterable[tuple[str, Callable[[Reader], object]]]:
    found: Pulses = load(name)(node.services)
    return found.items()


@dataclass(frozen=True, kw_only=True)
class _WhileNew(NavItem):
    """A place that is there only as long as it is wanted."""

    wanted: Callable[[], bool]

    def shown_to(self, identity: Identity | None) -> bool:
        return super().shown_to(identity) and self.wanted()


def _navigation(node: Node) -> tuple[NavItem, ...]:
    places = sorted((place for plate in CAPABILITIES for place in plate.places), key=lambda place: place.order)
    keepers = roles_with(Permission.PEOPLE)
    return (
        _WhileNew(path="/setup", title="First steps", icon="setup", roles=keepers, wanted=Setup(node).wanted),
        *(
            NavItem(
                place.path,
                place.text,
                place.icon,
                roles_with(Permission(place.permission)),
                section=SECTIONS[place.order // 100],
                key=place.key,
                also=place.also,
            )
            for place in places
        ),
        NavItem("/settings", "Settings", "settings", keepers, SECTIONS[7]),
        *(NavItem(path, title, icon, (HOSTED,)) for path, title, icon in VIEWS),
    )


class Keeper:
    """Keeps how pages look to a person with that person, so that it follows them to another browser."""

    def __init__(self, people: People) -> None:
        self._people = people

    def __call__(self, request: Request, look: Look) -> None:
        secret = request.site.sessions.read(request)
        session = self._people.find_session(secret) if secret else None
        if session is not None:
            self._people.set_look(session, look)


class Authenticator:
    """Turns a session cookie or an Authorization header into an identity; nobody is an answer too."""

    def __init__(self, people: People) -> None:
        self._people = people

    def __call__(self, request: Request) -> Identity | None:
        authorization = request.headers.get("authorization")
        parties = request.headers.getlist(ACTING_FOR)
        if authorization is not None:
            return self._token(authorization, parties)
        if parties:
            # Not passed over: whoever says so would read another party's view for the one they asked for.
            raise Forbidden(
                "Only a token acts for another party.",
                f"The header {ACTING_FOR} came without one.",
                "Send the token to which it was delegated.",
                code="not-delegated",
            )
        secret = request.site.sessions.read(request)
        session = self._people.find_session(secret) if secret else None
        if session is None:
            return None
        person = session.person
        return Identity(
            name=person.name,
            reader=self._people.reader_of(person),
            roles=(HOSTED,) if person.constituent else tuple(str(role) for role in person.roles),
            csrf=request.site.sessions.csrf(secret),
            look=session.look,
            unproven=self._people.lacks_proof(session),
        )

    def _token(self, authorization: str, parties: Sequence[str]) -> Identity | None:
        token = self._people.find_token(authorization)
        if token is None:
            return None
        if parties:
            # More than one name is none.
            acting = self._people.acting_for(token, parties[0] if len(parties) == 1 else "")
            reader = self._people.reader_acting(token, acting)
            return Identity(name=token.user, reader=reader, roles=rights_of(acting), scope=token.collections)
        reader = self._people.reader_of_token(token)
        rights = (*rights_of(token), HOSTED) if token.constituent else rights_of(token)
        return Identity(name=token.user, reader=reader, roles=rights, scope=token.collections)
