"""Response policy zones."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kouprey.protect.model import Format
from kouprey.protect.rules.writing import LONGEST, is_writable
from kouprey.protect.wire.rpz import write_zone, zone_name
from protect.making import HEAD, entry, judged, listing


def test_the_longest_name_fits_into_the_longest_zone(tmp_path: Path) -> None:
    name = ".".join(["a" * 63] * 3) + ".examples"
    assert len(name) == LONGEST and is_writable("domain-name", name)
    head = replace(HEAD, shield="e" * 40)
    files = {Format.RPZ: write_zone(listing([entry("domain-name", name)], head))[0]}
    assert zone_name(head.shield) == "e" * 40 + ".rpz" and judged(tmp_path, files, Format.RPZ).passed


@given(st.ip_addresses(v=6))
def test_addresses_read_back(address: object) -> None:
    text = str(address)
    zone = write_zone(listing([entry("ipv6-addr", text)]))[0].decode().split("\n")[-2]
    bits, *parts = zone.removesuffix(".rpz-ip CNAME .").split(".")
    parts.reverse()
    if "zz" in parts:
        place = parts.index("zz")
        parts[place : place + 1] = ["0"] * (9 - len(parts))
    assert bits == "128" and len(parts) == 8 and ip_address(":".join(parts)) == address
