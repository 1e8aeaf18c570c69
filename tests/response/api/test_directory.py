"""The directory over the interface for programs."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.time import DAY, format_instant
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.api.directoryshapes import read_time
from kouprey.response.model import Verb, Wanted

BASE = "/api/v1/directory"
PROFILE = {"name": "National CERT", "phone": "+855", "prefixes": ["203.0.113.7/24"], "asns": [64500], "verified": True}


def test_our_profile_and_a_partner_that_reads_it(offices: Any) -> None:
    a, b, agreement = offices
    lead, theirs = a.program(Role.LEAD), b.program(Role.ANALYST)
    assert lead.post(f"{BASE}/own/publication").json()["code"] == "no-profile"
    kept = lead.put(f"{BASE}/own", json=PROFILE)
    assert kept.status_code == 200, kept.text
    assert kept.json()["profile"]["prefixes"] == ["203.0.113.0/24"] and "mail" in kept.json()["missing"]
    assert kept.json()["published"] == 0
    assert lead.post(f"{BASE}/own/publication").json()["published"] == 1
    a.parcel(b)
    teams = {each["party"]: each for each in theirs.get(BASE).json()["teams"]}
    held = teams[a.party]["profile"]
    assert held["agreements"] == [agreement] and held["verified"] and held["node_key"] == a.people.home().card.node
    assert teams[a.party]["drills"] is None and teams[b.party]["profile"] is None
    assert theirs.get(f"{BASE}/teams/{a.party}").json() == held
    assert "1. Document Information" in theirs.get(f"{BASE}/teams/{a.party}/profile.txt").text
    found = theirs.get(f"{BASE}/competence", params={"q": "AS64500"}).json()
    assert found == {"subject": "AS64500", "parties": [{"party": a.party, "claim": "AS64500", "learned": False}]}
    assert theirs.get(f"{BASE}/competence", params={"q": "x"}).json()["code"] == "bad-subject"
    low = b.program(Role.ANALYST, clearance=TLP.CLEAR)
    assert low.get(f"{BASE}/teams/{a.party}").json()["code"] == "unknown-profile"
    assert low.get(f"{BASE}/competence", params={"q": "AS64500"}).json()["parties"] == []
    for path in (BASE, f"{BASE}/roster", f"{BASE}/drills", f"{BASE}/own"):
        assert b.program(Role.FEED, party=a.party).get(path).status_code == 403, "a partner's program reads none of it"
    assert lead.put(f"{BASE}/own", json=PROFILE | {"zone": "a b"}).json()["code"] == "bad-profile"
    assert theirs.put(f"{BASE}/own", json=PROFILE).json()["code"] == "role-missing"


def test_the_roster_and_drills(offices: Any) -> None:
    a, b, _ = offices
    lead, theirs = a.program(Role.LEAD), b.program(Role.DUTY_OFFICER)
    assert len(lead.get(f"{BASE}/roster").json()["gaps"]) == 1
    times = {"starts": _text(a.now()), "ends": _text(a.now() + DAY)}
    made = lead.post(f"{BASE}/roster", json={"person": "Dara", "role": "Officer", "reach": "+855"} | times)
    assert made.status_code == 201 and made.json()["now"], made.text
    assert lead.delete(f"{BASE}/roster/{made.json()['id']}").status_code == 204
    assert lead.delete(f"{BASE}/roster/{made.json()['id']}").json()["code"] == "withdrawn"
    wrong = {"person": "Dara", "role": "Officer", "reach": "+855", "starts": "x", "ends": "y"}
    assert lead.post(f"{BASE}/roster", json=wrong).json()["code"] == "bad-time"
    sent = lead.post(f"{BASE}/drills", json={"parties": [b.party]})
    assert sent.status_code == 201, sent.text
    handoff = sent.json()["sent"][0]["handoff"]
    assert lead.post(f"{BASE}/drills", json={"parties": [b.party]}).json()["code"] == "drill-runs"
    a.parcel(b)
    (asked,) = theirs.get(f"{BASE}/drills").json()["asked"]
    assert asked["handoff"] == handoff and theirs.get(f"{BASE}/drills/{handoff}").json()["exercise"] == "drill"
    assert theirs.get(f"/api/v1/handoffs/{handoff}").status_code == 404
    said = theirs.post(f"{BASE}/drills/{handoff}/messages", json={"verb": "acknowledge"})
    assert said.status_code == 201 and said.json()["stage"] == "acknowledged"
    assert lead.put(f"{BASE}/drills/monthly", json={"parties": [b.party]}).json()["monthly"] == [b.party]
    assert theirs.post(f"{BASE}/drills", json={"parties": [a.party]}).json()["code"] == "role-missing"


def test_a_proposal_is_decided_on(offices: Any) -> None:
    a, b, agreement = offices
    wanted = Wanted(agreement=agreement, to=b.party, kind="act", title="Block", text="All.", refs=("gov.example",))
    made = a.handoffs.request(a.handoffs.operator(), wanted)
    a.parcel(b)
    who = b.handoffs.operator()
    b.handoffs.say(who, made.id, Verb.DECLINE, text="No.", reason="not-competent", other="third.example")
    b.parcel(a)
    lead = a.program(Role.LEAD)
    (open_,) = lead.get(f"{BASE}/proposals").json()["proposals"]
    assert (open_["competent"], open_["subjects"], open_["state"]) == ("third.example", ["gov.example"], "open")
    path = f"{BASE}/proposals/{open_['message']}"
    assert lead.post(path, json={"apply": True}).json()["code"] == "bad-subject"
    (applied,) = lead.post(path, json={"apply": True, "subjects": ["gov.example"]}).json()["proposals"]
    assert applied["state"] == "applied"
    assert lead.post(path, json={"end": True}).json()["proposals"][0]["state"] == "ended"
    assert lead.post(path, json={}).json()["code"] == "no-proposal"


def _text(instant: int) -> str:
    text = format_instant(instant)
    assert read_time(text) == instant
    return text
