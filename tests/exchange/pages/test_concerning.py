"""Concerns as people see them: said from an object, outstanding, and asked of us until somebody answers."""

from __future__ import annotations

import json
import re
from typing import Any

from kouprey.federation.service import Delivery
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

MINISTRY = fiction.MINISTRY.party


def said(visitor: Any, path: str, then: str = "/concerns", **fields: str) -> str:
    assert visitor.post(path, **fields).status_code == 303
    return str(visitor.text(then))


def test_a_recall_is_said_from_the_object_and_outstanding(desk: Any, agreed: str) -> None:
    tool = desk.thing("tool", "Hammer")
    desk.take(tool)
    lead, url = desk.visitor(Role.LEAD), f"/intelligence/{tool['id']}"
    assert f"{url}/concern" not in lead.text(url)
    assert "There is nobody to say this to" in lead.text(f"{url}/concern")
    lead.post(f"{url}/publish", agreement=agreed)
    assert f"{url}/concern" in lead.text(url) and "Recall: Ask all" in lead.text(f"{url}/concern")
    form = lead.text(f"{url}/concern")
    assert "Who was given it" in form and '<option value="" selected>' in form, "nothing is sent by a mere slip"
    for fields in ({"kind": "praise", "text": "x"}, {"kind": "recall", "text": ""}, {"kind": "retag", "text": "x"}):
        assert "1 partner is told" not in said(lead, f"{url}/concern", f"{url}/concern", **fields)
    text = said(lead, f"{url}/concern", kind="recall", text=f"It was wrong. {fiction.CANARY}")
    assert "1 partner is told" in text and "Not answered by" in text and f"/agreements/{agreed}" in text
    desk.assert_harmless(text)
    low = desk.visitor(Role.ANALYST, clearance=TLP.CLEAR).text("/concerns")
    assert fiction.CANARY not in low and "No partner owes an answer" in low


def test_what_a_partner_asks_is_answered_once(desk: Any, agreed: str) -> None:
    tool = desk.thing("tool", "Hammer")
    desk.take(tool)
    concern = "con_" + "0" * 32
    words = {"id": concern, "kind": "recall", "about": tool["id"], "text": "<b>Wrong</b>"}
    content = json.dumps({"say": "concern", "v": 1, **words, "parties": [fiction.OPERATOR.party], "tlp": ""}).encode()
    label = Label(owner=MINISTRY, agreement=agreed, tlp=TLP.GREEN)
    delivery = Delivery("origin", 1, MINISTRY, agreed, label, content, 0)
    assert desk.node.store.write(lambda tx: desk.exchange.apply_concerns(tx, [delivery])) == [None]
    duty, analyst = desk.visitor(Role.DUTY_OFFICER), desk.visitor(Role.ANALYST)
    assert "1 waits for an answer." in duty.text("/") and "waits for an answer" not in analyst.text("/")
    text = duty.text("/concerns")
    assert "&lt;b&gt;Wrong" in text and re.search(rf'action="/concerns/{concern}/answer"', text)
    assert f"/concerns/{concern}/answer" not in analyst.text("/concerns")
    path = f"/concerns/{concern}/answer"
    assert "A reason is missing" in said(duty, path, outcome="declined", text="")
    assert "on its way" in said(duty, path, outcome="followed", text="Gone.")
    assert "It is answered already" in said(duty, path, outcome="noted", text="")
    assert "Nobody waits for your answer" in duty.text("/concerns") and "Gone." in duty.text("/concerns")


def test_what_it_is_about_is_called_as_on_its_own_page(desk: Any, agreed: str) -> None:
    tool = desk.thing("tool", "Hammer")
    sighting = desk.thing("sighting", "seen", sighting_of_ref=tool["id"])
    desk.take(tool, sighting)
    text = desk.visitor(Role.LEAD).text(f"/intelligence/{sighting['id']}/concern")
    assert "Sighting of Hammer" in text and "sighting of tool--" not in text
