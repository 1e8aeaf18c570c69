"""What a partner gave goes when he asks for it: his alone, none of what others gave, and nothing under a hold."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.federation.service import Delivery
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP

LANE = "kouprey/1/" + "a" * 64


@pytest.fixture
def given(ministry: Any, operator: Any, neighbour: Any, stix: Any) -> Any:
    """Hands the ministry entries of a lane, each with one object; what became of them."""
    agreement = stix.agree(ministry, operator, neighbour)
    ministry.settle()

    def give(giver: Any, index: int, raw: bytes, origin: str = LANE) -> Any:
        label = Label(owner=giver.id, tlp=TLP.GREEN, agreement=agreement)
        delivery = Delivery(origin, index, giver.id, agreement, label, raw, wall_clock())
        (answer,) = ministry.store.write(lambda tx: ministry.exchange.apply(tx, [delivery]))
        return answer

    return give


def is_held(ministry: Any, stix_id: str) -> bool:
    try:
        ministry.exchange.get_object(ministry.reader(), stix_id)
    except Unknown:
        return False
    return True


def test_his_own_goes_and_is_barred_for_everybody(
    ministry: Any, operator: Any, neighbour: Any, given: Any, stix: Any
) -> None:
    (mine,) = [each for each, party in ministry.people.list_identities().items() if party == operator.id]
    raw, stix_id = stix.make("secret", created_by_ref=mine), stix.id("indicator", "secret")
    assert given(operator, 1, raw) is None and given(operator, 2, stix.make("other")) is None
    assert ministry.exchange.erase_received(LANE, operator.id, [1]) == set()
    assert not is_held(ministry, stix_id) and is_held(ministry, stix.id("indicator", "other"))
    (stone,) = ministry.exchange.list_tombstones(ministry.reader(), stix_id)
    assert stone.by == operator.id and not stone.lifted_at
    assert given(operator, 5, raw).code == "erased"
    assert given(neighbour, 1, raw, LANE[:-1] + "b").code in ("erased", "foreign-object", "not-yours"), "nor by others"
    assert ministry.exchange.erase_received(LANE, operator.id, [1, 9]) == set(), "again is nothing"


def test_what_he_only_copied_may_be_given_by_others(
    ministry: Any, operator: Any, neighbour: Any, given: Any, stix: Any
) -> None:
    raw, stix_id = stix.make("public"), stix.id("indicator", "public")
    given(operator, 1, raw)
    assert ministry.exchange.erase_received(LANE, operator.id, [1]) == set()
    assert not is_held(ministry, stix_id)
    assert given(neighbour, 1, raw, LANE[:-1] + "b") is None and is_held(ministry, stix_id)


@pytest.mark.parametrize("first", [True, False])
def test_what_others_gave_too_stays(
    ministry: Any, operator: Any, neighbour: Any, given: Any, stix: Any, first: bool
) -> None:
    raw, stix_id = stix.make("both"), stix.id("indicator", "both")
    givers = [lambda: given(operator, 1, raw), lambda: given(neighbour, 1, raw, LANE[:-1] + "b")]
    for give in givers if first else givers[::-1]:
        assert give() is None
    assert ministry.exchange.erase_received(LANE, operator.id, [1]) == set()
    assert is_held(ministry, stix_id), "nobody takes from us what another has given"


def test_what_came_from_a_file_of_ours_stays(ministry: Any, operator: Any, given: Any, stix: Any) -> None:
    raw = stix.make("known")
    ministry.keep(raw, tlp=TLP.GREEN)
    given(operator, 1, raw)
    assert ministry.exchange.erase_received(LANE, operator.id, [1]) == set()
    assert is_held(ministry, stix.id("indicator", "known"))


def test_what_another_entry_of_his_still_says_stays(ministry: Any, operator: Any, given: Any, stix: Any) -> None:
    stix_id = stix.id("indicator", "twice")
    given(operator, 1, stix.make("twice"))
    given(operator, 2, stix.make("twice", other=1))
    assert ministry.exchange.erase_received(LANE, operator.id, [1]) == set() and is_held(ministry, stix_id)
    assert ministry.exchange.erase_received(LANE, operator.id, [1, 2]) == set() and not is_held(ministry, stix_id)


def test_a_hold_beats_a_request(ministry: Any, operator: Any, given: Any, stix: Any) -> None:
    exchange, who, stix_id = ministry.exchange, ministry.exchange.operator(), stix.id("indicator", "held")
    given(operator, 1, stix.make("held"))
    given(operator, 2, stix.make("free"))
    hold = exchange.place_hold("object", stix_id, because="Case 9", who=who, by="operator")
    assert exchange.erase_received(LANE, operator.id, [1, 2]) == {1}
    assert is_held(ministry, stix_id) and not is_held(ministry, stix.id("indicator", "free"))
    exchange.lift_hold(hold.id, who=who, by="operator")
    assert exchange.erase_received(LANE, operator.id, [1]) == set() and not is_held(ministry, stix_id)
