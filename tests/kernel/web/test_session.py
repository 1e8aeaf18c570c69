"""Cookies, form tokens and the origin of forms."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from kouprey.kernel.web.session import Notice, Sessions, check_csrf, check_host, check_origin
from kouprey.kernel.words.errors import Forbidden

HERE = "https://cert.example"


def sign(data: bytes) -> bytes:
    return hmac.new(b"test", data, hashlib.sha256).digest()


def asked(cookie: str) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [(b"cookie", cookie.encode("latin-1"))]})


def test_cookie_of_a_protected_node() -> None:
    sessions, response = Sessions("ab12", sign, secure=True), Response()
    sessions.start(response, "secret", 60)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-kouprey-ab12=secret;")
    for part in ("HttpOnly", "Path=/", "SameSite=lax", "Secure", "Max-Age=60"):
        assert part in cookie
    assert "Domain" not in cookie
    assert sessions.read(asked(cookie.split(";")[0])) == "secret"


def test_plain_node_and_other_nodes() -> None:
    sessions, response = Sessions("ab12", sign, secure=False), Response()
    sessions.end(response)
    assert response.headers["set-cookie"].startswith('kouprey-ab12=""; HttpOnly; Max-Age=0')
    assert sessions.read(asked("kouprey-cd34=other; __Host-kouprey-ab12=other")) == ""


def test_form_tokens_belong_to_one_session() -> None:
    sessions = Sessions("ab12", sign, secure=False)
    one, two = sessions.csrf("one"), sessions.csrf("two")
    assert one != two and len(one) == 43 and sessions.csrf("") == ""
    check_csrf(one, one)
    for expected, given_ in ((one, two), (one, ""), ("", ""), (one, "ប")):
        with pytest.raises(Forbidden):
            check_csrf(expected, given_)


def test_notice_survives_a_redirect_once() -> None:
    sessions, response = Sessions("ab12", sign, secure=False), Response()
    sessions.leave_notice(response, Notice("បានរក្សាទុក", "good"))
    cookie = response.headers["set-cookie"].split(";")[0]
    assert sessions.take_notice(asked(cookie)) == Notice("បានរក្សាទុក", "good")
    assert sessions.take_notice(asked(cookie[:-6] + "AAAA==")) is None


@given(st.text(st.characters(codec="latin-1", exclude_characters=";\r\n"), max_size=80))
def test_planted_notices_are_nothing(value: str) -> None:
    assert Sessions("ab12", sign, secure=False).take_notice(asked(f"kouprey-ab12-notice={value}")) is None


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"origin": HERE}, True),
        ({"origin": HERE, "sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({}, False),
        ({"origin": "null"}, False),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://cert.example"}, False),
        ({"origin": HERE + ".evil.example"}, False),
        ({"origin": HERE, "sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
    ],
)
def test_origin_of_forms(headers: dict[str, str], passes: bool) -> None:
    check_origin("GET", Headers(headers), (HERE,))
    if passes:
        check_origin("POST", Headers(headers), (HERE,))
    else:
        with pytest.raises(Forbidden):
            check_origin("POST", Headers(headers), (HERE,))


def test_host() -> None:
    check_host(Headers({"host": "CERT.example"}), (HERE,))
    for host in ("evil.example", "cert.example:8420", "", "cert.example.evil.example"):
        with pytest.raises(Forbidden):
            check_host(Headers({"host": host}), (HERE,))
