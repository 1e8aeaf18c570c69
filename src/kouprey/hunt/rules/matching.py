"""Which events rules find, by the method of distinct values: each test is asked once of each different value.

Events are taken in batches. Of a batch every field becomes a dictionary of its different values; all texts that are
looked for in a field are looked for in one pass (Aho-Corasick); what finds nothing folds its rule to nothing before any
event is touched. Events are parted by channel and number of the event, where rules name those, so that each keeps only
the fields that some rule for it asks for.
"""

from __future__ import annotations

import operator
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network

from kouprey.hunt.model import All, Kind, Leaf, Node, Not, Probe, Rule, Some

CHANNEL, EVENT = "Channel", "EventID"
_COMPARES: Mapping[str, Callable[[float, float], bool]] = {
    "LT": operator.lt,
    "LTE": operator.le,
    "GT": operator.gt,
    "GTE": operator.ge,
    "NEQ": operator.ne,
}
_SLOW = frozenset({Kind.REGEX, Kind.LIKE, Kind.NETWORK, Kind.COMPARE, Kind.FIELD})
Route = tuple[str, str]


class Ruleset:
    """Rules made ready for batches."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = [rule for rule in rules if rule.trees]
        self.tests: dict[str, dict[Probe, None]] = defaultdict(dict)
        self.fields: dict[str, frozenset[str]] = {}
        self._asks: list[tuple[Rule, Node, frozenset[str] | None, frozenset[str] | None, frozenset[str]]] = []
        for rule in self.rules:
            every: set[str] = set()
            for tree in rule.trees:
                found = frozenset(_fields(tree))
                every |= found
                self._asks.append((rule, _ordered(tree), _named(tree, CHANNEL), _named(tree, EVENT), found))
                for leaf in _leaves(tree):
                    self.tests[leaf.field][leaf.test] = None
            self.fields[rule.digest] = frozenset(every)
        self._wanted: dict[Route, frozenset[str]] = {}

    def wanted(self, route: Route) -> frozenset[str]:
        """The fields that some rule for this kind of event asks for."""
        if route not in self._wanted:
            found: set[str] = set()
            for _, _, channels, events, fields in self._asks:
                if _passes(route, channels, events):
                    found |= fields
            self._wanted[route] = frozenset(found)
        return self._wanted[route]

    def find(self, events: Sequence[Mapping[str, object]]) -> tuple[dict[str, list[int]], set[str]]:
        """Digest -> places of the events that a rule finds, in order; and the fields that were seen."""
        batch = _Batch(self, events)
        found: dict[str, set[int]] = defaultdict(set)
        for rule, tree, channels, numbers, _ in self._asks:
            for route, part in batch.parts.items():
                if _passes(route, channels, numbers) and (mask := part.holds(tree)):
                    found[rule.digest].update(part.places(mask))
        return {digest: sorted(places) for digest, places in found.items()}, set(batch.values)


def _passes(route: Route, channels: Collection[str] | None, events: Collection[str] | None) -> bool:
    return (channels is None or route[0] in channels) and (events is None or route[1] in events)


class _Batch:
    """Some events: the different values of each field, and the parts in which rules look."""

    def __init__(self, rules: Ruleset, events: Sequence[Mapping[str, object]]) -> None:
        self.values: dict[str, dict[str, int]] = {}
        self.parts: dict[Route, _Part] = {}
        for place, event in enumerate(events):
            route = (str(event.get(CHANNEL, "")).lower(), str(event.get(EVENT, "")))
            part = self.parts.get(route)
            if part is None:
                part = self.parts[route] = _Part(self, rules.wanted(route))
            part.add(place, event)
        self._rules = rules
        self._hits: dict[str, dict[Probe, set[int]]] = {}
        self._slow: dict[tuple[str, Probe], set[int]] = {}

    def number_of(self, field: str, value: str) -> int:
        known = self.values.setdefault(field, {})
        return known.setdefault(value, len(known))

    def hits(self, field: str, test: Probe) -> Collection[int]:
        """Numbers of the values of a field that pass a test."""
        if field not in self._hits:
            self._hits[field] = _scan(self.values.get(field, {}), self._rules.tests.get(field, {}))
        if test.kind in _SLOW or test.cased:
            key = (field, test)
            if key not in self._slow:
                within = self._hits[field].get(test, set())
                self._slow[key] = _slowly(list(self.values.get(field, {})), test, within)
            return self._slow[key]
        return self._hits[field].get(test, set())

    def text(self, field: str) -> list[str]:
        return list(self.values.get(field, {}))


class _Part:
    """Events of one route. A set of them is an integer, a bit for each, so that AND, OR and NOT are those of Python."""

    def __init__(self, batch: _Batch, wanted: frozenset[str]) -> None:
        self._batch = batch
        self._wanted = wanted
        self._places: list[int] = []
        self._rows: dict[str, dict[int, list[int]]] = {}
        self._masks: dict[tuple[str, Probe], int] = {}
        self._known: dict[str, int] = {}

    def add(self, place: int, event: Mapping[str, object]) -> None:
        row = len(self._places)
        self._places.append(place)
        for field, value in event.items():
            if field in self._wanted and value is not None:
                number = self._batch.number_of(field, value if isinstance(value, str) else str(value))
                self._rows.setdefault(field, {}).setdefault(number, []).append(row)

    @property
    def all(self) -> int:
        return (1 << len(self._places)) - 1

    def places(self, mask: int) -> list[int]:
        """Where the events of a set stand in the batch."""
        return [self._places[row] for row in _bits(mask)]

    def holds(self, node: Node) -> int:
        """The events for which it holds."""
        match node:
            case All(parts=parts):
                mask = self.all
                for part in parts:
                    mask &= self.holds(part)
                    if not mask:
                        return 0
                return mask
            case Some(parts=parts):
                mask, whole = 0, self.all
                for part in parts:
                    mask |= self.holds(part)
                    if mask == whole:
                        return whole
                return mask
            case Not(part=part):
                return self.all ^ self.holds(part)
            case Leaf(field=field, test=test):
                return self._leaf(field, test)

    def _leaf(self, field: str, test: Probe) -> int:
        key = (field, test)
        if key not in self._masks:
            self._masks[key] = self._look(field, test)
        return self._masks[key]

    def _look(self, field: str, test: Probe) -> int:
        rows = self._rows.get(field)
        if test.kind is Kind.NULL or test.kind is Kind.EXISTS:
            known = self._all_with(field)
            return self.all ^ known if test.kind is Kind.NULL or test.flag == "no" else known
        if rows is None:
            return 0
        if test.kind is Kind.ANY:
            return self._all_with(field)
        if test.kind is Kind.FIELD:
            return self._same(field, test.text)
        hits = self._batch.hits(field, test)
        if len(hits) < len(rows):
            return _mask([row for number in hits if number in rows for row in rows[number]], len(self._places))
        return _mask([row for number, held in rows.items() if number in hits for row in held], len(self._places))

    def _all_with(self, field: str) -> int:
        if field not in self._known:
            held = self._rows.get(field, {}).values()
            self._known[field] = _mask([row for rows in held for row in rows], len(self._places))
        return self._known[field]

    def _same(self, field: str, other: str) -> int:
        """Events in which two fields say the same."""
        first, second = self._batch.text(field), self._batch.text(other)
        there = {row: second[number].lower() for number, rows in self._rows.get(other, {}).items() for row in rows}
        here = ((row, first[number].lower()) for number, rows in self._rows.get(field, {}).items() for row in rows)
        return _mask([row for row, text in here if there.get(row) == text], len(self._places))


def _mask(rows: Sequence[int], size: int) -> int:
    if not rows:
        return 0
    held = bytearray((size + 7) // 8)
    for row in rows:
        held[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(held, "little")


def _bits(mask: int) -> Iterable[int]:
    held = mask.to_bytes((mask.bit_length() + 7) // 8, "little")
    for place, byte in enumerate(held):
        if byte:
            for bit in range(8):
                if byte >> bit & 1:
                    yield place * 8 + bit


def _scan(values: Mapping[str, int], tests: Iterable[Probe]) -> dict[Probe, set[int]]:
    """One pass over the different values for all plain tests of a field; of patterns, where their literal stands."""
    equal, starts, ends, within = (defaultdict[str, list[Probe]](list) for _ in range(4))
    by_kind = {Kind.EQUALS: equal, Kind.STARTS: starts, Kind.ENDS: ends, Kind.CONTAINS: within}
    for test in tests:
        if test.kind is Kind.LIKE:
            within[test.literal.lower()].append(test)
        elif test.kind in by_kind:
            by_kind[test.kind][test.text.lower()].append(test)
    found: dict[Probe, set[int]] = defaultdict(set)
    look = _looking_for(list(within))
    heads, tails = sorted({*map(len, starts)}), sorted({*map(len, ends)})
    names = list(within)
    for value, number in values.items():
        small = value.lower()
        hits = [*equal.get(small, ())]
        for size in heads:
            hits += starts.get(small[:size], ())
        for size in tails:
            hits += ends.get(small[-size:] if size else "", ())
        for each in look(small):
            hits += within[names[each]]
        for test in hits:
            found[test].add(number)
    return found


def _looking_for(words: list[str]) -> Callable[[str], Iterable[int]]:
    """Which of many words stand in a text, in one pass."""
    if not words:
        return lambda _: ()
    # Imported when somebody hunts: an extra.
    from ahocorasick_rs import AhoCorasick, MatchKind

    found = AhoCorasick(words, matchkind=MatchKind.Standard)
    return lambda text: {place for place, _, _ in found.find_matches_as_indexes(text, overlapping=True)}


def _slowly(values: Sequence[str], test: Probe, within: Collection[int]) -> set[int]:
    """Values that pass a test which is asked one by one; of LIKE and cased ones only where its literal stands."""
    match test.kind:
        case Kind.REGEX:
            holds = re.compile(test.text, re.IGNORECASE if test.flag == "i" else 0).search
            return {number for number, value in enumerate(values) if holds(value)}
        case Kind.LIKE:
            pattern = re.compile(test.text, re.DOTALL if test.cased else re.DOTALL | re.IGNORECASE)
            return {number for number in within if pattern.match(values[number])}
        case Kind.NETWORK:
            network = ip_network(test.text, strict=False)
            return {number for number, value in enumerate(values) if _inside(value, network)}
        case Kind.COMPARE:
            limit, compare = float(test.text), _COMPARES[test.flag]
            return {number for number, value in enumerate(values) if _compares(value, limit, compare)}
        case Kind.STARTS:
            return {number for number in within if values[number].startswith(test.text)}
        case Kind.ENDS:
            return {number for number in within if values[number].endswith(test.text)}
        case Kind.CONTAINS:
            return {number for number in within if test.text in values[number]}
        case _:
            return {number for number in within if values[number] == test.text}


def _inside(value: str, network: object) -> bool:
    try:
        return ip_address(value) in network  # type: ignore[operator]  # of one of its two classes
    except ValueError:
        return False


def _compares(value: str, limit: float, compare: Callable[[float, float], bool]) -> bool:
    try:
        return compare(float(value), limit)
    except ValueError:
        return False


def _leaves(node: Node) -> Iterable[Leaf]:
    match node:
        case Leaf():
            yield node
        case Not(part=part):
            yield from _leaves(part)
        case All(parts=parts) | Some(parts=parts):
            for part in parts:
                yield from _leaves(part)


def _fields(node: Node) -> set[str]:
    found: set[str] = set()
    for leaf in _leaves(node):
        found.add(leaf.field)
        if leaf.test.kind is Kind.FIELD:
            found.add(leaf.test.text)
    return found


def _named(node: Node, field: str) -> frozenset[str] | None:
    """The values of a field of which an event must have one, None where the tree does not say."""
    match node:
        case Leaf(field=name, test=test) if name == field and test.kind is Kind.EQUALS:
            return frozenset({test.text.lower()})
        case Some(parts=parts):
            each = [_named(part, field) for part in parts]
            return None if any(one is None for one in each) else frozenset().union(*(one for one in each if one))
        case All(parts=parts):
            known = [one for part in parts if (one := _named(part, field)) is not None]
            return frozenset.intersection(*known) if known else None
    return None


def _ordered(node: Node) -> Node:
    """What costs little first, so that what finds nothing ends it."""
    match node:
        case All(parts=parts):
            return All(parts=tuple(sorted(map(_ordered, parts), key=_cost)))
        case Some(parts=parts):
            return Some(parts=tuple(sorted(map(_ordered, parts), key=_cost)))
        case Not(part=part):
            return Not(part=_ordered(part))
    return node


def _cost(node: Node) -> int:
    match node:
        case Leaf(test=test):
            return 5 if test.kind in _SLOW else 0
        case Some():
            return 2
        case All():
            return 3
    return 4
