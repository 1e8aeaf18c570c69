"""The expression for values: every kind has its part, and it is compiled once."""

from __future__ import annotations

import pytest

from kouprey.exchange.wire.texts.grammar import values


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("see https://bad-host.kh/gate", "url"),
        ("from bob@bad-host.kh", "mail"),
        ("at 45.77.0.9 since", "ipv4"),
        ("CVE-2026-12345 again", "cve"),
        ("asked bad-host.kh for", "name"),
    ],
)
def test_each_kind_is_met_by_its_part(text: str, part: str) -> None:
    met = values().search(text)
    assert met is not None and met.lastgroup == part


def test_it_is_compiled_once() -> None:
    assert values() is values()
