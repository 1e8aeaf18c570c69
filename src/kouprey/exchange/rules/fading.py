"""How fast what is known grows old: half-lives by what a thing names, each with its sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kouprey.exchange.model import OBSERVABLE_TYPES
from kouprey.kernel.words.time import SECOND, Instant

DAY: Instant = 86_400 * SECOND


class Fade(NamedTuple):
    """After how many days without news half is left, and how to say so."""

    days: int
    sentence: str


# docs/why/confidence-fades.md gives the ground of each number.
HALF_LIVES: Mapping[str, Fade] = {
    "address": Fade(30, "An address changes hands: every %(days)s days without news halve it."),
    "url": Fade(30, "A URL is soon taken down: every %(days)s days without news halve it."),
    "network": Fade(60, "A network changes hands: every %(days)s days without news halve it."),
    "domain": Fade(60, "A domain name lapses or is taken over: every %(days)s days without news halve it."),
    "mailbox": Fade(90, "A mailbox is given up: every %(days)s days without news halve it."),
    "pattern": Fade(180, "What a pattern describes changes: every %(days)s days without news halve it."),
    "trace": Fade(365, "A trace of a tool changes with its next build: every %(days)s days without news halve it."),
    "hash": Fade(1_825, "A hash names the same bytes for ever, but they fall out of use: %(days)s days halve it."),
}

_KINDS = {
    "ipv4-addr": "address",
    "ipv6-addr": "address",
    "ipv4-net": "network",
    "ipv6-net": "network",
    "url": "url",
    "domain-name": "domain",
    "email-addr": "mailbox",
    "user-agent": "trace",
    "mac-addr": "trace",
    "as-number": "pattern",
    "file-name": "trace",
    "certificate-serial": "trace",
    "mutex": "trace",
    "registry-key": "trace",
    "cve": "",
}


def fading_of(type_: str, kinds: Iterable[str]) -> str:
    """What makes an object of a type that names observables of these kinds fade: the most fleeting of them.

    "" for what stays true: adversaries, their ways and tools, vulnerabilities, and what was observed.
    """
    if type_ not in ("indicator", "infrastructure") and type_ not in OBSERVABLE_TYPES:
        return ""
    named = {fading_of_kind(kind) for kind in kinds} - {""}
    if not named:
        return "pattern" if type_ in ("indicator", "infrastructure") else ""
    return min(named, key=lambda each: HALF_LIVES[each].days)


def fading_of_kind(kind: str) -> str:
    """The same for an observable alone; what is not listed is a hash."""
    return _KINDS.get(kind, "hash")
