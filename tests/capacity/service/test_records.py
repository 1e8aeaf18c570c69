"""Who was there, what came of it, and points by dated rules."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from capacity.conftest import START, Schools, people
from kouprey.capacity.service.records import Records, find_rule
from kouprey.capacity.wire.messages import days_of
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import DAY, SECOND, format_second
from kouprey.people.model import Role


def seated(actor: Any, agreement: str, count: int, **more: Any) -> tuple[Any, list[Any]]:
    """An activity with so many confirmed people of the host."""
    made = actor.host(agreement, seats=count, **more)
    actor.capacity.nominate(actor.reader(), made.id, people(count))
    actor.capacity.confirm(actor.reader(), made.id)
    return made, list(actor.capacity.picture(actor.reader(), made.id).seats)


def test_twenty_five_check_in_without_a_network_and_nobody_twice(pair: tuple[Any, Any, str]) -> None:
    """Scenario 3: the list comes later, twice, and says who has marked whom."""
    host, _, agreement = pair
    assert isinstance(host.capacity, Records)
    made, seats = seated(host, agreement, 25)
    host.at = START
    day = days_of(made)[0]
    assert host.capacity.check_in(host.capacity.rooms(host.reader(), made.id)[day], seats[0].code)
    head = "code,day,at,marked_by\n"
    lines = [f"{each.code},{day},{format_second(START)},Trainer Maly\n" for each in seats]
    assert host.capacity.take_list(host.reader(), made.id, head + "".join(lines)) == (24, 1)
    assert host.capacity.take_list(host.reader(), made.id, head + "".join(lines)) == (0, 25)
    marked = host.capacity.attendance(host.reader(), made.id)
    assert Counter((each.how, each.marked_by) for each in marked) == {
        ("code", "self"): 1,
        ("list", "Trainer Maly"): 24,
    }
    bad = head + lines[0] + f"NOBODY22,{day},{format_second(START)},Maly\n"
    with pytest.raises(Damaged, match="Line 3"):
        host.capacity.take_list(host.reader(), made.id, bad)


def test_a_training_of_two_days_gives_twelve_points_up_to_the_ceiling_of_the_year(one: tuple[Any, Any, str]) -> None:
    """Scenario 4: 6 a day, 20 a year at most; the record says which rule of which date."""
    host, _, agreement = one
    given = []
    for _ in range(2):
        made, seats = seated(host, agreement, 1)
        host.at = START + 2 * DAY
        for day in days_of(made):
            assert host.capacity.mark(host.reader(), made.id, seats[0].code, day)
        points = host.capacity.close(host.reader(), made.id)
        given += [(each.given, each.counted) for each in points]
        assert {(each.rule, each.seen) for each in points} == {
            ("global-ace/2026-11-22/continuous-education", "2026-11-22")
        }
        assert points[0].source.startswith("https://www.globalace.org/")
        with pytest.raises(Refused, match="closed"):
            host.capacity.close(host.reader(), made.id)
        host.at = START - 30 * DAY
    assert given == [(12, 12), (12, 8)]


def test_codes_of_rooms_and_seats_are_asked_for(one: tuple[Any, Any, str]) -> None:
    host, _, agreement = one
    made, seats = seated(host, agreement, 1)
    room = next(iter(host.capacity.rooms(host.reader(), made.id).values()))
    assert host.capacity.rooms(host.reader(), made.id)[days_of(made)[0]] == room, "it stays the same"
    with pytest.raises(Unknown):
        host.capacity.check_in("NOROOM", seats[0].code)
    with pytest.raises(Unknown):
        host.capacity.check_in(room, "NOBODY22")
    with pytest.raises(Unknown):
        host.capacity.check_in(room, "")
    assert host.capacity.check_in(room.lower(), seats[0].code.lower())
    assert not host.capacity.check_in(room, seats[0].code)
    with pytest.raises(Forbidden):
        host.capacity.rooms(host.reader(Role.ANALYST), made.id)
    with pytest.raises(Unknown):
        host.capacity.mark(host.reader(), made.id, seats[0].code, "2020-01-01")


def test_scores_are_of_people_with_a_seat_and_within_bounds(one: tuple[Any, Any, str]) -> None:
    host, _, agreement = one
    made, seats = seated(host, agreement, 1)
    dara = seats[0].person.id
    for wrong in ({"post": 101}, {"pre": -2}, {"feedback": (5,)}, {"feedback": (0, 5, 5, 5, 5)}):
        with pytest.raises(Damaged):
            host.capacity.assess(host.reader(), made.id, host.party, dara, **wrong)
    with pytest.raises(Unknown):
        host.capacity.assess(host.reader(), made.id, host.party, "nom_other", post=5)
    host.capacity.assess(host.reader(), made.id, host.party, dara, pre=40, post=86, feedback=(5, 4, 5, 3, 5))
    assert [(each.pre, each.post) for each in host.capacity.outcomes(host.reader(), made.id)] == [(40, 86)]
    assert host.capacity.outcomes(host.reader(Role.ANALYST, name="psn_x"), made.id) == []


def test_follow_ups_have_owner_and_end(lone: Schools, one: tuple[Any, Any, str]) -> None:
    host, _, agreement = one
    made, _ = seated(host, agreement, 1)
    one = host.capacity.follow_up(host.reader(), made.id, "Write the procedure", "Sok Dara", START + 9 * DAY)
    host.capacity.end_follow_up(host.reader(), made.id, one.id)
    assert host.capacity.follow_ups(host.reader(), made.id)[0].done_at == host.at
    host.capacity.end_follow_up(host.reader(), made.id, one.id, done=False)
    assert not host.capacity.follow_ups(host.reader(), made.id)[0].done_at
    with pytest.raises(Unknown):
        host.capacity.end_follow_up(host.reader(), made.id, "fup_other")
    with pytest.raises(Damaged):
        host.capacity.follow_up(host.reader(), made.id, "", "Sok Dara", START)


def test_rules_are_known_by_name() -> None:
    scheme, rule = find_rule("global-ace/certification-training")
    assert (scheme.hours, rule.ceiling, rule.points) == (60, 30, 6)
    with pytest.raises(Damaged):
        find_rule("global-ace/none")
    assert SECOND
