"""Words of two persons, dates and bases over the interface for programs."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from kouprey.kernel.seal import box
from kouprey.people.model import Role
from kouprey.response.model.sealed import Opener
from kouprey.response.service.sealing import seal_file
from kouprey.response.wire.sealed import write_file

BASE = "/api/v1/handoffs"
SECRET, KEY = box.new_identity()
PRESERVE = {
    "authority": "Court",
    "offence": "Fraud",
    "data": "Who rented it",
    "necessity": "Logs go",
    "assistance": True,
}


def as_person(visitor: Any, path: str, **body: Any) -> Any:
    headers = {"Origin": "http://127.0.0.1:8420", "X-CSRF-Token": visitor.csrf}
    return visitor.client.post(path, json=body, headers=headers)


def test_a_program_alone_releases_nothing_and_two_persons_do(offices: Any) -> None:
    a, b, agreement = offices
    words = {"agreement": agreement, "to": b.party, "kind": "disclose", "title": "Who called", "text": "One number."}
    readers = [{"name": "Azman", "key": KEY}]
    made = a.program(Role.LEGAL).post(BASE, json={**words, "basis": "Treaty", "readers": readers}).json()
    one = f"{BASE}/{made['id']}"
    a.parcel(b)
    program, legal, lead = b.program(Role.LEGAL), b.visitor(Role.LEGAL), b.visitor(Role.LEAD)
    assert program.post(f"{one}/messages", json={"verb": "accept", "text": "We may."}).status_code == 201
    item = seal_file(b"calls", "calls.csv", [Opener(name="Azman", key=KEY)], a.people.home().card.age)
    told = {"verb": "report", "text": "All.", "items": [b64encode(write_file(item)).decode()]}
    alone = program.post(f"{one}/messages", json=told)
    assert (alone.status_code, alone.json()["code"]) == (409, "two-persons")
    nobody = program.post(f"{one}/words", json=told)
    assert (nobody.status_code, nobody.json()["code"]) == (403, "no-person")
    first = as_person(lead, f"{one}/words", **told)
    assert first.status_code == 201 and first.json()["state"] == "waiting", first.text
    assert first.json()["items"] == [item.sha256]
    word = f"{one}/words/{first.json()['id']}"
    again = as_person(lead, f"{word}/second")
    assert (again.status_code, again.json()["code"]) == (409, "same-person")
    assert (program.post(f"{word}/second").json()["code"]) == "no-person"
    assert as_person(legal, f"{word}/back").json()["code"] == "not-your-word"
    assert as_person(lead, f"{word}/back").json()["state"] == "taken-back"
    word = f"{one}/words/{as_person(lead, f'{one}/words', **told).json()['id']}"
    done = as_person(legal, f"{word}/second")
    assert done.status_code == 201, done.text
    last = done.json()["messages"][-1]
    assert (last["role"], last["also_role"], last["items"][0]["sha256"]) == ("lead", "legal", item.sha256)
    listed = program.get(f"{one}/words").json()["words"]
    assert sorted(each["state"] for each in listed) == ["given", "taken-back"]
    assert b.program(Role.ANALYST).get(f"{one}/words").status_code == 404


def test_a_preservation_bears_a_date_and_nothing_else(offices: Any) -> None:
    a, b, agreement = offices
    asking, asked = a.program(Role.LEGAL), b.program(Role.LEGAL)
    words = {"agreement": agreement, "to": b.party, "kind": "preserve", "title": "The false shop", "basis": "Treaty"}
    bare = asking.post(BASE, json=words)
    assert (bare.status_code, bare.json()["code"]) == (400, "no-preserve")
    made = asking.post(BASE, json={**words, "preserve": PRESERVE})
    assert made.status_code == 201 and made.json()["preserve"]["authority"] == "Court", made.text
    one = f"{BASE}/{made.json()['id']}"
    a.parcel(b)
    item = seal_file(b"calls", "calls.csv", [Opener(name="Azman", key=KEY)], a.people.home().card.age)
    packed = [b64encode(write_file(item)).decode()]
    asked.post(f"{one}/messages", json={"verb": "accept"})
    for body, code in (
        ({"verb": "report", "text": "It was X."}, "no-content"),
        ({"verb": "report", "until": "2030-01-31", "text": "It was X."}, "no-content"),
        ({"verb": "report", "until": "2030-01-31", "items": packed}, "not-sealed-here"),
        ({"verb": "report"}, "bad-until"),
        ({"verb": "report", "until": "soon"}, "bad-until"),
        ({"verb": "report", "until": "2030-01-31", "route": [{"provider": "X", "state": "th"}]}, "bad-route"),
    ):
        refused = asked.post(f"{one}/messages", json=body)
        assert refused.status_code in (400, 409) and refused.json()["code"] == code, (body, refused.text)
    done = asked.post(f"{one}/preserved", json={"until": "2030-01-31"})
    assert done.status_code == 201 and done.json()["until"] == "2030-01-31T23:59:59.000000Z", done.text
    b.parcel(a)
    assert asking.get(BASE).json()["asking"][0]["until"].startswith("2030-01-31")
    longer = asking.post(f"{one}/longer", json={"until": "2030-05-31"})
    assert longer.json()["longer"].startswith("2030-05-31")
    standing = asked.get(f"{one}/preservation").json()
    assert standing["usual_days"] == 60 and standing["held"] == [] and "article 29" in standing["cites"]


def test_an_emergency_owes_its_basis(offices: Any) -> None:
    a, b, agreement = offices
    asking = a.program(Role.LEGAL)
    words = {"agreement": agreement, "to": b.party, "kind": "disclose", "title": "Where is it", "text": "One number."}
    calm = asking.post(BASE, json={**words, "ground": "A child is missing."})
    assert (calm.status_code, calm.json()["code"]) == (400, "bad-ground")
    made = asking.post(BASE, json={**words, "urgency": "emergency", "ground": "A child is missing."})
    assert made.status_code == 201 and made.json()["lacks_basis"] is False
    one = f"{BASE}/{made.json()['id']}"
    assert asking.post(f"{one}/basis", json={"basis": " "}).json()["code"] == "no-basis"
    filed = asking.post(f"{one}/basis", json={"basis": "Treaty, article 12"})
    assert filed.status_code == 201 and filed.json()["messages"][-1]["basis"] == "Treaty, article 12"
    act = asking.post(BASE, json={**words, "basis": "Treaty"}).json()["id"]
    assert asking.post(f"{BASE}/{act}/basis", json={"basis": "x"}).json()["code"] == "no-basis-owed"
