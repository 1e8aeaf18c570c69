"""Links: cut and healed, and nothing stands before what is urgent."""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.federation.model import LaneClass
from kouprey.federation.service import dialogue
from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.words.errors import KoupreyError, Unreachable


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def test_cut_and_heal_shows_what_waits(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(2, "before"))
    b.sync(a)
    each_world.wire.down.add(a.origin)
    a.publish(agreement, contents(3, "during"))
    with pytest.raises(Unreachable):
        b.sync(a)
    (waiting,) = a.federation.ledger.list_waiting()
    assert (waiting.party, waiting.total, waiting.unconfirmed) == (b.party, 3, 3)
    parcel = BytesIO()
    a.federation.parcels.make(b.party, parcel, by="test")
    b.federation.parcels.read(BytesIO(parcel.getvalue()), by="test")
    assert len(b.got) == 5
    each_world.wire.down.clear()
    assert b.sync(a) == 0
    assert [waiting.total for waiting in a.federation.ledger.list_waiting()] == [0]


def test_priority_does_not_wait_behind_bulk(world: Any) -> None:
    a, b, agreement = world.pair()
    a.queue(agreement, contents(2000, "bulk"))
    a.publish(agreement, contents(1, "urgent"), lane_class=LaneClass.PRIORITY, kind="intelligence")
    order = []
    plain = b.federation.admission.admit

    def admit(offer: Any, *, via: str) -> Any:
        order.append(offer.origin)
        return plain(offer, via=via)

    b.federation.admission.admit = admit
    b.sync(a)
    urgent = next(lane.origin for lane in a.own_lanes() if lane.lane_class == "priority")
    assert order[0] == urgent and len(b.got) == 2001


def test_what_is_urgent_comes_in_the_middle_of_a_backlog(each_world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Published when the backlog is on its way already, and there before the page that was being fetched."""
    monkeypatch.setattr(dialogue, "LOOK_SECONDS", 0.0)
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(500, "bulk"))
    a.publish(agreement, contents(1, "early"), lane_class=LaneClass.PRIORITY)
    published: list[str] = []

    def twist(url: str, answer: Answer) -> Answer:
        if url.endswith("/headers?from=0") and len(b.got) == 1 and not published:
            published.append(url)
            a.publish(agreement, contents(1, "late"), lane_class=LaneClass.PRIORITY)
        return answer

    each_world.wire.twist = twist
    assert b.sync(a) == 501 + 2 + 1
    assert b.got[:2] == contents(1, "early") + contents(1, "late") and len(b.got) == 502


def test_papers_are_brought_in_the_middle_of_a_backlog(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue, "LOOK_SECONDS", 0.0)
    a, b, agreement = world.pair()
    a.publish(agreement, contents(500, "bulk"))
    drafted = []

    def twist(url: str, answer: Answer) -> Answer:
        if "/headers" in url and not drafted:
            drafted.append(b.agreements.draft("Another", [a.party], Terms(), starts=1, by="test").agreement)
            b.agreements.sign(drafted[0], by="test")
            b.settle()
        return answer

    world.wire.twist = twist
    b.sync(a)
    paths = [url.rpartition("/")[2] for _, url in world.wire.calls]
    assert paths.index("notes") < paths.index("bodies"), "before the first body of the backlog"
    assert drafted[0] in {version.agreement for version in a.agreements.list_versions()}


def test_one_party_of_three_suspended(world: Any) -> None:
    a, b, c = (world.actor(f"{name}.example") for name in ("ministry", "operator", "neighbour"))
    world.acquaint(a, b, c)
    agreement = world.agree(a, b, c)
    a.publish(agreement, contents(2))
    c.agreements.suspend(agreement, suspended=True, by="test")
    c.settle()
    c.sync(a)
    c.sync(b)
    a.publish(agreement, contents(1, "later"))
    b.sync(a)
    c.sync(a)
    assert len(b.got) == 3 and c.got == []


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Node.Example", "https://node.example"),
        ("https://node.example:443/", "https://node.example"),
        ("http://node.example:80", "http://node.example"),
        ("http://127.0.0.1:8420", "http://127.0.0.1:8420"),
        ("http://[::1]:8420", "http://[::1]:8420"),
    ],
)
def test_an_address_has_one_form(world: Any, url: str, origin: str) -> None:
    a, b, _ = world.pair()
    assert a.federation.links.add(b.party, url, by="test").url == origin


@pytest.mark.parametrize("url", ["ftp://node.example", "node.example", "https://u:p@node.example", "https://x/path"])
def test_what_is_no_address_of_a_node(world: Any, url: str) -> None:
    a, b, _ = world.pair()
    with pytest.raises(KoupreyError):
        a.federation.links.add(b.party, url, by="test")
    with pytest.raises(KoupreyError):
        a.federation.links.add(a.party, "https://node.example", by="test")


def test_hints_are_gathered(world: Any) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, contents(1))
    for _ in range(50):
        a.federation.links.hint(agreement)
    time.sleep(0.3)
    hints = [call for call in world.wire.calls if call[1].endswith("/hint")]
    assert len(hints) == 1
    a.federation.links.stop()


def test_a_failing_link_is_tried_again_when_the_peer_calls_or_its_address_changes(world: Any) -> None:
    a, _, _ = world.pair()
    links = a.federation.links
    tried: list[str] = []

    def fail(party: str) -> int:
        tried.append(party)
        raise Unreachable("Nobody answers.", code="refused")

    links.sync = fail
    links._pause_after = lambda failures: 30.0 if failures else 0.01
    party = links.list_links()[0].party
    links.start()
    try:
        until(lambda: tried.count(party) == 1)
        links.heard("stranger.example")
        links.heard(party)
        until(lambda: tried.count(party) == 2)
        links.add(party, "http://127.0.0.1:9", allow_private=True, by="test")
        until(lambda: tried.count(party) == 3)
    finally:
        links.stop()


def until(holds: Any) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
