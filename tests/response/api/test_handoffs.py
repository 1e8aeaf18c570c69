"""Hand-offs over the interface for programs: everything the pages do, and as strict."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


def ask(client: Any, agreement: str, to: str, **more: Any) -> Any:
    words = {"agreement": agreement, "to": to, "kind": "act", "title": "Block it", "text": "It calls."}
    return client.post("/api/v1/handoffs", json=words | more)


def test_a_whole_life(offices: Any) -> None:
    a, b, agreement = offices
    lead, officer = a.program(Role.LEAD), b.program(Role.LEAD)
    made = ask(lead, agreement, b.party, report_days=3, refs=["203.0.113.7"], number="17")
    assert made.status_code == 201
    whole = made.json()
    assert [clock["name"] for clock in whole["clocks"]] == ["acknowledge", "decide", "report"]
    assert whole["may"] == ["heard", "reroute", "withdraw"] and len(whole["code"].split()) == 6
    path = f"/api/v1/handoffs/{whole['id']}"
    a.parcel(b)
    (brief,) = officer.get("/api/v1/handoffs").json()["asked"]
    assert (brief["id"], brief["stage"]) == (whole["id"], "requested") and brief["due"]
    for verb in ("acknowledge", "accept", "report"):
        said = officer.post(f"{path}/messages", json={"verb": verb, "text": "Done."})
        assert said.status_code == 201, said.text
    b.parcel(a)
    assert lead.post(f"{path}/messages", json={"verb": "confirm"}).json()["ended"]
    told = lead.get(path).json()
    assert [each["verb"] for each in told["messages"]] == ["request", "acknowledge", "accept", "report", "confirm"]
    assert all(each["counted"] for each in told["messages"]) and not any(each["late"] for each in told["clocks"])


@pytest.mark.parametrize(
    ("role", "status"), [(Role.LEAD, 201), (Role.LIAISON, 201), (Role.ANALYST, 403), (Role.ADMINISTRATOR, 403)]
)
def test_it_is_as_strict_as_the_page(offices: Any, role: Role, status: int) -> None:
    a, b, agreement = offices
    assert ask(a.program(role), agreement, b.party).status_code == status


def test_what_is_wrong_is_said(offices: Any) -> None:
    a, b, agreement = offices
    lead = a.program(Role.LEAD)
    assert ask(lead, agreement, b.party, kind="transfer").json()["code"] == "not-agreed"
    assert ask(lead, agreement, "nobody.example").json()["code"] == "no-party"
    assert ask(lead, "agr_0", b.party).status_code == 404
    made = ask(lead, agreement, b.party).json()["id"]
    path = f"/api/v1/handoffs/{made}"
    assert lead.post(f"{path}/messages", json={"verb": "confirm"}).status_code == 409
    assert lead.post(f"{path}/messages", json={"verb": "cry"}).status_code == 400
    assert lead.post(f"{path}/route", json={"to": "nobody.example"}).status_code == 409
    assert lead.get("/api/v1/handoffs/" + "0" * 64).status_code == 404
    low = a.program(Role.LEAD, TLP.GREEN)
    assert low.get(path).status_code == 404 and not low.get("/api/v1/handoffs").json()["asking"]
