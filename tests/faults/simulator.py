"""The simulator: a seed is a town, a schedule of deeds and faults, a time of healing, and a judgement."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256

from faults import deeds
from faults.checker import judge, judge_receipts
from faults.nodes import START, Node, seeded, silent
from faults.schedule import SCHEDULE
from faults.town import CALM, INTERVAL, PARTIES, STORM, TLP, Town
from kouprey.kernel.words.time import SECOND

STEPS = 90
BANK = PARTIES[3]
"""Party to nothing until an amendment names it."""
STILL = 2
"""Turns without a change after which it has come to rest."""
HEALING = 24
"""Turns within which everything must have arrived once nothing goes wrong any more."""


@dataclass
class Outcome:
    """What one seed came to."""

    seed: int
    wrong: list[str]
    faults: Counter[str]
    refusals: Counter[str]
    acknowledged: int
    delivered: int
    beyond: Counter[str]
    seconds: int
    sent: int
    again: int
    trace: str
    log: list[str] = field(default_factory=list)


def run(seed: int, *, steps: int = STEPS) -> Outcome:
    """One exact run; the same seed gives the same run, to the byte of every salt."""
    dice = random.Random(seed)
    with seeded(random.Random(seed + 1)), silent(), town_of(seed, dice) as town:
        if dice.random() < 0.4:
            town.hostile.add(deeds.PARTIES[2])
        warm_up(town)
        town.weather = STORM if dice.random() < 0.7 else CALM
        town.lying = 0.4
        weights, choices = zip(*SCHEDULE, strict=True)
        for _ in range(steps):
            town.now += int(dice.random() * 2 * INTERVAL)
            if len(deeds.alive(town)) < 2:
                deeds.start(town)
            (deed,) = dice.choices(choices, weights)
            town.log.append(f"{(town.now - START) // SECOND} {deed.__name__}")
            deed(town)
            unmask(town)
        healed = heal(town)
        judge_receipts(town)
        if dice.random() < 0.5:
            widen(town)
            heal(town)
        go_on(town)
        heal(town)
        beyond, delivered = judge(town)
        text = "\n".join(town.log).encode()
        return Outcome(
            seed=seed,
            wrong=town.wrong,
            faults=town.faults,
            refusals=town.refusals,
            acknowledged=sum(each.number > 0 for each in town.published.values()),
            delivered=delivered,
            beyond=beyond,
            seconds=healed,
            sent=town.bytes_sent,
            again=town.bytes_again,
            trace=sha256(text).hexdigest(),
            log=town.log,
        )


@contextmanager
def town_of(seed: int, dice: random.Random) -> Iterator[Town]:
    town = Town(f"{seed:x}", dice)
    try:
        yield town
    finally:
        town.close()


def warm_up(town: Town) -> None:
    """Some history that everybody has, and copies of it: what is restored later is older than what is held."""
    nodes = list(town.nodes.values())[:3]
    for node in nodes:
        for agreement in (town.three, town.two):
            if agreement in node.agreements.standings():
                deeds.put(town, node, agreement, TLP.GREEN, town.dice.randint(1, 3))
        node.work()
    for node in nodes:
        for other in nodes:
            if other is not node:
                deeds.exchange(town, node, other)
    deeds.copy(town)


def unmask(town: Town) -> None:
    """A hostile party serves whatever it likes: its serve gate lets everything through."""
    for party in town.hostile:
        node = town.nodes[party]
        if node.alive:
            node.federation.serving._may_leave = lambda *_: True  # type: ignore[method-assign]  # it is hostile


def heal(town: Town) -> int:
    """No more faults; the simulated seconds until nothing moves any more."""
    town.weather = CALM
    town.lying = 0.0
    town.cuts.clear()
    for node in town.nodes.values():
        node.skew = 0
        node.fuse = None
        if not node.alive:
            node.open()
    unmask(town)
    begun = town.now
    still, before = 0, state_of(town)
    for _ in range(HEALING):
        town.now += INTERVAL
        for node in town.nodes.values():
            settle(town, node)
            for other in town.nodes.values():
                if other is not node and (town.faults["amendment"] or BANK not in (node.party, other.party)):
                    deeds.exchange(town, node, other)
            deeds.tried(town, node, node.work)
        after = state_of(town)
        still = still + 1 if after == before else 0
        before = after
        if still == STILL:
            return (town.now - STILL * INTERVAL - begun) // SECOND
    town.broken("it did not come to rest after healing")
    return (town.now - begun) // SECOND


def go_on(town: Town) -> None:
    """Everybody publishes once more under what counts now: whatever happened, it works, for all it is meant for."""
    for node in town.nodes.values():
        for agreement, standing in node.agreements.standings().items():
            if standing.signed and not {*standing.left, *standing.suspended_by} & {node.party}:
                deeds.put(town, node, agreement, TLP.GREEN, 1)
                deeds.tried(town, node, node.work)


def widen(town: Town) -> None:
    """What is agreed on allows more than before: what was withheld under tighter terms is asked for again."""
    for node in town.nodes.values():
        standing = node.agreements.standings().get(town.three)
        if standing is None or not standing.signed or standing.terms.tlp_ceiling == "amber":
            continue
        if not {*standing.left, *standing.suspended_by}:
            deeds.tried(
                town, node, lambda node=node, parties=standing.parties: deeds.draft(town, node, parties, "amber")
            )
            return


def settle(town: Town, node: Node) -> None:
    """People end what they have begun: sign what waits for them, and take back suspensions."""
    for agreement in (town.three, town.two):
        standing = node.agreements.standings().get(agreement)
        if standing is None or node.party in standing.left:
            continue
        if node.party in standing.suspended_by:
            deeds.tried(town, node, lambda a=agreement: node.agreements.suspend(a, suspended=False, by="test"))
        deeds.tried(town, node, lambda a=agreement: deeds.countersign_at(node, a))
    deeds.tried(town, node, node.work)


def state_of(town: Town) -> list[object]:
    """Everything that could still move."""
    found: list[object] = []
    for node in town.nodes.values():
        with node.store.read() as reader:
            found.append(reader.all("SELECT origin, size, signed_size, state FROM lane ORDER BY origin"))
            found.append(reader.all("SELECT lane_id, party, size FROM lane_receipt ORDER BY lane_id, party"))
            found.append(reader.value("SELECT count(*) FROM paper_outgoing WHERE delivered_at = 0"))
            found.append(reader.value("SELECT count(*) FROM lane_outgoing"))
            found.append(reader.value("SELECT count(*) FROM lane_entry WHERE state > 1"))
            found.append(sorted(node.agreements.standings()))
    return found
