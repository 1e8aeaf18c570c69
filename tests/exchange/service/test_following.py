"""Whoever follows a collection by position misses nothing: clearances widen, agreements begin, writers race."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest

from kouprey.agreements.facts import DecisionWidened
from kouprey.exchange import service
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

pytestmark = pytest.mark.usefixtures("wide_road")


def test_a_token_whose_clearance_widens_between_two_polls(ministry: Any, stix: Any) -> None:
    raws = [stix.make(f"o{n}") for n in range(30)]
    for n, raw in enumerate(raws):
        ministry.keep(raw, tlp=TLP.AMBER if n % 3 else TLP.GREEN)
    token, _ = ministry.people.create_token("ministry.example", Role.FEED, TLP.GREEN, by="test")
    first, after = ministry.poll(ministry.people.reader_of_token(token))
    assert len(first) == 10
    token = ministry.people.change_token(token.user, clearance=TLP.AMBER, by="test")
    ministry.settle()
    second, after = ministry.poll(ministry.people.reader_of_token(token), after)
    assert set(first) | set(second) == set(raws)
    assert ministry.poll(ministry.people.reader_of_token(token), after)[0] == []


def test_an_agreement_that_comes_into_force(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, sign=False, tlp_ceiling="green")
    raw = stix.make("a")
    ministry.keep(raw, tlp=TLP.GREEN)
    who = ministry.foreign("operator.example")
    _, after = ministry.poll(ministry.reader())
    assert ministry.poll(who, after)[0] == []
    operator.agreements.sign(agreement, by="test")
    stix.pass_notes(agreement, operator, [ministry])
    ministry.settle()
    assert ministry.poll(who, after)[0] == [raw]


def test_a_wider_reader_is_given_the_authors_body_again(ministry: Any, operator: Any, stix: Any) -> None:
    stix.agree(ministry, operator)
    mine = stix.id("identity", "operator.example")
    own = stix.make("a", created_by_ref=mine, description="the author's")
    copy = stix.make("a", created_by_ref=mine, description="a copy")
    ministry.keep(own, tlp=TLP.AMBER, owner="operator.example", source="operator.example")
    ministry.keep(copy, tlp=TLP.GREEN)
    token, _ = ministry.people.create_token("ministry.example", Role.FEED, TLP.GREEN, by="test")
    first, after = ministry.poll(ministry.people.reader_of_token(token))
    assert first == [copy]
    token = ministry.people.change_token(token.user, clearance=TLP.AMBER, by="test")
    ministry.settle()
    assert ministry.poll(ministry.people.reader_of_token(token), after)[0] == [own]


def test_moving_goes_on_after_a_crash_and_is_done_once(ministry: Any, stix: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(service, "MOVES", 4)
    ministry.keep(*(stix.make(f"o{n}") for n in range(10)), tlp=TLP.GREEN)
    who = ministry.reader()
    before, after = ministry.poll(who)
    with ministry.store.read() as reader:
        (label_set,) = {row[0] for row in reader.all("SELECT label_set_id FROM version")}
    position = ministry.store.write(lambda tx: tx.positions(1))
    fact = DecisionWidened(label_sets=(label_set,))
    crash = iter([False, True])
    real = service.rows.move

    def move(tx: Any, versions: Any) -> None:
        if next(crash, False):
            raise RuntimeError("killed here")
        real(tx, versions)

    monkeypatch.setattr(service.rows, "move", move)
    with contextlib.suppress(RuntimeError):
        ministry.exchange.widened(fact, position)
    # Four have moved; whoever polls now and again later gets all of them, in their order.
    first, reached = ministry.poll(who, after)
    assert first == before[:4]
    assert ministry.exchange.widened(fact, position) == 6
    assert ministry.poll(who, reached)[0] == before[4:]
    assert ministry.exchange.widened(fact, position) == 0


def test_writers_that_race_never_put_an_object_behind_a_poller(ministry: Any, stix: Any) -> None:
    ministry.exchange.ensure_defaults()
    who = ministry.reader()
    ministry.agreements.profile(who)
    writers, each = 4, 25
    seen: list[bytes] = []
    stop = threading.Event()
    faults: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for n in range(each):
                ministry.keep(*(stix.make(f"w{number}-{n}-{m}") for m in range(3)), tlp=TLP(n % 3))
        except BaseException as fault:
            faults.append(fault)

    def follow() -> None:
        after = 0
        try:
            while True:
                last = stop.is_set()
                found, after = ministry.poll(who, after, limit=7)
                seen.extend(found)
                if last:
                    return
        except BaseException as fault:
            faults.append(fault)

    follower = threading.Thread(target=follow)
    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    follower.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    follower.join()
    assert faults == []
    assert len(seen) == len(set(seen)) == writers * each * 3
