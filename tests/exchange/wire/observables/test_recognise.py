"""Recognising what a text may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.wire.observables import canonical, recognise


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("198.51.100.7", ["ipv4-addr"]),
        ("10.0.0.0/8", ["ipv4-net"]),
        ("2001:db8::1", ["ipv6-addr"]),
        ("hxxp://evil[.]example", ["url"]),
        ("evil.example", ["domain-name"]),
        ("Evil[.]Example", ["domain-name"]),
        ("update.zip", ["domain-name", "file-name"]),
        ("invoice 7.exe", ["file-name"]),
        ("bob@evil.example", ["email-addr"]),
        ("256.1.1.1", ["mutex"]),
        ("01.2.3.4", ["mutex"]),
        ("1.2.3.4.", ["mutex"]),
        ("10.1.2.example", ["domain-name"]),
        ("a" * 32, ["md5"]),
        ("1" * 40, ["sha1"]),
        ("0" * 64, ["sha256"]),
        ("A" * 64, ["sha256"]),
        ("CVE-2021-44228", ["cve"]),
        ("AS64500", ["as-number"]),
        ("00-11-22-33-44-55", ["mac-addr"]),
        ("HKLM\\Software\\Run", ["registry-key"]),
        ("", []),
        (" ", []),
        ("x" * 5000, []),
    ],
)
def test_likeliest_first(text: str, kinds: list[str]) -> None:
    assert [each.kind for each in recognise(text)][: len(kinds) or None] == kinds


@given(st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){2,4}\.?|[0-9a-f]{31,33}|[0-9a-f]{64}|[a-z0-9.-]{1,20}", fullmatch=True))
def test_what_is_plain_is_canonical_already(text: str) -> None:
    for each in recognise(text):
        assert canonical(each.kind, text) == each
    address = canonical("ipv4-addr", text)
    assert address is None or recognise(text) == (address,)
