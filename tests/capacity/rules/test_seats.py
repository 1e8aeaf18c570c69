"""The fold of seats: the same in any order, and nobody more than there is room for."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kouprey.capacity.model import Activity, Kind, Nomination, Nominee, Picture, SeatPlan, SeatState
from kouprey.capacity.rules.seats import allot, fold, newest, sequence

HOST, GUEST = "host.example", "guest.example"


def activity(**more: Any) -> Activity:
    given = {"id": "a" * 32, "nonce": "n", "host": HOST, "agreement": "agr", "version": 1, "kind": Kind.TRAINING}
    times = {"starts": 200, "ends": 300, "deadline": 100, "zone": "UTC", "seats": 2, "title": "T", "place": "P"}
    return Activity(**(given | times | more))


def named(party: str, count: int, version: int = 1, accepted: tuple[str, ...] = ()) -> Nomination:
    people = tuple(Nominee(id=f"{party}-{number}", name=f"N {number}") for number in range(count))
    return Nomination(activity="a" * 32, host=HOST, party=party, version=version, people=people, accepted=accepted)


def test_the_order_in_which_messages_come_changes_nothing() -> None:
    first = fold(activity(), [named(GUEST, 3)], [])
    one = allot(first, (HOST, GUEST), 50)[GUEST]
    second = fold(activity(), [named(GUEST, 3)], [one])
    two = allot(second, (HOST, GUEST), 150)[GUEST]
    lists = [named(GUEST, 3), named(GUEST, 3, 2, (f"{GUEST}-2",))]
    seen = {
        msgspec.json.encode(fold(activity(), some, plans))
        for some in permutations(lists)
        for plans in permutations([one, two])
    }
    assert len(seen) == 1
    assert [each.state for each in fold(activity(), lists, [one, two]).seats] == [SeatState.CONFIRMED] * 3


def test_only_the_host_decides_and_only_what_was_offered_is_taken() -> None:
    stranger = SeatPlan(activity="a" * 32, host="other.example", party=GUEST, version=9, confirmed=(f"{GUEST}-0",))
    made = fold(activity(), [named(GUEST, 1, 1, (f"{GUEST}-0",))], [stranger])
    assert [each.state for each in made.seats] == [SeatState.NOMINATED]
    assert made.plans == {}


def test_the_highest_version_counts() -> None:
    assert newest([]) is None
    found = newest([activity(version=2, title="New"), activity()])
    assert found is not None and found.title == "New"
    assert sequence(found) == 1


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 4), st.booleans())
def test_there_are_never_more_than_there_is_room_for(ours: int, theirs: int, seats: int, late: bool) -> None:
    held = activity(seats=seats)
    lists = [named(HOST, ours), named(GUEST, theirs)]
    picture: Picture = fold(held, lists, [])
    plans: dict[str, SeatPlan] = {}
    for now in (50, 150 if late else 60):
        plans |= allot(picture, (HOST, GUEST), now)
        picture = fold(held, lists, plans.values())
    placed = picture.of(SeatState.CONFIRMED, SeatState.OFFERED)
    assert len(placed) <= 2 * seats
    if late:
        assert len(placed) == min(2 * seats, ours + theirs), "no seat stays free while somebody waits"
    assert not allot(picture, (HOST, GUEST), 150 if late else 60), "who is told once is not told again"
    # A node of a partner that sends people after the deadline takes nothing that was offered to others.
    lists = [*lists, *(named(party, 7, 2) for party in (HOST, GUEST))]
    plans |= allot(fold(held, lists, plans.values()), (HOST, GUEST), 160)
    assert len(fold(held, lists, plans.values()).of(SeatState.CONFIRMED, SeatState.OFFERED)) <= 2 * seats
    for party in (HOST, GUEST):
        ranks = [each.rank for each in picture.of(SeatState.CONFIRMED) if each.party == party]
        assert ranks == list(range(1, len(ranks) + 1)), "by rank"
