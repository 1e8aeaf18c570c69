"""Real nodes with the things of the leak test in them, and everybody who may ask them: a base founded once, and copies.

Copies have the same keys, persons, tokens, agreements and lanes: a twin lacks what is hidden, and nothing else.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import UUID, uuid4, uuid5

from kouprey.advisories.model import Content, Kind, Words
from kouprey.advisories.service import Desk, Statements
from kouprey.advisories.wire.statement import write_signed
from kouprey.agreements.model import ApprovalRule, HandOffTerm, Terms
from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.model.searching import Search
from kouprey.exchange.service import Exchange, read_object
from kouprey.federation.service import Delivery
from kouprey.kernel.seal import box
from kouprey.kernel.seal.httpsig import sign_request
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import outbox
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node, open_node
from kouprey.node.founding import found
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.people.service import People
from kouprey.performance.service import Performance
from kouprey.proceedings.model import Handed
from kouprey.proceedings.service import Dossiers, seal_file
from kouprey.response.model import Wanted
from kouprey.response.model.cases import Evidence, Fact, Link, LinkTo, Moment, Note, Seen, Task, Track
from kouprey.response.model.directory import Profile
from kouprey.response.model.duties import Channel, Verdict
from kouprey.response.model.reports import Origin
from kouprey.response.service import Cases, Directory, Duties, HandOffs, Reports
from kouprey.response.wire.profiles import write_profile
from leaks.askers import ASKERS, FEED, Asker, let_in
from leaks.disclosed import give_word, tie_ticket
from leaks.oracle import Sight, seen_by
from leaks.sensor import add_sensor, see_everything
from leaks.shields import raise_shields
from leaks.steps import prepare_requests
from leaks.things import (
    BEGIN,
    HOME,
    HUB,
    MINUTE,
    NEIGHBOUR,
    NOW,
    OPERATOR,
    STRANGER,
    THINGS,
    TOOL,
    Thing,
    give_by_rule,
    instant_of,
    objects_of,
    open_objects,
)
from leaks.trained import publish_training

ORIGIN = "http://127.0.0.1:8420"
NAMES = {HOME: "Example CERT", OPERATOR: "Operator", NEIGHBOUR: "Neighbour", STRANGER: "Stranger"}
TYPES = ("intelligence", "sighting", "hand-off")
_ACT = HandOffTerm(kind="act", acknowledge_s=3_600, decide_s=14_400)
KEEPER = "Keeper"
"""Has a dossier, and is nobody who asks."""
_SPACE = UUID("7b7b7b7b-7b7b-4b7b-8b7b-7b7b7b7b7b7b")


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
        self.dossiers: dict[str, Sequence[str]] = {}
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
            "operator": _agree(home, nodes[OPERATOR], "amber", types=TYPES, handoffs=(_ACT,)),
            "neighbour": _agree(home, nodes[NEIGHBOUR], "green"),
            # Under this one nothing goes before somebody has released it, so that all of it waits.
            "released": _agree(
                home, nodes[OPERATOR], "amber", approvals=(ApprovalRule(tlp="clear", role="legal", persons=2),)
            ),
        }
        home.services.get(Exchange).create_collection(FEED, by="operator")
        home.services.get(People).save_person(KEEPER, (Role.LEGAL,), TLP.RED, by="operator")
        _keep_open(home)
        _say_openly(home, nodes[NEIGHBOUR])
        give_by_rule(home.services.get(Exchange), agreements["released"])
        # So that every world has the same lanes, and twins differ in what stands in them alone.
        home.settle()
        for agreement in agreements.values():
            home.services.get(Exchange).publish(agreement, [TOOL], by="operator")
        askers = {each.name: each for each in let_in(home, nodes[OPERATOR].services.get(Keyring))}
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
    # What strangers tell has a marking of its own, so that every world knows it.
    home.services.get(Reports).take(BytesIO(b"no mail"), Origin.FORM)
    add_sensor(home.services)
    exchange.add_rule("Old campaigns", days=3650, who=exchange.operator(), **words)


def _say_openly(home: Node, other: Node) -> None:
    """Statements that everybody reads, ours and a copy of a partner's; a draft and a rumour that the desk reads."""
    words = {"en": Words(title="The border stays open", body="Nobody has closed it.")}
    said = Content(kind=Kind.SERVICE_NOTICE, languages=words)
    for node in (home, other):
        statements, party = node.services.get(Statements), node.services.get(People).home()
        node.store.write(lambda tx, own=statements, by=party: own.issue(tx, said, by, by="operator"))  # type: ignore[misc]  # bound at once
    raw = write_signed(other.services.get(Statements).list_public()[0].signed)
    label = Label(owner=NEIGHBOUR, tlp=TLP.CLEAR, kind="statement")
    came = Delivery("statements", 1, NEIGHBOUR, "", label, raw, BEGIN)
    statements, desk = home.services.get(Statements), home.services.get(Desk)
    assert home.store.write(lambda tx: statements.apply(tx, [came])) == [None]
    statements.show_mirror(statements.operator(), NEIGHBOUR, True)
    desk.draft(statements.operator(), said)
    desk.take_rumour(statements.operator(), "The border closes")


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
        see_everything(node.services)
        world.settle()
        raise_shields(node.services)
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
    if "ask" in thing.extra:
        handoffs = world.node.services.get(HandOffs)
        words = {"title": thing.canary("name"), "text": thing.canary("text"), "refs": (thing.ids["malware"],)}
        asked = Wanted(agreement=world.base.agreements["operator"], to=OPERATOR, kind="act", tlp=thing.tlp, **words)
        made = handoffs.request(handoffs.operator(), asked)
        give_word(world.node.store, thing, made.id)
    if "case" in thing.extra:
        _open_case(world, thing)
        _open_dossier(world, thing)
    if "profile" in thing.extra:
        _describe(world, thing)
        publish_training(world.node, thing, world.base.agreements, world.clock.now)
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


def _describe(world: World, thing: Thing) -> None:
    """The profile of the party that a thing is of, at the level of the thing."""
    said = Profile(
        party=thing.owner,
        version=1,
        at=world.clock.now,
        name=thing.canary("name"),
        phone=thing.canary("word"),
        mission=thing.canary("text"),
        domains=(f"{thing.canary('host')}.example",),
    )
    # The label of the thing itself: one more would cost every twin more work than the test lets differ.
    label = thing.labelled(world.base.agreements)
    agreement = world.base.agreements[thing.under]
    came = Delivery("lane", 1, thing.owner, agreement, label, write_profile(said), world.clock.now)
    directory = world.node.services.get(Directory)
    assert world.node.store.write(lambda tx: directory.apply(tx, [came])) == [None]


def _open_case(world: World, thing: Thing) -> None:
    """A case at the level of the thing, with one of each sort in it."""
    cases, who = world.node.services.get(Cases), world.node.services.get(HandOffs).operator()
    made = cases.open(who, thing.canary("name"), summary=thing.canary("text"), tlp=thing.tlp, type="phishing")
    for body in (
        Note(text=thing.canary("note")),
        Task(title=thing.canary("word"), text=thing.canary("text")),
        Fact(text=thing.canary("note"), moment=Moment(world.clock.now)),
        Seen(kind="domain-name", text=f"{thing.canary('host')}.example"),
        Link(to=LinkTo.OBJECT, ref=thing.ids["malware"]),
    ):
        cases.add(who, made.id, Track.TECHNICAL, body)
    _begin_clocks(world, thing, made.id)
    tie_ticket(world.node.store, thing, made.id)
    prepare_requests(world, thing, made.id)
    about = Evidence(name=f"{thing.canary('file')}.eml", media_type="message/rfc822", size=0, sha256="")
    cases.keep_evidence(who, made.id, Track.TECHNICAL, BytesIO(thing.canary("text").encode()), about)
    mail = f"From: dara@bank.example\nSubject: {thing.canary('word')}\n\n{thing.canary('note')}\n"
    world.node.services.get(Reports).take(BytesIO(mail.encode()), Origin.FORM, into=made.id)


def _begin_clocks(world: World, thing: Thing, case: str) -> None:
    """A duty on a case, with a report that was sent and answered and another that presses."""
    duties, who = world.node.services.get(Duties), world.node.services.get(HandOffs).operator()
    known = Moment(world.clock.now - 5 * 3_600 * SECOND, 420)
    words = {"known": known, "known_by": thing.canary("name"), "why": thing.canary("note")}
    duty = duties.start(who, case, "malaysia-act-854", track=Track.TECHNICAL, **words).duty.id
    duties.write(who, duty, "supplementary", 0, {"hosts": f"{thing.canary('host')}.example"})
    sent = duties.send(who, duty, "supplementary", 1, Channel.PORTAL, reference=thing.canary("word"))
    duties.answer(who, duty, "supplementary", sent.id, Verdict.REVISION, words=thing.canary("text"))
    duties.warn()


def _open_dossier(world: World, thing: Thing) -> None:
    """A dossier of somebody who never asks, with words of the thing in it, in the clear and sealed."""
    dossiers, person = world.node.services.get(Dossiers), world.node.services.get(People).get_person(KEEPER)
    who = Reader(party=HOME, clearance=TLP.RED, local=True, name=person.id, roles=("legal",))
    key = dossiers.set_key(who, box.new_identity()[1]).key
    made, sealed = dossiers.open_dossier(who, why=thing.canary("note")), BytesIO()
    reader = Handed(name=KEEPER, key=key, box=b"")
    source = BytesIO(thing.canary("text").encode())
    seal_file(source, f"{thing.canary('file')}.csv", [reader], dossiers.through(), sealed)
    item = dossiers.add_item(who, made.id, sealed)
    words = {"purpose": "court", "emergency": True, "ground": thing.canary("word")}
    dossiers.release(who, made.id, item.id, **words)
    review = world.clock.now + 30 * 1440 * MINUTE
    dossiers.hold(who, made.id, why=thing.canary("name"), scope=thing.canary("text"), review=review)
    dossiers.remind()
    world.dossiers[thing.key] = (made.id, item.id)


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
