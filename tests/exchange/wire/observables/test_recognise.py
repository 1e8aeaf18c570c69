"""Recognising what a text may be."""

from __future__ import annotations

import pytest

from kouprey.exchange.wire.observables import recognise


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
        ("a" * 32, ["md5"]),
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
