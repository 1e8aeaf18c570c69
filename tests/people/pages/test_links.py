"""Links on the page of people, and a role that is led to set up its second factor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Face = Any


@pytest.fixture
def face(make_face: Callable[..., Face]) -> Face:
    return make_face("ministry.example", "Ministry of Examples")


def test_a_link_is_listed_taken_back_and_made_anew(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR, name="Boss")
    made = admin.post("/people", {"name": "Dara", "roles": "analyst", "clearance": "amber"}).text
    found = re.search(r"/sign-in/([\w-]{20,})", made)
    assert found is not None
    page = admin.get("/people").text
    held = next(each for each in face.people.list_invitations() if each.person.name == "Dara")
    assert f"/people/links/{held.id}/revoke" in page and found[1] not in page and "Boss" in page
    assert admin.post(f"/people/links/{held.id}/revoke").status_code == 303
    assert face.people.find_link_holder(found[1]) is None
    assert admin.post(f"/people/links/{held.id}/revoke").status_code == 303  # a second press does no harm
    assert "/sign-in/" in admin.post(f"/people/links/{held.id}/renew").text
    assert admin.post("/people/links/none/renew").status_code == 404


def test_a_role_that_needs_a_factor_sees_nothing_else_first(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR)
    face.people.demand_second_factor(frozenset({Role.ADMINISTRATOR}))
    led = admin.get("/people")
    assert (led.status_code, led.headers["location"]) == (303, "/me")
    assert "needs a second factor" in admin.get("/me").text
    assert admin.post("/people", {"name": "X", "roles": "analyst", "clearance": "clear"}).status_code == 403
    assert admin.get("/audit").status_code == 303
    assert admin.post("/sign-out").status_code == 303
    assert face.visitor(Role.ANALYST).get("/people").status_code == 403


def test_an_administrator_forgets_a_lost_factor(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR)
    dara = face.people.save_person("Dara", (Role.ANALYST,), TLP.AMBER, by="test")
    assert admin.post(f"/people/{dara.id}/factor").headers["location"] == f"/people/{dara.id}"
    assert face.visitor(Role.LEAD).post(f"/people/{dara.id}/factor").status_code == 403
