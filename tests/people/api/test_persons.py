"""Persons by programs: let in, changed, shut out; nobody beyond what the program itself may."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.people.api import granting, persons
from kouprey.people.model import Permission, Role

NEW = {"name": "Sophea", "roles": ["analyst"], "clearance": "amber"}


def test_from_letting_in_to_shutting_out(programs: Any) -> None:
    admin = programs.client()
    made = admin.post("people", json=NEW)
    assert made.status_code == 201 and made.json()["roles"] == ["analyst"]
    one = f"people/{made.json()['id']}"
    assert admin.post("people", json=NEW).json()["code"] == "name-taken"
    link = admin.post(f"{one}/links")
    assert link.status_code == 201 and "/sign-in/" in link.json()["url"]
    secret = link.json()["url"].rpartition("/")[2]
    (listed,) = [e for e in admin.get("links").json()["links"] if e["person"] == made.json()["id"]]
    assert secret not in admin.get("links").text
    again = admin.post(f"links/{listed['id']}/renewal")
    assert again.status_code == 201 and again.json()["url"] != link.json()["url"]
    assert admin.delete(f"links/{listed['id']}").status_code == 409, "the one before ended with the new one"
    open_one = next(
        e for e in admin.get("links").json()["links"] if not e["revoked"] and e["person"] == listed["person"]
    )
    assert admin.delete(f"links/{open_one['id']}").json()["revoked"]
    changed = admin.patch(one, json={"roles": ["lead", "analyst"], "clearance": "green"}).json()
    assert (changed["roles"], changed["clearance"]) == (["analyst", "lead"], "green")
    assert admin.patch(one, json={"active": False}).json()["active"] is False
    assert admin.post(f"{one}/links").status_code == 409
    assert admin.patch(one, json={"active": True}).json()["active"] is True
    assert admin.delete(f"{one}/factor").json()["has_factor"] is False
    assert any(each["name"] == "Sophea" for each in admin.get("people").json()["people"])
    assert admin.get("people/psn_nobody").status_code == 404
    assert callable(persons.doors)


@pytest.mark.parametrize(
    "wrong",
    [{"roles": []}, {"roles": ["king"]}, {"clearance": "purple"}, {"name": ""}, {"more": 1}],
)
def test_what_is_no_person(programs: Any, wrong: dict[str, Any]) -> None:
    answer = programs.client().post("people", json={**NEW, **wrong})
    assert answer.status_code == 400 and "field" in answer.json()


def test_nobody_lets_in_more_than_he_is(programs: Any) -> None:
    low = programs.client(Role.ADMINISTRATOR, TLP.AMBER)
    assert low.post("people", json={**NEW, "clearance": "red"}).json()["code"] == "above-clearance"
    red = programs.people.save_person("Red", (Role.ANALYST,), TLP.RED, by="test")
    for answer in (
        low.patch(f"people/{red.id}", json={"active": False}),
        low.patch(f"people/{red.id}", json={"clearance": "green"}),
        low.post(f"people/{red.id}/links"),
    ):
        assert answer.status_code == 403
    secret = programs.people.create_token(
        programs.home, Role.ADMINISTRATOR, TLP.RED, by="test", verbs=(Permission.PEOPLE, Permission.READ)
    )[1]
    narrow = programs.client()
    narrow.headers["Authorization"] = f"Bearer {secret}"
    assert narrow.get("people").status_code == 200
    assert narrow.post("people", json=NEW).json()["code"] == "beyond-own-rights", "an analyst writes, this one may not"
    assert narrow.post("people", json={**NEW, "roles": ["trainer"]}).status_code == 201
    for role in (Role.ANALYST, Role.AUDITOR, Role.LIAISON):
        assert programs.client(role).get("people").status_code == 403
    programs.people.trust(programs.card(programs.partner), by="test")
    stranger = programs.client(Role.ADMINISTRATOR, party=programs.partner)
    assert stranger.get("people").status_code == stranger.get("links").status_code == 403
    assert callable(granting.granter)
