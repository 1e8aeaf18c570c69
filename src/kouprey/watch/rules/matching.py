"""Which indicators a value matches: every distinct value is judged once, whatever the number of events.

A verdict depends on the text alone, not on the field it stood in, so that nobody can have a text judged in one field
and be passed over in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple, TypeVar

from kouprey.watch.model import Event, How, Match
from kouprey.watch.rules.naming import DOMAIN, HASHES, IPV4, IPV6, LONGEST, URL, split_url

CACHED = 1 << 17
"""Verdicts in each of two halves of the cache; the older half goes when the younger is full."""
LONGEST_CACHED = 300
"""Characters of a text whose verdict is kept."""
WIDEST = {"ipv4-net": 8, "ipv6-net": 19}
"""Kind -> bits of the widest network that is looked for, the largest anybody was given: a wider one names everybody."""
MOST = 50
"""Indicators that one value raises, the first that named it."""
KINDS = frozenset({DOMAIN, URL, IPV4, IPV6, "ipv4-net", "ipv6-net", *HASHES.values()})
"""Kinds of observables that are looked for."""

Ids = str | tuple[str, ...]


class Hit(NamedTuple):
    """A value of the event at `place` that an indicator names."""

    place: int
    kind: str
    value: str
    match: Match


class Terms:
    """What indicators name. It only grows: whether an indicator is (still) in force is asked where it hits."""

    def __init__(self) -> None:
        self.domains: dict[str, Ids] = {}
        self.addresses: dict[str, Ids] = {}
        self.hashes: dict[str, Ids] = {}
        self.urls: dict[str, Ids] = {}
        self.networks: dict[int, dict[int, Ids]] = {}
        self.networks6: dict[int, dict[int, Ids]] = {}
        self.generation = 0

    def add(self, indicator: str, kind: str, text: str) -> bool:
        """Look for a value (in the form of its kind) from now on; False when it is of no kind that is looked for."""
        if kind == DOMAIN:
            _add(self.domains, text, indicator)
        elif kind in (IPV4, IPV6):
            _add(self.addresses, text, indicator)
        elif kind in ("ipv4-net", "ipv6-net"):
            base, _, bits = text.partition("/")
            if int(bits) < WIDEST[kind]:
                return False
            width, nets = (32, self.networks) if kind == "ipv4-net" else (128, self.networks6)
            shift = width - int(bits)
            _add(nets.setdefault(shift, {}), int(ip_address(base)) >> shift, indicator)
        elif kind == URL and (key := split_url(text)):
            _add(self.urls, key, indicator)
        elif kind in HASHES.values():
            _add(self.hashes, text, indicator)
        else:
            return False
        self.generation += 1
        return True

    def __len__(self) -> int:
        """Distinct values that are looked for."""
        nets = (*self.networks.values(), *self.networks6.values())
        plain = (self.domains, self.addresses, self.hashes, self.urls)
        return sum(map(len, plain)) + sum(map(len, nets))

    def judge(self, text: str) -> tuple[Match, ...]:
        """Everything that names this name, address or hash."""
        if len(text) > LONGEST:
            return ()
        found = list(_matches(self.domains, text, DOMAIN, How.EXACT))
        found += _matches(self.hashes, text, HASHES.get(len(text), ""), How.EXACT)
        if ":" in text:
            found += self._of_address(text, _number6(text), six=True)
        elif text[-1:].isdigit() and (number := _number(text)) is not None:
            found += self._of_address(text, number, six=False)
        else:
            above = text
            while (dot := above.find(".")) >= 0:
                above = above[dot + 1 :]
                found += _matches(self.domains, above, DOMAIN, How.BELOW)
        return tuple(found[:MOST])

    def judge_url(self, key: str) -> tuple[Match, ...]:
        """Everything that names this URL."""
        return tuple(_matches(self.urls, key, URL, How.EXACT))[:MOST]

    def _of_address(self, text: str, number: int | None, *, six: bool) -> Iterator[Match]:
        yield from _matches(self.addresses, text, IPV6 if six else IPV4, How.EXACT)
        if number is None:
            return
        for shift, nets in (self.networks6 if six else self.networks).items():
            if (base := number >> shift) in nets:
                first = IPv6Address(base << shift) if six else IPv4Address(base << shift)
                named = f"{first}/{first.max_prefixlen - shift}"
                yield from _several(nets[base], "ipv6-net" if six else "ipv4-net", named, How.WITHIN)


class Matcher:
    """Judges events by terms, and remembers verdicts in bounded room, as long as the terms are the same."""

    def __init__(self, terms: Terms, cached: int = CACHED) -> None:
        self.terms = terms
        self._cached = cached
        self._young: dict[str, tuple[Match, ...] | None] = {}
        self._old: dict[str, tuple[Match, ...] | None] = {}
        self._generation = terms.generation

    def __len__(self) -> int:
        """Verdicts that are remembered."""
        return len(self._young) + len(self._old)

    def find(self, events: Iterable[Event]) -> list[Hit]:
        """Every value of these events that an indicator names, by the place of its event."""
        if self._generation != self.terms.generation:
            self._young, self._old, self._generation = {}, {}, self.terms.generation
        hits: list[Hit] = []
        urls, judge, get = self.terms.urls, self._judge, self._young.get
        # A text that nothing names is remembered as None, so that most values cost one look.
        missing: tuple[Match, ...] = ()
        for place, event in enumerate(events):
            for kind, value in event.values:
                if kind == URL:
                    if value in urls:
                        hits += [Hit(place, kind, value, each) for each in self.terms.judge_url(value)]
                    continue
                verdict = get(value, missing)
                if verdict is not None:
                    verdict = verdict or judge(value)
                    get = self._young.get
                    if verdict:
                        hits += [Hit(place, kind, value, each) for each in verdict if _fits(kind, each.kind)]
        return hits

    def _judge(self, text: str) -> tuple[Match, ...] | None:
        if text in self._old:
            verdict = self._old[text]
        else:
            verdict = self.terms.judge(text) or None
        if len(text) <= LONGEST_CACHED:
            if len(self._young) >= self._cached:
                self._old, self._young = self._young, {}
            self._young[text] = verdict
        return verdict


def _fits(kind: str, named: str) -> bool:
    """Whether a value of this kind is what an indicator of that kind means: no name that looks like a hash is one."""
    return kind == named or (named.endswith("-net") and kind.endswith("-addr"))


Key = TypeVar("Key", str, int)


def _add(into: dict[Key, Ids], key: Key, indicator: str) -> None:
    held = into.get(key)
    if held is None:
        into[key] = indicator
        return
    several: tuple[str, ...] = (held,) if isinstance(held, str) else held
    if indicator not in several:
        into[key] = (*several, indicator)


def _matches(terms: dict[str, Ids], text: str, kind: str, how: How) -> Iterator[Match]:
    held = terms.get(text)
    if held is not None:
        yield from _several(held, kind, text, how)


def _several(held: Ids, kind: str, named: str, how: How) -> Iterator[Match]:
    for each in held if isinstance(held, tuple) else (held,):
        yield Match(indicator=each, kind=kind, named=named, how=how)


def _number(text: str) -> int | None:
    parts = text.split(".")
    if len(parts) != 4:
        return None
    try:
        a, b, c, d = map(int, parts)
    except ValueError:
        return None
    return a << 24 | b << 16 | c << 8 | d if max(a, b, c, d) < 256 else None


def _number6(text: str) -> int | None:
    try:
        return int(ip_address(text))
    except ValueError:
        return None
