"""Sealed files over the interface for programs."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from kouprey.kernel.seal import box
from kouprey.people.model import Role
from kouprey.response.model.sealed import Opener
from kouprey.response.service.sealing import open_item, seal_file
from kouprey.response.wire.sealed import write_file

BASE = "/api/v1/handoffs"
SECRET, KEY = box.new_identity()


def test_asked_given_and_released(offices: Any) -> None:
    a, b, agreement = offices
    asking, asked = a.program(Role.LEGAL), b.program(Role.LEGAL)
    words = {"agreement": agreement, "to": b.party, "kind": "disclose", "title": "Who called", "text": "One number."}
    made = asking.post(BASE, json={**words, "basis": "Treaty", "readers": [{"name": "Azman", "key": KEY}]})
    assert made.status_code == 201, made.text
    assert made.json()["readers"] == [{"name": "Azman", "key": KEY}]
    one = f"{BASE}/{made.json()['id']}"
    a.parcel(b)
    asked.post(f"{one}/messages", json={"verb": "accept", "text": "We may."})
    item = seal_file(b"calls", "calls.csv", [Opener(name="Azman", key=KEY)], a.people.home().card.age)
    told = {"verb": "report", "text": "All.", "items": [b64encode(write_file(item)).decode()]}
    handoff = made.json()["id"]
    b.release(handoff, "All.", item)
    shown = {"sha256": item.sha256, "size": item.size, "keys": [KEY], "lacks_basis": False}
    assert asked.get(one).json()["messages"][-1]["items"] == [shown]
    assert asked.post(f"{one}/messages", json={**told, "items": ["e30="]}).status_code == 400
    own = asked.post(f"{one}/sealed/{item.sha256}/release", json={"key": KEY})
    assert (own.status_code, own.json()["code"]) == (409, "not-ours-to-release")
    b.parcel(a)
    body = asking.get(f"{one}/sealed/{item.sha256}").content
    released = asking.post(f"{one}/sealed/{item.sha256}/release", json={"key": KEY})
    assert released.status_code == 201
    assert open_item(body, b64decode(released.json()["box"]), SECRET) == ("calls.csv", b"calls")
    (written,) = asking.get(f"{one}/releases").json()["releases"]
    assert (written["sha256"], written["key"]) == (item.sha256, KEY) and written["person"]
    for role in (Role.ANALYST, Role.AUDITOR, Role.ADMINISTRATOR):
        program = a.program(role)
        for path in (f"{one}/sealed/{item.sha256}", f"{one}/releases", one):
            assert program.get(path).status_code in (403, 404), (role, path)
        assert program.post(f"{one}/sealed/{item.sha256}/release", json={"key": KEY}).status_code in (403, 404)


def test_basis_and_keys_are_asked_for(offices: Any) -> None:
    a, b, agreement = offices
    asking = a.program(Role.LEGAL)
    words = {"agreement": agreement, "to": b.party, "kind": "disclose", "title": "Who called", "text": "One number."}
    bare = asking.post(BASE, json=words)
    assert (bare.status_code, bare.json()["code"]) == (400, "no-basis")
    wrong = asking.post(BASE, json={**words, "basis": "Treaty", "readers": [{"name": "Azman", "key": "age1no"}]})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad-reader")
