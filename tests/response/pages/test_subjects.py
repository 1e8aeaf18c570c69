"""The audit calls cases and hand-offs by their titles, and tells them to nobody who may not see them."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.storage.audit import append
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.pages.subjects import subjects
from kouprey.response.service import Cases


def test_titles_are_told_to_whoever_may_see_the_case(offices: Any) -> None:
    a, _, _ = offices
    lead = a.officer(Role.LEAD)
    case = a.node.services.get(Cases).open(lead, "The page shows another text", tlp=TLP.AMBER)
    name = subjects(a.node.services)
    asked = [case.id, "case_" + "0" * 32, "f" * 64, "cert.example"]
    assert name(lead, asked) == {case.id: f"#{case.number} The page shows another text"}
    assert name(a.officer(Role.FEED), asked) == {}


def test_the_audit_shows_them_and_keeps_the_id_beside(offices: Any) -> None:
    a, _, _ = offices
    case = a.node.services.get(Cases).open(a.officer(Role.LEAD), "The page shows another text", tlp=TLP.AMBER)
    line = {"actor": "node", "action": "handoff.print", "subject": case.id, "detail": {"case": case.id}}
    a.node.store.write(lambda tx: append(tx, at=1, **line))
    named = f"#{case.number} The page shows another text"
    page = a.visitor(Role.AUDITOR, Role.LEAD).text(f"/audit?subject={case.id}")
    assert f'title="{case.id}">{named}</a>' in page and f"Case: {named}" in page
    # Whoever is cleared for less reads that something was done, and not to what.
    page = a.visitor(Role.AUDITOR, Role.LEAD, clearance=TLP.GREEN).text("/audit?action=handoff.print")
    assert "above your clearance" in page and "another text" not in page
