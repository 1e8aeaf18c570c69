"""What can be written into every format without meaning anything but itself."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network

LONGEST = 200
"""Characters of a name: with the name of a zone behind it and `*.` before it, it is one still (RFC 1035, 255 bytes)."""
ADDRESSES = ("ipv4-addr", "ipv6-addr")
NETWORKS = ("ipv4-net", "ipv6-net")
KINDS = ("domain-name", *ADDRESSES, *NETWORKS)
"""Kinds of values a shield lists."""
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_FOUR = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", re.ASCII)


def is_name(text: str) -> bool:
    """Whether it is a name of letters, digits, hyphens and underscores that no address could be taken for."""
    return _NAME.fullmatch(text) is not None and not text.rpartition(".")[2].isdigit()


def is_address(kind: str, text: str) -> bool:
    """Whether it is an address or a network as its kind writes it, and nothing else."""
    if "%" in text:
        # Behind it a zone may have any text (RFC 4007), and no list is about one link.
        return False
    version = 4 if kind.startswith("ipv4") else 6
    if kind == "ipv4-addr":
        parts = text.split(".") if _FOUR.fullmatch(text) is not None else ()
        return len(parts) == 4 and all(int(part) < 256 and (part == "0" or part[0] != "0") for part in parts)
    try:
        if kind in NETWORKS:
            net = ip_network(text)
            return net.version == version and str(net) == text and net.prefixlen < net.max_prefixlen
        found = ip_address(text)
    except ValueError:
        return False
    return kind in ADDRESSES and found.version == version and str(found) == text


def is_writable(kind: str, text: str) -> bool:
    """Whether a value can stand in a list. Every writer asks this of every value, whoever gave it."""
    return (is_name(text) and len(text) <= LONGEST) if kind == "domain-name" else is_address(kind, text)
