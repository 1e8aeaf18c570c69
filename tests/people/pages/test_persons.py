"""Pages of persons: only administrators let people in, and hand out no more than they have."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.people.pages.forms import ROLES

Face = Any


@pytest.fixture
def face(make_face: Callable[..., Face]) -> Face:
    return make_face("ministry.example", "Ministry of Examples")


ADMINISTRATION = ["/people", "/people/psn_x", "/people/psn_x/link", "/people/psn_x/active", "/people/tokens"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_open_these_doors(face: Face, role: Role) -> None:
    somebody = face.visitor(role)
    assert somebody.get("/people").status_code == 403
    assert all(somebody.post(path).status_code == 403 for path in ADMINISTRATION)


def test_nobody_is_sent_to_sign_in(face: Face) -> None:
    answer = face.visitor().get("/people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/people")


def test_inviting_shows_the_link_once(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR)
    answer = admin.post("/people", {"name": "Sok <b>", "roles": ["lead", "auditor"], "clearance": "amber+strict"})
    assert answer.status_code == 200 and "Sok &lt;b&gt;" in answer.text
    secret = re.search(r"http://ministry.example/sign-in/([\w-]+)", answer.text)[1]  # type: ignore[index]  # no match fails the test
    person = face.people.find_link_holder(secret)
    assert (person.roles, person.clearance) == ((Role.AUDITOR, Role.LEAD), TLP.AMBER_STRICT)
    listed = admin.get("/people").text
    assert "Sok &lt;b&gt;" in listed and secret not in listed


def test_what_is_wrong_with_an_invitation_is_said_at_the_field(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR, name="Chan")
    answer = admin.post("/people", {"name": "Chan", "clearance": "amber"})
    assert answer.status_code == 400
    assert "called that already" in answer.text and "at least one role" in answer.text
    assert [person.name for person in face.people.list_persons()] == ["Chan"]
    assert admin.post("/people", {"name": "X", "roles": ["lead"], "clearance": "purple"}).status_code == 400


def test_nobody_hands_out_more_than_they_have(face: Face) -> None:
    face.people.save_person("Director", (Role.LEAD,), TLP.RED, by="test")
    director = face.people.get_person("Director")
    admin = face.visitor(Role.ADMINISTRATOR, clearance=TLP.AMBER)
    assert admin.post("/people", {"name": "X", "roles": ["lead"], "clearance": "red"}).status_code == 403
    assert admin.post(f"/people/{director.id}/link").status_code == 403
    assert admin.post(f"/people/{director.id}", {"roles": ["lead"], "clearance": "green"}).status_code == 403
    token = {"party": "ministry.example", "role": "feed", "clearance": "red"}
    assert admin.post("/people/tokens", token).status_code == 403
    assert face.people.list_tokens() == [] and face.people.get_person("Director").clearance is TLP.RED


def test_deactivating_ends_everything_at_once_and_can_be_undone(face: Face) -> None:
    admin, somebody = face.visitor(Role.ADMINISTRATOR), face.visitor(Role.AUDITOR, name="Dara")
    person = face.people.get_person("Dara")
    secret = face.people.make_sign_in_link(person, by="test")
    assert somebody.get("/audit").status_code == 200
    admin.post(f"/people/{person.id}/active", {"active": "no"})
    assert somebody.get("/audit").status_code == 303 and face.people.find_link_holder(secret) is None
    assert admin.post(f"/people/{person.id}/link").status_code == 409
    # A change of role does not let anybody back in.
    admin.post(f"/people/{person.id}", {"roles": ["lead"], "clearance": "green"})
    assert not face.people.get_person("Dara").active
    admin.post(f"/people/{person.id}/active", {"active": "yes"})
    assert face.people.get_person("Dara").active and somebody.get("/audit").status_code == 303


def test_the_last_administrator_stays(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR, name="Chan")
    me = face.people.get_person("Chan")
    assert admin.post(f"/people/{me.id}/active", {"active": "no"}).status_code == 409
    assert admin.post(f"/people/{me.id}", {"roles": ["lead"], "clearance": "red"}).status_code == 409
    with pytest.raises(Refused):
        face.people.save_person("Chan", (Role.LEAD,), TLP.RED, by="test")
    face.visitor(Role.ADMINISTRATOR)
    assert admin.post(f"/people/{me.id}", {"roles": ["lead"], "clearance": "red"}).status_code == 303


def test_every_role_has_a_name_and_a_purpose() -> None:
    assert set(ROLES) == set(Role) and all(all(texts) for texts in ROLES.values())
