"""Which internet addresses a node may call: the public internet, unless the operator says otherwise."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# The only IPv6 space that is assigned to the public internet (RFC 4291 section 2.4, IANA registry).
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


def embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address reached through an IPv6 one: mapped (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC 6052)."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def refusal(text: str, *, allow_private: bool) -> str:
    """Why an address may not be called, or "" when it may.

    `text` is an address as a resolver gives it (never a name). Multicast and unspecified addresses are refused even
    with `allow_private`, because no party answers there.
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return f"{text[:60]!r} is not an address"
    inner = embedded_ipv4(address) if isinstance(address, IPv6Address) else None
    for each in (address, inner):
        if each is not None and (each.is_multicast or each.is_unspecified):
            return f"{address} is a multicast or unspecified address"
    if allow_private:
        return ""
    if isinstance(inner or address, IPv4Address):
        public = (inner or address).is_global
    else:
        public = address in _GLOBAL_UNICAST and address.is_global
    return "" if public else f"{address} is not on the public internet"
