"""Real nodes with the things of the leak test in them, and everybody who may ask them: a base founded once, and copies.

Copies have the same keys, persons, tokens, agreements and lanes: a twin lacks what is hidden, and nothing else.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID, uuid4, uuid5

from kouprey.agreements.model import ApprovalRule, Terms
from kouprey.agreements.service import Agreements
from kouprey.constituents import store as rows
from kouprey.constituents.model import Constituent, Network
from kouprey.constituents.service import Constituents
from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.model.searching import Search
from kouprey.exchange.service import Exchange, read_object
from kouprey.kernel.seal.httpsig import sign_request
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.storage import outbox
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node, open_node
from kouprey.node.founding import found
from kouprey.node.web import build_web
from kouprey.people.model import PERMISSIONS, Permission, Role
from kouprey.people.service import People
from kouprey.performance.service import Performance
from leaks.oracle import Sight, seen_by
from leaks.things import (
    BANK,
    BEGIN,
    DRILL,
    HOME,
    HUB,
    MINUTE,
    NEIGHBOUR,
    NOW,
    OPERATOR,
    STRANGER,
    THINGS,
    TOOL,
    UTILITY,
    Thing,
    give_by_rule,
    instant_of,
    objects_of,
    open_objects,
)

ORIGIN = "http://127.0.0.1:8420"
NAMES = {HOME: "Example CERT", OPERATOR: "Operator", NEIGHBOUR: "Neighbour", STRANGER: "Stranger"}
FEED = "feed"
"""The collection that one token is bound to; of the things, none is in it."""
_SPACE = UUID("7b7b7b7b-7b7b-4b7b-8b7b-7b7b7b7b7b7b")


@dataclass(frozen=True)
class Asker:
    """Somebody who asks: what decides what they see, and what their requests bear.

    `deep`: every probe is tried with them, and compared with a twin; else one request at each door. `reads`: some door
    with what is marked opens to them.
    """

    name: str
    sight: Sight
    headers: Mapping[str, str] = field(default_factory=dict)
    csrf: str = ""
    key: SigningKey | None = None
    deep: bool = False
    person: str = ""
    reads: bool = True


ASKERS = (
    *("nobody", "clear", "green", "low administrator", "amber", "strict", "red", "drill"),
    *(f"a {role}" for role in Role if role is not Role.ADMINISTRATOR),
    *("deactivated", "program", "bound", "operator's", "operator's low", "neighbour's", "stranger's"),
    *("expired", "revoked", "a peer"),
    *("acting", "acting unconfirmed", "acting no more"),
    *("a bank's", "a bank's program", "a utility's", "a low bank's program"),
)
"""The names of all who ask."""


@dataclass(frozen=True)
class Base:
    """A founded node that nobody changes any more, with everybody who may ask it."""

    folder: Path
    agreements: Mapping[str, str]
    askers: Mapping[str, Asker]


class Clock:
    """Stands where it is put."""

    now = BEGIN

    def __call__(self) -> int:
        return self.now


@dataclass
class World:
    """An opened copy with things in it."""

    node: Node
    base: Base
    clock: Clock
    things: Sequence[Thing]
    folder: Path

    def __post_init__(self) -> None:
        self.web = build_web(self.node)
        self.exchange = self.node.services.get(Exchange)
        site = self.web.site
        plain = site.authenticate

        def authenticate(request: Any) -> Any:
            """As the node does; a session in an exercise is what no door makes yet, so a header stands for it."""
            who, exercise = plain(request), request.headers.get("x-exercise", "")
            if who is None or not exercise:
                return who
            reader = Reader(party=who.reader.party, clearance=who.reader.clearance, local=True, exercise=exercise)
            return type(who)(name=who.name, reader=reader, roles=who.roles, csrf=who.csrf, scope=who.scope)

        # Frozen, and shared by everything that answers: a copy would have to be put into each.
        object.__setattr__(site, "authenticate", authenticate)

    def settle(self) -> None:
        """Deliver facts, append what waits for lanes, and sum up, so that there are figures on pages and paper."""
        while outbox.deliver(self.node.store, self.node.listeners(), clock=self.clock):
            pass
        self.node.settle()
        self.node.services.get(Performance).sum_up(10_000)


def found_base(folder: Path, databases: Sequence[str] = ("", "")) -> Base:
    """Found the home node (with its data and guard in `databases`) and its partners; sign agreements; let all in."""
    clock = Clock()
    nodes: dict[str, Node] = {}
    try:
        for party, name in NAMES.items():
            settings = {"listen": "127.0.0.1:8420", "url": ORIGIN if party == HOME else f"http://{party}"}
            database, guard = databases if party == HOME else ("", "")
            settings |= {"database": database, "guard_database": guard, "page_max": 50}
            identity = f"identity--{uuid5(_SPACE, party)}"
            found(folder / party, party=party, name=name, settings=settings, identity=identity, person="Sophea")
            nodes[party] = open_node(folder / party, clock=clock)
        home = nodes.pop(HOME)
        for other in nodes.values():
            _introduce(home, other)
        agreements = {
            "operator": _agree(home, nodes[OPERATOR], "amber"),
            "neighbour": _agree(home, nodes[NEIGHBOUR], "green"),
            # Under this one nothing goes before somebody has released it, so that all of it waits.
            "released": _agree(
                home, nodes[OPERATOR], "amber", approvals=(ApprovalRule(tlp="clear", role="legal", persons=2),)
            ),
        }
        home.services.get(Exchange).create_collection(FEED, by="operator")
        _keep_open(home)
        give_by_rule(home.services.get(Exchange), agreements["released"])
        # So that every world has the same lanes, and twins differ in what stands in them alone.
        home.settle()
        for agreement in agreements.values():
            home.services.get(Exchange).publish(agreement, [TOOL], by="operator")
        askers = {each.name: each for each in _let_in(home, nodes[OPERATOR].services.get(Keyring))}
        home.settle()
        home.close()
        return Base(folder / HOME, agreements, askers)
    finally:
        for node in nodes.values():
            node.close()


def _introduce(one: Node, other: Node) -> None:
    ours, theirs = one.services.get(People), other.services.get(People)
    ours.trust(theirs.home().note, by="operator")
    theirs.trust(ours.home().note, by="operator")


def _agree(one: Node, other: Node, ceiling: str, **more: Any) -> str:
    ours, theirs = one.services.get(Agreements), other.services.get(Agreements)
    party = other.services.get(People).home_id
    drafted = ours.draft(
        f"Exchange with {party}", [party], Terms(tlp_ceiling=ceiling, **more), starts=BEGIN, by="operator"
    )
    signed = ours.sign(drafted.agreement, by="operator")
    theirs.receive_note(signed.note, signed.document_bytes, by=HOME)
    both = theirs.sign(drafted.agreement, by="operator")
    return ours.receive_note(both.note, both.document_bytes, by=party)


def _keep_open(home: Node) -> None:
    """Before anybody's things: what is said openly, in both collections."""
    exchange = home.services.get(Exchange)
    lines = b'{"type":"bundle","id":"bundle--1","objects":[' + b",".join(open_objects()) + b"]}"
    exchange.import_stream(BytesIO(lines), name="open.json", tlp=TLP.CLEAR, collection=FEED, by="operator")
    words = {"because": "so it was agreed", "types": ("campaign",), "by": "operator"}
    exchange.add_rule("Old campaigns", days=3650, who=exchange.operator(), **words)


def _let_in(home: Node, peer: Keyring) -> Iterator[Asker]:
    people, site = home.services.get(People), build_web(home).site

    def person(
        name: str, role: Role | tuple[Role, ...], clearance: TLP, *, deep: bool = False, active: bool = True
    ) -> Asker:
        roles = (role,) if isinstance(role, Role) else role
        made = people.save_person(name, roles, clearance, by="operator")
        cookie, _ = people.sign_in(people.make_sign_in_link(made, by="operator"))
        sight = Sight(HOME, clearance)
        if not active:
            people.set_active(made, False, by="operator")
            sight = Sight()
        headers = {"cookie": f"{site.sessions.cookie}={cookie}"}
        return Asker(name, sight, headers, site.sessions.csrf(cookie), deep=deep, person=made.id)

    def token(name: str, party: str, clearance: TLP, *, deep: bool = False, **more: Any) -> Asker:
        role = more.pop("role", Role.FEED)
        dead, off = more.get("life"), more.pop("off", False)
        made, secret = people.create_token(party, role, clearance, by="operator", **more)
        if off:
            people.change_token(made.user, active=False, by="operator")
        sight = Sight() if dead or off else Sight(party, clearance, scope=next(iter(more.get("collections", ())), ""))
        return Asker(name, sight, {"authorization": f"Bearer {secret}"}, deep=deep)

    yield Asker("nobody", Sight(), deep=True)
    admin = Role.ADMINISTRATOR
    # All that may be done without the permissions of those who may know how much waits, whatever it is.
    versed = (Role.DUTY_OFFICER, Role.LEGAL, Role.AGREEMENT_MANAGER)
    yield person("green", versed, TLP.GREEN, deep=True)
    yield person("low administrator", admin, TLP.GREEN)
    yield person("clear", admin, TLP.CLEAR)
    yield person("amber", versed, TLP.AMBER, deep=True)
    yield person("strict", admin, TLP.AMBER_STRICT)
    red = person("red", admin, TLP.RED)
    yield red
    yield replace(red, name="drill", sight=Sight(HOME, TLP.RED, DRILL), headers=red.headers | {"x-exercise": DRILL})
    for role in Role:
        if role is not admin:
            yield replace(person(f"a {role}", role, TLP.GREEN), reads=Permission.READ in PERMISSIONS[role])
    yield person("deactivated", admin, TLP.RED, active=False)
    yield token("program", HOME, TLP.GREEN, role=Role.CONTRIBUTOR, deep=True)
    yield token("bound", HOME, TLP.RED, collections=(FEED,), deep=True)
    yield token("operator's", OPERATOR, TLP.RED, deep=True)
    yield token("operator's low", OPERATOR, TLP.GREEN)
    yield token("neighbour's", NEIGHBOUR, TLP.RED)
    yield token("stranger's", STRANGER, TLP.RED)
    yield token("expired", HOME, TLP.RED, life=MINUTE)
    yield token("revoked", HOME, TLP.RED, off=True)
    yield Asker("a peer", Sight(OPERATOR, TLP.RED, takes=True), key=peer.node, reads=False)

    def acting(name: str, *, confirmed: bool = True, off: bool = False) -> Asker:
        """A token of our own, cleared for everything, that may read for the operator up to green."""
        made, secret = people.create_token(HOME, Role.ADMINISTRATOR, TLP.RED, by="operator")
        bounds = {"starts": BEGIN, "ends": BEGIN + 365 * 1440 * MINUTE, "because": "so it was agreed"}
        held = people.record_delegation(OPERATOR, made.user, [Permission.READ], TLP.GREEN, granter=None, **bounds)
        if confirmed:
            people.confirm_delegation(held.id, granter=people.get_person(red.person))
        if off:
            people.revoke_delegation(held.id, by="operator")
        sight = Sight(OPERATOR, TLP.GREEN) if confirmed and not off else Sight()
        return Asker(name, sight, {"authorization": f"Bearer {secret}", "x-acting-for": OPERATOR})

    yield from _host(home, site)
    yield acting("acting")
    yield acting("acting unconfirmed", confirmed=False)
    yield acting("acting no more", off=True)


def _host(home: Node, site: Any) -> Iterator[Asker]:
    """Constituents to whom every name in the world belongs, so that nothing is hidden for being somebody else's."""
    people, constituents = home.services.get(People), home.services.get(Constituents)
    everything = [Network(kind="domain-name", text="example")]
    for each, word, clearance in (
        (BANK, "a bank's", TLP.AMBER),
        (UTILITY, "a utility's", TLP.RED),
        ("low.example", "a low bank's", TLP.GREEN),
    ):
        content = min(clearance, TLP.AMBER)
        made = Constituent(id=each, name=f"Name of {each}", clearance=clearance, content=content)
        constituents.add(made, by="operator")
        home.store.write(lambda tx, each=each: rows.replace_networks(tx, each, everything))
        constituents.add_contact(each, "Sok Dara", f"security@{each}", by="operator")
        person, link = constituents.invite(each, f"Somebody of {each}", by="operator")
        cookie, _ = people.sign_in(link)
        sight, deep = Sight(each, clearance, hosted=True), each == BANK
        headers = {"cookie": f"{site.sessions.cookie}={cookie}"}
        if clearance is not TLP.GREEN:
            yield Asker(word, sight, headers, site.sessions.csrf(cookie), deep=deep, person=person.id)
        _, secret = constituents.add_token(each, "SIEM", by="operator")
        if each != UTILITY:
            yield Asker(f"{word} program", sight, {"authorization": f"Bearer {secret}"}, deep=deep)


@contextmanager
def opened(base: Base, folder: Path, things: Iterable[Thing] = THINGS) -> Iterator[World]:
    """A copy with these things in it, each kept at its own time; in the folder of the base itself no copy is made."""
    clock = Clock()
    if folder != base.folder:
        shutil.copytree(base.folder, folder)
    node = open_node(folder, clock=clock)
    try:
        world = World(node, base, clock, tuple(things), folder)
        for thing in world.things:
            clock.now = instant_of(thing)
            with numbered(thing.key):
                _keep(world, thing)
        clock.now = NOW
        world.settle()
        yield world
    finally:
        node.close()


def twin_of(base: Base, folder: Path, sight: Sight) -> Any:
    """The world as it would be if there were nothing that somebody may not see."""
    return opened(base, folder, seen_by(sight))


def _keep(world: World, thing: Thing) -> None:
    exchange, clock = world.exchange, world.clock
    label = thing.labelled(world.base.agreements)
    ours = thing.owner == HOME
    # A label that no file can have comes as the receivers bring it.
    if ours and label == Label(owner=HOME, tlp=thing.tlp):
        stream = BytesIO(b'{"type":"bundle","id":"bundle--1","objects":[' + b",".join(objects_of(thing)) + b"]}")
        exchange.import_stream(stream, name=f"{thing.canary('file')}.json", tlp=thing.tlp, by="operator")
    else:
        kind = SourceKind.FILE if ours else SourceKind.PARTY
        said = Source(kind=kind, party=thing.owner, name=f"{thing.canary('file')}.json" if ours else thing.owner)
        into = [exchange.ensure_defaults().id]
        arrivals = [read_object(raw) for raw in objects_of(thing)]
        world.node.store.write(
            lambda tx: exchange.receive(tx, arrivals, source=said, label_of=lambda *_: label, into=into)
        )
    who, note = exchange.operator(), thing.canary("note")
    clock.now += MINUTE
    if "publish" in thing.extra:
        ids = [thing.ids["malware"], thing.ids["host"], thing.ids["indicator"]]
        for agreement in world.base.agreements.values():
            exchange.publish(agreement, ids, by="operator", who=who)
        exchange.raise_concern(who, thing.ids["malware"], "recall", text=note, by="operator")
    if "save" in thing.extra:
        keeper = world.base.askers["red"].person
        exchange.save_search(who, note, Search(text=thing.canary("host")), by=keeper, shared=False)
    if "merge" in thing.extra:
        exchange.merge(thing.ids["malware"], thing.ids["twin"], because=note, who=who, by="operator")
    if "erase" in thing.extra:
        exchange.erase(thing.ids["erased"], because=note, who=who, by="operator")
    exchange.give_by_rules(60.0)
    if "hold" in thing.extra:
        exchange.place_hold("object", thing.ids["indicator"], because=note, who=who, by="operator")


@contextmanager
def numbered(key: str) -> Iterator[None]:
    """What is made gets ids that follow from a name, so that a world and its twin name the same things alike."""
    given = 0

    def next_id() -> UUID:
        nonlocal given
        given += 1
        return uuid5(_SPACE, f"{key}/{given}")

    modules = [each for name, each in list(sys.modules.items()) if name.startswith("kouprey.")]
    holders = [each for each in modules if getattr(each, "uuid4", None) is uuid4]
    patches = [mock.patch.object(each, "uuid4", next_id) for each in holders]
    for patch in patches:
        patch.start()
    try:
        yield
    finally:
        for patch in patches:
            patch.stop()


def signed(asker: Asker, method: str, path: str, body: bytes, now: int) -> dict[str, str]:
    """What a request of somebody bears: a peer's node signs each anew."""
    if asker.key is None:
        return dict(asker.headers)
    return dict(sign_request(method, ORIGIN + path, {}, body, f"{OPERATOR}/node", asker.key, now))


__all__ = ["ASKERS", "HUB", "TOOL", "Asker", "Base", "World", "found_base", "opened", "signed", "twin_of"]
