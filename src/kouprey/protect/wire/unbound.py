"""Local zones of Unbound (unbound.conf(5)): names that do not exist."""

from __future__ import annotations

from kouprey.protect.wire.listing import Listing


def write_zones(listing: Listing) -> tuple[bytes, int]:
    """(the file, its entries): each name, and whatever is below it, is NXDOMAIN."""
    zones = "".join([f'local-zone: "{name}." always_nxdomain\n' for name in listing.names])
    return f"{listing.head.lines('#')}server:\n{zones}".encode("ascii"), len(listing.names)
