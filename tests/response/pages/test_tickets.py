"""Tickets at RTIR on the page of a case, in the list, and over the interface."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kouprey.people.model import Role
from kouprey.response.model.tickets import Desk
from kouprey.response.service import Tickets
from response.requesttracker import TOKEN, Tracker, running


@pytest.fixture
def tracker(offices: Any) -> Iterator[Tracker]:
    a, _, _ = offices
    with running() as made:
        a.node.services.get(Tickets).desk = lambda: Desk(url=made.url, token=TOKEN)
        yield made


def open_case(visitor: Any, title: str = "A page shows another text") -> str:
    answer = visitor.post("/cases", title=title, tlp="amber", severity="high", kind="incident")
    assert answer.status_code == 303, answer.text[:600]
    return str(answer.headers["location"])


def test_made_seen_and_left_as_it_is(offices: Any, tracker: Tracker) -> None:
    a, _, _ = offices
    tickets, lead = a.node.services.get(Tickets), a.visitor(Role.LEAD)
    assert "No ticket is tied" in lead.text("/tickets") and TOKEN not in lead.text("/tickets")
    case = open_case(lead)
    assert "Make a ticket" in lead.text(case)
    assert lead.post(f"{case}/tickets").status_code == 303 and "being made" in lead.text(case)
    tickets.turn()
    text = lead.text(case)
    assert "#4711" in text and "last seen" in text and "told there: reported" in text
    tracker.set_status(4711, "resolved")
    one = text.split(f"{case}/tickets/")[1].split('"')[0]
    assert lead.post(f"{case}/tickets/{one}", do="look").status_code == 303
    text = lead.text(case)
    assert "At RTIR it is over, and here it is not." in text and "took a status back from RTIR" in text
    assert "contradiction" in lead.text("/tickets")
    lead.post(f"{case}/tickets/{one}", do="settle")
    assert "It was left as it is." in lead.text(case)
    tracker.mode = "down"
    lead.post(f"{case}/tickets/{one}", do="look")
    assert "not reached" in lead.text("/tickets") and "It is tried again by itself." in lead.text(case)
    wrong = lead.post(f"{case}/tickets", number="x")
    assert wrong.status_code == 303 and "That is no number of a ticket." in lead.text(case)
    lead.post(f"{case}/tickets/{one}", do="let-go")
    assert "#4711" not in lead.text("/tickets")


def test_who_does_not_read_it_sees_none(offices: Any, tracker: Tracker) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    case = open_case(lead, "kanari-title")
    lead.post(f"{case}/tickets")
    a.node.services.get(Tickets).turn()
    policy = a.visitor(Role.POLICY)
    assert "Ticket at RTIR" not in policy.text(case) and "4711" not in policy.text("/tickets")
    assert policy.post(f"{case}/tickets").status_code == 303 and len(tracker.tickets) == 1
    assert "kanari" not in a.visitor(Role.ADMINISTRATOR).text("/tickets")


def test_over_the_interface(offices: Any, tracker: Tracker) -> None:
    a, _, _ = offices
    program = a.program(Role.LEAD)
    program.post("/api/v1/cases", json={"title": "x", "tlp": "amber"})
    base = "/api/v1/cases/1/tickets"
    assert program.get(base).json() == {"tickets": []}
    made = program.post(base, json={})
    assert made.status_code == 201 and made.json()["tickets"][0]["ticket"] == "", made.text
    assert program.post(base, json={}).json()["code"] == "ticket-there"
    assert program.post(base, json={"number": "x"}).json()["code"] == "bad-ticket"
    a.node.services.get(Tickets).turn()
    (one,) = program.get("/api/v1/tickets").json()["tickets"]
    assert (one["ticket"], one["status"], one["case"]) == ("4711", "new", 1)
    tracker.set_status(4711, "resolved")
    looked = program.post(f"{base}/{one['id']}", json={"do": "look"}).json()["tickets"][0]
    assert (looked["status"], looked["clash"], looked["left"]) == ("resolved", "ended-there", False)
    assert program.post(f"{base}/{one['id']}", json={"do": "settle"}).json()["tickets"][0]["left"]
    assert program.post(f"{base}/{one['id']}", json={"do": "let-go"}).json() == {"tickets": []}
    assert program.post(f"{base}/rtk_none", json={"do": "look"}).status_code == 404
    analyst = a.program(Role.POLICY)
    assert analyst.get(base).json() == {"tickets": []} == {"tickets": analyst.get("/api/v1/tickets").json()["tickets"]}
