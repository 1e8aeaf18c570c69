"""Strategies on pages: from the empty list to one with its steps, its file, and nothing for who may not see it."""

from __future__ import annotations

import json
from typing import Any

from kouprey.exchange.service import Exchange
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


def test_how_it_went_is_shown_before_it_leaves_and_told_once(offices: Any) -> None:
    a, b, agreement = offices
    strategy = b.visitor(Role.ANALYST).post("/strategies", name="Leak", steps="Lock\nTell", tlp="green")
    stix_id = strategy.headers["location"].rpartition("/")[2]
    b.node.services.get(Exchange).publish(agreement, [stix_id], by="test")
    b.parcel(a)
    path, analyst = f"/strategies/{stix_id}/outcome", a.visitor(Role.ANALYST)
    case = analyst.post("/cases", title="Passwords of ours are sold", strategy=stix_id, tlp="amber").headers["location"]
    number = case.rpartition("/")[2]
    assert f"{path}?case={number}" in analyst.text(case)
    assert "0 of 2 steps were done" in analyst.text(f"{path}?case={number}")
    words = {"verdict": "partly", "words": "Lock <first>", "case": number, "counted": "yes"}
    shown = analyst.post(path, **words)
    assert shown.status_code == 200 and "in part; 0 of 2 steps done." in shown.text
    assert "Lock &lt;first&gt;" in shown.text and "Operator.Example" in shown.text
    assert "Nobody has told yet" in analyst.text(f"/strategies/{stix_id}"), "to look is not to tell"
    told = analyst.post(path, go="tell", **words)
    assert told.status_code == 303 and told.headers["location"] == case
    assert "told how a strategy did" in analyst.text(case)
    a.parcel(b)
    text = b.visitor(Role.ANALYST).text(f"/strategies/{stix_id}")
    assert "it worked in part" in text and "0 of 2 steps done" in text and "Lock &lt;first&gt;" in text
    assert "Passwords of ours" not in text


def test_who_writes_nothing_tells_nothing(offices: Any) -> None:
    a, _, _ = offices
    path = a.visitor(Role.ANALYST).post("/strategies", name="Leak", steps="Lock", tlp="green").headers["location"]
    diplomat = a.visitor(Role.DIPLOMAT)
    assert f"{path}/outcome" not in diplomat.text(path)
    diplomat.text(f"{path}/outcome", 403)
    assert diplomat.post(f"{path}/outcome", verdict="worked", go="tell").status_code == 403
    wrong = a.visitor(Role.ANALYST).post(f"{path}/outcome", verdict="splendid", words="Kept words")
    assert wrong.status_code == 400 and "Kept words" in wrong.text
