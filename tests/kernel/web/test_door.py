"""Doors: everything that is checked before an endpoint is reached."""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator

import pytest

from inprocess import AppClient

MakeClient = Callable[..., AppClient]
OWN = {"origin": "http://cert.example"}
BEARER = {"authorization": "Bearer token"}


def csrf(person: str) -> str:
    mark = hmac.new(b"test", b"kouprey-csrf/1\n" + person.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(mark).rstrip(b"=").decode()


def test_form_of_a_session(make_client: MakeClient) -> None:
    client = make_client("dara")
    assert client.post("/form", data={"text": " hi ", "csrf": csrf("dara")}, headers=OWN).text == "hi"
    sent = client.post("/form", data={"text": "hi"}, headers={**OWN, "x-csrf-token": csrf("dara")})
    assert sent.text == "hi"


def test_a_form_has_no_more_and_no_longer_fields_than_its_door_says(make_client: MakeClient) -> None:
    client, fields = make_client("dara"), {"text": "hi", "csrf": csrf("dara")}
    for wrong in ({**fields, "more": "x"}, {**fields, "text": "x" * 11}):
        for parts in ({"data": wrong}, {"files": {name: (None, value) for name, value in wrong.items()}}):
            answer = client.post("/small-form", headers={**OWN, "x-csrf-token": csrf("dara")}, **parts)
            assert answer.status_code == 400 and "bad-form" in answer.text, wrong


@pytest.mark.parametrize("token", ["", "x", csrf("sok")])
def test_form_without_its_token(make_client: MakeClient, token: str) -> None:
    answer = make_client("dara").post("/form", data={"text": "hi", "csrf": token}, headers=OWN)
    assert answer.status_code == 403 and "stale-form" in answer.text


def test_foreign_form(make_client: MakeClient) -> None:
    fields = {"text": "hi", "csrf": csrf("dara")}
    for headers in ({}, {"origin": "http://evil.example"}, {**OWN, "sec-fetch-site": "cross-site"}):
        answer = make_client("dara").post("/form", data=fields, headers=headers)
        assert answer.status_code == 403 and "foreign-form" in answer.text


def test_tokens_do_not_open_forms(client: AppClient) -> None:
    assert client.post("/form", data={"text": "hi"}, headers={**OWN, **BEARER}).status_code == 403


def test_open_form_needs_the_origin_only(client: AppClient) -> None:
    assert client.post("/open-form", data={"text": "hi"}, headers=OWN).text == "hi"
    assert client.post("/open-form", data={"text": "hi"}).status_code == 403


def test_file_in_a_text_field(make_client: MakeClient) -> None:
    answer = make_client("dara").post(
        "/form", data={"csrf": csrf("dara")}, files={"text": ("name", b"content")}, headers=OWN
    )
    assert answer.status_code == 400 and "bad-field" in answer.text
    broken = {**OWN, "content-type": "multipart/form-data; boundary=x", "x-csrf-token": csrf("dara")}
    assert make_client("dara").post("/form", content=b"--y\r\nnonsense", headers=broken).status_code == 400


def parts(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * 100


@pytest.mark.parametrize("path", ["/api/v1/upload", "/api/v1/streamed"])
def test_cap(client: AppClient, path: str) -> None:
    assert client.post(path, content=b"x" * 1000, headers=BEARER).text.endswith("1000")
    for body in (b"x" * 1001, parts(11)):
        answer = client.post(path, content=body, headers=BEARER)
        assert answer.status_code == 413
        assert answer.json()["code"] == "too-large"


def test_cap_of_a_form(make_client: MakeClient) -> None:
    fields = {"text": "x" * 2000, "csrf": csrf("dara")}
    assert make_client("dara").post("/form", data=fields, headers=OWN).status_code == 413


def test_nobody_sends_bodies(client: AppClient) -> None:
    answer = client.post("/api/v1/upload", content=b"x")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "unidentified"


def test_machine_doors_need_no_origin(client: AppClient) -> None:
    assert client.post("/link/v1/echo", content=b"signed elsewhere").text == "signed elsewhere"


def test_time_limit(client: AppClient) -> None:
    began = time.monotonic()
    answer = client.get("/api/v1/slow")
    assert (answer.status_code, answer.json()["code"]) == (503, "too-slow")
    assert time.monotonic() - began < 0.4


def test_a_stream_that_nobody_may_read_any_more_ends_for_good(client: AppClient) -> None:
    answer = client.get("/echoed", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 204 and "location" not in answer.headers


def test_sign_in_leads_back(client: AppClient) -> None:
    answer = client.get("/echoed?a=b&c=d")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/echoed%3Fa%3Db%26c%3Dd"


def test_roles(make_client: MakeClient) -> None:
    assert make_client("sok").get("/administration").status_code == 200
    refused = make_client("dara").get("/administration")
    assert refused.status_code == 403 and "role-missing" in refused.text


def test_async_endpoint(make_client: MakeClient) -> None:
    assert make_client("dara").get("/awaited").text == "dara"


def test_head(client: AppClient) -> None:
    answer = client.head("/")
    assert answer.status_code == 200


def test_a_bound_token_opens_only_doors_that_honour_the_bound(client: AppClient) -> None:
    bound = {"authorization": "Bearer bound"}
    assert client.get("/taxii2/scoped", headers=bound).text == "bound 0"
    assert client.get("/api/v1/unscoped", headers=BEARER).status_code == 200
    for path in ("/api/v1/unscoped", "/echoed"):
        answer = client.get(path, headers=bound)
        assert answer.status_code == 403 and "token-bound" in answer.text
