"""Parties with an exchange each: ours on both engines, others on SQLite; agreements and entries pass by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import click
import msgspec
import pytest

from kouprey.agreements.model import Group, Terms
from kouprey.agreements.service import Agreements
from kouprey.agreements.service import listeners as agreements_listeners
from kouprey.exchange.capability import CAPABILITY
from kouprey.exchange.model import Outcome, Source, SourceKind
from kouprey.exchange.service import MAIN, Exchange
from kouprey.exchange.service import listeners as exchange_listeners
from kouprey.exchange.store import pages, seeing
from kouprey.exchange.wire import read_object
from kouprey.federation.model import EntryKind
from kouprey.federation.service import Delivery, Lanes
from kouprey.federation.wire.entry import read_body
from kouprey.kernel.cli import frame
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import KERNEL
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP
from kouprey.people.service import People
from migrated import lay

MIGRATIONS = [
    KERNEL,
    *((name, f"kouprey.{name}.migrations") for name in ("people", "agreements", "federation", "exchange")),
]
GUARD = [KERNEL, ("guard", "kouprey.federation.migrations.guard")]
_SPACE = UUID("0f3a0f3a-0f3a-4f3a-8f3a-0f3a0f3a0f3a")
MARKING = {level: stix_id for stix_id, level in STIX_MARKINGS.items()}


def stix_id(kind: str, name: str) -> str:
    """An id that follows from a name, so that tests can speak of things by name."""
    return f"{kind}--{uuid5(_SPACE, name)}"


def make_object(
    name: str, /, kind: str = "indicator", *, tlp: TLP | None = None, minute: int = 0, **more: Any
) -> bytes:
    """The bytes of a small object; `minute` tells versions apart."""
    value: dict[str, Any] = {
        "type": kind,
        "spec_version": "2.1",
        "id": stix_id(kind, name),
        "created": "2026-11-22T09:00:00.000Z",
        "modified": f"2026-11-22T09:{minute:02}:00.000Z",
        "name": name,
    }
    if tlp is not None:
        value["object_marking_refs"] = [MARKING[tlp]]
    return msgspec.json.encode(value | more)


@dataclass
class Party:
    """One party's services, without doors."""

    id: str
    people: People
    agreements: Agreements
    lanes: Lanes
    exchange: Exchange
    store: Store
    clock: Any
    read: list[str] = field(default_factory=list)

    def settle(self) -> None:
        """Deliver facts until there are none."""
        services = Services()
        for service in (self.people, self.agreements, self.exchange):
            services.put(service)
        all_listeners = [*agreements_listeners(services), *exchange_listeners(services)]
        while outbox.deliver(self.store, all_listeners):
            pass

    def reader(self, clearance: TLP = TLP.RED) -> Reader:
        """One of our own people."""
        return Reader(party=self.id, clearance=clearance, local=True)

    def foreign(self, party: str, clearance: TLP = TLP.RED) -> Reader:
        """A token of another party."""
        return Reader(party=party, clearance=clearance)

    def keep(
        self,
        *raws: bytes,
        tlp: TLP = TLP.CLEAR,
        source: str = "feed.json",
        into: Iterable[str] = (),
        **label: Any,
    ) -> list[Outcome]:
        """Receive objects as a file of ours would bring them."""
        ids = [self.exchange.ensure_defaults().id, *(self.exchange.get_collection(name).id for name in into)]
        label.setdefault("owner", self.id)
        made = Label(tlp=tlp, **label)
        said_by = Source(
            kind=SourceKind.FILE if made.owner == self.id else SourceKind.PARTY, party=made.owner, name=source
        )
        return self.store.write(
            lambda tx: self.exchange.receive(
                tx, [read_object(raw) for raw in raws], source=said_by, label_of=lambda *_: made, into=ids
            )
        )

    def poll(self, who: Reader, after: int = 0, **query: Any) -> tuple[list[bytes], int]:
        """Everything above a position, page by page, and the last position."""
        found: list[bytes] = []
        while True:
            page = self.exchange.page(who, MAIN, after_position=after, **{"versions": "all", "limit": 100} | query)
            found += [row.raw for row in page.rows]
            after = page.rows[-1].position if page.rows else after
            if not page.more:
                return found, after

    def outgoing(self) -> list[Delivery]:
        """What waits for our lanes, as the other side would be handed it."""
        with self.store.read() as reader:
            rows = reader.all("SELECT publication, agreement, kind, body FROM lane_outgoing ORDER BY publication")
        deliveries = []
        for number, agreement, kind, raw in rows:
            body = read_body(bytes(raw), EntryKind(kind), owner=self.id, agreement=agreement)
            assert body.label is not None
            deliveries.append(Delivery("origin", number, self.id, agreement, body.label, body.content, wall_clock()))
        return deliveries


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine of the party under test."""
    if request.param == "postgres":
        request.getfixturevalue("postgres_dsn")
    return str(request.param)


@pytest.fixture
def found_party(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Party]]:
    """A factory of parties; the first argument is the id, `engine` one of the two."""
    stores: list[Store] = []

    def found(party: str, engine: str = "sqlite", clock: Any = wall_clock) -> Party:
        folder = tmp_path / f"{party}-{len(stores)}"
        folder.mkdir()
        if engine == "postgres":
            from kouprey.kernel.storage.postgres import open_postgres

            store = open_postgres(request.getfixturevalue("fresh_postgres")(MIGRATIONS), clock=clock)
        else:
            store = open_sqlite(lay(folder / "kouprey.db", MIGRATIONS), clock=clock)
        guard = open_sqlite(lay(folder / "guard.db", GUARD), clock=clock)
        stores.extend((store, guard))
        ring = keyring.create(folder / "keys")
        people = People(store, ring, clock)
        people.found(party, party.title(), identity=stix_id("identity", party))
        agreements = Agreements(store, people, ring, clock)
        lanes = Lanes(store, guard, people, agreements, ring, FileLock(folder / "lanes.lock"), clock)
        return Party(party, people, agreements, lanes, Exchange(store, people, agreements, lanes, clock), store, clock)

    yield found
    for store in stores:
        store.close()


@pytest.fixture
def ministry(found_party: Callable[..., Party], engine: str) -> Party:
    """The party under test, on each engine."""
    return found_party("ministry.example", engine)


@pytest.fixture
def operator(found_party: Callable[..., Party]) -> Party:
    return found_party("operator.example")


@pytest.fixture
def neighbour(found_party: Callable[..., Party]) -> Party:
    return found_party("neighbour.example")


@pytest.fixture
def wide_road(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages walk the positions even for readers who see little, as they do for those who see much."""
    monkeypatch.setattr(seeing, "_NARROW", -1)


@pytest.fixture
def narrow_road(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages begin with what the reader sees, as they do for a reader of little in a large collection."""
    monkeypatch.setattr(pages, "_LEFT", 0)
    monkeypatch.setattr(pages, "few_label_sets", lambda reader, eyes, _: seeing.few_label_sets(reader, eyes, 1 << 40))


def agree(*parties: Party, sign: bool = True, groups: Iterable[Group] = (), **terms: Any) -> str:
    """Exchange cards, draft and, unless told otherwise, sign an agreement of all these parties; its id."""
    for one in parties:
        for other in parties:
            if one is not other:
                one.people.trust(other.people.home().note, by="test")
    first, *others = parties
    ids = [party.id for party in others]
    begin = first.clock() - 3_600_000_000
    drafted = first.agreements.draft("Exchange", ids, Terms(**terms), starts=begin, groups=groups, by="test")
    first.agreements.sign(drafted.agreement, by="test")
    _pass_notes(drafted.agreement, first, others)
    if sign:
        for party in others:
            party.agreements.sign(drafted.agreement, by="test")
            _pass_notes(drafted.agreement, party, [each for each in parties if each is not party])
    return drafted.agreement


def _pass_notes(agreement: str, giver: Party, takers: Iterable[Party]) -> None:
    for note, attachment in giver.agreements.agreement_notes(agreement):
        for taker in takers:
            taker.agreements.receive_note(note, attachment, by="test")


def carry(agreement: str, giver: Party, taker: Party) -> None:
    """What a party may know of an agreement reaches it: nothing of versions before it was one."""
    for note, attachment in giver.agreements.agreement_notes(agreement, taker.id):
        taker.agreements.receive_note(note, attachment, by="test")


def join(agreement: str, late: Party, *parties: Party, groups: Iterable[Group] = (), **terms: Any) -> None:
    """The first of `parties` amends their agreement so that `late` is one of them; all sign."""
    everybody = (*parties, late)
    for one in everybody:
        for other in everybody:
            if one is not other:
                one.people.trust(other.people.home().note, by="test")
    first, *others = everybody
    begin, ids = first.clock() - 10_000_000, [party.id for party in others]
    first.agreements.draft("Exchange", ids, Terms(**terms), starts=begin, groups=groups, amends=agreement, by="test")
    first.agreements.sign(agreement, by="test")
    for other in others:
        carry(agreement, first, other)
        other.agreements.sign(agreement, by="test")
        carry(agreement, other, first)


def hand_over(giver: Party, taker: Party) -> list[Any]:
    """What waits at one party reaches the other; what its receiver answers."""
    deliveries = giver.outgoing()
    return list(taker.store.write(lambda tx: taker.exchange.apply(tx, deliveries)))


@pytest.fixture
def stix() -> Any:
    """The helpers above, for tests: conftest modules cannot be imported."""
    from types import SimpleNamespace

    return SimpleNamespace(
        id=stix_id,
        make=make_object,
        agree=agree,
        join=join,
        carry=carry,
        hand_over=hand_over,
        pass_notes=_pass_notes,
        MARKING=MARKING,
    )


@pytest.fixture
def web(ministry: Party, stix: Any) -> Party:
    """open - uses -> tool; open - uses -> canary (red); red relations among open things; a report of all."""

    def relate(name: str, a: tuple[str, str], b: tuple[str, str], word: str = "uses", **more: Any) -> bytes:
        ends = {"source_ref": stix.id(*a), "target_ref": stix.id(*b)}
        made: bytes = stix.make(name, "relationship", relationship_type=word, **ends, **more)
        return made

    group, tool, secret, far = ("malware", "open"), ("tool", "tool"), ("tool", "canary"), ("identity", "far")
    ministry.keep(
        *(stix.make(name, kind) for kind, name in (group, tool, far)),
        relate("r1", group, tool),
        relate("r2", group, secret, "canary-uses"),
        relate("r5", tool, far, "revoked-word", revoked=True),
        stix.make("report", "report", object_refs=[stix.id(*tool), stix.id(*secret)]),
        tlp=TLP.GREEN,
    )
    ministry.keep(
        stix.make("canary", "tool", description="hidden"),
        relate("r3", group, far, "canary-word"),
        relate("r4", tool, secret, "hidden-word"),
        tlp=TLP.RED,
        source="canary.json",
    )
    return ministry


class Called:
    """Runs commands on a party and remembers what they said."""

    def __init__(self, party: Any, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.party = party
        self._data = data
        self._capsys = capsys
        lazy = [frame.Lazy(*line) for line in CAPABILITY.commands]
        self._root = frame.build(lazy, version="0")
        self.services = Services()
        for service in (party.people, party.agreements, party.exchange):
            self.services.put(service)

    @contextmanager
    def _open(self, _: frame.Invocation) -> Iterator[Services]:
        yield self.services

    def __call__(self, args: Sequence[str], code: int = 0) -> str:
        invocation = frame.Invocation(json="--json" in args, data=self._data, opener=self._open)
        got = 0
        try:
            with self._root.make_context("kouprey", list(args), obj=invocation) as ctx:
                self._root.invoke(ctx)
        except click.exceptions.Exit as end:
            got = end.exit_code
        except KoupreyError as error:
            got = error.exit_code
        out = self._capsys.readouterr().out
        assert got == code, out
        return out

    def json(self, *args: str, code: int = 0) -> Any:
        return msgspec.json.decode(self([*args, "--json"], code))


@pytest.fixture
def call(found_party: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Called:
    data = tmp_path / "data"
    data.mkdir()
    return Called(found_party("ministry.example"), data, capsys)
