"""Local zones of Unbound."""

from __future__ import annotations

from pathlib import Path

from kouprey.protect.model import Format
from kouprey.protect.wire.unbound import write_zones
from protect.making import entry, judged, listing


def test_names_are_zones_and_addresses_are_nothing(tmp_path: Path) -> None:
    data, count = write_zones(listing([entry("domain-name", "a.example"), entry("ipv4-addr", "203.0.113.7")]))
    assert count == 1 and data.endswith(b'\nserver:\nlocal-zone: "a.example." always_nxdomain\n')
    assert judged(tmp_path, {Format.UNBOUND: data}, Format.UNBOUND).passed
