"""Strategies on pages: from the empty list to one with its steps, its file, and nothing for who may not see it."""

from __future__ import annotations

import json
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from response.playbooks import DEFACED, raw


def test_from_an_empty_list_to_a_strategy_with_steps(offices: Any) -> None:
    a, _, _ = offices
    analyst, auditor = a.visitor(Role.ANALYST), a.visitor(Role.DIPLOMAT)
    assert "No strategies yet" in analyst.text("/strategies") and 'href="/strategies/new"' in analyst.text(
        "/strategies"
    )
    assert 'href="/strategies/new"' not in auditor.text("/strategies")
    answer = analyst.post("/strategies", name="Leak", description="", steps="Lock\nTell <b>", tlp="green")
    assert answer.status_code == 303
    text = analyst.text(answer.headers["location"])
    assert "Tell &lt;b&gt;" in text and "Publish it, and partners can use it." in text
    assert answer.headers["location"] in analyst.text("/strategies")


def test_a_file_is_handed_in_shown_and_given_back(offices: Any) -> None:
    a, _, _ = offices
    analyst = a.visitor(Role.ANALYST)
    answer = analyst.client.post(
        "/strategies",
        data={"csrf": analyst.csrf, "tlp": "green"},
        files={"file": ("defaced.json", raw(DEFACED), "application/json")},
        headers={"Origin": "http://127.0.0.1:8420"},
    )
    assert answer.status_code == 303, answer.text[:500]
    path = answer.headers["location"]
    text = analyst.text(path)
    assert "bash: done by a person" in text and "a request over HTTP" in text and "another playbook" in text
    assert "if “block” fails" in text and "POST /notices HTTP/1.1" in text
    given = analyst.client.get(f"{path}/playbook.json")
    assert json.loads(given.content) == DEFACED and "attachment" in given.headers["content-disposition"]


def test_what_is_wrong_is_said_and_what_was_typed_stays(offices: Any) -> None:
    a, _, _ = offices
    analyst = a.visitor(Role.ANALYST)
    answer = analyst.post("/strategies", name="Kept words", steps="", tlp="green")
    assert answer.status_code == 400 and "Kept words" in answer.text and "no steps" in answer.text


def test_who_is_not_cleared_gets_what_nobody_gets(offices: Any) -> None:
    a, _, _ = offices
    path = (
        a.visitor(Role.ANALYST).post("/strategies", name="Secret leak", steps="Lock", tlp="amber").headers["location"]
    )
    low = a.visitor(Role.ANALYST, clearance=TLP.GREEN)
    assert "Secret leak" not in low.text("/strategies")
    for each in (path, f"{path}/playbook.json"):
        assert "Secret leak" not in low.text(each, 404)
