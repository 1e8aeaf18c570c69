"""Lists for programs: three forms, an entity tag, and their eyes."""

from __future__ import annotations

from typing import Any

from kouprey.constituents.api import lists
from kouprey.kernel.words.tlp import TLP

assert lists


def test_three_forms_of_one_list(desk: Any) -> None:
    desk.keep(desk.indicator("bad", "[domain-name:value = 'bad.example' OR file:name = '=cmd.exe']"))
    desk.keep(desk.indicator("red", "[domain-name:value = 'red.example']"), tlp=TLP.RED)
    client = desk.program(desk.all.add_token(desk.bank, "SIEM", by="test")[1])
    text = client.get("/lists/indicators.txt")
    assert set(text.text.split()) == {"bad.example", "=cmd.exe"}
    assert "'=cmd.exe" in client.get("/lists/indicators.csv").text
    told = client.get("/lists/indicators.json").json()["indicators"]
    assert {each["value"] for each in told} == {"bad.example", "=cmd.exe"} and told[0]["tlp"] == "TLP:GREEN"
    again = client.get("/lists/indicators.txt", headers={"If-None-Match": text.headers["etag"]})
    assert again.status_code == 304 and again.content == b""
    assert client.get("/lists/other.txt").status_code == 404
    desk.keep(desk.indicator("worse", "[domain-name:value = 'worse.example']"))
    assert client.get("/lists/indicators.txt", headers={"If-None-Match": text.headers["etag"]}).status_code == 200


def test_the_same_token_reads_over_taxii_and_writes_nowhere(desk: Any) -> None:
    hit = desk.indicator("bad", "[domain-name:value = 'bad.example']")
    desk.keep(hit)
    desk.keep(desk.indicator("red", "[domain-name:value = 'red.example']"), tlp=TLP.RED)
    desk.keep(desk.indicator("others", "[domain-name:value = 'o.example']"), concerned=(desk.news,))
    client = desk.program(desk.all.add_token(desk.bank, "SIEM", by="test")[1])
    media = {"Accept": "application/taxii+json;version=2.1"}
    collections = client.get("/taxii2/api/collections/", headers=media).json()["collections"]
    # By their ids, which are drawn anew each time.
    known = {each["alias"]: each for each in collections}
    assert {alias: each["can_write"] for alias, each in known.items()} == {"main": False, "yours": False}
    path = f"/taxii2/api/collections/{known['main']['id']}/objects/"
    ids = {each["id"] for each in client.get(path, headers=media).json()["objects"]}
    assert hit["id"] in ids and desk.id_of("indicator", "others") not in ids
    assert desk.id_of("indicator", "red") not in ids
    content = media | {"Content-Type": "application/taxii+json;version=2.1"}
    assert client.post(path, json={"objects": [hit]}, headers=content).status_code == 403


def test_nobody_else_has_such_lists(desk: Any) -> None:
    from kouprey.people.model import Role

    secret = desk.people.create_token("cert.example", Role.ADMINISTRATOR, TLP.RED, by="test")[1]
    assert desk.program(secret).get("/lists/indicators.txt").status_code == 403
    assert desk.program("nonsense").get("/lists/indicators.txt").status_code == 401


def test_no_firewall_is_told_to_block_what_no_shield_would_list(desk: Any) -> None:
    values = "ipv4-addr:value = '0.0.0.0/0' OR ipv4-addr:value = '8.8.8.8' OR domain-name:value = 'com'"
    desk.keep(desk.indicator("poison", f"[{values} OR domain-name:value = 'bad.example']"))
    client = desk.program(desk.all.add_token(desk.bank, "SIEM", by="test")[1])
    assert client.get("/lists/indicators.txt").text.split() == ["bad.example"]
