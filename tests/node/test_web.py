"""The web face: who stands before a door, and that whoever is shut out is out at once."""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Callable

import msgspec
import pytest

from inprocess import AppClient
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node
from kouprey.node.web import _navigation, build_web
from kouprey.people.model import HOSTED, Permission, Person, Role
from kouprey.people.service import People

MACHINE = "/taxii2/api/"
PAGE = "/people"


@pytest.fixture
def people(node: Node) -> People:
    return node.services.get(People)


@pytest.fixture
def browser(node: Node) -> Callable[[], AppClient]:
    app = build_web(node)
    origin = node.settings.origin

    def make() -> AppClient:
        return AppClient(app, base_url=origin, follow_redirects=False, headers={"Origin": origin})

    return make


def sign_in(client: AppClient, people: People, person: Person) -> AppClient:
    assert client.post(f"/sign-in/{people.make_sign_in_link(person, by='test')}").status_code == 303
    return client


def basic(user: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()}


def test_nobody_sees_the_way_in_and_nothing_else(browser: Callable[[], AppClient]) -> None:
    client = browser()
    for path in (PAGE, "/", "/intelligence", "/agreements", "/ledger", "/partners"):
        answer = client.get(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in"), path
    assert client.get(MACHINE).status_code == 401
    assert client.get("/sign-in").status_code == 200


def test_a_session_signs_in_and_ends_with_its_person(browser: Callable[[], AppClient], people: People) -> None:
    person = people.save_person("Rith", (Role.ADMINISTRATOR,), TLP.RED, by="test")
    client = sign_in(browser(), people, person)
    assert client.get(PAGE).status_code == 200
    people.set_active(person, False, by="test")
    assert client.get(PAGE).status_code == 303, "out with the next request"
    people.set_active(person, True, by="test")
    assert client.get(PAGE).status_code == 303, "whoever is let in again signs in again"


def test_a_session_is_nobody_elses(browser: Callable[[], AppClient], people: People, node: Node) -> None:
    client = browser()
    for cookie in ("", "x" * 43, "' OR 1=1 --", people.list_persons()[0].id):
        client.cookies.set("kouprey-00000000", cookie)
        for name in sign_in_cookies(node):
            client.cookies.set(name, cookie)
        assert client.get(PAGE).status_code == 303


def sign_in_cookies(node: Node) -> list[str]:
    """The name of the session's cookie, as the node sets it."""
    people = node.services.get(People)
    client = AppClient(build_web(node), base_url=node.settings.origin, headers={"Origin": node.settings.origin})
    sign_in_answer = client.post(
        f"/sign-in/{people.make_sign_in_link(people.list_persons()[0], by='test')}", follow_redirects=False
    )
    return [cookie.name for cookie in sign_in_answer.cookies.jar if not cookie.name.endswith("-notice")]


def test_what_one_may_do_follows_the_roles(browser: Callable[[], AppClient], people: People) -> None:
    analyst = people.save_person("Dara", (Role.ANALYST,), TLP.GREEN, by="test")
    client = sign_in(browser(), people, analyst)
    assert client.get("/intelligence").status_code == 200
    assert client.get(PAGE).status_code == 403
    people.save_person("Dara", (Role.ANALYST, Role.ADMINISTRATOR), TLP.GREEN, by="test")
    assert client.get(PAGE).status_code == 200, "roles are asked anew with each request"


def test_a_token_is_taken_as_basic_and_as_bearer(browser: Callable[[], AppClient], people: People) -> None:
    token, secret = people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="test")
    client = browser()
    good = [basic(token.user, secret), {"Authorization": f"Bearer {secret}"}, {"Authorization": f"bearer {secret}"}]
    for headers in good:
        assert client.get(MACHINE, headers=headers).status_code == 200, headers
    bad = [
        basic("tok_other", secret),
        basic(token.user, secret + "x"),
        basic(token.user, ""),
        {"Authorization": "Basic ????"},
        {"Authorization": f"Bearer {token.user}"},
        {"Authorization": f"Digest {secret}"},
        {"Authorization": "Bearer"},
        {"Authorization": ""},
    ]
    for headers in bad:
        assert client.get(MACHINE, headers=headers).status_code == 401, headers


def test_a_revoked_token_is_dead_at_once(browser: Callable[[], AppClient], people: People) -> None:
    token, secret = people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="test")
    client, headers = browser(), basic(token.user, secret)
    assert client.get(MACHINE, headers=headers).status_code == 200
    people.change_token(token.user, active=False, by="test")
    assert client.get(MACHINE, headers=headers).status_code == 401
    people.change_token(token.user, active=True, by="test")
    assert client.get(MACHINE, headers=headers).status_code == 200


def test_an_authorization_that_fails_is_not_saved_by_a_session(
    browser: Callable[[], AppClient], people: People
) -> None:
    client = sign_in(browser(), people, people.list_persons()[0])
    assert client.get(PAGE).status_code == 200
    assert client.get(PAGE, headers={"Authorization": "Bearer wrong"}).status_code == 303


def test_a_token_has_the_rights_of_its_role_alone(browser: Callable[[], AppClient], people: People) -> None:
    token, secret = people.create_token(people.home_id, Role.FEED, TLP.RED, by="test")
    assert browser().get(PAGE, headers=basic(token.user, secret)).status_code == 403


def test_a_token_bound_to_a_collection_opens_nothing_else(browser: Callable[[], AppClient], people: People) -> None:
    bound, secret = people.create_token(people.home_id, Role.FEED, TLP.RED, collections=("main",), by="test")
    client, headers = browser(), basic(bound.user, secret)
    assert client.get(MACHINE, headers=headers).status_code == 200
    assert client.get("/intelligence", headers=headers).status_code == 403


def test_a_token_narrowed_to_a_verb_opens_the_doors_of_that_verb(node: Node, people: People) -> None:
    narrowed, secret = people.create_token(
        people.home_id, Role.ADMINISTRATOR, TLP.RED, by="test", verbs=[Permission.AUDIT]
    )
    client, headers = AppClient(build_web(node), base_url=node.settings.origin), basic(narrowed.user, secret)
    assert client.get("/audit", headers=headers).status_code == 200
    for path in ("/people", "/intelligence", "/metrics", "/taxii2/"):
        assert client.get(path, headers=headers).status_code == 403
    people.change_token(narrowed.user, by="test", verbs=[Permission.READ])
    assert client.get("/audit", headers=headers).status_code == 403
    assert client.get("/intelligence", headers=headers).status_code == 200


def test_other_names_are_refused(node: Node) -> None:
    app = build_web(node)
    for host in ("http://evil.example", "http://127.0.0.1:9999"):
        assert AppClient(app, base_url=host).get("/sign-in").status_code == 403
    for host in ("http://127.0.0.1:8420", "http://localhost:8420"):
        assert AppClient(app, base_url=host).get("/sign-in").status_code == 200


def test_two_nodes_on_one_host_do_not_share_cookies(node: Node, tmp_path_factory: pytest.TempPathFactory) -> None:
    [name] = sign_in_cookies(node)
    assert name.startswith("kouprey-") and len(name) == len("kouprey-") + 8


def test_forms_are_signed_with_the_nodes_own_secret(node: Node, people: People) -> None:
    def csrf(client: AppClient) -> str:
        page = client.get(PAGE)
        assert page.status_code == 200
        return page.text.partition('name="csrf" value="')[2].partition('"')[0]

    cookie, _ = people.sign_in(people.make_sign_in_link(people.list_persons()[0], by="test"))
    [name] = sign_in_cookies(node)
    seen = set()
    for secret in (b"a" * 32, b"b" * 32):
        node.services.put(dataclasses.replace(node.services.get(Keyring), cookie=secret))
        client = AppClient(build_web(node), base_url=node.settings.origin)
        client.cookies.set(name, cookie)
        seen.add(csrf(client))
    assert len(seen) == 2 and "" not in seen


def test_the_story_is_told_only_where_there_is_one(node: Node) -> None:
    def asked(path: str) -> int:
        return AppClient(build_web(node), base_url=node.settings.origin, follow_redirects=False).get(path).status_code

    assert asked("/story") == 404
    node.settings = msgspec.structs.replace(node.settings, story=True)
    assert asked("/story") == 200
    # It lets anybody in, so it is never told where others than this machine could listen.
    for listen in ("0.0.0.0:8420", "192.0.2.1:8420", "cert.example:8420", "[::]:8420"):
        node.settings = msgspec.structs.replace(node.settings, listen=listen, url="http://127.0.0.1:8420")
        assert asked("/story") == asked("/story/at?to=/") == 404, listen
    for listen in ("localhost:8420", "[::1]:8420"):
        node.settings = msgspec.structs.replace(node.settings, listen=listen, url="http://127.0.0.1:8420")
        assert asked("/story") == 200, listen


def test_every_place_of_the_navigation_is_open_to_an_administrator(
    browser: Callable[[], AppClient], people: People, node: Node
) -> None:
    client = sign_in(browser(), people, people.list_persons()[0])
    places = _navigation(node)
    assert [place.path for place in places[:2]] == ["/setup", "/"] and len({place.path for place in places}) == len(
        places
    )
    for place in places:
        # Those of constituents are not shown to our own people.
        expected = 403 if place.roles == (HOSTED,) else 200
        assert client.get(place.path).status_code == expected, place.path


def test_language_and_theme_follow_somebody_to_another_browser(
    browser: Callable[[], AppClient], people: People
) -> None:
    dara = people.save_person("dara", (Role.ANALYST,), TLP.AMBER, by="test")
    first, second = sign_in(browser(), people, dara), sign_in(browser(), people, dara)
    csrf = re.findall(r'name="csrf" value="([^"]+)"', first.get("/").text)[0]
    assert first.post("/look", data={"language": "km", "theme": "dark", "csrf": csrf}).status_code == 303
    assert '<html lang="km" data-theme="dark">' in second.get("/").text
    # Only what is theirs: without signing in, and for somebody else, a browser's wish counts.
    assert '<html lang="en">' in browser().get("/sign-in").text
    assert first.post("/look", data={"language": "en"}).status_code == 403


def test_letters_are_shortcuts_until_somebody_turns_them_off(browser: Callable[[], AppClient], people: People) -> None:
    client = sign_in(browser(), people, people.save_person("dara", (Role.ANALYST,), TLP.AMBER, by="test"))
    page = client.get("/keys").text
    assert 'data-keys="/keys"' in page and "<kbd>g</kbd> <kbd>i</kbd>" in page
    # Whoever may not go there is not told the way.
    assert "<kbd>g</kbd> <kbd>h</kbd>" not in page and 'data-go="h"' not in page
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    client.post("/look", data={"keys": "off", "csrf": csrf})
    page = client.get("/keys").text
    assert "data-keys" not in page and "Turn them on" in page and "data-focus-key" not in page
    # As a dialog it is the same without the frame.
    part = client.get("/keys", headers={"X-Fragment": "yes"}).text
    assert "<html" not in part and "Turn them on" in part


def test_no_two_places_have_the_same_key(node: Node) -> None:
    keys = [item.key for item in _navigation(node) if item.key]
    assert len(keys) == len(set(keys)) and {"o", "i", "p", "a", "l"} <= set(keys)


def test_no_two_parts_share_a_door(node: Node) -> None:
    """Two capabilities that never heard of each other may take the same address; the first would hide the other."""
    taken: dict[tuple[str, str], str] = {}
    for door in build_web(node).doors:
        shape = re.sub(r"\{[^}]*\}", "{}", door.path)
        for method in door.methods:
            assert (shape, method) not in taken, f"{method} {door.path} hides or is hidden by {taken[shape, method]}"
            taken[shape, method] = door.path
