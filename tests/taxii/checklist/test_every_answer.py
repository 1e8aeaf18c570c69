"""What every answer must have: a row names its lines of the checklist, the request, and the status it must get."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from inprocess import AppClient

House = Any
"""What conftest builds."""

ACCEPT = "application/taxii+json;version=2.1"
API = "/taxii2/api/"
MAIN = f"{API}collections/main/"
OBJECTS, MANIFEST = f"{MAIN}objects/", f"{MAIN}manifest/"
ONE = f"{OBJECTS}malware--4587ac22-5fe2-5469-b200-622d57c2dc66/"
VERSIONS = f"{ONE}versions/"
NOWHERE = "malware--00000000-0000-4000-8000-000000000000"
RESOURCES = ("/taxii2/", API, f"{API}collections/", MAIN, OBJECTS, MANIFEST, ONE, VERSIONS)
PAGED = (OBJECTS, MANIFEST, ONE, VERSIONS)
TWICE = "added_after=2026-01-01T00:00:00Z&added_after=2026-01-01T00:00:00Z"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")

Line = tuple[int, str, str, str, dict[str, str], int]


def lines() -> Iterator[Line]:
    """(line, section, method, path, headers, status)."""
    for path in RESOURCES:
        yield 1, "3.1 a path ends in a slash", "GET", path.rstrip("/"), {}, 308
        yield 3, "1.6.8 the media type with its version", "GET", path, {"accept": ACCEPT}, 200
        yield 4, "1.6.8 the media type alone", "GET", path, {"accept": "application/taxii+json"}, 200
        yield 5, "RFC 9110 12.5.1 spaces, weights, lists", "GET", path, {"accept": "a/b;q=1, */*; q=0.1"}, 200
        yield 6, "3.1 a version nobody knows", "GET", path, {"accept": "application/taxii+json;version=9.9"}, 406
        yield 6, "3.1 another media type", "GET", path, {"accept": "text/html"}, 406
        yield 9, "1.6.9 no credential", "GET", path, {"authorization": ""}, 401
        yield 10, "1.6.9 a wrong one", "GET", path, {"authorization": "Basic dG9rOndyb25n"}, 401
        yield 10, "1.6.9 one that cannot be read", "GET", path, {"authorization": "Basic %"}, 401
        yield 17, "8.2.1 no User-Agent", "GET", path, {"user-agent": ""}, 200
        yield 19, "RFC 9110 9.3.2 HEAD", "HEAD", path, {}, 200
        yield 19, "RFC 9110 15.5.6 another method", "PUT", path, {}, 405
    for path in PAGED:
        for wrong in ("limit=0", "limit=-1", "limit=abc", "added_after=x", "next=x", "match[version]=x"):
            yield 11, "3.4 a malformed parameter", "GET", f"{path}?{wrong}", {}, 400
        yield (
            12,
            "3.4 added_after twice",
            "GET",
            f"{path}?{TWICE}",
            {},
            400,
        )
        yield 12, "3.4.1 a match field twice", "GET", f"{path}?match[type]=a&match[type]=b", {}, 400
        yield 54, "3.4.1 all beside another", "GET", f"{path}?match[version]=all,first", {}, 400
        yield 54, "3.4.1 a version twice", "GET", f"{path}?match[version]=first,first", {}, 400
        yield 58, "3.4.1 an unknown field", "GET", f"{path}?match[colour]=red", {}, 200
        yield 36, "3.4 any limit", "GET", f"{path}?limit=1000000000", {}, 200
        for digits in ("", ".123", ".123456", ".123456789"):
            yield 14, "2 any precision", "GET", f"{path}?added_after=2020-01-01T00:00:00{digits}Z", {}, 200
        for types in ("ipv4-addr", "x-custom,tool", "language-content"):
            yield 50, "3.4.1 any type", "GET", f"{path}?match[type]={types}", {}, 200
    yield 26, "4.2 an unknown API root", "GET", "/taxii2/zz/", {}, 404
    yield 77, "4.3 an unknown status", "GET", f"{API}status/2d086da7-4bdc-4f91-900e-d77486753710/", {}, 404
    yield 31, "5.2 an unknown collection", "GET", f"{API}collections/2d086da7-4bdc-4f91-900e-d77486753710/", {}, 404
    yield 31, "5.2 an id that is none", "GET", f"{API}collections/!!/", {}, 404
    yield 80, "5.6 an unknown object", "GET", f"{OBJECTS}{NOWHERE}/", {}, 404
    yield 80, "5.8 versions of an unknown object", "GET", f"{OBJECTS}{NOWHERE}/versions/", {}, 404
    yield 72, "5.5 writing where can_write is false", "POST", OBJECTS, {}, 403
    yield 83, "5.7 deleting where can_write is false", "DELETE", ONE, {}, 403


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[AppClient]:
    opening = request.getfixturevalue("opening")
    with opening(tmp_path_factory.mktemp("checklist")) as build:
        house = build()
        house.keep(*(house.thing(number) for number in range(3)), house.thing(1, version=1))
        yield house.client()


@pytest.mark.parametrize(
    "line", list(lines()), ids=lambda line: f"line {line[0]:02}: {line[1]}, {line[2]} {line[3]} {line[4]}"
)
def test_lines_02_07_08_15_42_each_answer(client: AppClient, line: Line) -> None:
    _, _, method, path, headers, status = line
    answer = client.request(method, path, headers=headers)
    assert answer.status_code == status
    # 3.1: on every answer, refusals too.
    assert answer.headers["content-type"] == ACCEPT
    told = {} if method == "HEAD" else answer.json()
    # 2: no list is empty.
    assert "[]" not in json.dumps(told)
    if status >= 400:
        # 3.6.1
        assert told["title"] and told["http_status"] == str(status)
        assert all(isinstance(text, str) and text for text in told.values())
    if status == 401:
        assert answer.headers["www-authenticate"]
    if status == 405:
        assert answer.headers["allow"] in (
            "GET, HEAD, OPTIONS",
            "GET, HEAD, OPTIONS, POST",
            "DELETE, GET, HEAD, OPTIONS",
        )
    if status == 200 and path.partition("?")[0] in PAGED:
        # 3.2
        first, last = answer.headers["x-taxii-date-added-first"], answer.headers["x-taxii-date-added-last"]
        assert STAMP.fullmatch(first) and STAMP.fullmatch(last) and first <= last
