"""The outbox: recorded with the deed, delivered in order and at least once, whoever fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.storage.outbox import Listener, deliver, list_listeners, prune, record
from kouprey.kernel.words.time import SECOND


class CaseOpened(msgspec.Struct, frozen=True):
    """A fact for these tests."""

    number: int


_NAME = outbox.fact_name(CaseOpened)


def _open_case(store: Store, number: int, name: str = _NAME) -> int:
    return store.write(lambda tx: record(tx, CaseOpened(number), name))


class Ear:
    """A listener that writes down what it hears and fails when told to."""

    def __init__(self, name: str = "ear", fact: str = _NAME) -> None:
        self.heard: list[int] = []
        self.ids: list[int] = []
        self.fails_on: int | None = None
        self.listener = Listener(name, fact, self.hear)

    def hear(self, store: Store, body: bytes, fact_id: int) -> None:
        number = msgspec.json.decode(body, type=CaseOpened).number
        if number == self.fails_on:
            raise LookupError(f"no case {number}")
        self.heard.append(number)
        self.ids.append(fact_id)


def test_facts_arrive_in_order_once_and_by_name(store: Store) -> None:
    ear, other, deaf = Ear(), Ear("other"), Ear("deaf", "kouprey.hunt.facts.HuntEnded")
    ids = [_open_case(store, number) for number in range(250)]
    _open_case(store, 7, "kouprey.watch.facts.AlertRaised")
    listeners = [ear.listener, other.listener, deaf.listener]
    assert deliver(store, listeners) == 500
    assert ear.heard == other.heard == list(range(250))
    assert ear.ids == ids
    assert deaf.heard == []
    assert deliver(store, listeners) == 0
    _open_case(store, 250)
    assert deliver(store, listeners) == 2
    assert ear.heard == list(range(251))


def test_a_deed_undone_is_not_told(store: Store) -> None:
    def work(tx: Tx) -> None:
        record(tx, CaseOpened(1), _NAME)
        raise LookupError

    with pytest.raises(LookupError):
        store.write(work)
    assert deliver(store, [Ear().listener]) == 0


def test_a_failing_listener_stops_alone_says_why_and_goes_on_later(store: Store) -> None:
    now = [1_000 * SECOND]
    ear, other = Ear(), Ear("other")
    ear.fails_on = 3
    for number in range(6):
        _open_case(store, number)
    listeners = [ear.listener, other.listener]
    assert deliver(store, listeners, clock=lambda: now[0]) == 3 + 6
    with store.read() as reader:
        failing, well = list_listeners(reader)
    assert (failing.listener, failing.failures, failing.error) == ("ear", 1, "LookupError: no case 3")
    assert (failing.position, failing.failed_at) == (ear.ids[-1], now[0])
    assert (well.listener, well.failures, well.error) == ("other", 0, "")

    assert deliver(store, listeners, clock=lambda: now[0]) == 0
    waits = []
    for _ in range(12):
        with store.read() as reader:
            waits.append((list_listeners(reader)[0].retry_at - now[0]) // SECOND)
        now[0] += waits[-1] * SECOND
        deliver(store, listeners, clock=lambda: now[0])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]

    ear.fails_on = None
    now[0] += 300 * SECOND
    assert deliver(store, listeners, clock=lambda: now[0]) == 3
    assert ear.heard == list(range(6))
    with store.read() as reader:
        assert [(state.failures, state.error) for state in list_listeners(reader)] == [(0, ""), (0, "")]


def test_a_wait_from_a_clock_that_was_wrong_does_not_count(store: Store) -> None:
    ear = Ear()
    ear.fails_on = 1
    _open_case(store, 1)
    deliver(store, [ear.listener], clock=lambda: 10_000_000 * SECOND)
    ear.fails_on = None
    assert deliver(store, [ear.listener], clock=lambda: 1_000 * SECOND) == 1


def test_after_a_crash_facts_come_again_but_none_is_missed(store: Store) -> None:
    """KeyboardInterrupt leaves as a kill would: no cursor saved, the lease still taken."""
    ear = Ear()
    now = [1_000 * SECOND]
    crash = [True]

    def hear(store: Store, body: bytes, fact_id: int) -> None:
        ear.hear(store, body, fact_id)
        if crash[0] and len(ear.heard) == 3:
            raise KeyboardInterrupt

    listener = Listener("ear", _NAME, hear)
    for number in range(5):
        _open_case(store, number)
    with pytest.raises(KeyboardInterrupt):
        deliver(store, [listener], clock=lambda: now[0])
    crash[0] = False
    assert deliver(store, [listener], clock=lambda: now[0] + outbox.LEASE - 1) == 0
    assert deliver(store, [listener], clock=lambda: now[0] + outbox.LEASE) == 5
    assert ear.heard == [0, 1, 2, 0, 1, 2, 3, 4]


def test_of_several_processes_one_delivers(store: Store, reopen: Callable[..., Store]) -> None:
    ear, inside, go_on = Ear(), threading.Event(), threading.Event()

    def slow(store: Store, body: bytes, fact_id: int) -> None:
        inside.set()
        go_on.wait(5)
        ear.hear(store, body, fact_id)

    listener = Listener("ear", _NAME, slow)
    for number in range(3):
        _open_case(store, number)
    other = reopen()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(deliver, store, [listener])
        inside.wait(5)
        assert deliver(other, [listener]) == 0
        assert deliver(store, [listener]) == 0
        go_on.set()
        assert first.result() == 3
    assert ear.heard == [0, 1, 2]


def test_who_lost_the_lease_does_not_move_the_cursor(store: Store, reopen: Callable[..., Store]) -> None:
    ear = Ear()
    now = [1_000 * SECOND]
    other = reopen()
    quick = Listener("ear", _NAME, ear.hear)

    def outrun(store: Store, body: bytes, fact_id: int) -> None:
        if not ear.heard:
            now[0] += outbox.LEASE
            assert deliver(other, [quick], clock=lambda: now[0]) == 3
            _open_case(other, 3)
        ear.hear(store, body, fact_id)

    for number in range(3):
        _open_case(store, number)
    deliver(store, [Listener("ear", _NAME, outrun)], clock=lambda: now[0])
    assert deliver(store, [quick], clock=lambda: now[0]) == 1
    assert ear.heard == [0, 1, 2, 0, 1, 2, 3]


def test_pruning_keeps_what_somebody_still_waits_for(store: Store) -> None:
    ear, slow = Ear(), Ear("slow")
    slow.fails_on = 2
    ids = [_open_case(store, number) for number in range(5)]
    unwanted = _open_case(store, 0, "kouprey.watch.facts.AlertRaised")
    listeners = [ear.listener, slow.listener]
    assert prune(store, listeners, before=ids[0]) == 0
    deliver(store, listeners)
    assert prune(store, listeners, before=ids[1]) == 1
    assert prune(store, listeners, before=unwanted + 1) == 2
    with store.read() as reader:
        assert [row[0] for row in reader.all("SELECT position FROM outbox ORDER BY position")] == ids[2:]
    assert prune(store, [*listeners, Ear("new").listener], before=unwanted + 1) == 0


def test_a_fact_is_named_after_its_class(store: Store) -> None:
    seen: list[bytes] = []
    store.write(lambda tx: record(tx, CaseOpened(1)))
    listener = Listener("reader", _NAME, lambda _, body, __: seen.append(body))
    assert deliver(store, [listener]) == 1 and len(seen) == 1
