"""Whoever follows a collection by position misses nothing: clearances widen, agreements begin, writers race."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from kouprey.agreements.facts import DecisionWidened
from kouprey.exchange import service
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


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


def test_versions_first_last_all_and_named(ministry: Any, stix: Any) -> None:
    raws = [stix.make("a", minute=m) for m in (1, 3, 2)]
    ministry.keep(*raws, tlp=TLP.GREEN)
    hidden = stix.make("a", minute=4)
    ministry.keep(hidden, tlp=TLP.RED)
    low, high = ministry.reader(TLP.GREEN), ministry.reader()

    def bodies(who: Any, versions: Any) -> list[bytes]:
        return [row.raw for row in ministry.exchange.page(who, "main", versions=versions).rows]

    assert bodies(low, "last") == [raws[1]] and bodies(high, "last") == [hidden]
    assert bodies(low, "first") == bodies(high, "first") == [raws[0]]
    assert bodies(low, "all") == raws and bodies(high, "all") == [*raws, hidden]
    instants = [v.instant for v in ministry.exchange.get_object(high, stix.id("indicator", "a")).versions]
    assert bodies(low, instants) == raws and bodies(high, instants[:1]) == [hidden]
    assert bodies(low, []) == []


def test_lists_page_both_ways(ministry: Any, stix: Any) -> None:
    ministry.keep(*(stix.make(f"Zebra {n:02}") for n in range(25)), tlp=TLP.GREEN)
    ministry.keep(stix.make("50% off_", "malware"), stix.make("Zebra 03", minute=9), tlp=TLP.GREEN)
    exchange, who = ministry.exchange, ministry.reader()
    seen, before = [], None
    while True:
        page = exchange.list_objects(who, before_position=before, limit=10)
        seen += [head.title for head in page.heads]
        if not page.more:
            break
        before = page.heads[-1].position
    assert seen == ["Zebra 03", "50% off_", *(f"Zebra {n:02}" for n in range(24, -1, -1) if n != 3)]
    up = exchange.list_objects(who, after_position=before, limit=5)
    assert [head.title for head in up.heads] == [t for t in seen if t in seen[:20]][-6:-1] and up.more
    assert [h.title for h in exchange.list_objects(who, text="% OFF_").heads] == ["50% off_"]
    assert [h.type for h in exchange.list_objects(who, types=["malware"]).heads] == ["malware"]
    assert len(exchange.list_objects(who, text="zebra", types=["malware", "indicator"]).heads) == 25
    assert len(exchange.list_objects(who, text=stix.id("malware", "50% off_")).heads) == 1
