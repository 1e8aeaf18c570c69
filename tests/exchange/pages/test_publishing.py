"""Publishing rules on pages: made from a saved search, looked at, started, told day by day, taken back and ended."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kouprey.exchange.model.searching import Search
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


@pytest.fixture
def lead(desk: Any) -> Any:
    return desk.visitor(Role.LEAD, clearance=TLP.RED)


def save(desk: Any, lead: Any, name: str = "Wick <i>watch</i>") -> str:
    """A search that the visitor has saved; its id."""
    identity = desk.readers[lead.client.cookies["kouprey-ab12"]]
    search = Search(types=("malware", "indicator"))
    return str(desk.exchange.save_search(identity.reader, name, search, by=identity.reader.name).id)


def propose(desk: Any, lead: Any, agreement: str, /, **more: str) -> str:
    form = {"search": save(desk, lead), "agreement": agreement, "name": "", "limit": "5"}
    answer = lead.post("/rules", **{**form, **more})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_from_a_saved_search_to_the_end(desk: Any, lead: Any, agreed: str) -> None:
    text = lead.text("/rules")
    assert "Nothing is given by itself" in text and "You have no saved search yet" in text
    desk.take(desk.thing("malware", "Wick", is_family=True))
    desk.take(desk.marked("malware", "Locked", "red", is_family=True))
    page = propose(desk, lead, agreed)
    text = lead.text(page)
    assert "not started" in text and "Wick" in text and "Would go" in text and "Locked" in text
    assert f"/agreements/{agreed}#clause-2" in desk.links(text)
    desk.assert_harmless(text)
    assert desk.exchange.give_by_rules() == 0
    lead.post(f"{page}/start", everything="yes")
    assert desk.exchange.give_by_rules() == 1
    text = lead.text(page)
    assert "running" in text and "Given before" in text
    (day,) = {each for each in desk.links(text) if "/days/" in each}
    text = lead.text(day)
    assert "Wick" in text and "held back" in text and "Locked" in text and "Ask for it back" in text
    desk.assert_harmless(text)
    assert "1 given, 1 held back" in lead.text("/rules")
    # Whoever is not cleared for it does not learn that something was held back.
    low = desk.visitor(Role.LEAD, clearance=TLP.GREEN)
    assert "Locked" not in low.text(day) and "1 given, 0 held back" in low.text("/rules")
    assert "Locked" not in low.text(page)
    lead.post(f"{page}/undo", day=day.rpartition("/")[2], because="The feed was wrong.")
    assert "taken back" in lead.text(day) and "Ask for it back" not in lead.text(day)
    lead.post(f"{page}/change", name="Named", limit="1", sightings="yes")
    assert "Named" in lead.text(page) and "1 object a day" in lead.text(page)
    lead.post(f"{page}/pause")
    assert "paused" in lead.text(page) and "It paused itself" not in lead.text(page)
    lead.post(f"{page}/end")
    assert lead.get(page).status_code == 404 and "Nothing is given by itself" in lead.text("/rules")


def test_what_paused_itself_says_why(desk: Any, lead: Any, agreed: str) -> None:
    page = propose(desk, lead, agreed, limit="1")
    lead.post(f"{page}/start")
    desk.take(desk.thing("malware", "A", is_family=True), desk.thing("malware", "B", is_family=True))
    assert desk.exchange.give_by_rules() == 1
    text = lead.text(page)
    assert "It paused itself" in text and "more would go" in text
    assert "paused itself" in lead.text("/rules")
    other = desk.visitor(Role.LEAD)
    other.post(f"{page}/start")
    assert desk.exchange.give_by_rules() == 1


@pytest.mark.parametrize("wrong", [{"limit": "many"}, {"limit": "0"}, {"agreement": "agr_x"}, {"search": "none"}])
def test_what_makes_no_rule_is_said(desk: Any, lead: Any, agreed: str, wrong: dict[str, str]) -> None:
    assert propose(desk, lead, agreed, **wrong) == "/rules"
    assert desk.exchange.list_publishing_rules(desk.exchange.operator()) == []


def test_who_may_not_publish_finds_no_rules(desk: Any, lead: Any, agreed: str) -> None:
    page = propose(desk, lead, agreed)
    analyst = desk.visitor(Role.ANALYST)
    assert analyst.get("/rules").status_code == 403 and analyst.get(page).status_code == 403
    save(desk, analyst, "Mine")
    assert "/rules?search=" not in analyst.text("/intelligence/searches")
    assert re.search(r"/rules\?search=[0-9a-f-]+#propose", lead.text("/intelligence/searches"))
    assert lead.get(f"{page}/days/soon").status_code == 404
