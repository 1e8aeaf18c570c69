"""Endpoints for whoever keeps constituents: everything the pages do."""

from __future__ import annotations

from typing import Any

from kouprey.constituents.api import keeping
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

assert keeping


def test_a_whole_life(desk: Any) -> None:
    secret = desk.people.create_token("cert.example", Role.ADMINISTRATOR, TLP.RED, by="test")[1]
    client, path = desk.program(secret), "/api/v1/constituents/shop.example"
    made = client.post("/api/v1/constituents", json={"id": "shop.example", "name": "Shop", "clearance": "amber"})
    assert made.status_code == 201 and made.json()["content"] == "green"
    assert client.patch(path, json={"rhythm": "daily", "hour": 3, "content": "amber"}).json()["hour"] == 3
    networks = client.put(f"{path}/networks", json={"networks": ["192.0.2.0/24"]})
    assert networks.json()["networks"] == ["192.0.2.0/24"]
    contact = client.post(f"{path}/contacts", json={"name": "Sok", "address": "s@shop.example"}).json()
    assert client.post(f"{path}/write").json() == {"letters": 1}
    invited = client.post(f"{path}/people", json={"name": "Sok Dara"}).json()
    assert "/sign-in/" in invited["link"]
    person = f"{path}/people/{invited['person']['id']}"
    assert client.put(person, json={"active": False}).json()["active"] is False
    token = client.post(f"{path}/tokens", json={"name": "SIEM"}).json()
    assert desk.program(token["secret"]).get("/api/v1/yours").status_code == 200
    assert client.put(f"{path}/tokens/{token['token']['user']}", json={"active": False}).json()["active"] is False
    assert desk.program(token["secret"]).get("/api/v1/yours").status_code == 401
    desk.all.wish(desk.eyes("shop.example"), "Please")
    whole = client.get(path).json()
    assert whole["letters"][0]["state"] == "waiting" and whole["wishes"][0]["settled"] == ""
    assert client.put(f"{path}/wishes/{whole['wishes'][0]['id']}", json={}).status_code == 204
    assert client.put(f"{path}/wishes/x", json={}).status_code == 404
    letter = {"contact": contact["id"], "period": whole["letters"][0]["period"]}
    assert client.post(f"{path}/letters", json=letter).status_code == 409
    assert client.delete(f"{path}/contacts/{contact['id']}").status_code == 204
    assert client.patch(path, json={"archived": True}).json()["archived"]
    listed = client.get("/api/v1/constituents").json()["constituents"]
    assert [each["id"] for each in listed] == [desk.bank, desk.news, "shop.example"]


def test_a_table_and_what_is_wrong(desk: Any) -> None:
    secret = desk.people.create_token("cert.example", Role.ADMINISTRATOR, TLP.GREEN, by="test")[1]
    client = desk.program(secret)
    table = {"table": "id,name,clearance\nshop.example,Shop,green\nred.example,Red,red\n"}
    lines = client.post("/api/v1/constituents/table", json=table).json()["lines"]
    assert [bool(line["wrong"]) for line in lines] == [False, True] and len(desk.all.list_constituents()) == 2
    client.post("/api/v1/constituents/table", json=table | {"take": True})
    assert len(desk.all.list_constituents()) == 3
    assert client.patch(f"/api/v1/constituents/{desk.bank}", json={"name": "x"}).status_code == 403
    assert client.get("/api/v1/constituents/nobody.example").status_code == 404
    assert (
        client.post("/api/v1/constituents", json={"id": "a.example", "name": "A", "clearance": "x"}).status_code == 400
    )
