"""Logs: a line per event that a machine can read, text for a terminal, and no credential in either."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from inprocess import AppClient
from kouprey.kernel.seal.keys import token
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node, load
from kouprey.node.capabilities import CAPABILITIES
from kouprey.node.logs import JsonLines, Readable, set_up, without_secrets
from kouprey.node.settings import Settings
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.people.service import People


@pytest.fixture
def logged() -> Iterator[Callable[..., io.StringIO]]:
    root, own = logging.getLogger(), logging.getLogger("kouprey")
    before, level = list(root.handlers), own.level

    def begin(**settings: str) -> io.StringIO:
        out = io.StringIO()
        set_up(Settings(log_level="info", **settings), out)  # type: ignore[arg-type]  # words
        return out

    yield begin
    root.handlers[:] = before
    own.setLevel(level)


def test_each_event_is_one_line_with_its_request(node: Node, logged: Callable[..., io.StringIO]) -> None:
    out = logged()
    client = AppClient(build_web(node), base_url=node.settings.origin)
    answer = client.get("/healthz")
    (line,) = [json.loads(each) for each in out.getvalue().splitlines() if "kouprey.web" in each]
    assert line["request"] == answer.headers["x-request-id"]
    assert (line["route"], line["status"], line["method"], line["level"]) == ("/healthz", 200, "GET", "info")


def test_a_failure_is_one_line_with_its_trace_and_the_number_on_the_page(
    node: Node, logged: Callable[..., io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = logged(log_form="json")

    def fails(*_: object) -> None:
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr(type(node.services.get(People)), "find_link_holder", fails)
    client = AppClient(build_web(node), base_url=node.settings.origin, raise_server_exceptions=False)
    secret = token()
    answer = client.get(f"/sign-in/{secret}")
    lines = [json.loads(each) for each in out.getvalue().splitlines()]
    (line,) = [each for each in lines if each["level"] == "error"]
    assert "RuntimeError: first\nsecond" in line["trace"] and "/sign-in/{secret} failed" in line["text"]
    assert answer.status_code == 500 and line["request"] in answer.text
    assert secret not in out.getvalue()


def test_a_terminal_gets_text() -> None:
    record = logging.LogRecord("kouprey", logging.INFO, "", 1, "answered", (), None)
    record.request = "ab"
    assert Readable().format(record).endswith("info    answered  request=ab")
    assert json.loads(JsonLines().format(record))["request"] == "ab"


@pytest.mark.parametrize(
    "text",
    [
        "a link {}",
        "/sign-in/{}?next=/",
        "postgresql://kouprey:{}@db.example/kouprey",
        "host=db password={} dbname=kouprey",
        "Authorization: Bearer {}",
        "AGE-SECRET-KEY-1{}",
    ],
)
def test_what_looks_like_a_credential_is_taken_out(text: str) -> None:
    secret = token()
    if text.startswith("AGE"):
        secret = secret.upper().replace("-", "A").replace("_", "B")
    told = without_secrets(text.format(secret))
    assert secret not in told and "[secret]" in told


def test_hashes_and_ids_stay() -> None:
    text = "lane 5f8a3b0e of indicator--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10, sha256 " + "ab" * 32
    assert without_secrets(text) == text


def test_no_door_lets_a_secret_into_the_log(
    node: Node, logged: Callable[..., io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every door is asked with secrets in each place a request has, real ones too; the second wall is taken down."""
    monkeypatch.setattr("kouprey.node.logs.without_secrets", str)
    out = logged(log_form="json")
    people = node.services.get(People)
    person = people.list_persons()[0]
    link = people.make_sign_in_link(person, by="test")
    cookie, _ = people.sign_in(people.make_sign_in_link(person, by="test"))
    held, secret = people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="test")
    canary = token()
    basic = base64.b64encode(f"{held.user}:{secret}".encode()).decode()
    web = build_web(node)
    client = AppClient(web, base_url=node.settings.origin, raise_server_exceptions=False, follow_redirects=False)
    # What would never end by itself ends at once.
    web.site.stopping.set()
    name = web.site.sessions._prefix  # type: ignore[attr-defined]  # not for others
    ways = [
        (canary, {"authorization": f"Bearer {secret}"}),
        (canary, {"authorization": f"Basic {basic}", "cookie": f"{name}={canary}"}),
        (link, {"cookie": f"{name}={cookie}", "x-canary": canary}),
    ]
    asked = 0
    for route in (each for branch in web._app.routes for each in branch.routes):  # type: ignore[attr-defined]  # not for others
        for method in sorted(route.methods - {"HEAD"}):
            for part, headers in ways:
                path = "/".join(part if each.startswith("{") else each for each in route.path.split("/"))
                form = (
                    {"data": dict.fromkeys(("link", "csrf", "next", "password", "present", "code", "secret"), canary)}
                    if method == "POST"
                    else {}
                )
                told = {"origin": node.settings.origin, **headers}
                client.request(method, f"{path}?code={canary}", headers=told, **form)  # type: ignore[arg-type]  # words
                asked += 1
    lines = out.getvalue()
    assert asked > 150 and lines.count('"text": "answered"') == asked
    for each in (link, cookie, secret, basic, canary):
        assert each not in lines


def test_no_secret_is_kept_as_it_was_given(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    """Password, code, links, cookies and tokens go through their doors; the files of the node hold none of them."""
    people, canary = node.services.get(People), token()
    web = build_web(node)
    client = AppClient(web, base_url=node.settings.origin, raise_server_exceptions=False, follow_redirects=False)
    person = people.list_persons()[0]
    link = people.make_sign_in_link(person, by="test")
    headers = {"origin": node.settings.origin}
    client.post(f"/sign-in/{link}", data={"next": "/"}, headers=headers)
    cookie = client.cookies[web.site.sessions.cookie]
    held = {"csrf": web.site.sessions.csrf(cookie)}
    password = f"four plain words {canary}"
    assert client.post("/me/password", data={**held, "password": password, "again": password}, headers=headers)
    assert people.has_password(person)
    app = client.post("/me/authenticator", data=held, headers=headers)
    shown = base64.b32encode(people.pending_secret(person) or b"").decode()
    assert app.status_code == 200 and shown in app.text
    client.post("/me/authenticator/confirm", data={**held, "code": canary}, headers=headers)
    for path, form in (
        ("/sign-in/password", {"name": person.name, "password": canary}),
        ("/sign-in/password", {"name": canary, "password": "x"}),
        ("/sign-in/code", {"ticket": canary, "code": canary}),
        ("/sign-in/passkey", {"answer": canary}),
        ("/sign-in", {"link": canary}),
    ):
        client.post(path, data=form, headers=headers)
    client.get(f"/sign-in/openid/return?code={canary}&state={canary}")
    made, secret = people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="test")
    _, rotated = people.rotate_token(made.user, by="test")
    client.cookies.clear()
    client.get("/taxii2/", headers={"authorization": f"Bearer {rotated}"})
    files = [file for file in node.data.rglob("*") if file.is_file() and file.parent.name != "keys"]
    assert any(file.name == "kouprey.db" for file in files)
    for file in files:
        raw = file.read_bytes()
        for each in (link, cookie, canary, password, shown, secret, rotated):
            assert each.encode() not in raw, file.name


def test_no_command_takes_a_secret_that_others_on_the_machine_could_see() -> None:
    """What stands behind a command is seen by everybody who lists processes."""
    seen = 0
    for plate in CAPABILITIES:
        for line in plate.commands:
            found = load(line.target)
            for command in [found, *getattr(found, "commands", {}).values()]:
                for param in command.params:
                    seen += 1
                    words = set((param.name or "").split("_"))
                    assert "file" in words or not {"password", "secret", "bearer", "code"} & words, param.name
    assert seen > 50
