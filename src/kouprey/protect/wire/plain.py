"""Plain lists: a value a line, as firewalls and proxies fetch them."""

from __future__ import annotations

from kouprey.protect.wire.listing import Listing


def write_names(listing: Listing) -> tuple[bytes, int]:
    """(the file, its entries): names, of which whatever is below them is meant too."""
    return _write(listing, listing.names)


def write_addresses(listing: Listing) -> tuple[bytes, int]:
    """(the file, its entries): addresses and networks of both versions."""
    return _write(listing, [*listing.four, *listing.six])


def _write(listing: Listing, values: list[str]) -> tuple[bytes, int]:
    body = "\n".join(values)
    return (listing.head.lines("#") + (f"{body}\n" if body else "")).encode("ascii"), len(values)
