"""What a device fetches: by which secret, and only when it is another file."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.protect.api.outlets import doors
from kouprey.protect.service import Protect
from protect.conftest import Indicate
from protect.devices import basic, device


def test_a_secret_opens_one_shield_and_nothing_else(programs: Any, protect: Protect, indicate: Indicate) -> None:
    officer = programs.client(Role.DUTY_OFFICER)
    indicate("[domain-name:value = 'evil.example']")
    for name in ("edge", "inner"):
        officer.post("shields", json={"name": name})
        waiting = officer.post(f"shields/{name}/compilation").json()
        officer.post(f"shields/{name}/approval", json={"serial": waiting["serial"]})
    made = officer.post("shields/edge/outlets", json={}).json()
    secret, outlet = made["secret"], made["outlet"]["id"]
    for headers in ({"Authorization": f"Bearer {secret}"}, {"Authorization": basic(secret)}):
        fetch = device(programs, **headers)
        assert fetch.get("/shields/edge/rpz.zone").status_code == 200
        told = fetch.get("/shields/inner/rpz.zone")
        assert told.status_code == 401 and "Basic" in told.headers["www-authenticate"]
        for path in ("/api/v1/shields", "/api/v1/shields/edge", "/api/v1/objects", "/taxii2/", "/protect"):
            assert fetch.get(path).status_code in (302, 303, 401), path
    for headers in ({}, {"Authorization": "Basic !!"}, {"Authorization": "Bearer "}, {"Authorization": "Digest x"}):
        assert device(programs, **headers).get("/shields/edge/names.txt").status_code == 401
    own = programs.people.create_token(programs.home, Role.ADMINISTRATOR, TLP.RED, by="test")[1]
    assert device(programs, Authorization=f"Bearer {own}").get("/shields/edge/names.txt").status_code == 401
    assert officer.post(f"shields/inner/outlets/{outlet}/end").json()["code"] == "unknown-outlet"
    assert officer.post(f"shields/edge/outlets/{outlet}/end").status_code == 204
    assert device(programs, Authorization=basic(secret)).get("/shields/edge/names.txt").status_code == 401
    other = officer.post("shields/inner/outlets", json={}).json()["secret"]
    officer.put("shields/inner", json={"retired": True})
    assert device(programs, Authorization=basic(other)).get("/shields/inner/names.txt").status_code == 401


def test_doors_let_a_secret_in_and_take_nothing(programs: Any) -> None:
    every = doors(programs.node.services)
    assert all(each.open and each.kind == "machine" and each.cap == 0 and each.methods == ("GET",) for each in every)


def test_a_file_is_told_apart_by_its_bytes_and_its_time(programs: Any, protect: Protect, indicate: Indicate) -> None:
    who = protect.operator()
    indicate("[domain-name:value = 'evil.example']")
    protect.add_shield(who, "edge", by="test")
    waiting = protect.compile(who, "edge", by="test")
    release = protect.approve(who, "edge", waiting.serial, by="test")
    secret = protect.add_outlet(who, "edge", by="test")[1]
    fetch = device(programs, Authorization=basic(secret))
    first = fetch.get("/shields/edge/rpz.zone")
    assert first.headers["etag"].strip('"') == next(e.sha256 for e in release.files if e.format == "rpz.zone")[:40]
    assert parsedate_to_datetime(first.headers["last-modified"]).timestamp() == release.made_at // SECOND
    assert fetch.head("/shields/edge/rpz.zone").headers["content-length"] == str(len(first.content))
    part = fetch.get("/shields/edge/rpz.zone", headers={"Range": "bytes=0-9"})
    assert part.status_code == 206 and part.content == first.content[:10]
    weak = {"If-None-Match": f'"x", W/{first.headers["etag"]}'}
    assert fetch.get("/shields/edge/rpz.zone", headers=weak).status_code == 304
    assert fetch.get("/shields/edge/names.txt", headers=weak).status_code == 200
