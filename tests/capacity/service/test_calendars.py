"""Calendars that follow what moves, and counts of an agreement."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar

from capacity.conftest import START, Schools, people, training
from kouprey.capacity.model import Holder
from kouprey.capacity.service.calendars import Capacity
from kouprey.capacity.wire.calendar import write_calendar
from kouprey.kernel.words.errors import Forbidden, Unknown
from kouprey.kernel.words.time import DAY
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


def events(actor: Any, secret: str) -> dict[str, Any]:
    """UID -> event, as a telephone reads the feed."""
    _, dated = actor.capacity.feed(secret)
    read = Calendar.from_ical(write_calendar("Mine", dated, deadline="Nominations end"))
    return {str(each["uid"]): each for each in read.walk("VEVENT")}


def test_what_moves_keeps_its_name_and_what_is_cancelled_says_so(schools: Schools, pair: tuple[Any, Any, str]) -> None:
    """Scenario 2, at the party that was invited."""
    host, guest, agreement = pair
    made = host.host(agreement)
    schools.sync()
    secret = guest.capacity.open_feed(guest.reader(), whole=True)
    uid, closing = f"{made.id}@{host.party}", f"{made.id}-nominations@{host.party}"
    first = events(guest, secret)
    assert set(first) == {uid, closing}, "the end of nominations is an event too"
    host.capacity.change(host.reader(), made.id, training(starts=START + DAY, ends=START + 2 * DAY))
    schools.sync()
    moved = events(guest, secret)
    assert set(moved) == set(first)
    assert moved[uid]["sequence"] == first[uid]["sequence"] + 1
    assert moved[uid].decoded("dtstart") - first[uid].decoded("dtstart") == timedelta(days=1)
    assert moved[uid]["status"] == "CONFIRMED"
    host.capacity.cancel(host.reader(), made.id, "The venue is flooded")
    schools.sync()
    gone = events(guest, secret)
    assert (gone[uid]["status"], gone[uid]["sequence"]) == ("CANCELLED", first[uid]["sequence"] + 2)
    assert gone[closing]["status"] == "CANCELLED"


def test_somebodys_calendar_shows_their_seat_within_one_fetch(lone: Schools, one: tuple[Any, Any, str]) -> None:
    host, guest, agreement = one
    made = host.host(agreement, seats=1)
    lone.sync()
    dara = guest.people.save_person("Dara", (Role.ANALYST,), TLP.AMBER, by="test")
    named = [*people(1), Holder(party="", id="", name="Dara", person=dara.id)]
    guest.capacity.nominate(guest.reader(), made.id, named)
    mine = guest.people.reader_of(dara)
    secret = guest.capacity.open_feed(mine)
    uid = f"{made.id}@{host.party}"
    assert events(guest, secret)[uid]["status"] == "TENTATIVE"
    lone.sync()
    host.capacity.confirm(host.reader(), made.id)
    lone.sync()
    waiting = events(guest, secret)[uid]
    lone.at(START - 7 * DAY)
    host.capacity.turn()
    lone.sync()
    seat = guest.capacity.own_seats(mine)[0].seats[0]
    guest.capacity.accept(guest.reader(), made.id, seat.person.id)
    confirmed = events(guest, secret)[uid]
    assert (waiting["status"], confirmed["status"]) == ("TENTATIVE", "CONFIRMED")
    assert confirmed["sequence"] > waiting["sequence"]
    raw = write_calendar("Mine", guest.capacity.feed(secret)[1], deadline="End")
    assert b"BEGIN:VTIMEZONE" in raw and b"TZID=Asia/Phnom_Penh" in raw
    again = guest.capacity.open_feed(mine)
    assert again != secret
    with pytest.raises(Unknown):
        guest.capacity.feed(secret)
    guest.people.set_active(dara, False, by="test")
    with pytest.raises(Unknown):
        guest.capacity.feed(again)
    with pytest.raises(Forbidden):
        guest.capacity.open_feed(mine, whole=True)


def test_the_partys_calendar_holds_nothing_above_green(lone: Schools, one: tuple[Any, Any, str]) -> None:
    from kouprey.capacity.model import Programme

    host, _, agreement = one
    who = host.reader()
    asked = Programme(id="", agreement=agreement, theme="Closed", year=2026, tlp=TLP.AMBER)
    host.capacity.publish(who, host.capacity.plan(who, asked).id, training(title="Closed circle"))
    assert events(host, host.capacity.open_feed(who, whole=True)) == {}
    assert len(host.capacity.list_activities(who)) == 1
    assert host.capacity.list_activities(host.reader(clearance=TLP.GREEN)) == []


def test_measures_are_counts_of_what_we_host(one: tuple[Any, Any, str]) -> None:
    host, guest, agreement = one
    assert isinstance(host.capacity, Capacity)
    made = host.host(agreement, seats=2)
    sent = host.capacity.nominate(host.reader(), made.id, people(2))
    host.capacity.confirm(host.reader(), made.id)
    seats = host.capacity.picture(host.reader(), made.id).seats
    for day in host.capacity.rooms(host.reader(), made.id):
        host.capacity.mark(host.reader(), made.id, seats[0].code, day)
    host.capacity.assess(host.reader(), made.id, host.party, sent.people[0].id, pre=40, post=80)
    late = host.capacity.follow_up(host.reader(), made.id, "Write it", "Dara", host.at + DAY)
    host.capacity.follow_up(host.reader(), made.id, "Read it", "Sok", host.at + DAY)
    host.capacity.end_follow_up(host.reader(), made.id, late.id)
    host.at += 2 * DAY
    seen = host.capacity.measures(host.reader(), agreement)
    assert (seen.offered, seen.used, seen.finished, seen.gain, seen.measured) == (4, 2, 1, 40, 1)
    assert (seen.due, seen.on_time) == (2, 1)
    assert guest.capacity.measures(guest.reader(), agreement).offered == 0
    nobody = host.reader(Role.ANALYST, clearance=TLP.CLEAR)
    assert host.capacity.measures(nobody, agreement).offered == 0, "nothing of what they may not see is counted"
