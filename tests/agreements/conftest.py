"""Nodes of fictional parties that hand each other notes, on either engine, under a clock the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import msgspec
import pytest

from kouprey.agreements.facts import NoteMade
from kouprey.agreements.model import Terms, Version
from kouprey.agreements.service import Agreements
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage import labels, outbox
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.storage.migrate import KERNEL
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words import decision
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Instant, parse_instant
from kouprey.people.service import People
from migrated import lay

START = parse_instant("2026-12-01T00:00:00Z")
CAPABILITIES = [
    KERNEL,
    ("people", "kouprey.people.migrations"),
    ("agreements", "kouprey.agreements.migrations"),
]


class Clock:
    """A clock that goes on by a microsecond with each look, and further when told."""

    def __init__(self) -> None:
        self.now: Instant = START

    def __call__(self) -> Instant:
        self.now += 1
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


class Node:
    """What one party has: a store, keys, people and agreements."""

    def __init__(self, party: str, ring: keyring.Keyring, store: Store, clock: Clock) -> None:
        self.party = party
        self.ring = ring
        self.store = store
        self.clock = clock
        self.people = People(store, ring, clock)
        if not self.people.list_parties():
            identity = f"identity--00000000-0000-4000-8000-{sum(party.encode()):012d}"
            self.people.found(party, party.title(), identity=identity)
        self.agreements = Agreements(store, self.people, ring, clock)

    def again(self) -> Node:
        """The same node in another process."""
        return Node(self.party, self.ring, self.store, self.clock)

    def facts(self, kind: type[msgspec.Struct]) -> list[msgspec.Struct]:
        """Everything of a kind that has happened here."""
        with self.store.read() as reader:
            rows = reader.all("SELECT body FROM outbox WHERE name = ? ORDER BY position", (outbox.fact_name(kind),))
        return [msgspec.json.decode(row[0], type=kind) for row in rows]

    def notes(self) -> list[NoteMade]:
        """What this node has for the others."""
        return [fact for fact in self.facts(NoteMade) if isinstance(fact, NoteMade)]

    def label_set(self, *marked: Label) -> int:
        def work(tx: Tx) -> int:
            return self.agreements.label_set(tx, [labels.intern_label(tx, label) for label in marked])

        return self.store.write(work)

    def sees(self, who: decision.Reader) -> set[int]:
        """The label sets a reader finds through the fragment that every query joins."""
        profile = self.agreements.profile(who)
        with self.store.read() as reader:
            found = reader.all(
                f"SELECT label_set.id FROM label_set {labels.visible_join('label_set.id')}", (profile, self.clock())
            )
        return {row[0] for row in found}

    def party_reader(self, party: str) -> decision.Reader:
        return self.agreements.party_reader(party)


def hand_over(nodes: dict[str, Node], *, turns: int = 10) -> None:
    """Carry every new note to those it is for, until nobody has anything to say."""
    told = dict.fromkeys(nodes, 0)
    for _ in range(turns):
        quiet = True
        for name, node in nodes.items():
            made = node.notes()
            for fact in made[told[name] :]:
                quiet = False
                for party in nodes.keys() & set(fact.parties):
                    nodes[party].agreements.receive_note(fact.note, fact.attachment, by=name)
            told[name] = len(made)
        if quiet:
            return
    pytest.fail("the nodes never stop talking")


class Stores:
    """Databases on one engine; each can be opened once more, as another process would."""

    def __init__(self, new_place: Callable[[], str], clock: Clock) -> None:
        self._new_place = new_place
        self._clock = clock
        self._opened: list[tuple[str, Store]] = []

    def new(self) -> Store:
        return self._open(self._new_place())

    def again(self, store: Store) -> Store:
        return self._open(next(place for place, opened in self._opened if opened is store))

    def _open(self, place: str) -> Store:
        at_file = place.startswith("/")
        store = open_sqlite(Path(place), clock=self._clock) if at_file else open_postgres(place, clock=self._clock)
        self._opened.append((place, store))
        return store

    def close(self) -> None:
        for _, store in self._opened:
            store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def stores(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Stores]:
    numbers = count()
    new_place: Callable[[], str] = (
        (lambda: str(lay(tmp_path / f"{next(numbers)}.db", CAPABILITIES)))
        if request.param == "sqlite"
        else partial(request.getfixturevalue("fresh_postgres"), CAPABILITIES)
    )
    made = Stores(new_place, clock)
    yield made
    made.close()


@pytest.fixture
def open_again(stores: Stores) -> Callable[[Store], Store]:
    return stores.again


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def found_node(stores: Stores, tmp_path: Path, clock: Clock) -> Callable[[str], Node]:
    return lambda party: Node(party, keyring.create(tmp_path / party), stores.new(), clock)


@pytest.fixture
def forgetful(stores: Stores, clock: Clock) -> Callable[[Node], Node]:
    """The same party with the same keys and partners, but nothing agreed."""

    def make(node: Node) -> Node:
        copy = Node(node.party, node.ring, stores.new(), clock)
        for party in node.people.list_parties():
            if not party.home:
                copy.people.trust(party.note, by="operator")
        return copy

    return make


@pytest.fixture
def trio(found_node: Callable[[str], Node]) -> dict[str, Node]:
    """Three parties who trust each other's cards."""
    nodes = {name: found_node(f"{name}.example") for name in ("cert", "ministry", "operator")}
    nodes = {node.party: node for node in nodes.values()}
    for node in nodes.values():
        for other in nodes.values():
            if other is not node:
                node.people.trust(other.people.home().note, by="operator")
    return nodes


@pytest.fixture
def agree() -> Callable[..., Version]:
    """Draft at the first node, and let all parties sign."""

    def make(nodes: dict[str, Node], *parties: str, **terms: object) -> Version:
        first = nodes[parties[0]]
        drafted = first.agreements.draft(
            "Exchange",
            parties,
            Terms(**terms),
            starts=first.clock(),
            by="operator",  # type: ignore[arg-type]  # the test names fields of Terms
        )
        for party in parties:
            nodes[party].agreements.sign(drafted.agreement, by="operator")
            hand_over({name: nodes[name] for name in parties})
        return first.agreements.get_current(drafted.agreement)

    return make


@pytest.fixture(name="hand_over")
def hand_over_fixture() -> Callable[[dict[str, Node]], None]:
    return hand_over
