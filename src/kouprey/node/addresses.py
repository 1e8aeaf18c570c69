"""Whether texts of the settings are addresses of the kind that is meant."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def is_issuer(address: str, schemes: tuple[str, ...]) -> bool:
    """Whether it is the address of a provider, as OpenID Connect Discovery writes it."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and not (parts.query or parts.fragment or parts.username)


def is_network(text: str) -> bool:
    """Whether it is an address or a network, and not all of them."""
    try:
        # "*" and 0.0.0.0/0 would let every client say who it is.
        return ipaddress.ip_network(text).prefixlen > 0
    except ValueError:
        return False


def is_origin(url: str) -> bool:
    """Whether it is an http or https origin, and nothing behind it."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    bare = not (parts.query or parts.fragment or parts.username) and parts.path in ("", "/")
    return parts.scheme in ("http", "https") and bool(parts.hostname) and bare
