"""Parties that hand incidents over: real stores, lanes and links, ours on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.conftest import Actor, World
from kouprey.agreements.model import HandOffTerm, Terms
from kouprey.kernel.storage.migrate import migrate
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Verb, Wanted
from kouprey.response.service import HandOffs
from kouprey.response.wire import MEDIA_TYPE

HOUR = 3_600
TERMS = Terms(
    types=("intelligence", "hand-off"),
    handoffs=tuple(
        HandOffTerm(kind=kind, acknowledge_s=HOUR, decide_s=4 * HOUR, pause_s=24 * HOUR)
        for kind in ("inform", "act", "preserve", "disclose")
    ),
)
ALL = tuple(str(role) for role in Role)


class Caller(Actor):
    """A node with hand-offs; `ahead` moves its clock for them."""

    ahead = 0

    def open(self, **how: Any) -> Actor:
        super().open(**how)
        migrate(self.store, [("response", "kouprey.response.migrations")])
        self.handoffs = HandOffs(self.store, self.people, self.agreements, self.lanes, self.now)
        return self

    def receivers(self) -> Any:
        return {**super().receivers(), **self.regains()}

    def regains(self) -> Any:
        return {MEDIA_TYPE: lambda tx, deliveries: self.handoffs.apply(tx, deliveries)}

    def now(self) -> int:
        return wall_clock() + self.ahead * SECOND

    def reader(self, *roles: Role, clearance: TLP = TLP.RED, name: str = "psn_x") -> Reader:
        words = tuple(map(str, roles)) if roles else ALL
        return Reader(party=self.party, clearance=clearance, local=True, roles=words, name=name)

    def ask(self, agreement: str, other: Actor, kind: str = "act", **given: Any) -> str:
        words = {"title": "Block the loader", "text": "It calls 203.0.113.7 every minute."} | given
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
