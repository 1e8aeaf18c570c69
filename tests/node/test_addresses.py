"""Texts of the settings that are addresses, and those that are none."""

from __future__ import annotations

from kouprey.node.addresses import is_issuer, is_network, is_origin


def test_each_kind_and_its_neighbours() -> None:
    assert is_origin("https://cert.example") and is_origin("http://127.0.0.1:8420/")
    assert not any(map(is_origin, ("", "ftp://x", "https://x/y", "https://x?y", "https://a@x", "https://x:y")))
    assert is_network("10.0.0.0/24") and is_network("::1") and not any(map(is_network, ("*", "0.0.0.0/0", "x")))
    assert is_issuer("https://id.example/realm", ("https",)) and not is_issuer("http://id.example", ("https",))
    assert not is_issuer("https://id.example:x", ("https",)) and not is_issuer("https://id.example?x", ("https",))
