"""One written form of what is compared, for what sensors saw and for what indicators name."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from ipaddress import ip_address

DOMAIN, URL, IPV4, IPV6 = "domain-name", "url", "ipv4-addr", "ipv6-addr"
HASHES = {32: "md5", 40: "sha1", 64: "sha256"}
"""Hexadecimal digits -> the kind of hash."""
LONGEST = 2_048
"""Characters of a value that is looked at; no name, address or hash is longer, and few URLs are."""
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}", re.ASCII)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
_FOUR = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", re.ASCII)


def name_of(text: str) -> str:
    """A name in lower case without the dot of the root, in A-labels (RFC 5890); "" for what can be none."""
    name = text.lower()
    if name[-1:] == ".":
        name = name[:-1]
    if not name.isascii():
        name = _labels(name)
    return name if len(name) <= 253 else ""


@lru_cache(maxsize=4096)
def _labels(name: str) -> str:
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def address_of(text: str) -> tuple[str, str] | None:
    """(kind, address): IPv4 as it stands, IPv6 as RFC 5952 writes it, mapped IPv4 as IPv4; None for anything else."""
    if ":" in text:
        return _six(text) if len(text) <= 64 else None
    return (IPV4, text) if _FOUR.fullmatch(text) is not None else None


@lru_cache(maxsize=4096)
def _six(text: str) -> tuple[str, str] | None:
    try:
        found = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return (IPV4, str(mapped)) if mapped is not None else (IPV6, found.compressed)


def host_value(text: str) -> tuple[str, str] | None:
    """(kind, value) of a name or address as a client gave it, a port behind it left out; None when it is neither."""
    host = text.strip()
    if host[:1] == "[":
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    found = address_of(host)
    if found is None and ":" not in host and (name := name_of(host)):
        return (DOMAIN, name)
    return found


def hash_value(text: str) -> tuple[str, str] | None:
    """(kind, hash) in lower case; None when it is none that is looked for."""
    digits = text.strip().lower()
    kind = HASHES.get(len(digits))
    return (kind, digits) if kind is not None and _HEX.fullmatch(digits) is not None else None


def url_key(host: str, rest: str) -> str:
    """Host and path of a URL as they are compared, without the scheme: in one case, with escapes in one form."""
    if "://" in rest[:10]:
        # To a proxy a client names the whole address.
        host, slash, rest = rest.partition("://")[2].partition("/")
        rest = slash + rest
    host = host.lower().rpartition("@")[2]
    for port in (":80", ":443"):
        host = host.removesuffix(port)
    rest = rest.partition("#")[0] or "/"
    if "%" in rest:
        rest = _ESCAPE.sub(_unescape, rest)
    return host.removesuffix(".") + (rest if rest[0] in "/?" else "/" + rest)


def split_url(text: str) -> str:
    """The key of a whole URL; "" for a text without a scheme or a host."""
    scheme, found, rest = text.partition("://")
    end = min((place for mark in "/?#" if (place := rest.find(mark)) >= 0), default=len(rest))
    return url_key(rest[:end], rest[end:]) if found and scheme and rest[:end] else ""


def alert_id(indicator: str, host: str, hour: int) -> str:
    """The id of the one alert of an indicator at a host within an hour."""
    return f"alert_{blake2b(f'{indicator}|{hour}|{host}'.encode(), digest_size=16).hexdigest()}"


def _unescape(found: re.Match[str]) -> str:
    char = chr(int(found[0][1:], 16))
    return char if char in _UNRESERVED else found[0].upper()
