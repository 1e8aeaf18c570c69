"""Nouns of people: what each role may do, and what a card says today."""

from __future__ import annotations

from kouprey.agreements.model import RELEASING_ROLES
from kouprey.people.model import (
    DEEDS,
    PERMISSIONS,
    Card,
    Permission,
    Role,
    permission_behind,
    permissions_of,
    roles_with,
)


def test_every_role_has_its_permissions_and_every_permission_a_role() -> None:
    assert set(PERMISSIONS) == set(Role)
    # Whoever watches over the machine sees no intelligence.
    assert [role for role, allowed in PERMISSIONS.items() if Permission.READ not in allowed] == [Role.OPERATOR]
    for permission in Permission:
        assert "administrator" in roles_with(permission)
    releasing = {role for role, allowed in PERMISSIONS.items() if Permission.RELEASE in allowed}
    assert releasing == {*RELEASING_ROLES, Role.ADMINISTRATOR}
    assert roles_with(Permission.AGREE) == ("liaison", "agreement-manager", "administrator", "may:agree")


def test_a_door_is_known_by_its_roles() -> None:
    assert {permission_behind(roles_with(permission)) for permission in Permission} == set(Permission)
    assert set(DEEDS) == set(Permission)
    assert permission_behind(("lead", "trainer")) is None and permission_behind(()) is None


def test_several_roles_may_do_what_any_of_them_may() -> None:
    both = {Permission.READ, Permission.WRITE, Permission.PROVE, Permission.AUDIT}
    assert permissions_of((Role.ANALYST, Role.AUDITOR)) == both
    assert permissions_of(()) == frozenset()


def test_a_program_gives_only_with_a_role_that_says_so() -> None:
    assert permissions_of((Role.FEED,)) == {Permission.READ}
    assert permissions_of((Role.CONTRIBUTOR,)) == {Permission.READ, Permission.WRITE}


def test_the_first_key_is_that_of_today() -> None:
    card = Card(
        party="a.example",
        name="A",
        serial=1,
        issued=0,
        root="r",
        nodes=("n1", "n2"),
        receipts=("c1", "c2"),
        ages=("a1", "a2"),
    )
    assert (card.node, card.receipt, card.age, card.urls) == ("n1", "c1", "a1", ())
