"""What waits for a person: by what they may do, and gone when it is done."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.model.acting import Act
from kouprey.exchange.model.searching import Search
from kouprey.exchange.service import settling
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role


def _waits(text: str) -> str:
    return text.partition('<div id="needs" class="comes-first">')[2].partition("Partners")[0]


def test_a_second_factor_is_asked_for(desk: Any) -> None:
    assert "Set up a second factor" in _waits(desk.visitor(Role.ANALYST).text("/"))


def test_saved_searches_with_news_are_named_as_far_as_one_sees(desk: Any) -> None:
    who = desk.exchange.operator()
    desk.exchange.save_search(who, "Hammers", Search(text="hammer"), by="somebody", shared=True)
    desk.take(desk.thing("tool", "Hammer"), desk.marked("tool", "Hammer " + fiction.CANARY, "red"))
    low = _waits(desk.visitor(Role.ANALYST, clearance=TLP.GREEN).text("/"))
    assert "Hammers" in low and "1 new hit<" in low
    assert "2 new hits" in _waits(desk.visitor(Role.ANALYST, clearance=TLP.RED).text("/"))


def test_what_stands_still_says_why(desk: Any, monkeypatch: Any) -> None:
    desk.take(desk.thing("tool", "Hammer"))
    analyst = desk.visitor(Role.ANALYST)
    person = max(desk.people.list_persons(), key=lambda each: each.name != "Somebody")

    def hinder(*_: Any) -> bool:
        raise Refused("It is hindered.", code="x")

    monkeypatch.setattr(settling.Settling, "_step", hinder)
    ids = [head.stix_id for head in desk.exchange.list_objects(desk.exchange.operator(), types=["tool"]).heads]
    deed = desk.exchange.begin_deed(
        desk.people.reader_of(person), Act(kind="note", text="x"), ids, by=person.id, seconds=0
    )
    assert "It is hindered." in deed.trouble
    text = _waits(analyst.text("/"))
    assert ("Something you began stands still" in text) == (f"/intelligence/many/{deed.id}" in text)
    monkeypatch.undo()
    desk.exchange.carry_on(desk.people.reader_of(person), deed.id, by=person.id)
    assert "stands still" not in _waits(analyst.text("/"))


def test_a_calm_day_says_so(desk: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(type(desk.people), "has_second_factor", lambda *_: True)
    desk.take(desk.thing("tool", "Hammer"))
    assert "Nothing waits for you." in desk.visitor(Role.ANALYST).text("/")
