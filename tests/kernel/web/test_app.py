"""What surrounds every answer: headers, names, health, the look form."""

from collections.abc import Callable

import pytest

from inprocess import AppClient

MakeClient = Callable[..., AppClient]
OWN = {"origin": "http://cert.example"}


@pytest.mark.parametrize("path", ["/", "/nothing", "/crash", "/healthz", "/api/v1/damaged", "/echoed"])
def test_headers_of_every_answer(client: AppClient, path: str) -> None:
    answer = client.get(path)
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    for source in ("script-src", "style-src", "font-src", "img-src", "form-action"):
        assert policy[source] == "'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "private, no-store"
    assert len(answer.headers["x-request-id"]) == 16
    assert "strict-transport-security" not in answer.headers


def test_protected_origin(make_client: MakeClient) -> None:
    client = make_client(origin="https://cert.example")
    assert "max-age" in client.get("/").headers["strict-transport-security"]
    changed = client.post("/look", data={"theme": "dark"}, headers={"origin": "https://cert.example"})
    assert changed.headers["set-cookie"].startswith("__Host-kouprey-ab12-theme=dark;")


def test_request_numbers_differ_and_are_ours(client: AppClient) -> None:
    numbers = {client.get("/healthz", headers={"x-request-id": "mine"}).headers["x-request-id"] for _ in range(5)}
    assert len(numbers) == 5 and "mine" not in numbers


def test_other_names_are_refused_except_for_health(client: AppClient) -> None:
    other = {"host": "10.0.0.7:8420"}
    assert client.get("/", headers=other).status_code == 403
    assert client.get("/healthz", headers=other).json() == {"status": "ok", "version": "1"}


def test_health_that_is_not(client: AppClient) -> None:
    answer = client.get("/down")
    assert (answer.status_code, answer.json()["code"]) == (503, "store-closed")


def test_look(client: AppClient) -> None:
    assert 'lang="en"' in client.get("/").text and "data-theme" not in client.get("/").text
    answer = client.post("/look", data={"language": "km", "next": "/echoed?a=b"}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/echoed?a=b")
    client.post("/look", data={"theme": "dark"}, headers=OWN)
    shown = client.get("/").text
    assert '<html lang="km" data-theme="dark">' in shown
    assert "រំលងទៅខ្លឹមសារ" in shown


def test_look_ignores_what_it_does_not_know(client: AppClient) -> None:
    answer = client.post("/look", data={"language": "xx", "theme": "<b>", "next": "//evil.example"}, headers=OWN)
    assert answer.headers["location"] == "/" and "set-cookie" not in answer.headers
    assert client.post("/look", data={"theme": "dark"}).status_code == 403


def test_browser_language(client: AppClient) -> None:
    assert '<html lang="km"' in client.get("/", headers={"accept-language": "km-KH,en;q=0.5"}).text
    assert '<html lang="en"' in client.get("/?lang=km").text


def test_notice_is_shown_once(make_client: MakeClient) -> None:
    client = make_client("dara")
    token = client.get("/").text.split('name="csrf" value="')[1].split('"')[0]
    answer = client.post("/save", data={"text": "<i>it</i>", "csrf": token}, headers=OWN)
    assert answer.status_code == 303
    assert "Saved &lt;i&gt;it&lt;/i&gt;." in client.get("/echoed").text
    assert "Saved" not in client.get("/echoed").text
