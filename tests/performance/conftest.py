"""Two nodes that exchange under an agreement with targets, and the sums of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import msgspec
import pytest

from federation.conftest import Actor, World
from kouprey.agreements.model import Target, Terms
from kouprey.federation.model import EntryBody
from kouprey.kernel.storage.migrate import migrate
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import format_second, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.performance.service import Performance
from kouprey.performance.wire import STIX

TARGETS = (
    Target(measure="share-back", target=0.5, baseline=0.1),
    Target(measure="context", target=0.4),
    Target(measure="false-positives", target=0.05),
)


def stix_id(kind: str, name: str) -> str:
    return f"{kind}--{uuid5(UUID(int=7), name)}"


def thing(name: str, kind: str = "indicator", **more: Any) -> bytes:
    """The bytes of a small object, changed just now."""
    value = {"type": kind, "id": stix_id(kind, name), "modified": format_second(wall_clock() + 1_000_000)}
    return msgspec.json.encode(value | more)


class Side:
    """One node with its sums."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.party = actor.party
        migrate(actor.store, [("performance", "kouprey.performance.migrations")])
        self.performance = Performance(actor.store, actor.people, actor.agreements, actor.ring)

    def reader(self, clearance: TLP = TLP.RED) -> Reader:
        return Reader(party=self.party, clearance=clearance, local=True)

    def give(self, agreement: str, *contents: bytes, tlp: TLP = TLP.GREEN, exercise: str = "") -> None:
        label = Label(owner=self.party, tlp=tlp, exercise=exercise)
        bodies = [EntryBody(media_type=STIX, label=label, content=content) for content in contents]
        self.actor.store.write(lambda tx: self.actor.lanes.queue(tx, agreement, bodies))
        self.actor.lanes.append_waiting()


class Pair:
    """Both sides and what they agreed."""

    def __init__(self, world: World) -> None:
        first, second, self.agreement = world.pair(Terms(targets=TARGETS))
        self.ours, self.theirs = Side(first), Side(second)

    def exchange(self) -> None:
        """Entries and receipts go both ways, and both sides sum up."""
        for _ in range(2):
            self.ours.actor.sync(self.theirs.actor)
            self.theirs.actor.sync(self.ours.actor)
        for side in (self.ours, self.theirs):
            side.performance.sum_up(1_000)


def _world(folder: Path, fresh: Callable[[], str] | None) -> Iterator[Pair]:
    world = World(folder, fresh)
    yield Pair(world)
    world.close()


@pytest.fixture(params=["sqlite", "postgres"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    fresh = request.getfixturevalue("fresh_postgres") if request.param == "postgres" else None
    yield from _world(tmp_path, fresh)
