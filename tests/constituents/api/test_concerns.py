"""Endpoints of a constituent."""

from __future__ import annotations

from typing import Any

from kouprey.constituents.api import concerns

assert concerns


def test_what_concerns_them_in_pages_and_what_they_say(desk: Any) -> None:
    for n in range(3):
        desk.keep(desk.indicator(f"n{n}", f"[ipv4-addr:value = '203.0.113.{n}']"))
    client = desk.program(desk.all.add_token(desk.bank, "SIEM", by="test")[1])
    first = client.get("/api/v1/yours?limit=2").json()
    assert [each["title"] for each in first["concerns"]] == ["n2", "n1"]
    assert first["concerns"][0]["values"] == [{"kind": "ipv4-addr", "value": "203.0.113.2"}]
    rest = client.get("/api/v1/yours", params={"limit": 2, "cursor": first["next"]}).json()
    assert [each["title"] for each in rest["concerns"]] == ["n0"] and rest["next"] == ""
    path = f"/api/v1/yours/{first['concerns'][0]['id']}/feedback"
    assert client.post(path, json={"word": "false-positive", "note": "ours"}).status_code == 204
    assert client.post(path, json={"word": "else"}).status_code == 400
    other = desk.program(desk.all.add_token(desk.news, "SIEM", by="test")[1])
    assert other.get("/api/v1/yours").json()["concerns"] == []
    assert client.post("/api/v1/yours/wishes", json={"text": "Please"}).status_code == 204
    assert [wish.text for wish in desk.all.wishes(desk.bank)] == ["Please"]
    assert client.get("/api/v1/constituents").status_code == 403
