"""What speaks against a value: each false friend is named, and no friend is called one."""

from __future__ import annotations

import pytest

from kouprey.exchange.model.texts import Doubt
from kouprey.exchange.wire.texts import find_candidates
from kouprey.exchange.wire.texts.doubts import is_top

PLAIN = (
    "https://bad-host.kh/gate.php?id=7",
    "www.bad-host.kh",
    "45.77.0.0/16",
    "2a06:e480::7",
    "AS13335",
    "CVE-2026-12345",
)


@pytest.mark.parametrize(
    ("text", "value", "doubt"),
    [
        ("10.1.2.3", "10.1.2.3", Doubt.PRIVATE),
        ("http://localhost/x", "http://localhost/x", Doubt.PRIVATE),
        ("AS64512", "AS64512", Doubt.PRIVATE),
        ("198.51.100.7", "198.51.100.7", Doubt.DOCUMENTATION),
        ("http://198.51.100.7/x", "http://198.51.100.7/x", Doubt.DOCUMENTATION),
        ("www.example.com", "www.example.com", Doubt.DOCUMENTATION),
        ("evil.example", "evil.example", Doubt.DOCUMENTATION),
        ("firmware 1.2.3.4", "1.2.3.4", Doubt.VERSION),
        ("v1.2.3.4", "1.2.3.4", Doubt.VERSION),
        ("see § 1.6.8.2", "1.6.8.2", Doubt.VERSION),
        ("d41d8cd98f00b204e9800998ecf8427e", "d41d8cd98f00b204e9800998ecf8427e", Doubt.EMPTY),
        ("setup.py", "setup.py", Doubt.FILE),
        ("report.doc", "report.doc", Doubt.ALONE),
        ("https://github.com/x", "https://github.com/x", Doubt.COMMON),
        ("look at evil dot su", "look@evil.su", Doubt.WORDS),
        ("http://host.nowhere/", "http://host.nowhere/", Doubt.UNKNOWN_TOP),
        ("From: A <a@news.kh>\nwww.news.kh", "www.news.kh", Doubt.SENDER),
    ],
)
def test_false_friends_are_named(text: str, value: str, doubt: Doubt) -> None:
    doubts = {each.observable.text: each.doubts for each in find_candidates(text).candidates}
    assert doubt in doubts[value]


@pytest.mark.parametrize("value", PLAIN)
def test_what_is_no_false_friend_is_not_called_one(value: str) -> None:
    (only,) = find_candidates(f"seen: {value}\n").candidates
    assert only.doubts == ()


@pytest.mark.parametrize(("name", "top"), [("a.kh", True), ("a.KH", True), ("a.xn--o3cw4h", True), ("a.ไทย", True)])
def test_top_level_domains_are_those_that_exist(name: str, top: bool) -> None:
    assert is_top(name) is top and not is_top(name + "x") and not is_top("a.doc") and not is_top("")
