"""One form for what sensors and indicators write in several."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.watch.rules.naming import address_of, alert_id, hash_value, host_value, name_of, split_url, url_key


def test_names_and_addresses() -> None:
    assert name_of("WWW.Evil.Example.") == "www.evil.example" and name_of("x" * 254) == ""
    assert name_of("bücher.example") == "xn--bcher-kva.example" and name_of("\u0130." + "é" * 80) == ""
    assert address_of("2001:DB8::0001") == ("ipv6-addr", "2001:db8::1") and address_of("::ffff:192.0.2.1") == (
        "ipv4-addr",
        "192.0.2.1",
    )
    assert address_of("fe80::1%eth0") == ("ipv6-addr", "fe80::1") and address_of("a:b") is None
    assert address_of("evil.example") is None
    assert host_value("[2001:db8::1]:443") == ("ipv6-addr", "2001:db8::1")
    assert host_value("Evil.example:8080") == ("domain-name", "evil.example") and host_value("") is None
    assert hash_value(" D41D8CD98F00B204E9800998ECF8427E ") == ("md5", "d41d8cd98f00b204e9800998ecf8427e")
    assert hash_value("z" * 32) is None and hash_value("a" * 33) is None


@pytest.mark.parametrize(
    ("host", "rest", "key"),
    [
        ("Evil.example:80", "/a%7eb%2f", "evil.example/a~b%2F"),
        ("proxy.example", "http://evil.example:8080/x#y", "evil.example:8080/x"),
        ("evil.example", "", "evil.example/"),
        ("evil.example", "?q=1", "evil.example?q=1"),
        ("user:pw@evil.example.", "/A", "evil.example/A"),
    ],
)
def test_urls(host: str, rest: str, key: str) -> None:
    assert url_key(host, rest) == key


def test_whole_urls() -> None:
    assert (
        split_url("HTTPS://Evil.example:443/a?b") == "evil.example/a?b"
        and split_url("http://e.example") == "e.example/"
    )
    assert split_url("no url") == split_url("://x") == split_url("http:///a") == ""


def test_an_alert_has_one_id() -> None:
    assert alert_id("i", "h", 1) == alert_id("i", "h", 1) != alert_id("i", "h", 2)


@given(st.text(max_size=80))
def test_a_key_is_its_own_key(text: str) -> None:
    if key := split_url(text):
        host, mark, rest = key.partition("/")
        if "?" not in host and "%" not in key and "://" not in mark + rest and "@" not in host:
            assert url_key(host, mark + rest) == key
