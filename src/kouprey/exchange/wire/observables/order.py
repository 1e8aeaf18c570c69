"""Where an observable stands among its kind, so that what lies within a network or under a domain stands together."""

from __future__ import annotations

from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import NamedTuple

from kouprey.exchange.model import Observable
from kouprey.exchange.wire.observables.canonical import host
from kouprey.exchange.wire.observables.urls import split_url

LONGEST_KEY = 300
"""Characters of a key: PostgreSQL has no index over longer ones."""

_END = "~"
"""Stands behind every character of an address."""


class Span(NamedTuple):
    """Observables of a kind whose key is above `after` and below `before`."""

    kind: str
    after: str
    before: str


def order_key(observable: Observable) -> str:
    """Addresses and networks as hexadecimal digits, names from their top: `example.www.`; "" where there is no order.

    A URL stands under its host and an e-mail address under its domain.
    """
    kind, text = observable.kind, observable.text
    match kind:
        case "domain-name":
            return _reversed(text)
        case "ipv4-addr" | "ipv6-addr":
            return _hex(text)
        case "ipv4-net" | "ipv6-net":
            base, _, prefix = text.partition("/")
            return f"{_hex(base)}/{int(prefix):03}"
        case "url":
            name, rest = split_url(text)
            found = host(name)
            return (order_key(found) + rest)[:LONGEST_KEY] if found is not None else ""
        case "email-addr":
            local, _, name = text.rpartition("@")
            return f"{_reversed(name)}@{local}"[:LONGEST_KEY]
    return ""


def spans_within(observable: Observable) -> tuple[Span, ...]:
    """What lies within it: addresses and networks of a network, subdomains, URLs and mailboxes of a domain."""
    kind, key = observable.kind, order_key(observable)
    if kind in ("ipv4-net", "ipv6-net"):
        family = kind[:4]
        base, _, prefix = observable.text.partition("/")
        digits = _hex(base)
        width = len(digits) * 4
        last = f"{int(digits, 16) | ((1 << (width - int(prefix))) - 1):0{len(digits)}x}"
        # A network that begins at the same address stands behind this one when it is narrower, else before it.
        return (
            Span(f"{family}-addr", _before(digits), last + _END),
            Span(f"{family}-net", key, last + _END),
        )
    if kind == "domain-name":
        end = key[:-1] + "/"
        return (Span("domain-name", key, end), Span("url", key, end), Span("email-addr", key, end))
    if kind in ("ipv4-addr", "ipv6-addr"):
        # Names whose top is eight such digits end in a dot, which stands before the stroke.
        return (Span("url", key + "." + _END, key + "0"),)
    return ()


def wider(observable: Observable) -> tuple[Observable, ...]:
    """What it lies in, narrowest first: the networks of an address, the domains above a name, the host of a URL.

    There are at most 32, 128 and 126 of them, so they are looked up by name and no tree of ranges is kept.
    """
    kind, text = observable.kind, observable.text
    if kind in ("ipv4-addr", "ipv6-addr", "ipv4-net", "ipv6-net"):
        return _networks(kind[:4], text)
    if kind == "domain-name":
        labels = text.split(".")
        return tuple(Observable(kind, ".".join(labels[i:])) for i in range(1, len(labels) - 1))
    if kind == "email-addr":
        above = Observable("domain-name", text.rpartition("@")[2])
        return (above, *wider(above))
    if kind == "url":
        found = host(split_url(text)[0])
        return (found, *wider(found)) if found is not None else ()
    return ()


def _networks(family: str, text: str) -> tuple[Observable, ...]:
    base, _, prefix = text.partition("/")
    packed = inet_pton(AF_INET if family == "ipv4" else AF_INET6, base)
    width = len(packed) * 8
    number = int.from_bytes(packed, "big")
    above = []
    for bits in range(int(prefix or width) - 1, -1, -1):
        number = number >> (width - bits) << (width - bits)
        name = inet_ntop(AF_INET if family == "ipv4" else AF_INET6, number.to_bytes(width // 8, "big"))
        above.append(Observable(f"{family}-net", f"{name}/{bits}"))
    return tuple(above)


def _reversed(name: str) -> str:
    return ".".join(reversed(name.split("."))) + "."


def _hex(text: str) -> str:
    return inet_pton(AF_INET6 if ":" in text else AF_INET, text).hex()


def _before(digits: str) -> str:
    """A key just below all that begin with these digits."""
    return f"{int(digits, 16) - 1:0{len(digits)}x}{_END}" if int(digits, 16) else ""
