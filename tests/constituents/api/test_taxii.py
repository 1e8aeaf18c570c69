"""What concerns a constituent as a TAXII collection of its own: followed by position, with revocations, only read."""

from __future__ import annotations

from typing import Any

from kouprey.constituents.model import Constituent
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

API = "/taxii2/api/collections/"
ACCEPT = {"Accept": "application/taxii+json;version=2.1"}
REVOKED = {"modified": "2026-11-20T09:00:00.000Z", "revoked": True}


def siem(host: Any, constituent: str) -> Any:
    _, secret = host.all.add_token(constituent, "SIEM", by="test")
    client = host.program(secret)
    client.headers.update(ACCEPT)
    return client


def names(answer: Any) -> list[str]:
    return [each["name"] for each in answer.json().get("objects", ())]


def test_it_holds_what_concerns_them_and_is_followed(host: Any) -> None:
    bank, news = siem(host, host.bank), siem(host, host.news)
    for n in (1, 2, 3):
        host.keep(host.indicator(f"ours {n}", f"[ipv4-addr:value = '203.0.113.{n}']"))
    host.keep(host.indicator("other", "[ipv4-addr:value = '198.51.100.9']"), host.made("malware", "plain"))
    host.keep(host.indicator("red", "[ipv4-addr:value = '203.0.113.4']"), tlp=TLP.RED)
    host.keep(host.indicator("both", "[domain-name:value = 'a.bank.example' OR ipv4-addr:value = '203.0.113.8']"))

    listed = {each["title"]: each for each in bank.get(API).json()["collections"]}
    own = listed[f"What concerns {host.bank}"]
    assert own["can_read"] and not own["can_write"] and len(listed) > 1
    for place in (own["id"], "yours"):
        assert names(bank.get(f"{API}{place}/objects/")) == ["ours 1", "ours 2", "ours 3", "both"]
    assert names(news.get(f"{API}yours/objects/")) == ["other"]
    assert news.get(f"{API}{own['id']}/objects/").status_code == 404

    first = bank.get(f"{API}yours/objects/", params={"limit": 2})
    assert names(first) == ["ours 1", "ours 2"] and first.json()["more"]
    rest = bank.get(f"{API}yours/objects/", params={"limit": 2, "next": first.json()["next"]})
    assert names(rest) == ["ours 3", "both"] and not rest.json().get("more")
    added = rest.headers["X-TAXII-Date-Added-Last"]
    assert names(bank.get(f"{API}yours/objects/", params={"added_after": added})) == []

    host.keep(host.indicator("ours 2", "[ipv4-addr:value = '203.0.113.2']", **REVOKED))
    news_of_it = bank.get(f"{API}yours/objects/", params={"added_after": added}).json()["objects"]
    assert [each["revoked"] for each in news_of_it] == [True], "who follows it learns what was revoked"
    assert host.inside() == ["both", "ours 3", "ours 1"]

    one = host.id_of("indicator", "ours 2")
    place = f"{API}yours/objects/{one}/"
    assert len(bank.get(place).json()["objects"]) == 1 and len(bank.get(f"{place}versions/").json()["versions"]) == 2
    manifest = bank.get(f"{API}yours/manifest/", params={"match[version]": "all"}).json()["objects"]
    assert [each["id"] for each in manifest].count(one) == 2
    assert names(bank.get(f"{API}yours/objects/", params={"match[type]": "malware"})) == []
    assert names(bank.get(f"{API}yours/objects/", params={"match[version]": "first,last"})).count("ours 2") == 2
    for hidden in ("red", "other"):
        assert bank.get(f"{API}yours/objects/{host.id_of('indicator', hidden)}/").status_code == 404


def test_nobody_else_has_it_and_nobody_writes_to_it(host: Any) -> None:
    bank = siem(host, host.bank)
    content = {"Content-Type": ACCEPT["Accept"]}
    assert bank.post(f"{API}yours/objects/", content=b'{"objects":[]}', headers=content).status_code == 403
    one = host.id_of("indicator", "ours")
    assert bank.delete(f"{API}yours/objects/{one}/").status_code == 403
    made, secret = host.people.create_token("cert.example", Role.CONTRIBUTOR, TLP.RED, by="test")
    ours = host.program(secret)
    ours.headers.update(ACCEPT)
    assert ours.get(f"{API}yours/").status_code == 404, made
    assert "What concerns" not in ours.get(API).text
    host.all.set_networks(host.bank, ["192.0.2.0/24"], by="test")
    host.keep(host.indicator("ours", "[ipv4-addr:value = '203.0.113.1']"))
    assert names(bank.get(f"{API}yours/objects/")) == []
    host.all.add(Constituent(id="empty.example", name="Without networks"), by="test")
    assert names(siem(host, "empty.example").get(f"{API}yours/objects/")) == []
    host.all.set_archived(host.bank, True, by="test")
    assert bank.get(f"{API}yours/objects/").status_code == 401
