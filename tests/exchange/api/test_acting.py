"""What programs do with many objects: foresee, do, ask how far it is, and take it back."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Desk = Any
"""What conftest builds."""


def test_a_deed_is_foreseen_done_and_taken_back(either: Desk) -> None:
    either.keep(*(either.indicator(number) for number in range(1, 4)), tlp=TLP.GREEN)
    either.exchange.create_collection("feed", by="test")
    client = either.client()
    ids = [either.indicator(number)["id"] for number in range(1, 4)]
    asked = {"act": "collect", "ids": [*ids, "indicator--nowhere"], "collection": "feed"}
    foreseen = client.post("/deeds/preview", json=asked).json()
    assert foreseen["will"] == ids
    assert [(each["id"], each["because"][0]["code"]) for each in foreseen["wont"]] == [
        ("indicator--nowhere", "unknown-object")
    ]
    answer = client.post("/deeds", json=asked)
    deed = answer.json()
    assert answer.status_code == 201 and deed["ended"] and (deed["done"], deed["total"]) == (3, 4), deed
    listed = client.get("/objects", params={"collection": "feed"}).json()["objects"]
    assert {each["id"] for each in listed} == set(ids)
    assert client.get(f"/deeds/{deed['id']}").json() == deed
    back = client.post(f"/deeds/{deed['id']}/undo").json()
    assert back["ended"] and back["done"] == 3 and back["undoes"] == deed["id"]
    assert client.get("/objects", params={"collection": "feed"}).json()["objects"] == []
    assert client.post(f"/deeds/{deed['id']}/undo").json()["code"] == "undone-already"
    assert client.post(f"/deeds/{back['id']}/undo").json()["code"] == "not-undoable"
    assert client.get(f"/deeds/{deed['id']}").json()["undone_by"] == back["id"]
    assert either.client().get(f"/deeds/{deed['id']}").status_code == 404, "another program's"


def test_notes_come_with_the_ids_of_what_was_made(desk: Desk) -> None:
    desk.keep(desk.indicator(1), desk.indicator(2))
    client, ids = desk.client(), [desk.indicator(1)["id"], desk.indicator(2)["id"]]
    deed = client.post("/deeds", json={"act": "note", "ids": ids, "text": "Sinkholed."}).json()
    assert len(deed["made"]) == 2 and all(each.startswith("note--") for each in deed["made"])
    assert client.post(f"/deeds/{deed['id']}/continuation").json() == deed, "there is nothing to go on with"
    assert client.post("/deeds", json={"act": "note", "ids": ids}).json()["code"] == "no-text"
    assert client.post("/deeds", json={"act": "erase", "ids": ids}).status_code == 400
    assert client.post("/deeds", json={"act": "note", "ids": []}).status_code == 400


def test_a_program_does_with_many_what_it_may_do_with_one(desk: Desk) -> None:
    desk.keep(desk.indicator(1))
    asked = {"ids": [desk.indicator(1)["id"]], "text": "x"}
    for role, act, status in (
        (Role.AUDITOR, "note", 403),
        (Role.ANALYST, "note", 201),
        (Role.ANALYST, "hold", 403),
        (Role.LEGAL, "hold", 201),
    ):
        assert desk.client(role).post("/deeds", json={**asked, "act": act}).status_code == status, (role, act)
    assert desk.client(Role.AUDITOR).post("/deeds/preview", json={**asked, "act": "note"}).status_code == 403
    assert desk.client(party=desk.partner_id).post("/deeds/preview", json={**asked, "act": "note"}).status_code == 403


def test_the_last_days_are_told_with_the_overview(desk: Desk) -> None:
    desk.keep(desk.indicator(1), desk.indicator(2))
    days = desk.client().get("/overview").json()["days"]
    assert len(days) == 14 and days[-1]["by_source"] == {"test": 2} and days[0]["by_source"] == {}
