"""Contacts on pages: an empty list, one that is written down, changed, asked and put out of use."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role

PATH = "/handoffs/contacts"
FORM = {
    "name": "Somchai",
    "team": "Northern Hospital",
    "party": "",
    "mail": "soc@hospital.example",
    "phone": "+66 2 555 0100",
    "language": "th",
    "zone": "Asia/Bangkok",
    "paper": "MoU 12/2026",
    "ceiling": "amber",
    "content": "green",
    "acknowledge": "1",
    "decide": "4",
    "note": "",
}


def test_from_an_empty_list_to_a_question(offices: Any) -> None:
    a, _, _ = offices
    lead, analyst = a.visitor(Role.LEAD), a.visitor(Role.ANALYST)
    assert "Nobody is written down" in lead.text(PATH) and 'href="/handoffs/contacts"' in lead.text("/handoffs")
    assert "Write down" not in analyst.text(PATH)
    wrong = lead.post(PATH, **(FORM | {"zone": "Nowhere"}))
    assert (
        wrong.status_code == 400 and "There is no such time zone." in wrong.text and "Northern Hospital" in wrong.text
    )
    assert lead.post(PATH, **(FORM | {"acknowledge": "x"})).status_code == 400
    one = lead.post(PATH, **FORM).headers["location"]
    page = lead.text(one)
    assert "+66 2 555 0100" in page and "MoU 12/2026" in page and "Nothing was asked of them" in page
    assert lead.post(one, **(FORM | {"phone": "+66 2 555 0199"})).status_code == 303
    assert "+66 2 555 0199" in lead.text(one)
    assert lead.post(one, **(FORM | {"name": ""})).status_code == 400
    assert "TLP:AMBER+STRICT" not in lead.text(f"{one}/ask")
    question = {
        "kind": "act",
        "title": "Block it",
        "text": "All of it.",
        "tlp": "green",
        "urgency": "urgent",
        "report": "0",
    }
    assert lead.post(f"{one}/ask", **(question | {"text": ""})).status_code == 400
    assert lead.post(f"{one}/ask", **(question | {"report": "x"})).status_code == 400
    handoff = lead.post(f"{one}/ask", **question).headers["location"]
    shown = lead.text(handoff)
    assert "They have no node" in shown and "Make a link" in shown and "MoU 12/2026" in shown
    assert "When the link is cut" not in shown and "They told us by telephone" not in shown
    assert "Block it" in lead.text(one) and "Somchai, Northern Hospital" in lead.text("/handoffs")
    assert analyst.post(f"{one}/ask", **question).status_code == 400
    assert lead.post(f"{one}/archive", back="no").status_code == 303 and "out of use" in lead.text(one)
    assert lead.post(f"{one}/archive", back="yes").status_code == 303 and "out of use" not in lead.text(PATH)


def test_an_officer_of_ours_is_not_asked(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    one = lead.post(PATH, **(FORM | {"party": a.party})).headers["location"]
    assert "An officer of ours" in lead.text(one) and f'href="{one}/ask"' not in lead.text(one)
