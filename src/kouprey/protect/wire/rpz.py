"""Response policy zones (draft-vixie-dnsop-dns-rpz-00): names that do not exist, and answers with bad addresses."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv6Address

from kouprey.kernel.words.time import SECOND
from kouprey.protect.wire.listing import Listing

_HOUR, _DAY = 3_600, 86_400


def zone_name(shield: str) -> str:
    """What the zone of a shield is called; its records are relative, so that any other name would do."""
    return f"{shield}.rpz"


def write_zone(listing: Listing) -> tuple[bytes, int]:
    """(the file, its entries): each name and what is below it, and each address in an answer, is NXDOMAIN."""
    head = listing.head
    life = max(_DAY, (head.until - head.made_at) // SECOND)
    lines = [
        head.lines(";"),
        "$TTL 300\n",
        f"@ SOA localhost. hostmaster.localhost. {head.serial} {_HOUR} 600 {life} 300\n",
        "@ NS localhost.\n",
    ]
    lines += [f"{name} CNAME .\n*.{name} CNAME .\n" for name in listing.names]
    lines += [f"{owner}.rpz-ip CNAME .\n" for owner in _owners(listing)]
    return "".join(lines).encode("ascii"), len(listing)


def _owners(listing: Listing) -> Iterable[str]:
    for text in listing.four:
        base, _, bits = text.partition("/")
        a, b, c, d = base.split(".")
        yield f"{bits or 32}.{d}.{c}.{b}.{a}"
    for text in listing.six:
        base, _, bits = text.partition("/")
        yield f"{bits or 128}.{_reversed(IPv6Address(base))}"


def _reversed(address: IPv6Address) -> str:
    """The groups of an address from the last to the first; `zz` stands for the zeros that `::` leaves out."""
    text = address.compressed
    before, gap, after = text.partition("::")
    parts = [*before.split(":"), *(["zz"] if gap else []), *after.split(":")]
    return ".".join(part for part in reversed(parts) if part)
