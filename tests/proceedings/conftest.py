"""Two parties whose agreement lets sealed items go, with people who have keys of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest

from inprocess import AppClient
from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.kernel.seal import box
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node, open_node
from kouprey.node.founding import found
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.people.service import People
from kouprey.proceedings.model import Handed, Item, Kind, Part
from kouprey.proceedings.service import Dossiers, seal_file
from migrated import lay_node

HERE = "http://127.0.0.1:8420"
TERMS = Terms(types=("intelligence", "sealed-item"), tlp_ceiling="amber")
PLAIN = b"canary-1d4b-who-called-whom\n" * 200
NAME = "canary-77aa-calls-of-november.csv"
TITLE = "canary-90ce-the-matter-of-the-ferry"
BASIS = "Order 12/2026 of the court of Sovan"


@dataclass
class Somebody:
    """A person of a node, the secret key on their own machine, and how they ask."""

    id: str
    name: str
    secret: str
    key: str
    who: Reader


class Bureau:
    """A whole node; its clock is `ahead`."""

    def __init__(self, folder: Path, party: str, database: str = "", guard: str = "") -> None:
        settings = {"listen": "127.0.0.1:8420", "url": HERE, "database": database, "guard_database": guard}
        identity = f"identity--{uuid5(NAMESPACE_DNS, party)}"
        if not database:
            lay_node(folder)
        found(folder, party=party, name=party.title(), settings=settings, identity=identity, person="Dara")
        self.folder, self.party, self.ahead = folder, party, 0
        self.node: Node = open_node(folder, clock=self.now)
        self.dossiers: Dossiers = self.node.services.get(Dossiers)
        self.people: People = self.node.services.get(People)
        self.agreements: Agreements = self.node.services.get(Agreements)
        self.node.lanes.start()

    def now(self) -> int:
        return wall_clock() + self.ahead * SECOND

    def person(self, name: str, *roles: Role, key: bool = True) -> Somebody:
        made = self.people.save_person(name, roles or (Role.LEGAL,), TLP.RED, by="test")
        secret, public = box.new_identity()
        who = Reader(party=self.party, clearance=TLP.RED, local=True, name=made.id, roles=tuple(map(str, made.roles)))
        if key:
            self.dossiers.set_key(who, public)
        return Somebody(made.id, name, secret, public, who)

    def sealed(self, plain: bytes, *readers: Somebody, name: str = NAME, kind: Kind = Kind.THING) -> BytesIO:
        out = BytesIO()
        named = [Handed(name=each.name, key=each.key, box=b"") for each in readers]
        seal_file(BytesIO(plain), name, named, self.dossiers.through(), out, kind=kind)
        return out

    def dossier(self, custodian: Somebody, *readers: Somebody) -> str:
        made = self.dossiers.open_dossier(custodian.who, why="asked for by the prosecutor")
        for each in readers:
            self.dossiers.add_member(custodian.who, made.id, each.id, Part.READER, why="reads for the prosecutor")
        return made.id

    def item(self, dossier: str, by: Somebody, *readers: Somebody, plain: bytes = PLAIN, **more: Any) -> Item:
        return self.dossiers.add_item(by.who, dossier, self.sealed(plain, by, *readers), **more)

    def release(self, somebody: Somebody, dossier: str, item: str, **more: Any) -> bytes:
        given = {"purpose": "prosecution", "basis": BASIS} | more
        return self.dossiers.release(somebody.who, dossier, item, **given)

    def acts(self, somebody: Somebody, dossier: str) -> list[str]:
        return [each.act for each in self.dossiers.list_events(somebody.who, dossier)]

    def parcel(self, to: Bureau) -> None:
        """Everything that waits goes to the other by stick."""
        self.node.lanes.append_waiting()
        out = BytesIO()
        self.node.federation.parcels.make(to.party, out, by="test")
        to.node.federation.parcels.read(BytesIO(out.getvalue()), by="test")

    def visitor(self, somebody: Somebody) -> Visitor:
        web = build_web(self.node)
        person = self.people.get_person(somebody.id)
        cookie, _ = self.people.sign_in(self.people.make_sign_in_link(person, by="test"))
        client = AppClient(web, base_url=HERE, follow_redirects=False)
        client.cookies.set(web.site.sessions.cookie, cookie)
        return Visitor(client, web.site.sessions.csrf(cookie))


@dataclass
class Visitor:
    """A browser with somebody signed in."""

    client: AppClient
    csrf: str

    def text(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:300]
        return str(answer.text)

    def post(self, path: str, files: Any = None, **fields: str) -> Any:
        return self.client.post(path, data={"csrf": self.csrf, **fields}, headers={"Origin": HERE}, files=files)

    def send(self, path: str, **json: Any) -> Any:
        headers = {"X-CSRF-Token": self.csrf, "Origin": HERE}
        return self.client.post(path, json=json, headers=headers)


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    made = Bureau(tmp_path / "a", "ministry.example")
    yield made
    made.node.close()


@pytest.fixture
def two(bureau: Bureau, tmp_path: Path) -> Iterator[tuple[Bureau, Bureau, str]]:
    """The ministry, its neighbour, and their agreement in force."""
    a, b = bureau, Bureau(tmp_path / "b", "neighbour.example")
    a.people.trust(b.people.home().note, by="test")
    b.people.trust(a.people.home().note, by="test")
    draft = a.agreements.draft("Proceedings", [a.party, b.party], TERMS, starts=a.now() - 10**7, by="test")
    signed = a.agreements.sign(draft.agreement, by="test")
    b.agreements.receive_note(signed.note, signed.document_bytes, by="test")
    both = b.agreements.sign(draft.agreement, by="test")
    a.agreements.receive_note(both.note, both.document_bytes, by="test")
    yield a, b, draft.agreement
    b.node.close()
