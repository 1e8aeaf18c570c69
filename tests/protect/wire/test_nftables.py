"""Sets of nftables."""

from __future__ import annotations

from pathlib import Path

from kouprey.protect.model import Format
from kouprey.protect.wire.nftables import set_name, write_sets
from protect.making import entry, judged, listing


def test_networks_and_addresses_within_them_are_merged(tmp_path: Path) -> None:
    some = [("ipv4-net", "203.0.113.0/24"), ("ipv4-addr", "203.0.113.7"), ("ipv4-net", "203.0.112.0/23")]
    data, count = write_sets(listing([entry(*each) for each in some]))
    assert count == 3 and set_name("two-words", 6) == "two_words_6"
    assert b"add element inet kouprey edge_6" not in data and b"flush set inet kouprey edge_6" in data
    assert judged(tmp_path, {Format.NFTABLES: data}, Format.NFTABLES).passed
