"""Sources by programs: kept, pulled, paused and forgotten; what signs us in is never given back."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from kouprey.taxii.service import Remotes

SOURCE = {
    "url": "http://127.0.0.1:1/api/",
    "collection": "365fed99",
    "name": "Up",
    "user": "us",
    "password": "canary-of-a-password",
    "tlp": "green",
    "every": 300,
    "allow_private": True,
}


def test_sources_are_kept_pulled_paused_and_forgotten(programs: Any) -> None:
    liaison = programs.client(Role.LIAISON)
    assert liaison.get("sources").json() == {"sources": []}
    made = liaison.post("sources", json=SOURCE)
    assert made.status_code == 201 and made.json()["every"] == 300 and "canary" not in made.text
    changed = liaison.post("sources", json={"url": SOURCE["url"], "collection": "365fed99", "types": ["tool"]})
    assert (changed.json()["types"], changed.json()["tlp"]) == (["tool"], "green")
    one = f"sources/{made.json()['id']}"
    assert liaison.post(f"{one}/pull").status_code == 202
    programs.node.services.get(Remotes).pull_due()
    whole = liaison.get(one)
    assert "canary" not in whole.text and "Nothing listens" in whole.json()["pulls"][0]["trouble"]
    assert liaison.post(f"{one}/pause").json()["paused"] is True
    assert liaison.post(f"{one}/pull").status_code == 409
    assert liaison.delete(f"{one}/pause").json()["paused"] is False
    assert liaison.post("sources", json={**SOURCE, "tlp": "purple"}).json()["field"] == "tlp"
    assert liaison.post("sources", json={**SOURCE, "url": "ftp://a"}).status_code == 400
    analyst = programs.client(Role.ANALYST)
    assert analyst.get("sources").status_code == analyst.delete(one).status_code == 403
    assert liaison.delete(one).status_code == 204 and liaison.get(one).status_code == 404
