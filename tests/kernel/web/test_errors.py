"""Failures as answers: pages, problems, another protocol's form; a bug tells nothing but its number."""

import logging
from collections.abc import Callable

import pytest

from inprocess import AppClient

MakeClient = Callable[..., AppClient]


def test_page(client: AppClient) -> None:
    answer = client.get("/damaged")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "It is &lt;b&gt;broken&lt;/b&gt;." in answer.text
    assert "100% of it." in answer.text and "Mend it." in answer.text
    assert answer.headers["x-request-id"] in answer.text


def test_problem(client: AppClient) -> None:
    answer = client.get("/api/v1/damaged")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "It is <b>broken</b>.",
        "status": 400,
        "detail": "100% of it.",
        "remedy": "Mend it.",
        "code": "fell",
        "height": 3,
        "request": answer.headers["x-request-id"],
    }


def test_a_protocol_of_its_own(client: AppClient) -> None:
    answer = client.get("/taxii2/damaged")
    assert answer.status_code == 400
    assert answer.json() == {"title": "It is <b>broken</b>.", "error_code": "fell"}


@pytest.mark.parametrize("path", ["/crash", "/api/v1/crash"])
def test_bugs_are_logged_and_not_shown(client: AppClient, path: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "kouprey.web"):
        answer = client.get(path)
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text and "secret of the trace" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text and "secret of the trace" in caplog.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/link/v1/nothing", "/taxii2/nothing"])
def test_nothing_there(client: AppClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    kind = "text/html" if path == "/nothing" else "application/problem+json"
    assert answer.headers["content-type"].startswith(kind)


def test_nothing_there_keeps_the_navigation(make_client: MakeClient) -> None:
    assert 'href="/echoed"' in make_client("dara").get("/nothing").text
    assert 'href="/echoed"' not in make_client().get("/nothing").text


def test_wrong_method(client: AppClient) -> None:
    answer = client.post("/api/v1/damaged")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert client.delete("/damaged").status_code == 405


def test_wrong_method_is_told_by_the_door_and_says_what_is_allowed(client: AppClient) -> None:
    page, machine = client.put("/damaged"), client.put("/taxii2/damaged")
    assert page.headers["allow"] == machine.headers["allow"] == "GET, HEAD"
    assert page.headers["content-type"].startswith("text/html")
    assert machine.json() == {"title": "That cannot be done here.", "error_code": "method-not-allowed"}


def test_a_command_to_type_is_shown_as_one(client: AppClient) -> None:
    assert "Run <code>kouprey doctor</code>." in client.get("/typed").text
    assert client.get("/api/v1/typed").json()["remedy"] == "Run `kouprey doctor`."


def test_what_the_heading_says_is_not_said_again(make_client: MakeClient) -> None:
    text = make_client("dara").get("/administration").text
    assert "That is not open to you" in text and "This is not open to you" not in text
