"""What is learnt is kept beside what was kept before, by pages and programs, on tracks that roles read."""

from __future__ import annotations

import re
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Link, LinkTo, Track
from kouprey.response.service import Cases, Situations
from response.campaigns import CAMPAIGN, bring, objects

NEW = {"title": "A page shows another text", "tlp": "amber", "type": "application-compromise"}


def case_of(a: Any) -> str:
    return str(a.program(Role.LEAD).post("/api/v1/cases", json=NEW).json()["number"])


def test_a_draft_is_edited_kept_and_followed_by_tasks(offices: Any) -> None:
    a, _, _ = offices
    lead, number = a.visitor(Role.LEAD), case_of(a)
    path = f"/cases/{number}/lessons"
    page = lead.text(path)
    assert "a draft, not kept yet" in page and "What took long" in page and "Nothing is recommended yet" in page
    person = re.findall(r'<option value="(psn_\w+)"', page)[0]
    assert lead.post(path, text="We were quick.\r\nThe press was not told.").status_code == 303
    assert "The press was not told." in lead.text(path) and "The draft of the node" in lead.text(path)
    lead.post(path, text="We were quick, and told the press late.")
    page = lead.text(f"/cases/{number}")
    assert "The press was not told." in page and "told the press late" in page and "wrote what was learnt" in page
    due = {"due": "2027-01-10 09:00", "offset": "+07:00"}
    assert lead.post(path, title="Write a telephone list", who=person, **due).status_code == 303
    page = lead.text(path)
    assert "Write a telephone list" in page and "2027-01-10" in page
    assert "Write a telephone list" in lead.text(f"/cases/{number}")
    for wrong in (
        {"who": person},
        {"who": "", **due},
        {"who": person, "due": "soon"},
        {"title": "", "who": person, **due},
    ):
        answer = lead.post(path, **{"title": "Another one", **wrong})
        assert answer.status_code == 400, wrong
        assert "Another one" not in lead.text(path)
    assert lead.post(path, text=" ").status_code == 400
    assert lead.post(path, text="x", track="seaside").status_code == 400
    assert "wrote what was learnt" not in a.visitor(Role.LEGAL).text(path)
    legal = a.visitor(Role.LEGAL)
    assert "told the press late" in legal.text(path) and 'name="title"' in legal.text(path)
    assert legal.post(path, text="x", track="technical").status_code == 403
    assert a.visitor(Role.LEAD, clearance=TLP.CLEAR).client.get(path).status_code == 404
    assert a.visitor(Role.ADMINISTRATOR).client.get(path).status_code == 403


def test_intelligence_that_changed_a_case_is_told_to_those_who_see_both(offices: Any) -> None:
    a, _, _ = offices
    number = case_of(a)
    bring(a.node.services, objects())
    cases, who = a.node.services.get(Cases), a.handoffs.operator()
    link = Link(to=LinkTo.OBJECT, ref=CAMPAIGN, note="It named the way in", changed=True)
    cases.add(who, number, Track.TECHNICAL, link)
    cases.add(who, number, Track.TECHNICAL, Link(to=LinkTo.TICKET, ref="RT-7", changed=True))
    (found,) = a.node.services.get(Situations).look(who).changing
    assert (found.number, found.stix_id, found.note) == (int(number), CAMPAIGN, "It named the way in")
    assert found.tlp is TLP.AMBER
    lead = a.program(Role.LEAD)
    assert [each["stix_id"] for each in lead.get("/api/v1/situation").json()["changing"]] == [CAMPAIGN]
    assert a.program(Role.DIPLOMAT).get("/api/v1/situation").json()["changing"] == []
    assert a.program(Role.ADMINISTRATOR).get("/api/v1/situation").json()["changing"] == []
