"""The REST interface of what one party does alone."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.api import sides
from kouprey.people.model import Role


@pytest.fixture
def liaison(programs: Any) -> Any:
    programs.people.trust(programs.card(programs.partner), by="test")
    return programs.client(Role.LIAISON)


def draft(programs: Any, **more: Any) -> dict[str, Any]:
    terms = {"duties": [{"kind": "acknowledge", "within_s": 60}], "tlp_ceiling": "green", **more}
    return {"title": "Exchange", "parties": [programs.partner], "starts": "2026-01-01T00:00:00Z", "terms": terms}


def test_further_clauses_comments_and_changes(programs: Any, liaison: Any) -> None:
    made = liaison.post("agreements", json=draft(programs)).json()
    assert made["terms"]["duties"] == [{"kind": "acknowledge", "within_s": 60}]
    (held,) = liaison.get("agreements").json()["agreements"]
    one = f"agreements/{held['id']}"
    said = {"version": made["version"], "about": "2", "words": "Low."}
    assert liaison.post(f"{one}/comments", json=said).status_code == 409, "a draft is nobody else's business"
    liaison.post(f"{one}/signature", json={"version": made["version"]})
    assert liaison.post(f"{one}/comments", json=said).status_code == 201
    assert [each["words"] for each in liaison.get(f"{one}/comments").json()["comments"]] == ["Low."]
    assert liaison.post(f"{one}/comments", json={**said, "about": "decline"}).json()["code"] == "signed"
    same = liaison.get(f"{one}/versions/{made['version']}/changes/{made['version']}").json()
    assert same["changes"] == []
    assert liaison.get(f"{one}/versions/{made['version']}/changes/{'0' * 64}").status_code == 404


def test_what_is_not_in_force_is_neither_tightened_nor_left(programs: Any, liaison: Any) -> None:
    liaison.post("agreements", json=draft(programs))
    (held,) = liaison.get("agreements").json()["agreements"]
    for path, body in (("narrowing", {"tlp_ceiling": "clear"}), ("leaving", None)):
        answer = liaison.post(f"agreements/{held['id']}/{path}", json=body)
        assert answer.json()["code"] == "not-in-force"


def test_two_officers(programs: Any, liaison: Any) -> None:
    assert liaison.post("agreements/officers").json() == {"two": True}
    assert programs.client(Role.ANALYST).post("agreements/officers").status_code == 403
    assert sides.ONE.startswith("/agreements/")
