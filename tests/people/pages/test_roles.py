"""The page of roles says what the one table of rights says, to everybody who signs in."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from kouprey.people.model import PERMISSIONS, Permission, Role
from kouprey.people.pages.forms import ROLES
from kouprey.people.pages.roles import DEEDS, GROUPS


def test_every_role_and_every_permission_is_there_once() -> None:
    listed = [role for _, roles in GROUPS for role in roles]
    assert sorted(listed) == sorted(Role) and set(DEEDS) == set(Permission)


def test_the_ticks_are_those_of_the_table(make_face: Callable[..., Any]) -> None:
    face = make_face("ministry.example", "Ministry of Examples")
    page = html.unescape(face.visitor(Role.POLICY).get("/people/roles").text)
    assert page.count('class="yes"') == sum(len(PERMISSIONS[role]) for role in Role)
    for table, (_, roles) in zip(re.findall(r"<table.*?</table>", page, re.S), GROUPS, strict=True):
        heads = re.findall(r'<th scope="col" class="role(?: own)?"><span>([^<]+?)<', table)
        assert [each.strip() for each in heads] == [ROLES[role][0] for role in roles]
    assert "one of your roles" in page and 'class="role own"' in page
