"""What one peer may ask in a minute, and that nothing of another's is taken by it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from kouprey.federation.service.budgets import AT_ONCE, Budget, Budgets
from kouprey.kernel.words.errors import TooMany, Unreachable

GREEDY, HONEST = "greedy.example", "honest.example"


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def ask(budgets: Budgets, party: str, size: int = 0) -> None:
    budgets.require(party)
    with budgets.turn(party):
        pass
    budgets.spend(party, size)


def test_requests_run_out_and_come_back_evenly() -> None:
    clock = Clock()
    budgets = Budgets(Budget(requests=60, bytes=0), clock)
    for _ in range(60):
        ask(budgets, GREEDY)
    with pytest.raises(TooMany) as refused:
        ask(budgets, GREEDY)
    assert refused.value.code == "throttled" and refused.value.detail["retry_after"] == 1
    ask(budgets, HONEST)
    clock.now += 1.0
    ask(budgets, GREEDY)
    with pytest.raises(TooMany):
        ask(budgets, GREEDY)
    clock.now += 3_600.0
    for _ in range(60):
        ask(budgets, GREEDY)
    with pytest.raises(TooMany):
        ask(budgets, GREEDY)


def test_an_answer_may_overdraw_and_the_next_waits_for_it() -> None:
    clock = Clock()
    budgets = Budgets(Budget(requests=0, bytes=600), clock)
    ask(budgets, GREEDY, 1_200)
    with pytest.raises(TooMany) as refused:
        ask(budgets, GREEDY)
    seconds = refused.value.detail["retry_after"]
    assert isinstance(seconds, int) and 60 <= seconds <= 62
    clock.now += seconds
    ask(budgets, GREEDY)


def test_no_budget_is_no_bound() -> None:
    budgets = Budgets(Budget(0, 0), Clock())
    for _ in range(1_000):
        ask(budgets, GREEDY, 1 << 40)


def test_only_so_many_at_the_same_time() -> None:
    budgets = Budgets(Budget(), Clock())
    inside, leave = threading.Barrier(AT_ONCE + 1), threading.Event()

    def stay() -> None:
        with budgets.turn(GREEDY):
            inside.wait(10)
            leave.wait(10)

    threads = [threading.Thread(target=stay) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    inside.wait(10)
    with pytest.raises(TooMany), budgets.turn(GREEDY):
        pass
    with budgets.turn(HONEST):
        pass
    leave.set()
    for thread in threads:
        thread.join()
    with budgets.turn(GREEDY):
        pass


def test_a_flood_is_refused_at_the_door_and_the_other_peer_gets_all(world: Any) -> None:
    a, honest, greedy = (world.actor(f"{name}.example") for name in ("ministry", "operator", "neighbour"))
    world.acquaint(a, honest, greedy)
    agreement = world.agree(a, honest, greedy)
    a.publish(agreement, [b'{"n":%d}' % n for n in range(50)])
    clock = Clock()
    a.federation.peers.budgets = Budgets(Budget(requests=40, bytes=0), clock)
    links = greedy.federation.links
    peer, codes = links.get_link(a.party), []
    for _ in range(200):
        try:
            links._caller.call(peer, "GET", "/link/v1/lanes")
        except Unreachable as error:
            codes.append((error.code, error.detail["status"], error.detail["retry_after"]))
    assert len(codes) == 160 and set(codes) == {("throttled", 429, 2)}
    with a.store.read() as reader:
        spent = reader.value("SELECT count(*) FROM request_nonce")
    assert spent == 40, "what is over the budget is refused before anything is written"
    assert honest.sync(a) == 51
    with pytest.raises(Unreachable, match="too much"):
        greedy.sync(a)
    assert not greedy.federation.links.get_link(a.party).down_since, "it was reached, and told to wait"
    clock.now += 60.0
    assert greedy.sync(a) == 51, "and nothing is lost"
