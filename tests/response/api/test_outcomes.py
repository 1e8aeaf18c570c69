"""How strategies did, over the interface for programs."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

BASE = "/api/v1/strategies"
NEW = {"name": "A page is defaced", "steps": ["Take it off", "Tell the press"], "tlp": "amber"}


def test_how_it_went_is_told_and_listed(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    one = f"{BASE}/{lead.post(BASE, json=NEW).json()['id']}"
    assert lead.get(f"{one}/outcomes").json() == {"outcomes": [], "more": False}
    told = lead.post(f"{one}/outcomes", json={"verdict": "failed", "words": "The host was away."})
    assert told.status_code == 201, told.text
    assert told.json()["text"] == "Used on an incident: it did not work.\nThe host was away."
    assert told.json()["agreements"] == [], "it came under none"
    (found,) = lead.get(f"{one}/outcomes").json()["outcomes"]
    assert (found["verdict"], found["done"], found["steps"]) == ("failed", 0, 0)
    assert (found["words"], found["id"]) == ("The host was away.", told.json()["id"])
    for asked, code, status in (
        ({"verdict": "splendid"}, "bad-verdict", 400),
        ({"verdict": "worked", "case": "77"}, "unknown-case", 404),
    ):
        refused = lead.post(f"{one}/outcomes", json=asked)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert a.program(Role.ANALYST, clearance=TLP.GREEN).get(f"{one}/outcomes").status_code == 404
    assert a.program(Role.DIPLOMAT).post(f"{one}/outcomes", json={"verdict": "worked"}).status_code == 403
