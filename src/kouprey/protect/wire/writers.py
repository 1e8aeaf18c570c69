"""Which writer writes which file, and of which media type it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kouprey.protect.model import Format
from kouprey.protect.wire.listing import Listing
from kouprey.protect.wire.nftables import write_sets
from kouprey.protect.wire.plain import write_addresses, write_names
from kouprey.protect.wire.rpz import write_zone
from kouprey.protect.wire.suricata import write_rules
from kouprey.protect.wire.unbound import write_zones

Writer = Callable[[Listing], tuple[bytes, int]]

WRITERS: Mapping[Format, Writer] = {
    Format.NAMES: write_names,
    Format.ADDRESSES: write_addresses,
    Format.RPZ: write_zone,
    Format.UNBOUND: write_zones,
    Format.NFTABLES: write_sets,
    Format.SURICATA: write_rules,
}
MEDIA = {Format.RPZ: "text/dns"}
"""Media types that are not text/plain (RFC 4027)."""
