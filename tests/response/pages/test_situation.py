"""The situation as people see it: with and without a role in cases, its paper, and figures by partner."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Verb, Wanted
from leaks.unpacking import texts_of
from response.campaigns import BEHIND, bring, objects
from response.pages.test_outside import linked


def opened(visitor: Any, **given: str) -> None:
    words = {"title": "The page of the ministry shows another text", "tlp": "amber", "kind": "incident"}
    assert visitor.post("/cases", **(words | given)).status_code == 303


def test_an_empty_one_says_what_to_do(offices: Any) -> None:
    a, _, _ = offices
    page = a.visitor(Role.ADMINISTRATOR).text("/situation")
    assert "Cases are not yours to read" in page and "No hand-off is open" in page and "None came" in page
    assert 'href="/situation"' in page and "No clock has run yet" in a.visitor(Role.LEAD).text("/situation/partners")


def test_what_goes_on_is_seen_by_those_who_may(offices: Any) -> None:
    a, b, agreement = offices
    lead = a.visitor(Role.LEAD)
    opened(lead, cross_border="yes", type="application-compromise", sectors="government-national")
    opened(lead, title="A quiet one")
    bring(a.node.services, objects(confidence=60))
    exchange = a.node.services.get(Exchange)
    exchange.opine(BEHIND, "disagree", who=a.handoffs.operator(), by="test", because="The tools are sold to anybody.")
    wanted = Wanted(agreement=agreement, to=b.party, kind="act", title="Block the loader", text="It calls.")
    asked = a.handoffs.request(a.handoffs.operator(), wanted)
    a.ahead = 5 * 3_600
    page = lead.text("/situation")
    assert "The page of the ministry" in page and "A quiet one" not in page and "Defacement" in page
    assert "Grey Heron" in page and "National government" in page and "An assertion, and no fact" in page
    assert "confidence 60 of 100" in page and "Disagrees: " in page
    assert "Block the loader" in page and "overdue" in page and b.party.title() in page
    admin = a.visitor(Role.ADMINISTRATOR).text("/situation")
    assert (
        "The page of the ministry" not in admin and "Older cases changed" not in admin and "Block the loader" in admin
    )
    low = a.visitor(Role.LEAD, clearance=TLP.CLEAR).text("/situation")
    assert "Grey Heron" not in low and "The page of the ministry" not in low and "Block the loader" not in low
    a.handoffs.say(a.handoffs.operator(), asked.id, Verb.WITHDRAW, text="Not needed any more.")
    table = lead.text("/situation/partners")
    assert "They were asked" in table and "clause 15" in table


def test_what_rests_on_no_clause_says_so(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    handoff, _secret = linked(a)
    program = a.program(Role.LEAD)
    assert "no clause allows it" in lead.text("/situation")
    assert program.get("/api/v1/situation").json()["handoffs"][0]["lacks"] == ["clause"]
    contact = a.contacts.contact_of(a.handoffs.get(a.handoffs.operator(), handoff))
    a.contacts.record(a.handoffs.operator(), replace(contact, paper="MoU 12/2026"))
    assert "no clause allows it" not in lead.text("/situation")
    assert program.get("/api/v1/situation").json()["handoffs"][0]["lacks"] == []


def test_the_briefing_bears_the_highest_marking_in_it(offices: Any) -> None:
    a, _, _ = offices
    bring(a.node.services, objects())
    lead = a.visitor(Role.LEAD)
    first = lead.client.get("/situation/briefing.pdf?language=en")
    assert first.status_code == 200 and first.headers["content-type"] == "application/pdf"
    words = texts_of(first.content)
    assert "TLP:GREEN" in words and "TLP:AMBER" not in words and "Grey Heron" in words and "no confidence" in words
    opened(lead, cross_border="yes", sectors="media", type="ddos")
    words = texts_of(lead.client.get("/situation/briefing.pdf?language=km").content)
    assert "TLP:AMBER" in words and "Grey Heron" in words and "ស" in words
    assert lead.client.get("/situation/briefing.pdf?language=xx").status_code == 400
    assert "Briefing printed" in a.visitor(Role.AUDITOR).text("/audit")
