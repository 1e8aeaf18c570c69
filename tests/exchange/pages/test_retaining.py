"""Retention on pages: proposed, seen, let, paused and removed, by those alone who may erase and see everything."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.service.ageing import DAY
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

WHY = "<b>Policy 7</b>"


@pytest.fixture
def legal(desk: Any) -> Any:
    return desk.visitor(Role.LEGAL, clearance=TLP.RED)


def later(desk: Any, monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr(desk.exchange, "_clock", lambda: wall_clock() + days * DAY)


def propose(legal: Any, desk: Any, **more: str) -> str:
    collection = desk.exchange.get_collection("main").id
    form = {"name": "Old <i>rows</i>", "about": f"collection:{collection}", "days": "30", "age": "received"}
    answer = legal.post("/retention", **{**form, "because": WHY, **more})
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_what_a_rule_is_about_is_said_in_the_readers_language(desk: Any, legal: Any) -> None:
    page = propose(legal, desk)
    assert "everything in Everything" in legal.text(page)
    legal.client.cookies.set("kouprey-ab12-language", "km")
    for path in (page, "/retention"):
        assert "អ្វីៗទាំងអស់នៅក្នុង Everything" in legal.text(path) and "everything in" not in legal.text(path)


def test_from_proposal_to_removal(desk: Any, legal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nothing is erased by its age" in legal.text("/retention")
    desk.take(desk.thing("malware", "Wick", is_family=True))
    later(desk, monkeypatch, 31)
    page = propose(legal, desk)
    text = legal.text(page)
    assert "Wick" in text and "It has not run yet" in text and "proposed" in text
    desk.assert_harmless(text)
    assert desk.exchange.retain() == 0
    assert legal.post(f"{page}/confirm").status_code == 303
    assert desk.exchange.retain() == 1
    text = legal.text(page)
    assert "Nothing is so old now" in text and "in force" in text and "ended" in text
    text = legal.text("/retention")
    assert "1 erased, 0 held" in text
    desk.assert_harmless(text)
    legal.post(f"{page}/pause")
    assert "paused" in legal.text(page)
    legal.post(f"{page}/resume")
    legal.post(f"{page}/change", days="60", because="Policy 8")
    assert "60 days" in legal.text(page) and "Policy 8" in legal.text(page) and "proposed" in legal.text(page)
    legal.post(f"{page}/remove")
    assert "Nothing is erased by its age" in legal.text("/retention") and legal.get(page).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"days": "soon"}, {"days": ""}, {"about": ""}, {"about": "search:x"}, {"age": "x"}, {"because": ""}]
)
def test_what_is_wrong_is_told_and_nothing_kept(desk: Any, legal: Any, wrong: dict[str, str]) -> None:
    assert propose(legal, desk, **wrong).endswith("/retention")
    assert "Nothing is erased by its age" in legal.text("/retention")


def test_others_are_turned_away(desk: Any, legal: Any) -> None:
    page = propose(legal, desk)
    for role in (Role.ANALYST, Role.LIAISON, Role.AUDITOR):
        other = desk.visitor(role)
        assert other.get("/retention").status_code == other.get(page).status_code == 403
        assert other.post(f"{page}/confirm").status_code == 403
    blind = desk.visitor(Role.LEGAL, clearance=TLP.GREEN)
    assert blind.get("/retention").status_code == blind.get(page).status_code == 403
    blind.post(f"{page}/confirm")
    assert desk.exchange.list_rules(desk.exchange.operator())[0].state == "proposed"
