"""Refanging: what was made harmless works again, and nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.wire.observables import refang


@pytest.mark.parametrize(
    ("given_", "meant"),
    [
        ("hxxps[:]//evil[.]example/a", "https://evil.example/a"),
        ("h**p://evil(dot)example", "http://evil.example"),
        ("fxp://evil[dot]example", "ftp://evil.example"),
        ("bob[at]evil{.}example", "bob@evil.example"),
        ("hxxp[://]evil.example/x(.)y", "http://evil.example/x(.)y"),
        ("evil[[.]]example", "evil[.]example".replace("[.]", ".")),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]/"),
        ("hxxp.example", "hxxp.example"),
        ("plain.example", "plain.example"),
    ],
)
def test_refang(given_: str, meant: str) -> None:
    assert refang(given_) == meant


@given(st.lists(st.sampled_from(["[", "]", "(", ")", ".", "dot", "hxxp", ":", "//", "a"]), max_size=20).map("".join))
def test_it_is_done_once(text: str) -> None:
    assert refang(refang(text)) == refang(text)
