"""Faults of the product that the simulator has found: the mended ones stay mended, the others fail until they are."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from faults.deeds import exchange, put, tried
from faults.simulator import town_of
from faults.town import PARTIES, TLP, Town
from kouprey.agreements.model import Terms
from kouprey.federation.model import LaneClass


@pytest.fixture
def town() -> Any:
    with town_of(0, random.Random(0)) as made:
        yield made


def publish(town: Town, party: str, count: int = 2) -> list[str]:
    """Entries for the other two, signed; their canaries."""
    before = set(town.published)
    node = town.nodes[party]
    put(town, node, town.three, TLP.GREEN, count, lane_class=LaneClass.BULK)
    node.work()
    return sorted(set(town.published) - before)


def copy(town: Town, party: str) -> Path:
    node = town.nodes[party]
    node.close()
    made = node.copy(town.folder / f"copy-{len(town.copies)}-{town.now}")
    node.open()
    town.now += 10**6
    return made


def restore(town: Town, party: str, made: Path, *, guard: str, alone: bool = False) -> None:
    """`alone`: nobody can be asked at the start."""
    node = town.nodes[party]
    node.close()
    node.put_back(made, guard=guard)
    if alone:
        town.cuts |= {(party, other) for other in PARTIES}
    node.open()
    town.cuts.clear()


def rounds(town: Town, count: int = 6) -> None:
    for _ in range(count):
        town.now += 15 * 10**6
        for node in town.nodes.values():
            tried(town, node, node.work)
            for other in town.nodes.values():
                if other is not node:
                    exchange(town, node, other)


MINISTRY, OPERATOR, CERT, _ = PARTIES


def test_a_node_rolled_back_behind_its_own_new_epoch_hears_of_it(town: Town) -> None:
    """Restored once it opens a new epoch; rolled back behind that, it writes on in the old one, which others ended."""
    publish(town, CERT)
    rounds(town)
    early = copy(town, CERT)
    publish(town, CERT)
    rounds(town)
    restore(town, CERT, early, guard="kept")
    publish(town, CERT)
    rounds(town)
    restore(town, CERT, early, guard="old", alone=True)
    publish(town, CERT)
    rounds(town)
    later = publish(town, CERT)
    rounds(town)
    got = town.nodes[OPERATOR].got()
    assert set(later) <= set(got), "what it publishes is refused for ever"


def test_a_restored_node_learns_again_who_has_left(town: Town) -> None:
    early = copy(town, OPERATOR)
    town.nodes[CERT].agreements.leave(town.three, by="test")
    rounds(town)
    assert CERT in town.nodes[OPERATOR].agreements.get_standing(town.three).left
    restore(town, OPERATOR, early, guard="kept")
    rounds(town)
    assert CERT in town.nodes[OPERATOR].agreements.get_standing(town.three).left


def test_a_restored_node_learns_again_what_was_amended(town: Town) -> None:
    """Until it does, it refuses every lane under the new version."""
    early = copy(town, OPERATOR)
    node = town.nodes[MINISTRY]
    node.agreements.draft(
        "Next", list(PARTIES[:3]), Terms(tlp_ceiling="green"), starts=town.now - 10**9, amends=town.three, by="test"
    )
    node.agreements.sign(town.three, by="test")
    rounds(town)
    for party in (OPERATOR, CERT):
        town.nodes[party].agreements.sign(town.three, by="test")
        rounds(town, 3)
    assert town.nodes[OPERATOR].agreements.get_standing(town.three).version == 2
    restore(town, OPERATOR, early, guard="kept")
    canaries = publish(town, MINISTRY)
    rounds(town)
    assert set(canaries) <= set(town.nodes[OPERATOR].got())


def test_what_one_peer_holds_of_a_restored_author_reaches_the_others(town: Town) -> None:
    publish(town, MINISTRY)
    rounds(town)
    early = copy(town, MINISTRY)
    canaries = publish(town, MINISTRY)
    exchange(town, town.nodes[OPERATOR], town.nodes[MINISTRY])
    assert set(canaries) <= set(town.nodes[OPERATOR].got())
    restore(town, MINISTRY, early, guard="kept")
    publish(town, MINISTRY)
    rounds(town)
    assert set(canaries) <= set(town.nodes[CERT].got())


def test_what_was_signed_after_an_unnoticed_rollback_reaches_everybody(town: Town) -> None:
    publish(town, MINISTRY)
    rounds(town)
    early = copy(town, MINISTRY)
    lost = publish(town, MINISTRY, 3)
    rounds(town)
    restore(town, MINISTRY, early, guard="old", alone=True)
    canaries = publish(town, MINISTRY, 2)
    rounds(town)
    publish(town, MINISTRY)
    rounds(town)
    assert set(canaries) <= set(town.nodes[OPERATOR].got())
    # What two partners hold of the history that was lost comes back, and is published anew once.
    node = town.nodes[MINISTRY]
    bodies = [each.body for lane in node.lanes_held(mine=True) for each in node.entries(lane)]
    assert [sum(canary.encode() in body for body in bodies) for canary in lost] == [1, 1, 1]
