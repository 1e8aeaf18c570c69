"""URLs in one form (RFC 3986 section 6.2): case, host, default port, empty path, percent-encoding."""

from __future__ import annotations

import re
from collections.abc import Callable

from kouprey.exchange.model import Observable

_URL = re.compile(r"([a-z][a-z0-9+.-]{0,30})://([^/?#\\]*)(.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_PORTS = {"http": "80", "https": "443", "ftp": "21", "ws": "80", "wss": "443", "ssh": "22"}
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}", re.ASCII)
# What may not stand in a URL as it is; brackets stand only around an IPv6 address.
_UNSAFE = re.compile(r"[^!-~]|[\[\]{}<>\"\\^`|]")
_REMOVED = re.compile(r"[\t\r\n]")
_PASSES = 8


def canonical_url(text: str, host: Callable[[str], Observable | None]) -> str | None:
    """The URL in its one form, None when it is none; `host` gives the canonical form of the name in it."""
    found = _URL.fullmatch(_REMOVED.sub("", text))
    if found is None:
        return None
    scheme, authority, rest = found[1].lower(), found[2], found[3]
    if rest.startswith("\\"):
        # Browsers take it for a stroke, and so do those who want to be overlooked.
        rest = "/" + rest[1:]
    if not authority and not rest.startswith("/"):
        return None
    rest = _encoded(rest)
    place = _authority(authority, scheme, host)
    if rest is None or place is None:
        return None
    # Only a URL with a host has a path that may be left out.
    return f"{scheme}://{place}{'/' if place and not rest.startswith('/') else ''}{rest}"


def split_url(text: str) -> tuple[str, str]:
    """(host, path and the rest) of a canonical URL."""
    found = _URL.fullmatch(text)
    if found is None:
        return "", ""
    name = found[2].rpartition("@")[2]
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    return name, found[3]


def _authority(text: str, scheme: str, host: Callable[[str], Observable | None]) -> str | None:
    if not text:
        return ""
    user, at, place = text.rpartition("@")
    if place.startswith("["):
        name, _, port = place[1:].partition("]")
        port = port.removeprefix(":")
    else:
        name, _, port = place.partition(":")
    known = host(name)
    encoded = _encoded(user)
    if known is None or known.kind.endswith("-net") or encoded is None or (port and not port.isdecimal()):
        return None
    if port:
        # More digits than these are no port; the check also bounds the conversion.
        if len(port) > 9 or not port.isascii() or int(port) > 65535:
            return None
        port = str(int(port))
    written = f"[{known.text}]" if known.kind == "ipv6-addr" else known.text
    return f"{encoded}{at}{written}" + (f":{port}" if port and port != _PORTS.get(scheme) else "")


def _encoded(text: str) -> str | None:
    """Escapes in upper case, none where none is needed, and one wherever one is."""
    try:
        text = _UNSAFE.sub(_escape, text)
    except UnicodeEncodeError:
        return None
    if "%" not in text:
        return text
    for _ in range(_PASSES):
        made = _ENCODED.sub(_unescape, text)
        if made == text:
            return text
        text = made
    return None


def _escape(found: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in found[0].encode())


def _unescape(found: re.Match[str]) -> str:
    char = chr(int(found[0][1:], 16))
    return char if char in _UNRESERVED else found[0].upper()
