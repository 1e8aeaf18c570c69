"""Templates over the interface for programs."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role

ALL = "/api/v1/case-templates"


def test_kept_changed_begun_with_retired_and_carried(offices: Any) -> None:
    a, b, _ = offices
    lead, analyst, there = a.program(Role.LEAD), a.program(Role.ANALYST), b.program(Role.LEAD)
    assert lead.get(ALL).json() == {"templates": []}
    lead.post("/api/v1/cases", json={"title": "x", "tlp": "amber", "type": "phishing"})
    for title, track in (("Take it off", "technical"), ("Tell the press", "communication")):
        lead.post("/api/v1/cases/1/items", json={"sort": "task", "title": title, "track": track})
    made = lead.post(ALL, json={"case": "1", "name": "Defaced"})
    assert made.status_code == 201, made.text
    one = f"{ALL}/{made.json()['id']}"
    assert [each["title"] for each in lead.get(one).json()["tasks"]] == ["Take it off", "Tell the press"]
    assert [each["title"] for each in analyst.get(one).json()["tasks"]] == ["Take it off"]
    tasks = [{"track": "technical", "title": "A", "like": 0}, {"track": "technical", "title": "B", "after": [0]}]
    changed = analyst.patch(one, json={"version": 1, "tasks": tasks, "tlp": "amber+strict", "pap": "amber"})
    assert changed.status_code == 200 and changed.json()["tasks"][1]["after"] == [0], changed.text
    assert [each["title"] for each in lead.get(one).json()["tasks"]] == ["A", "B", "Tell the press"]
    for wrong, code in (
        ({"version": 1, "name": "x"}, "changed-meanwhile"),
        ({"version": 2, "tlp": "purple"}, "bad-tlp"),
        ({"version": 2, "pap": "purple"}, "bad-pap"),
        ({"version": 2, "tasks": [{"track": "technical", "title": "A", "after": [3]}]}, "bad-field"),
        ({"version": 2, "tasks": [{"track": "technical", "title": "A", "like": 9}]}, "bad-field"),
    ):
        assert lead.patch(one, json=wrong).json()["code"] == code
    opened = lead.post("/api/v1/cases", json={"title": "y", "tlp": "green", "template": made.json()["id"]}).json()
    assert (opened["tlp"], opened["pap"], opened["type"]) == ("amber+strict", "amber", "phishing")
    assert len(lead.get(f"/api/v1/cases/{opened['number']}/items").json()["items"]) == 3
    file = lead.get(f"{one}/file").content
    taken = there.post(
        f"{ALL}/files", params={"tlp": "red"}, content=file, headers={"Content-Type": "application/json"}
    )
    assert taken.status_code == 201 and taken.json()["tlp"] == "red" and taken.json()["watchers"] == []
    assert lead.put(f"{one}/retired", json={"version": 2, "retired": True}).json()["retired"]
    assert lead.get(ALL).json()["templates"] == []
    assert lead.get(ALL, params={"retired": "true"}).json()["templates"][0]["id"] == made.json()["id"]
    assert lead.post("/api/v1/cases", json={"title": "z", "template": made.json()["id"]}).json()["code"] == "retired"
    assert lead.get(f"{ALL}/tpl_nothing").json()["code"] == "no-template"
    assert a.program(Role.POLICY).post(ALL, json={"case": "1", "name": "x"}).status_code == 403
