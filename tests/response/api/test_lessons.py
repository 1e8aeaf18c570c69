"""What is learnt from a case, for programs."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from response.service.test_caselessons import case_of


def test_programs_keep_all_or_nothing(offices: Any) -> None:
    a, _, _ = offices
    lead, number = a.program(Role.LEAD), case_of(a)
    path = f"/api/v1/cases/{number}/lessons"
    person = a.people.list_persons()[0].id
    good = {"title": "Write a list", "who": person, "due": "2027-01-10T09:00:00+07:00"}
    bad = {"title": "Nobody's", "who": "psn_none", "due": "2027-01-10"}
    answer = lead.post(path, json={"text": "Learnt.", "recommended": [good, bad]})
    assert answer.json()["code"] == "no-owner" and lead.get(path).json()["recommended"] == []
    assert lead.get(path).json()["text"] == ""
    assert len(lead.post(path, json={"text": "Learnt.", "recommended": [good]}).json()["items"]) == 2
    found = lead.get(path).json()
    assert found["text"] == "Learnt." and found["recommended"][0]["body"]["origin"] == "lesson"
    assert found["draft"]["tasks"] == 0 and "What people say" in found["words"]
    assert lead.post(path, json={}).json()["code"] == "no-text"
