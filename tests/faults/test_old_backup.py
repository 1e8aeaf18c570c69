"""A node is given back a copy that is thirty days old: it takes back what it had signed, and nobody is accused."""

from __future__ import annotations

import random
import time

import pytest

from faults import deeds
from faults.checker import judge
from faults.nodes import START, Node, seeded, silent
from faults.simulator import heal, town_of
from faults.town import INTERVAL, PARTIES, TLP, Town
from kouprey.federation import store as rows
from kouprey.kernel.storage import audit
from kouprey.kernel.words.time import DAY, SECOND

DAYS = 30


def signed(node: Node) -> dict[str, tuple[int, bytes]]:
    """Origin -> size and root of what a node has signed of its own lanes."""
    found = {}
    with node.store.read() as reader:
        for lane in rows.list_lanes(reader, mine=True):
            kept = rows.find_checkpoint(reader, lane.id, lane.signed_size)
            assert kept is not None
            found[lane.origin] = (kept.size, kept.root)
    return found


def live(town: Town, nodes: list[Node], a_day: int) -> None:
    """A day: everybody publishes, and reads what the others have."""
    for node in nodes:
        for agreement in (town.three, town.two):
            if agreement in node.agreements.standings():
                for _ in range(max(1, a_day // 100)):
                    deeds.put(town, node, agreement, TLP.GREEN, min(a_day, 100))
        node.work()
    for node in nodes:
        for other in nodes:
            if other is not node:
                deeds.exchange(town, node, other)


def alarms(node: Node) -> list[str]:
    with node.store.read() as reader:
        said = [each.action for each in audit.list_audit(reader) if each.action in ("lane.fork", "lane.evidence")]
    held = [lane.note for lane in node.lanes_held() if lane.state == rows.FROZEN]
    return said + held + [each.code for each in node.federation.ledger.list_quarantined()]


@pytest.mark.parametrize("guard", [pytest.param("kept", marks=pytest.mark.long), "lost"])
@pytest.mark.parametrize("a_day", [2, pytest.param(500, marks=pytest.mark.long)])
def test_back_in_service_with_all_it_had_signed(a_day: int, guard: str) -> None:
    dice = random.Random(DAYS)
    with seeded(random.Random(a_day)), silent(), town_of(DAYS, dice) as town:
        nodes = [town.nodes[party] for party in PARTIES[:3]]
        restored, *peers = nodes
        live(town, nodes, a_day)
        restored.close()
        backup = restored.copy(town.folder / "thirty days ago")
        restored.open()
        for day in range(1, DAYS + 1):
            town.now = START + day * DAY
            live(town, nodes, a_day)
        ours = [each for each in town.published.values() if each.author == restored.party]
        # From before the copy was made, and from after it.
        for held in (ours[0], ours[len(ours) // 2], ours[-1]):
            held.erasing = True
            restored.erase(held.canary)
            held.erased = True
        before, copied = signed(restored), len(ours) // (DAYS + 1)
        deeds.put_back(town, restored, backup, guard)
        begun, turns = time.monotonic(), 0
        restored.open()
        while not before.items() <= signed(restored).items():
            turns += 1
            assert turns < 10, "its own tail does not come back"
            town.now += INTERVAL
            deeds.exchange(town, restored, peers[turns % 2])
        deeds.put(town, restored, town.three, TLP.GREEN, 1)
        restored.work()
        news = list(town.published)[-1]
        for peer in peers:
            deeds.exchange(town, peer, restored)
            assert news in peer.got(), "it is not in service"
        seconds = time.monotonic() - begun
        after = signed(restored)
        assert len(after) > len(before), "it goes on in a new epoch"
        assert not any(lane.state == rows.OPEN for lane in restored.lanes_held(mine=True) if lane.origin in before)
        heal(town)
        judge(town)
        assert town.wrong == []
        assert not any(alarms(node) for node in nodes)
        lost = sum(size for size, _ in before.values())
        print(
            f"guard {guard}: {lost} entries signed, {copied} published before the copy; all back and in service after"
            f" {turns} exchanges, {turns * INTERVAL // SECOND} s of simulated time, {seconds:.1f} s of this machine"
        )
