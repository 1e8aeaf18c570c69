"""A node with the pages of its exchange, and people who look at them."""

from __future__ import annotations

import html
import io
import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from inprocess import AppClient
from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.exchange.pages import routes
from kouprey.exchange.pages.ledger import ObjectNaming
from kouprey.exchange.service import Exchange
from kouprey.federation.pages import routes as federation_routes
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.site import Site
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.node.assemble import Node, open_node
from kouprey.node.founding import found
from kouprey.people.model import Role
from kouprey.people.service import People

HERE = "http://soc.borei.example"
GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
CANARY = fiction.CANARY
HIDDEN_TYPES = {"amber+strict": "tool", "red": "grouping"}


class Desk:
    """One node with the pages of its exchange, and people who look at them."""

    def __init__(self, folder: Path, cast: fiction.Cast) -> None:
        identity = f"identity--{uuid.uuid5(uuid.NAMESPACE_DNS, cast.party)}"
        found(folder, party=cast.party, name=cast.name, settings={}, identity=identity, person="Somebody")
        self.node: Node = open_node(folder)
        self.identity = identity
        self.people = self.node.services.get(People)
        self.agreements = self.node.services.get(Agreements)
        self.exchange = self.node.services.get(Exchange)
        self.site = Site(
            node_id="ab12",
            party=cast.party,
            party_name=cast.name,
            version="0.0.0",
            origins=(HERE,),
            sign=lambda data: b"k" * 32,
            authenticate=self._authenticate,
            templates=("kouprey.exchange", "kouprey.federation"),
        )
        # The ledger is federation's page; what it calls things is the exchange's.
        self.node.federation.naming.append(ObjectNaming(self.node.services))
        self.app = build_app(self.site, [*routes(self.node.services), *federation_routes(self.node.services)])
        self.readers: dict[str, Identity] = {}

    def _authenticate(self, request: Request) -> Identity | None:
        return self.readers.get(request.site.sessions.read(request))

    def visitor(self, *roles: Role, clearance: TLP = TLP.RED, local: bool = True) -> Visitor:
        """Somebody with these roles, signed in."""
        secret = uuid.uuid4().hex
        person = self.people.save_person(f"Person {secret[:6]}", roles, clearance, by="test")
        reader = self.people.reader_of(person)
        if not local:
            reader = Reader(party="cert.talay.example", clearance=clearance)
        self.readers[secret] = Identity(
            name=person.name,
            reader=reader,
            roles=tuple(str(role) for role in roles),
            csrf=self.site.sessions.csrf(secret),
        )
        client = AppClient(self.app, base_url=HERE, follow_redirects=False)
        client.cookies.set("kouprey-ab12", secret)
        return Visitor(client, self.site.sessions.csrf(secret))

    def take(self, *objects: dict[str, object], name: str = "test.json") -> None:
        """Import, and see that all of it was taken."""
        report = self.exchange.import_stream(io.BytesIO(fiction.bundle(list(objects))), name=name, by="operator")
        assert report.refused == 0, report

    @staticmethod
    def thing(kind: str, name: str, /, **values: object) -> dict[str, object]:
        """A STIX object of our own making."""
        return {
            "type": kind,
            "spec_version": "2.1",
            "id": fiction.stix_id(kind, name),
            "created": "2026-10-31T05:00:00.000Z",
            "modified": "2026-10-31T05:00:00.000Z",
            "name": name,
            "object_marking_refs": [GREEN],
            **values,
        }

    @staticmethod
    def marked(kind: str, name: str, tlp: str, /, **values: object) -> dict[str, object]:
        return Desk.thing(kind, name, **{"object_marking_refs": [fiction.TLP_MARKING[tlp]], **values})

    @staticmethod
    def links(text: str) -> list[str]:
        return [html.unescape(each) for each in re.findall(r'(?:href|action|src)="([^"]*)"', text)]

    @staticmethod
    def titles(text: str) -> list[str]:
        plain = re.sub(r"</?mark>", "", text)
        return re.findall(r'<td class="main"><a class="clamp" href="[^"]*"><bdi>([^<]*)</bdi>', plain)

    @staticmethod
    def assert_harmless(text: str) -> None:
        body = text.partition("<main")[2] or text
        assert "<script" not in body and "<img" not in body
        assert not any(char in text for char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        tags = re.findall(r"<[a-z][^>]*>", body)
        assert not [tag for tag in tags if re.search(r"\s(style|on[a-z]+)=", re.sub(r'"[^"]*"', '""', tag))]


class Visitor:
    """A browser of theirs."""

    def __init__(self, client: AppClient, csrf: str) -> None:
        self.client = client
        self.csrf = csrf

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
        return answer.text

    def post(self, path: str, files: Any = None, **fields: str) -> httpx.Response:
        data = {"csrf": self.csrf, **fields}
        return self.client.post(path, data=data, files=files, headers={"Origin": HERE})


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "operator", fiction.OPERATOR)
    yield made
    made.node.close()


@pytest.fixture
def ministry(desk: Desk, tmp_path: Path) -> Iterator[Callable[[], Desk]]:
    """Founds the ministry's node when called; the two know each other's cards then."""
    made: list[Desk] = []

    def found_it() -> Desk:
        other = Desk(tmp_path / "ministry", fiction.MINISTRY)
        made.append(other)
        desk.people.trust(other.people.home().note, by="test")
        other.people.trust(desk.people.home().note, by="test")
        return other

    yield found_it
    for each in made:
        each.node.close()


@pytest.fixture
def agree(desk: Desk, ministry: Callable[[], Desk]) -> Callable[[], str]:
    """Brings an agreement with the ministry into force at the desk; its id."""

    def deed() -> str:
        other = ministry()
        draft = other.agreements.draft(
            fiction.AGREEMENT_TITLE, [fiction.OPERATOR.party], Terms(), starts=wall_clock() - 10**6, by="test"
        )
        signed = other.agreements.sign(draft.agreement, by="test")
        desk.agreements.receive_note(signed.note, signed.document_bytes, by="test")
        desk.agreements.sign(draft.agreement, by="test")
        return draft.agreement

    return deed


@pytest.fixture
def agreed(agree: Callable[[], str]) -> str:
    """The id of an agreement with the ministry that is in force at the desk."""
    return agree()


@pytest.fixture
def secrets(desk: Desk, agreed: str) -> list[str]:
    """Ids of objects above TLP:AMBER, all of which say the canary, beside what everybody may see."""
    target = desk.thing("campaign", "Paper Lantern")
    hidden = [desk.marked(kind, f"{CANARY} {level}", level, description=CANARY) for level, kind in HIDDEN_TYPES.items()]
    hidden[1] |= {"context": CANARY, "object_refs": [target["id"]]}
    seen = fiction.stix_id("sighting", "secret")
    hidden.append(
        desk.marked("sighting", "secret", "red", id=seen, sighting_of_ref=target["id"], count=77, summary=CANARY)
        | {"where_sighted_refs": [desk.identity]}
    )
    hidden.append(
        desk.marked("relationship", CANARY, "red", relationship_type="uses")
        | {"source_ref": target["id"], "target_ref": hidden[0]["id"]}
    )
    desk.take(target, *hidden, name="open.json")
    # The same version, said again with another body under a stricter marking.
    desk.take(
        desk.thing("campaign", "Paper Lantern", description=CANARY, object_marking_refs=[fiction.TLP_MARKING["red"]])
    )
    pointing = desk.thing(
        "report", "Pointing", published="2026-10-31T06:00:00Z", object_refs=[target["id"], hidden[0]["id"]]
    )
    desk.take(pointing)
    return [str(each["id"]) for each in hidden]
