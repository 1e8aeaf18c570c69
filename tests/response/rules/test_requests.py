"""Commands become requests: what may never be sent says why, values are escaped, secrets go by name."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.response.model.calls import Call
from kouprey.response.rules.planning import plan
from kouprey.response.rules.requests import answered, fill, secrets_in, unveil, wanted
from kouprey.response.wire.cacao import read_playbook
from response.playbooks import calling, id_of, raw

BASE = "https://ticket.example/base"


def calls_of(made: Any) -> tuple[Call, ...]:
    (task,) = plan(read_playbook(raw(made)))
    return task.calls


def call_of(command: dict[str, Any], base: str = BASE, **how: Any) -> Call:
    (call,) = calls_of(calling(base, command, **how))
    return call


@pytest.mark.parametrize(
    ("names", "body", "known"),
    [
        (("__ticket__",), '{"ticket": 7}', {"__ticket__": "7"}),
        (("__ticket__", "__open__"), '{"__ticket__": "T-7", "open": true}', {"__ticket__": "T-7", "__open__": "true"}),
        (("__ticket__",), "T-7\n", {"__ticket__": "T-7"}),
        (("__ticket__",), '"T-7"', {"__ticket__": "T-7"}),
        (("__ticket__", "__other__"), "T-7", {}),
        (("__ticket__",), '{"other": 7}', {}),
        (("__ticket__",), '{"ticket": {"id": 7}}', {}),
        (("__ticket__",), '{"ticket": "a\\nb"}', {}),
        (("__ticket__",), '{"ticket": "«secret x»"}', {}),
        (("__secret_x__",), '{"secret_x": "7"}', {}),
        ((), '{"ticket": 7}', {}),
    ],
)
def test_an_answer_says_what_variables_it_names(names: tuple[str, ...], body: str, known: dict[str, str]) -> None:
    assert answered(names, body) == known


@given(st.text(max_size=400), st.lists(st.sampled_from(["__a__", "__b__", "__secret_c__"]), max_size=3, unique=True))
def test_whatever_an_answer_says_can_be_sent_or_is_left_out(body: str, names: list[str]) -> None:
    call = call_of({"command": "GET /x?a=__a__:value&b=__b__:value HTTP/1.1"})
    fill(call, answered(tuple(names), body))


DENY = '{"action": "deny", "target": {"ipv4_net": ["203.0.113.9"]}, "args": {"comment": "__why__:value"}}'


def test_an_openc2_command_is_a_request_with_its_media_type() -> None:
    deny = {"type": "openc2-http", "command": "POST /openc2 HTTP/1.1", "content_b64": b64encode(DENY.encode()).decode()}
    call = call_of(deny)
    assert (call.method, call.url, call.barred) == ("POST", f"{BASE}/openc2", "")
    assert call.headers == (("Content-Type", "application/openc2+json;version=1.0"),)
    assert wanted(call) == ("__why__",)
    assert json.loads(fill(call, {"__why__": 'It "calls"'}).content)["args"] == {"comment": 'It "calls"'}
    typed = call_of(deny | {"headers": {"content-type": ["application/openc2+json;version=1.1"]}})
    assert typed.headers == (("content-type", "application/openc2+json;version=1.1"),)
    for other in ({"command": "GET /openc2 HTTP/1.1"}, {"content_b64": "", "content": "deny"}, {"content_b64": ""}):
        assert "OpenC2" in call_of(deny | other).barred, other


def test_where_it_goes_is_read_from_the_target_in_each_of_its_forms() -> None:
    assert call_of({"command": "POST /x HTTP/1.1"}).url == "https://ticket.example/base/x"
    assert call_of({"command": "GET https://other.example/y"}).url == "https://other.example/y"
    for address, port, url in (
        ({"dname": ["a.example"]}, None, "https://a.example/x"),
        ({"dname": ["a.example"]}, "8443", "https://a.example:8443/x"),
        ({"ipv4": ["192.0.2.7"]}, 444, "https://192.0.2.7:444/x"),
        ({"ipv6": ["2001:db8::7"]}, None, "https://[2001:db8::7]/x"),
        ({}, None, "/x"),
    ):
        made = calling(BASE, {"command": "GET /x HTTP/1.1"})
        (target,) = made["target_definitions"].values()
        target |= {"address": address} | ({"port": port} if port else {})
        assert calls_of(made)[0].url == url, address
        assert bool(calls_of(made)[0].barred) is not bool(address)


def test_constants_are_filled_in_at_once_and_the_others_are_asked_for() -> None:
    made = calling(BASE, {"command": "GET /__kind__:value/__who__:value?x=__who__:value HTTP/1.1"})
    made["playbook_variables"] = {
        "__kind__": {"type": "string", "value": "host"},
        "__who__": {"type": "string", "value": "ignored", "external": True},
    }
    (call,) = calls_of(made)
    assert call.url == f"{BASE}/host/__who__:value?x=__who__:value" and wanted(call) == ("__who__",)
    assert fill(call, {"__who__": "a/b"}).url == f"{BASE}/host/a%2Fb?x=a%2Fb"


@pytest.mark.parametrize(
    ("command", "how", "why"),
    [
        ({"command": "just words"}, {}, "first line"),
        ({"command": "TRACE /x HTTP/1.1"}, {}, "no method"),
        ({"command": "GET x HTTP/1.1"}, {}, "which machine"),
        ({"command": "GET /x", "headers": {"Authorization": ["Bearer abc"]}}, {}, "password"),
        ({"command": "GET /x", "headers": {"Transfer-Encoding": ["chunked"]}}, {}, "Transfer-Encoding"),
        ({"command": "GET /x", "headers": {"a b": ["c"]}}, {}, "a b"),
        ({"command": "GET /x?k=__secret_key__:value"}, {}, "headers alone"),
        ({"command": "POST /x", "content": "__secret_key__:value"}, {}, "headers alone"),
        ({"command": "GET /x"}, {"secret": "../key"}, "name of a file"),
    ],
)
def test_what_can_never_be_sent_says_why(command: dict[str, Any], how: dict[str, Any], why: str) -> None:
    assert why in call_of(command, **how).barred


def test_a_password_in_the_playbook_is_never_sent() -> None:
    made = calling(BASE, {"command": "GET /x"}, secret="key")
    (definition,) = made["authentication_info_definitions"].values()
    definition |= {"kms": False, "token": "abc"}
    (call,) = calls_of(made)
    assert "password" in call.barred and "abc" not in repr(call)


def test_secrets_stand_by_name_until_the_last_moment() -> None:
    made = calling(BASE, {"command": "GET /x", "headers": {"Authorization": ["Key __secret_k-1__:value"]}})
    sent = fill(calls_of(made)[0], {})
    assert sent.headers == (("Authorization", "Key «secret k-1»"),) and secrets_in(sent) == ("k-1",)
    assert unveil(sent.headers[0][1], {"k-1": "v"}) == "Key v"
    basic = calling(BASE, {"command": "GET /x"}, secret="pass.word")
    (definition,) = basic["authentication_info_definitions"].values()
    definition |= {"type": "http-basic", "user_id": "kouprey"}
    assert fill(calls_of(basic)[0], {}).headers == (("authorization", "Basic kouprey:«secret pass.word»"),)


def test_what_somebody_fills_in_is_never_taken_for_a_secret() -> None:
    call = Call(method="GET", url=BASE, headers=(("X-A", "__v__:value"), ("X-K", "__secret_k__:value")))
    sent = fill(call, {"__v__": "__secret_k__:value"})
    assert sent.headers == (("X-A", "__secret_k__:value"), ("X-K", "«secret k»"))


def test_a_step_for_several_machines_is_a_request_to_each() -> None:
    made = calling(BASE, {"command": "GET /x"}, {"command": "GET /y"})
    other = id_of("http-api", "another")
    made["target_definitions"][other] = {"type": "http-api", "name": "o", "address": {"url": ["https://o.example"]}}
    step = next(each for each in made["workflow"].values() if each["type"] == "action")
    step["targets"] = [*step["targets"], other]
    assert [each.url for each in calls_of(made)] == [
        f"{BASE}/x",
        "https://o.example/x",
        f"{BASE}/y",
        "https://o.example/y",
    ]


@given(value=st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="«»"), min_size=1, max_size=50))
@settings(max_examples=200, deadline=None)
def test_a_value_never_leaves_its_place(value: str) -> None:
    headers = (("Content-Type", "application/json"), ("X-A", "__v__:value"))
    call = Call(method="POST", url=f"{BASE}?a=__v__:value&b=1", headers=headers, content='{"a": "__v__:value"}')
    sent = fill(call, {"__v__": value})
    assert parse_qs(urlsplit(sent.url).query, strict_parsing=True) == {"a": [value], "b": ["1"]}
    assert json.loads(sent.content) == {"a": value} and sent.headers[1][1] == value
    assert fill(call, {"__v__": value}) == sent and fill(call, {"__v__": value + "x"}).digest != sent.digest


@pytest.mark.parametrize("value", ["a\nb", "a\r\nX-Evil: 1", "«secret key»", "x" * 2_001, "\x00"])
def test_what_would_be_another_line_or_a_secret_is_no_value(value: str) -> None:
    with pytest.raises(ValueError, match="__v__"):
        fill(Call(method="GET", url=f"{BASE}/__v__:value"), {"__v__": value})
