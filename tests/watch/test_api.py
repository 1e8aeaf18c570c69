"""The watch over the interface for programs."""

from __future__ import annotations

import gzip
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, Role
from kouprey.watch.service import Watch
from watch.conftest import Indicate
from watch.lines import dns

LINES = {"Content-Type": "application/x-ndjson"}


def test_from_a_batch_to_a_sighting(programs: Any, watch: Watch, indicate: Indicate) -> None:
    officer, analyst, policy = (programs.client(role) for role in (Role.DUTY_OFFICER, Role.ANALYST, Role.POLICY))
    indicate("[domain-name:value = 'evil.example']")
    indicate("[domain-name:value = 'secret.example']", TLP.RED)
    assert policy.get("watch").status_code == 403
    assert analyst.post("watch/sources", json={"name": "zeek"}).status_code == 403
    assert officer.post("watch/sources", json={"name": "a b"}).json()["code"] == "bad-source-name"
    made = officer.post("watch/sources", json={"name": "zeek"})
    assert made.status_code == 201 and made.json()["format"] == "auto" and made.json()["last"] == ""
    body = dns("www.evil.example", "secret.example") + b"{\n"
    sensor = programs.client(Role.CONTRIBUTOR, TLP.CLEAR)
    packed = {"Content-Type": "application/gzip"}
    told = sensor.post("watch/zeek", params={"batch": "1"}, content=gzip.compress(body), headers=packed).json()
    assert (told["taken"], told["refused"], told["hits"], told["repeated"]) == (2, 1, 0, False)
    assert told["refusals"][0]["line"] == 3 and told["refusals"][0]["why"]
    assert sensor.post("watch/zeek", params={"batch": "1"}, content=body, headers=LINES).json()["repeated"]
    assert sensor.post("watch/none", content=body, headers=LINES).status_code == 404
    assert sensor.post("watch/zeek", content=b"\x1f\x8bno", headers=packed).json()["code"] == "bad-packing"
    green = programs.client(Role.ANALYST, TLP.GREEN)
    (alert,) = green.get("watch/alerts").json()["alerts"]
    assert alert["value"] == "www.evil.example" and alert["how"] == "below" and "www.evil" in alert["line"]
    assert analyst.get("watch/alerts").json()["total"] == 2
    assert green.get("watch/alerts", params={"how": "exact"}).json()["total"] == 0
    one = f"watch/alerts/{alert['id']}"
    assert green.get(one).json() | {"from_whom": []} == alert and green.get(one).json()["from_whom"]
    assert green.put(f"{one}/dismissal", json={"reason": "mine"}).status_code == 204
    assert green.get(one).json()["reason"] == "mine"
    assert green.post(f"{one}/sightings").json()["code"] == "nothing-to-tell"
    assert green.put(f"{one}/dismissal", json={}).status_code == 204
    assert green.post(f"{one}/sightings").json()["id"].startswith("sighting--")
    seen = green.get("watch").json()
    assert (
        seen["sources"][0]["events"] == 2 and seen["kept_events"] == 2 and sum(h["alerts"] for h in seen["hours"]) == 1
    )
    assert officer.put("watch/sources/zeek", json={"retired": True}).json()["retired"]
    assert sensor.post("watch/zeek", content=body, headers=LINES).json()["code"] == "source-retired"
    assert green.get("watch/alerts/alert_0").status_code == 404


def test_the_token_of_a_sensor_sends_and_reads_nothing(programs: Any, watch: Watch) -> None:
    user, secret = watch.make_token("zeek", by="test")
    token = next(each for each in programs.people.list_tokens() if each.user == user)
    assert token.clearance is TLP.CLEAR and token.verbs == (Permission.WRITE,) and secret
