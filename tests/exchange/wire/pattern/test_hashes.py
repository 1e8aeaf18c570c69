"""Forms of hashes: found under every spelling of the name, and whole."""

from __future__ import annotations

import pytest

from kouprey.exchange.wire.pattern.hashes import find_hash_form


@pytest.mark.parametrize(
    ("name", "length"), [("MD5", 32), ("SHA-1", 40), ("sha256", 64), ("SHA3-512", 128), ("Sha-3-224", 56)]
)
def test_length(name: str, length: int) -> None:
    form = find_hash_form(name)
    assert form is not None
    assert [form.values.fullmatch("aF" * half) is not None for half in (length // 2 - 1, length // 2, 65)] == [
        False,
        True,
        False,
    ]
    assert form.values.fullmatch("g" * length) is None


def test_fuzzy_hashes_have_an_alphabet() -> None:
    form = find_hash_form("ssdeep")
    assert form is not None and form.values.fullmatch(
        "96:s4Ud1Lj96tHHlZDrwciQmA+4uy1I0G4HYuL8N3TzS8QsO/wqWXLcMSx:sF1LjEtHHlZDrJzrhuyZvHYm8tKp/RWO"
    )
    assert form.values.fullmatch("a b") is None


def test_unknown_algorithms_have_no_form() -> None:
    assert find_hash_form("TLSH") is None
