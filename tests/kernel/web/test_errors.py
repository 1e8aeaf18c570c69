"""Failures as answers: pages, problems, another protocol's form; a bug tells nothing but its number."""

import logging
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

MakeClient = Callable[..., TestClient]


def test_page(client: TestClient) -> None:
    answer = client.get("/damaged")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/html")
    assert "It is &lt;b&gt;broken&lt;/b&gt;." in answer.text
    assert "100% of it." in answer.text and "Mend it." in answer.text
    assert answer.headers["x-request-id"] in answer.text


def test_problem(client: TestClient) -> None:
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


def test_a_protocol_of_its_own(client: TestClient) -> None:
    answer = client.get("/taxii2/damaged")
    assert answer.status_code == 400
    assert answer.json() == {"title": "It is <b>broken</b>.", "error_code": "fell"}


@pytest.mark.parametrize("path", ["/crash", "/api/v1/crash"])
def test_bugs_are_logged_and_not_shown(client: TestClient, path: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "kouprey.web"):
        answer = client.get(path)
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text and "secret of the trace" not in answer.text
    assert answer.headers["x-request-id"] in caplog.text and "secret of the trace" in caplog.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize("path", ["/nothing", "/api/v1/nothing", "/link/v1/nothing", "/taxii2/nothing"])
def test_nothing_there(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    kind = "text/html" if path == "/nothing" else "application/problem+json"
    assert answer.headers["content-type"].startswith(kind)


def test_nothing_there_keeps_the_navigation(make_client: MakeClient) -> None:
    assert 'href="/echoed"' in make_client("dara").get("/nothing").text
    assert 'href="/echoed"' not in make_client().get("/nothing").text


def test_wrong_method(client: TestClient) -> None:
    answer = client.post("/api/v1/damaged")
    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert client.delete("/damaged").status_code == 405


def test_wrong_method_is_told_by_the_door_and_says_what_is_allowed(client: TestClient) -> None:
    page, machine = client.put("/damaged"), client.put("/taxii2/damaged")
    assert page.headers["allow"] == machine.headers["allow"] == "GET, HEAD"
    assert page.headers["content-type"].startswith("text/html")
    assert machine.json() == {"title": "That cannot be done here.", "error_code": "method-not-allowed"}
