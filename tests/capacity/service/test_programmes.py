"""Nominations and seats across nodes."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from capacity.conftest import START, Schools, people
from kouprey.kernel.words.errors import Forbidden, Refused
from kouprey.kernel.words.time import DAY
from kouprey.people.model import Role


def test_twelve_and_six_for_ten_seats_each_become_ten_waiting_two_and_six(
    schools: Schools, pair: tuple[Any, Any, str]
) -> None:
    """Scenario 1 of the knowledge, over two nodes and their lanes."""
    host, guest, agreement = pair
    made = host.host(agreement)
    schools.sync()
    assert [each.title for each in guest.capacity.list_activities(guest.reader())] == [made.title]
    guest.capacity.nominate(guest.reader(), made.id, people(12, "Guest"))
    host.capacity.nominate(host.reader(), made.id, people(6, "Own"))
    schools.sync()
    assert Counter(host.states(made.id).values()) == {"nominated": 18}
    host.capacity.confirm(host.reader(), made.id)
    schools.sync()
    assert Counter(host.states(made.id).values()) == {"confirmed": 16, "waiting": 2}
    assert Counter(guest.states(made.id).values()) == {"confirmed": 10, "waiting": 2}
    assert guest.states(made.id) == {name: state for name, state in host.states(made.id).items() if "Guest" in name}
    assert host.capacity.turn() == 0, "nothing is offered before the deadline"
    schools.at(START - 7 * DAY)
    assert host.capacity.turn() == 1
    schools.sync()
    assert Counter(guest.states(made.id).values()) == {"confirmed": 10, "offered": 2}
    offered = next(each for each in guest.capacity.picture(guest.reader(), made.id).seats if each.rank == 11)
    before = offered.changes
    guest.capacity.accept(guest.reader(), made.id, offered.person.id)
    assert guest.states(made.id)["Guest 11"] == "confirmed"
    seat = next(each for each in guest.capacity.picture(guest.reader(), made.id).seats if each.rank == 11)
    assert seat.changes == before + 1, "their calendar shows that it changed"
    schools.sync()
    host.capacity.turn()
    schools.sync()
    assert guest.states(made.id) == {name: state for name, state in host.states(made.id).items() if "Guest" in name}
    code = next(each.code for each in guest.capacity.picture(guest.reader(), made.id).seats if each.rank == 11)
    assert len(code) == 8, "whoever takes an offered seat gets a code too"


def test_the_host_learns_what_is_needed_and_no_account(lone: Schools, one: tuple[Any, Any, str]) -> None:
    host, guest, agreement = one
    made = host.host(agreement)
    lone.sync()
    named = people(1)[0]
    guest.capacity.nominate(guest.reader(), made.id, [type(named)(party="", id="", name="Dara", person="psn_dara")])
    lone.sync()
    with host.store.read() as reader:
        bodies = [row[0] for row in reader.all("SELECT body FROM capacity_message WHERE sort = 'nomination'")]
    assert len(bodies) == 1
    assert b"Dara" in bytes(bodies[0])
    assert b"psn_dara" not in bytes(bodies[0])


def test_people_see_their_own_seat_and_nobody_elses(lone: Schools, one: tuple[Any, Any, str]) -> None:
    host, guest, agreement = one
    made = host.host(agreement)
    lone.sync()
    mine = people(1, "Dara")[0]
    named = [type(mine)(party="", id="", name="Dara", person="psn_dara"), *people(2)]
    guest.capacity.nominate(guest.reader(), made.id, named)
    dara = guest.reader(Role.ANALYST, name="psn_dara")
    assert [each.person.name for each in guest.capacity.picture(dara, made.id).seats] == ["Dara"]
    stranger = guest.reader(Role.ANALYST, name="psn_other")
    assert guest.capacity.picture(stranger, made.id).seats == ()
    with pytest.raises(Forbidden):
        guest.capacity.nominate(dara, made.id, named)
    with pytest.raises(Forbidden):
        guest.capacity.nominees(dara)


def test_new_people_are_refused_after_the_deadline_and_withdrawn_ones_free_a_seat(
    lone: Schools, one: tuple[Any, Any, str]
) -> None:
    host, guest, agreement = one
    made = host.host(agreement, seats=1)
    lone.sync()
    sent = guest.capacity.nominate(guest.reader(), made.id, people(2))
    lone.sync()
    host.capacity.confirm(host.reader(), made.id)
    lone.sync()
    lone.at(START - 7 * DAY)
    with pytest.raises(Refused, match="closed"):
        guest.capacity.nominate(guest.reader(), made.id, people(3))
    guest.capacity.withdraw(guest.reader(), made.id, sent.people[0].id)
    lone.sync()
    host.capacity.turn()
    lone.sync()
    assert guest.states(made.id) == {"Person 2": "confirmed"}


def test_nobody_hosts_what_is_not_theirs(lone: Schools, one: tuple[Any, Any, str]) -> None:
    host, guest, agreement = one
    made = host.host(agreement)
    lone.sync()
    with pytest.raises(Refused, match="Another party hosts it"):
        guest.capacity.confirm(guest.reader(), made.id)
