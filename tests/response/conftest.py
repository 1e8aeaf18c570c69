"""Parties that hand incidents over: real stores, lanes and links, ours on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import msgspec
import pytest

from federation.conftest import Actor, World
from inprocess import AppClient
from kouprey.agreements.model import HandOffTerm, Terms
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage.migrate import migrate
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node, open_node
from kouprey.node.founding import found
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.people.service import People
from kouprey.response.model import Verb, Wanted
from kouprey.response.model.preserving import Preserve
from kouprey.response.service import (
    Competence,
    Contacts,
    Directory,
    Drills,
    HandOffs,
    Preserving,
    Releasing,
    Roster,
    Said,
)
from kouprey.response.wire import MEDIA_TYPE
from kouprey.response.wire.profiles import MEDIA_TYPE as PROFILE
from migrated import lay_node
from response.bureaus import Bureau

HOUR = 3_600
TERMS = Terms(
    types=("intelligence", "hand-off", "strategy"),
    handoffs=tuple(
        HandOffTerm(kind=kind, acknowledge_s=HOUR, decide_s=4 * HOUR, pause_s=24 * HOUR)
        for kind in ("inform", "act", "preserve", "disclose")
    ),
)
PRESERVE = Preserve(
    authority="High Court of Borei, file 7/26",
    offence="Fraud by a false shop; 40 people paid.",
    data="Who rented 203.0.113.7 in November: the shop was there.",
    custodian="Operator, Sovan",
    necessity="Logs are kept there for 30 days.",
    assistance=True,
)
ALL = tuple(str(role) for role in Role)


class Caller(Actor):
    """A node with hand-offs; `ahead` moves its clock for them, `stopped` holds it at an instant."""

    ahead = 0
    stopped = 0

    def open(self, **how: Any) -> Actor:
        super().open(**how)
        migrate(
            self.store,
            [("exchange", "kouprey.exchange.migrations"), ("response", "kouprey.response.migrations")],
        )
        self.exchange = Exchange(self.store, self.people, self.agreements, self.lanes, self.now)
        self.handoffs = HandOffs(self.store, self.people, self.agreements, self.lanes, self.now)
        self.preserving = Preserving(self.store, self.people, self.exchange, self.handoffs, self.now)
        self.releasing = Releasing(self.store, self.people, self.handoffs, self.now)
        self.contacts = Contacts(self.store, self.people, self.handoffs, clock=self.now, origin="https://a.example")
        self.directory = Directory(self.store, self.people, self.agreements, self.lanes, self.now)
        self.competence = Competence(self.store, self.people, self.agreements, self.directory, self.handoffs, self.now)
        self.roster = Roster(self.store, self.now)
        self.drills = Drills(self.store, self.people, self.federation, self.handoffs, self.now)
        return self

    def receivers(self) -> Any:
        return {**super().receivers(), **self.regains()}

    def regains(self) -> Any:
        return {
            MEDIA_TYPE: lambda tx, deliveries: self.handoffs.apply(tx, deliveries),
            PROFILE: lambda tx, deliveries: self.directory.apply(tx, deliveries),
        }

    def now(self) -> int:
        return (self.stopped or wall_clock()) + self.ahead * SECOND

    def reader(self, *roles: Role, clearance: TLP = TLP.RED, name: str = "psn_x") -> Reader:
        words = tuple(map(str, roles)) if roles else ALL
        return Reader(party=self.party, clearance=clearance, local=True, roles=words, name=name)

    def ask(self, agreement: str, other: Actor, kind: str = "act", **given: Any) -> str:
        words = {"title": "Block the loader", "text": "It calls 203.0.113.7 every minute."} | given
        if kind == "preserve":
            words = {"preserve": PRESERVE} | words
        return self.want(self.reader(), agreement, other.party, kind, **words).id

    def want(self, who: Reader, agreement: str, to: str, kind: str, **words: Any) -> Any:
        return self.handoffs.request(who, Wanted(agreement=agreement, to=to, kind=kind, **words))

    def say(self, handoff: str, verb: Verb, text: str = "", **given: Any) -> Any:
        return self.handoffs.say(self.reader(), handoff, verb, text=text or "As said.", **given)

    def stage(self, handoff: str) -> str:
        return str(self.handoffs.get(self.reader(), handoff).course.stage)


class Neighbours(World):
    """Two or three parties with an agreement that allows hand-offs."""

    def sync(self) -> None:
        """Everybody gets what the others have, and their receipts."""
        for _ in range(2):
            for actor in self.actors:
                actor.lanes.append_waiting()
            for actor in self.actors:
                for other in self.actors:
                    if other is not actor and other.origin not in self.wire.down:
                        actor.sync(other)


@pytest.fixture(params=["sqlite", "postgres"])
def neighbours(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Neighbours]:
    fresh = request.getfixturevalue("fresh_postgres") if request.param == "postgres" else None
    made = Neighbours(tmp_path, fresh, kind=Caller)
    yield made
    made.close()


@pytest.fixture
def pair(neighbours: Neighbours) -> tuple[Any, Any, str]:
    """Who asks, who is asked, and their agreement."""
    return neighbours.pair(TERMS)


@pytest.fixture
def bureau(neighbours: Neighbours) -> Bureau:
    """Cases and reports of one node."""
    return Bureau(neighbours)


def officer(people: People, *roles: Role, clearance: TLP = TLP.RED) -> Reader:
    """Somebody of a node's own people who signs in."""
    person = people.save_person(f"Officer {len(people.list_persons())}", roles, clearance, by="test")
    return HandOffs.speaker(people.reader_of(person), tuple(map(str, roles)))


HERE = "http://127.0.0.1:8420"


def _identity(party: str) -> str:
    return f"identity--{uuid5(NAMESPACE_DNS, party)}"


class Office:
    """A whole node with its web, and people who look at it."""

    def __init__(self, folder: Path, party: str) -> None:
        settings = {"listen": "127.0.0.1:8420", "url": HERE}
        found(
            lay_node(folder),
            party=party,
            name=party.title(),
            settings=settings,
            identity=_identity(party),
            person="Dara",
        )
        self.folder, self.party, self.ahead = folder, party, 0
        self.node: Node = open_node(folder, clock=self.now)
        self.handoffs: HandOffs = self.node.services.get(HandOffs)
        self.contacts: Contacts = self.node.services.get(Contacts)
        self.people: People = self.node.services.get(People)
        self.agreements: Agreements = self.node.services.get(Agreements)
        self.node.lanes.start()

    def now(self) -> int:
        return wall_clock() + self.ahead * SECOND

    def officer(self, *roles: Role) -> Reader:
        """Somebody of theirs who signs in, with the roles they have."""
        return officer(self.people, *roles)

    def release(self, handoff: str, text: str, *items: Any, verb: Verb = Verb.REPORT) -> Any:
        """A lead and a legal officer give files away."""
        releasing = self.node.services.get(Releasing)
        word = releasing.give(self.officer(Role.LEAD), handoff, Said(verb, text, items=items))
        return releasing.second(self.officer(Role.LEGAL), handoff, word.id)

    def visitor(self, *roles: Role, clearance: TLP = TLP.RED) -> Visitor:
        web = build_web(self.node)
        person = self.people.save_person(f"Somebody {len(self.people.list_persons())}", roles, clearance, by="test")
        cookie, _ = self.people.sign_in(self.people.make_sign_in_link(person, by="test"))
        client = AppClient(web, base_url=HERE, follow_redirects=False)
        client.cookies.set(web.site.sessions.cookie, cookie)
        return Visitor(client, web.site.sessions.csrf(cookie))

    def program(self, role: Role, clearance: TLP = TLP.RED, party: str = "") -> AppClient:
        secret = self.people.create_token(party or self.party, role, clearance, by="test")[1]
        headers = {"Authorization": f"Bearer {secret}"}
        return AppClient(build_web(self.node), base_url=HERE, headers=headers, follow_redirects=False)

    def parcel(self, to: Office) -> None:
        """Everything that waits goes to the other by stick."""
        self.node.lanes.append_waiting()
        out = BytesIO()
        self.node.federation.parcels.make(to.party, out, by="test")
        to.node.federation.parcels.read(BytesIO(out.getvalue()), by="test")


@dataclass
class Visitor:
    """A browser with somebody signed in."""

    client: AppClient
    csrf: str

    def text(self, path: str, status: int = 200, **headers: str) -> str:
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == status, answer.text[:300]
        return str(answer.text)

    def post(self, path: str, **fields: str) -> Any:
        return self.client.post(path, data={"csrf": self.csrf, **fields}, headers={"Origin": HERE})


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[tuple[Office, Office, str]]:
    """The ministry, the operator, and their agreement in force."""
    a, b = Office(tmp_path / "a", "ministry.example"), Office(tmp_path / "b", "operator.example")
    a.people.trust(b.people.home().note, by="test")
    b.people.trust(a.people.home().note, by="test")
    terms = msgspec.structs.replace(TERMS, tlp_ceiling="amber")
    draft = a.agreements.draft("Mekong exchange", [a.party, b.party], terms, starts=a.now() - 10**7, by="test")
    signed = a.agreements.sign(draft.agreement, by="test")
    b.agreements.receive_note(signed.note, signed.document_bytes, by="test")
    both = b.agreements.sign(draft.agreement, by="test")
    a.agreements.receive_note(both.note, both.document_bytes, by="test")
    yield a, b, draft.agreement
    a.node.close()
    b.node.close()
