"""Doors are found by the first name of a path, in their order, and a wrong method is told as such."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import NoMatchFound, Route

from inprocess import AppClient
from kouprey.kernel.web.branch import branches, first_name


def route(path: str, *methods: str, name: str = "") -> Route:
    def answer(request: Any) -> PlainTextResponse:
        return PlainTextResponse(f"{path} {request.method} {sorted(request.path_params.items())}")

    return Route(path, answer, methods=list(methods) or ["GET"], name=name or path)


@pytest.fixture
def client() -> AppClient:
    routes = [
        route("/"),
        route("/a/new"),
        route("/b/{x}"),
        route("/a/{x}", "GET"),
        route("/a/{x}", "POST"),
        route("/a/{rest:path}", "GET", name="deep"),
        route("/ab"),
    ]
    return AppClient(Starlette(routes=branches(routes)))


@pytest.mark.parametrize(
    ("method", "path", "wanted"),
    [
        ("GET", "/", "/ GET []"),
        ("GET", "/a/new", "/a/new GET []"),
        ("GET", "/a/old", "/a/{x} GET [('x', 'old')]"),
        ("POST", "/a/old", "/a/{x} POST [('x', 'old')]"),
        ("POST", "/a/new", "/a/{x} POST [('x', 'new')]"),
        ("GET", "/a/b/c", "/a/{rest:path} GET [('rest', 'b/c')]"),
        ("GET", "/ab", "/ab GET []"),
        ("GET", "/%61/new", "/a/new GET []"),
    ],
)
def test_the_first_that_fits_answers(client: AppClient, method: str, path: str, wanted: str) -> None:
    answer = client.request(method, path)
    assert (answer.status_code, answer.text) == (200, wanted)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "/a/new", 405), ("GET", "/c", 404), ("GET", "/abc", 404), ("PUT", "/", 405)],
)
def test_what_no_route_answers(client: AppClient, method: str, path: str, status: int) -> None:
    assert client.request(method, path).status_code == status


def test_paths_by_name() -> None:
    app = Starlette(routes=branches([route("/a"), route("/a/{x}", name="one"), route("/b/{x}", name="other")]))
    assert app.url_path_for("one", x="1") == "/a/1" and app.url_path_for("other", x="2") == "/b/2"
    with pytest.raises(NoMatchFound):
        app.url_path_for("none")


def test_a_path_that_could_belong_to_any_branch_is_refused() -> None:
    with pytest.raises(ValueError, match="begins with a parameter"):
        branches([route("/{anything}")])


def test_first_names() -> None:
    assert [first_name(each) for each in ("/", "/a", "/a/", "/a/b", "//a", "", "*")] == ["", "a", "a", "a", "", "", "*"]
