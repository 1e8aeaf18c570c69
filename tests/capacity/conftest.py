"""Two parties that train each other's people: real stores, lanes and links, ours on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from federation.conftest import Actor, World
from kouprey.agreements.model import Terms
from kouprey.capacity.model import Activity, Competency, Holder, Kind, Programme, Sort
from kouprey.capacity.service import Capacity
from kouprey.capacity.wire.messages import MEDIA_TYPES
from kouprey.kernel.storage.migrate import migrate
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import DAY, SECOND, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from response.conftest import Office

TERMS = Terms(types=("intelligence", "nomination"))
START = wall_clock() // DAY * DAY + 40 * DAY + 2 * 3_600 * SECOND
"""09:00 in Phnom Penh, in some weeks: agreements are decided by the clock on the wall."""


def training(**more: Any) -> Activity:
    """A training of two days from 09:00 to 17:00 in Phnom Penh, with ten seats for each party."""
    given = {
        "kind": Kind.TRAINING,
        "title": "Handing incidents over",
        "starts": START,
        "ends": START + DAY + 8 * 3_600 * SECOND,
        "zone": "Asia/Phnom_Penh",
        "deadline": START - 7 * DAY,
        "seats": 10,
        "place": "Training room 2, Phnom Penh",
        "languages": ("km", "en"),
        "competencies": (Competency(framework="nice", code="PD-WRL-003"),),
    }
    bare = {"id": "", "nonce": "", "host": "", "agreement": "", "version": 0}
    return Activity(**(bare | given | more))


def people(count: int, word: str = "Person") -> list[Holder]:
    """So many people, the first to be seated first."""
    return [Holder(party="", id="", name=f"{word} {number}", role="analyst") for number in range(1, count + 1)]


class School(Actor):
    """A node with capacity, whose clock stands where the test puts it."""

    at = START - 30 * DAY

    def open(self, **how: Any) -> Actor:
        super().open(**how)
        migrate(self.store, [("capacity", "kouprey.capacity.migrations")])
        given = (self.store, self.people, self.agreements, self.lanes, self.ring)
        self.capacity = Capacity(*given, lambda: self.at, origin=f"https://{self.party}")
        return self

    def receivers(self) -> Any:
        taken = {MEDIA_TYPES[sort]: self._taker(sort) for sort in Sort}
        return {**super().receivers(), **taken}

    def _taker(self, sort: Sort) -> Any:
        return lambda tx, deliveries: self.capacity.apply(sort)(tx, deliveries)

    def reader(self, *roles: Role, clearance: TLP = TLP.RED, name: str = "psn_lead") -> Reader:
        words = tuple(map(str, roles or (Role.TRAINER,)))
        return Reader(party=self.party, clearance=clearance, local=True, roles=words, name=name)

    def host(self, agreement: str, **more: Any) -> Activity:
        """A training that is published."""
        who = self.reader()
        programme = self.capacity.plan(who, Programme(id="", agreement=agreement, theme="Response", year=2026))
        return self.capacity.publish(who, programme.id, training(**more))

    def states(self, activity: str) -> dict[str, str]:
        """Name -> state, of everybody known here."""
        picture = self.capacity.picture(self.reader(), activity)
        return {each.person.name: str(each.state) for each in picture.seats}


class Schools(World):
    """Parties whose agreement covers nominations."""

    def sync(self) -> None:
        """Everybody gets what the others have."""
        for _ in range(2):
            for actor in self.actors:
                actor.lanes.append_waiting()
            for actor in self.actors:
                for other in self.actors:
                    if other is not actor:
                        actor.sync(other)

    def at(self, instant: int) -> None:
        """All clocks stand there."""
        for actor in self.actors:
            actor.at = instant  # type: ignore[attr-defined]  # they are Schools


@pytest.fixture(params=["sqlite", "postgres"])
def schools(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Schools]:
    fresh = request.getfixturevalue("fresh_postgres") if request.param == "postgres" else None
    made = Schools(tmp_path, fresh, kind=School)
    yield made
    made.close()


@pytest.fixture
def pair(schools: Schools) -> tuple[Any, Any, str]:
    """Who hosts, who sends people, and their agreement."""
    return schools.pair(TERMS)


@pytest.fixture
def lone(tmp_path: Path) -> Iterator[Schools]:
    """The same on SQLite alone, for what no engine changes."""
    made = Schools(tmp_path, None, kind=School)
    yield made
    made.close()


@pytest.fixture
def one(lone: Schools) -> tuple[Any, Any, str]:
    """Who hosts, who sends people, and their agreement, on SQLite alone."""
    return lone.pair(TERMS)


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[tuple[Office, Office, str]]:
    """Two whole nodes with their web, and their agreement in force."""
    a, b = Office(tmp_path / "a", "ministry.example"), Office(tmp_path / "b", "operator.example")
    a.people.trust(b.people.home().note, by="test")
    b.people.trust(a.people.home().note, by="test")
    terms = msgspec.structs.replace(TERMS, tlp_ceiling="amber")
    draft = a.agreements.draft("Mekong school", [a.party, b.party], terms, starts=a.now() - 10**7, by="test")
    signed = a.agreements.sign(draft.agreement, by="test")
    b.agreements.receive_note(signed.note, signed.document_bytes, by="test")
    both = b.agreements.sign(draft.agreement, by="test")
    a.agreements.receive_note(both.note, both.document_bytes, by="test")
    yield a, b, draft.agreement
    a.node.close()
    b.node.close()
