"""The matrix of roles: every door of the assembled node is tried by every role, and opens to those the table names."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from starlette.responses import PlainTextResponse

from inprocess import AppClient
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.door import machine, page
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node
from kouprey.node.matrix import list_rows
from kouprey.node.web import build_web
from kouprey.people.model import HOSTED, PERMISSIONS, Permission, Role, roles_with
from kouprey.people.service import People


def test_every_door_opens_to_the_roles_of_the_table_and_to_no_other(node: Node, request: pytest.FixtureRequest) -> None:
    """The guards are the real ones; only what stands behind them does nothing."""
    people, whole = node.services.get(People), build_web(node)
    # Half of the roles in each run of the tests, the others on the day after; with --long all.
    half = [role for place, role in enumerate(Role) if (place + datetime.now(UTC).toordinal()) % 2 == 0]
    roles = tuple(Role) if request.config.getoption("--long") else half
    rows = list_rows(whole.doors)
    assert len(rows) > 80

    def reached(request: Any) -> PlainTextResponse:
        return PlainTextResponse("reached")

    doors = [dataclasses.replace(door, endpoint=reached) for door in whole.doors]
    # Placeholders of a path hide the doors that come later; each door is tried under a path of its own.
    numbered = [dataclasses.replace(door, path=f"/{number}", name="") for number, door in enumerate(doors)]
    app = build_app(whole.site, numbered)
    wrong = []
    # A constituent's people have no role: to them open their own doors, and those that say so.
    for role in (None, "constituent", *roles):
        client = AppClient(app, base_url=node.settings.origin, follow_redirects=False)
        csrf = ""
        if role is not None:
            if isinstance(role, Role):
                person = people.save_person(f"A {role}", (role,), TLP.RED, by="test")
            else:
                person = people.add_hosted_person("bank.example", "Sok Dara", TLP.RED, by="test")
            cookie, _ = people.sign_in(people.make_sign_in_link(person, by="test"))
            client.cookies.set(whole.site.sessions.cookie, cookie)
            csrf = whole.site.sessions.csrf(cookie)
        headers = {"Origin": node.settings.origin, "X-CSRF-Token": csrf}
        for number, door in enumerate(doors):
            for row in list_rows([door]):
                answer = client.request(row.method, f"/{number}", headers=headers)
                opened = answer.status_code == 200 and answer.text == "reached"
                expected = row.needs is None and not row.hosted
                if isinstance(role, Role):
                    expected |= row.needs in PERMISSIONS[role]
                elif role is not None:
                    expected |= row.hosted or door.hosted
                turned_away = (303, 401) if role is None else (403,)
                if opened is not expected or not (opened or answer.status_code in turned_away):
                    wrong.append(f"{role}: {row.method} {row.path} {answer.status_code}")
    assert not wrong, wrong


def test_whoever_is_shut_out_stands_before_every_door_like_a_stranger(node: Node) -> None:
    people, whole = node.services.get(People), build_web(node)

    def reached(request: Any) -> PlainTextResponse:
        return PlainTextResponse("reached")

    doors = [dataclasses.replace(door, endpoint=reached) for door in whole.doors if not door.open]
    doors = [door for door in doors if door.roles != (HOSTED,)]
    app = build_app(
        whole.site, [dataclasses.replace(door, path=f"/{number}", name="") for number, door in enumerate(doors)]
    )
    person = people.save_person("Dara", (Role.ADMINISTRATOR,), TLP.RED, by="test")
    cookie, _ = people.sign_in(people.make_sign_in_link(person, by="test"))
    token, secret = people.create_token(people.home_id, Role.ADMINISTRATOR, TLP.RED, by="test")
    client = AppClient(app, base_url=node.settings.origin, follow_redirects=False)
    as_person = {
        "Origin": node.settings.origin,
        "X-CSRF-Token": whole.site.sessions.csrf(cookie),
        "Cookie": f"{whole.site.sessions.cookie}={cookie}",
    }
    as_program = {"Origin": node.settings.origin, "Authorization": f"Bearer {secret}"}

    def tries(headers: dict[str, str]) -> set[int]:
        return {client.request(door.methods[0], f"/{n}", headers=headers).status_code for n, door in enumerate(doors)}

    assert tries(as_person) == {200}
    people.set_active(person, False, by="test")
    people.change_token(token.user, active=False, by="test")
    assert tries(as_person) == tries(as_program) == {303, 401}


def test_a_token_of_a_partner_opens_no_page_of_ours(node: Node) -> None:
    """Not even one that every role may open: ledger, quarantine and agreements name other partners."""
    people, whole = node.services.get(People), build_web(node)
    token, secret = people.create_token(people.home_id, Role.FEED, TLP.RED, by="test")

    def of_a_partner(request: Any) -> Identity | None:
        identity = whole.site.authenticate(request)
        return identity and msgspec.structs.replace(
            identity, reader=Reader(party="operator.example", clearance=TLP.RED)
        )

    pages = [door for door in whole.doors if door.kind == "page" and not door.open]
    site = dataclasses.replace(whole.site, authenticate=of_a_partner)
    app = build_app(site, [dataclasses.replace(door, path=f"/{number}", name="") for number, door in enumerate(pages)])
    client = AppClient(app, base_url=node.settings.origin, follow_redirects=False)
    for number, door in enumerate(pages):
        headers = {"Authorization": f"Bearer {secret}", "Origin": node.settings.origin}
        answer = client.request(door.methods[0], f"/{number}", headers=headers)
        assert answer.status_code == 403, (door.path, token.user)


def test_a_door_that_does_not_say_who_may_open_it_fails() -> None:
    def nothing(request: Any) -> PlainTextResponse:
        return PlainTextResponse("")

    for door in (
        page("/x", nothing),
        machine("/x", nothing, "POST"),
        page("/x", nothing, roles=("lead", "trainer")),
        page("/x", nothing, open=True, roles=roles_with(Permission.READ)),
    ):
        with pytest.raises(ValueError, match="/x"):
            list_rows([door])
