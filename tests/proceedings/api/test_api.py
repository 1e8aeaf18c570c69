"""Dossiers over the interface: the same verbs, for the session of a person; a program belongs to none."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

from inprocess import AppClient
from kouprey.kernel.seal.items import open_item
from kouprey.kernel.words.time import DAY, format_instant
from kouprey.kernel.words.tlp import TLP
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.proceedings import api
from kouprey.proceedings.model import Handed
from kouprey.proceedings.service import wrap_again
from kouprey.proceedings.wire import write_grants
from proceedings.conftest import BASIS, HERE, NAME, PLAIN

BASE = "/api/v1/dossiers"


def hand_in(visitor: Any, path: str, raw: bytes) -> Any:
    headers = {"X-CSRF-Token": visitor.csrf, "Origin": HERE, "Content-Type": "application/octet-stream"}
    return visitor.client.post(path, content=raw, headers=headers)


def test_from_the_opening_to_the_proof(bureau: Any) -> None:
    bopha, azman = bureau.person("Bopha", key=False), bureau.person("Azman", Role.ANALYST)
    legal, reader = bureau.visitor(bopha), bureau.visitor(azman)
    assert legal.send(f"{BASE}/key", key="x").json()["code"] == "bad-key"
    keys = legal.send(f"{BASE}/key", key=bopha.key)
    assert (keys.status_code, keys.json()["keys"][0]["key"]) == (201, bopha.key)
    assert legal.client.get(f"{BASE}/key").json() == keys.json()
    assert reader.send(BASE, why="x").json()["code"] == "role-missing"
    made = legal.send(BASE, why="Order 12")
    assert made.status_code == 201
    one = f"{BASE}/{made.json()['id']}"
    assert reader.client.get(one).status_code == 404
    added = legal.send(f"{one}/acts", do="add-member", person=azman.id, why="reads")
    assert added.status_code == 200, added.text
    item = hand_in(legal, f"{one}/items", bureau.sealed(PLAIN, bopha, azman).getvalue())
    assert item.status_code == 201, item.text
    assert hand_in(legal, f"{one}/items", b"{}").status_code == 400
    place = f"{one}/items/{item.json()['id']}"
    assert reader.send(f"{place}/release", purpose="court").json()["code"] == "no-basis"
    released = reader.send(f"{place}/release", purpose="court", basis=BASIS)
    assert released.status_code == 201
    body = reader.client.get(f"{place}/body").content
    assert open_item(body, b64decode(released.json()["box"]), azman.secret) == (NAME, PLAIN)
    shown = legal.client.get(one).json()
    assert [each["act"] for each in shown["events"]] == ["open", "add-member", "seal", "release"]
    assert shown["releases"][0]["basis"] == BASIS and shown["through"] == bureau.dossiers.through()
    assert legal.client.get(BASE).json()["dossiers"][0]["items"] == 1
    assert legal.client.get(f"{place}/proof?event=2").json()["events"][0]["position"] == 2
    assert legal.client.get(f"{place}/proof").status_code == 200
    assert legal.client.get(f"{one}/ledger").json()["format"] == "kouprey-custody-ledger/1"
    assert b64decode(legal.client.get(f"{place}/custody?language=km").json()["pdf"]).startswith(b"%PDF")


def test_acts_and_what_bars_them(bureau: Any) -> None:
    bopha, azman = bureau.person("Bopha"), bureau.person("Azman", Role.ANALYST)
    legal, dossier = bureau.visitor(bopha), bureau.dossier(bopha, azman)
    item = bureau.item(dossier, bopha).id
    one, place = f"{BASE}/{dossier}", f"{BASE}/{dossier}/items/{item}"
    review = format_instant(bureau.now() + DAY)
    words = {"why": "the court", "scope": "all"}
    assert legal.send(f"{one}/acts", do="hold", review="soon", **words).json()["code"] == "bad-time"
    assert legal.send(f"{one}/acts", do="hold", review=review, **words).status_code == 200
    assert legal.send(f"{place}/acts", do="dispose", ground="over").json()["code"] == "held"
    hold = legal.client.get(one).json()["holds"][0]["id"]
    assert legal.send(f"{one}/acts", do="lift-hold", hold=hold, why="over").status_code == 200
    assert legal.send(f"{place}/acts", do="state", act="collect", text="from the rack").status_code == 200
    assert legal.send(f"{place}/acts", do="offer", person=azman.id, why="laboratory").json()["offered"] == azman.id
    sha256 = legal.client.get(place).json()["sha256"]
    taken = bureau.visitor(azman).send(f"{place}/acts", do="receive", sha256=sha256)
    assert taken.json()["holder"] == azman.id
    assert legal.send(f"{place}/acts", do="withhold", ground="a witness").json()["disclosure"] == "withheld"
    assert legal.send(f"{place}/acts", do="disclose").json()["disclosure"] == "disclosed"
    key = Handed(name="Azman", key=azman.key, box=b"")
    through = bureau.dossiers.through()
    raw = write_grants(wrap_again(bureau.release(bopha, dossier, item), bopha.secret, [key], through))
    assert legal.send(f"{place}/grants", grants="%", why="joins").json()["code"] == "bad-item"
    assert legal.send(f"{place}/grants", grants=b64encode(raw).decode(), why="joins").status_code == 201
    urgent = legal.send(f"{place}/release", purpose="court", emergency=True, ground="it is wiped")
    assert urgent.status_code == 201 and legal.client.get(BASE).json()["dossiers"][0]["lacking"] == 1
    lacking = next(each for each in legal.client.get(one).json()["releases"] if not each["basis"])
    assert legal.send(f"{one}/acts", do="file-basis", release=lacking["id"], basis=BASIS).status_code == 200
    assert legal.send(f"{place}/acts", do="dispose", ground="over").json()["disposed"]
    assert legal.send(f"{one}/acts", do="remove-member", person=azman.id, why="left").json() == {"fetched": []}
    given = {"agreement": "0" * 64, "party": "b.example", "grants": b64encode(raw).decode()}
    assert legal.send(f"{place}/given", purpose="court", basis="MLA", **given).status_code == 404


def test_no_program_and_no_outsider_learns_anything(bureau: Any) -> None:
    bopha = bureau.person("Bopha")
    dossier = bureau.dossier(bopha)
    item = bureau.item(dossier, bopha).id
    web = build_web(bureau.node)
    admin = bureau.visitor(bureau.person("Root", Role.ADMINISTRATOR, Role.LEGAL, Role.AUDITOR)).client
    secret = bureau.people.create_token(bureau.party, Role.ADMINISTRATOR, TLP.RED, by="test")[1]
    program = AppClient(web, base_url=HERE, headers={"Authorization": f"Bearer {secret}"}, follow_redirects=False)
    one = f"{BASE}/{dossier}"
    for client in (admin, program):
        assert client.get(BASE).json() == {"dossiers": []}
        for door in api.routes(bureau.node.services):
            if "GET" in door.methods and "{dossier}" in door.path:
                path = door.path.replace("{dossier}", dossier).replace("{piece}", item)
                nowhere = door.path.replace("{dossier}", "dos_0").replace("{piece}", "itm_0")
                hidden, missing = client.get(path), client.get(nowhere)
                assert hidden.status_code == missing.status_code == 404, path
                assert hidden.json()["detail"] == missing.json()["detail"]
        told = client.get("/api/v1/audit").text + client.get("/metrics").text
        assert dossier not in told and item not in told and "dossier.open" not in told
    assert program.post(f"{one}/acts", json={"do": "lift-hold", "why": "x"}).status_code == 404
    assert program.get(f"{BASE}/key").status_code == 403
