"""Sets of nftables (nft(8)), replaced in one transaction; rules that use them are the device's own."""

from __future__ import annotations

from kouprey.protect.wire.listing import Listing

TABLE = "kouprey"
TIMEOUT = "7d"
"""After so long without a new file an element goes by itself; the same for every shield, since a set keeps its own."""


def set_name(shield: str, version: int) -> str:
    """The name of a set of a shield."""
    return f"{shield.replace('-', '_')}_{version}"


def write_sets(listing: Listing) -> tuple[bytes, int]:
    """(the file, its entries): one set for each version of IP in the table `inet kouprey`."""
    lines = [listing.head.lines("#"), f"add table inet {TABLE}\n"]
    for version, values in ((4, listing.four), (6, listing.six)):
        name = set_name(listing.head.shield, version)
        kind = f"type ipv{version}_addr; flags interval, timeout; timeout {TIMEOUT}; auto-merge;"
        lines.append(f"add set inet {TABLE} {name} {{ {kind} }}\nflush set inet {TABLE} {name}\n")
        if values:
            lines.append(f"add element inet {TABLE} {name} {{\n" + ",\n".join(values) + "\n}\n")
    return "".join(lines).encode("ascii"), len(listing.four) + len(listing.six)
