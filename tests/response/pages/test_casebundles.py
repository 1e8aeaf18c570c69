"""A case taken out and opened from a bundle, in a browser."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from response.pages.test_cases import opened

BUNDLE = b"""{"type": "bundle", "objects": [
  {"type": "incident", "id": "incident--1", "name": "Seen elsewhere"},
  {"type": "impact", "id": "impact--1"}]}"""


def hand_in(visitor: Any, raw: bytes, **fields: str) -> Any:
    return visitor.client.post(
        "/cases/stix",
        data={"csrf": visitor.csrf, "tlp": "green", **fields},
        files={"file": ("their.json", raw, "application/json")},
        headers={"Origin": "http://127.0.0.1:8420"},
    )


def test_a_case_goes_out_and_another_comes_in(offices: Any) -> None:
    a, _, _ = offices
    lead, legal = a.visitor(Role.LEAD), a.visitor(Role.LEGAL)
    one = opened(lead)
    assert "With the legal track" not in lead.text(one) and "With the legal track" in legal.text(one)
    given = lead.client.get(f"{one}/stix")
    assert given.status_code == 200 and given.headers["content-type"] == "application/octet-stream"
    assert "took it out as STIX" in lead.text(one)
    assert lead.client.get(f"{one}/stix?legal=yes").status_code == 403
    assert legal.client.get(f"{one}/stix?legal=yes").status_code == 200
    assert "From a STIX bundle" in lead.text("/cases/new")
    made = hand_in(lead, BUNDLE)
    assert made.status_code == 303, made.text
    page = lead.text(made.headers["location"])
    assert "Seen elsewhere" in page and "impact: impact--1" in page and "their.json" in page
    wrong = hand_in(lead, b"{}")
    assert wrong.status_code == 400 and "cannot be made a case" in wrong.text
    assert hand_in(lead, BUNDLE, tlp="purple").status_code == 400
    assert lead.post("/cases/stix", tlp="green").status_code == 400
