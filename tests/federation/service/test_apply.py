"""What is applied and what is kept aside: the receive gate, receivers that break, bodies that come later."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def test_publish_pull_admit_receipt(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    numbers = a.publish(agreement, contents(3))
    assert b.sync(a) == 4  # three objects and the genesis
    assert b.got == contents(3)
    assert b.sync(a) == 0
    (lane,) = a.own_lanes()
    (confirmed,) = lane.confirmations
    assert (confirmed.party, confirmed.size, confirmed.without) == (b.party, 4, 0)
    places = a.federation.ledger.find_places(list(numbers))
    assert [places[number].index for number in numbers] == [1, 2, 3]
    assert all(place.signed_at and place.confirmed[0][0] == b.party for place in places.values())
    assert [waiting.total for waiting in a.federation.ledger.list_waiting()] == [0]


def test_an_entry_above_the_ceiling_is_quarantined_and_named_in_the_receipt(world: Any) -> None:
    a, b, agreement = world.pair()
    a.federation.serving._may_leave = lambda *_: True  # a node that does not ask its own policy
    a.publish(agreement, contents(1, "fine"))
    a.publish(agreement, [b"canary-red"], tlp=TLP.RED)
    a.publish(agreement, [b"canary-kind"], kind="statement")
    a.publish(agreement, [b"canary-media"], media_type="application/vnd.stranger")
    a.publish(agreement, contents(1, "fine too"))
    b.sync(a)
    assert b.got == [*contents(1, "fine"), *contents(1, "fine too")]
    codes = {each.index: each.code for each in b.federation.ledger.list_quarantined()}
    assert codes == {2: "ceiling", 3: "type", 4: "unknown-media-type"}
    assert a.own_lanes()[0].confirmations[0].without == 3


def test_a_receiver_that_breaks_does_not_hold_up_the_lane(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"one", b"crash", b"two"])
    b.sync(a)
    a.publish(agreement, [b"three"])
    b.sync(a)
    assert b.got == [b"three"]
    assert {each.code for each in b.federation.ledger.list_quarantined()} == {"receiver-failed"}
    assert len(b.federation.ledger.list_quarantined()) == 3


def test_what_was_withheld_comes_when_it_is_allowed_again(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(3))
    serving = a.federation.serving
    plain = serving._may_leave
    serving._may_leave = lambda lane, party, held, known: held.index != 2 and plain(lane, party, held, known)
    b.sync(a)
    assert len(b.got) == 2 and a.own_lanes()[0].confirmations[0].without == 1
    with b.store.read() as reader:
        before = int(reader.value("SELECT sum(bytes) FROM author_day"))
    serving._may_leave = plain
    b.sync(a)
    b.sync(a)
    with b.store.read() as reader:
        assert int(reader.value("SELECT sum(bytes) FROM author_day")) > before, "what comes late counts in its day"
    assert sorted(b.got) == contents(3) and a.own_lanes()[0].confirmations[0].without == 0
