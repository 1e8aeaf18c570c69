"""The STIX pattern parser: one pass, no recursion, and a reason for every pattern it refuses."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from functools import lru_cache
from math import isinf
from typing import Literal, TypeVar

from kouprey.exchange.wire.pattern import faults
from kouprey.exchange.wire.pattern.grammar import (
    AFTER_CONDITION,
    AFTER_EXPRESSION,
    CONDITION,
    EXPRESSION,
    MEMBER,
    OPENING,
    SINGLE,
    STEP,
    TYPE,
)
from kouprey.exchange.wire.pattern.hashes import HashForm, find_hash_form
from kouprey.exchange.wire.pattern.tree import (
    Between,
    Binary,
    Comparison,
    Comparisons,
    Condition,
    Constant,
    Expression,
    Hex,
    Observation,
    Observations,
    Path,
    Pattern,
    Qualified,
    Qualifier,
    Repeats,
    Timestamp,
    Within,
)

Edition = Literal["2.0", "2.1"]
"""Which STIX a pattern was written for; 2.0 knows no EXISTS and lets an observation repeat a qualifier."""

MAX_LENGTH = 256 * 1024
"""Longest pattern, in characters."""
MAX_DEPTH = 64
"""Deepest nesting of parentheses, inside and outside of square brackets each."""
MAX_TERMS = 10_000
"""Most comparisons and members of sets in one pattern."""
MAX_DIGITS = 400
"""Longest number, in characters."""

_LOOSEST_FIRST = ("FOLLOWEDBY", "OR", "AND")
_CANONICAL = {"==": "=", "<>": "!="}
_STRING_ONLY = frozenset(("LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"))
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LONGEST_REMEMBERED_PATH = 128

Node = TypeVar("Node")


def parse_pattern(text: str, edition: Edition = "2.1") -> Pattern:
    """Parse a STIX pattern (STIX 2.1 section 9).

    Raises Damaged `bad-pattern`, with `position` (from 0) in its detail, or TooLarge beyond the limits above.
    """
    if len(text) > MAX_LENGTH:
        raise faults.too_large(f"It has {len(text)} characters, and {MAX_LENGTH} are the most.")
    return _parsed(text, edition)


# What judges an object and what looks for the values in it ask for the same pattern, one right after the other.
@lru_cache(maxsize=1)
def _parsed(text: str, edition: Edition) -> Pattern:
    single = SINGLE.fullmatch(text)
    if single is not None:
        path, hash_form = _path(single[1])
        if hash_form is None or hash_form.values.fullmatch(single[2]) is not None:
            return Pattern(Observation(Comparison(path, "=", single[2])))
    if OPENING.match(text) is None:
        raise faults.no_brackets(text)
    return Pattern(_Parser(text, edition).expression())


class _Parser:
    """One pattern being read: where we are and how much has been seen."""

    __slots__ = ("edition", "position", "terms", "text")

    def __init__(self, text: str, edition: Edition) -> None:
        self.text = text
        self.edition = edition
        self.position = 0
        self.terms = 0

    def expression(self) -> Expression:
        """Everything outside of square brackets, to the end of the text."""
        text = self.text
        outer: list[tuple[list[Expression], list[str]]] = []
        operands: list[Expression] = []
        words: list[str] = []
        while True:
            found = EXPRESSION.match(text, self.position)
            if found is None:
                raise faults.no_expression(text, self.position)
            self.position = found.end()
            if found[1] == "(":
                self.deeper(outer)
                outer.append((operands, words))
                operands, words = [], []
                continue
            node: Expression = Observation(self.condition())
            single = True
            while True:
                node, found = self.qualified(node, single)
                if found["join"]:
                    operands.append(node)
                    words.append(found["join"])
                    break
                if found["close"]:
                    if not outer:
                        raise faults.not_open(text, found.start("close"))
                    operands.append(node)
                    node, single = _fold(Observations, operands, words), False
                    operands, words = outer.pop()
                    continue
                if outer:
                    raise faults.not_closed(text, self.position)
                operands.append(node)
                return _fold(Observations, operands, words)

    def qualified(self, node: Expression, single: bool) -> tuple[Expression, re.Match[str]]:
        """`node` with the qualifiers that follow it, and what comes after them."""
        qualifiers: list[Qualifier] = []
        while True:
            found = AFTER_EXPRESSION.match(self.text, self.position)
            if found is None:
                raise faults.after_expression(self.text, self.position)
            self.position = found.end()
            if found["within"]:
                qualifiers.append(Within(_number(found["seconds"], found.start("seconds"))))
            elif found["repeats"]:
                qualifiers.append(Repeats(_integer(found["times"], found.start("times"))))
            elif found["between"]:
                qualifiers.append(Between(Timestamp(found["start"][2:-1]), Timestamp(found["stop"][2:-1])))
            elif qualifiers:
                return Qualified(node, tuple(qualifiers)), found
            else:
                return node, found
            if len(qualifiers) > 1 and single and self.edition != "2.0":
                kind = type(qualifiers[-1])
                if any(type(earlier) is kind for earlier in qualifiers[:-1]):
                    raise faults.qualified_twice(self.text, found.start(found.lastgroup or 0))

    def condition(self) -> Condition:
        """Everything inside one pair of square brackets, and the closing one."""
        text = self.text
        outer: list[tuple[list[Condition], list[str]]] = []
        operands: list[Condition] = []
        words: list[str] = []
        while True:
            found = CONDITION.match(text, self.position)
            if found is None:
                raise faults.no_condition(text, self.position)
            self.position = found.end()
            if found["open"]:
                self.deeper(outer)
                outer.append((operands, words))
                operands, words = [], []
                continue
            operands.append(self.comparison(found))
            while True:
                found = AFTER_CONDITION.match(text, self.position)
                if found is None:
                    raise faults.after_condition(text, self.position)
                self.position = found.end()
                word = found[1]
                if word == "]":
                    if outer:
                        raise faults.not_closed(text, found.start(1))
                    return _fold(Comparisons, operands, words)
                if word != ")":
                    words.append(word)
                    break
                if not outer:
                    raise faults.not_open(text, found.start(1))
                node = _fold(Comparisons, operands, words)
                operands, words = outer.pop()
                operands.append(node)

    def deeper(self, outer: list[tuple[list[Node], list[str]]]) -> None:
        if len(outer) >= MAX_DEPTH:
            raise faults.too_large(f"Its parentheses nest more than {MAX_DEPTH} deep.")

    def count(self, terms: int) -> None:
        self.terms += terms
        if self.terms > MAX_TERMS:
            raise faults.too_large(f"It has more than {MAX_TERMS} comparisons and set members.")

    def comparison(self, found: re.Match[str]) -> Comparison:
        """The comparison that CONDITION has found."""
        written, negated, operator, value, _, absent, existing = found.groups()
        self.count(1)
        if operator is None:
            if self.edition == "2.0":
                raise faults.not_in_2_0(self.text, found.start())
            return Comparison(_path(existing)[0], "EXISTS", None, absent is not None)
        path, hash_form = _path(written)
        operator = _CANONICAL.get(operator, operator)
        at = found.start("value")
        if operator == "IN":
            return Comparison(path, operator, self.members(value, at, hash_form), negated is not None)
        if operator in _STRING_ONLY:
            if value[0] != "'":
                raise faults.not_a_string(self.text, at, operator)
        elif value[0] == "(":
            raise faults.set_without_in(self.text, at, operator)
        else:
            if (value == "true" or value == "false") and operator not in ("=", "!="):
                raise faults.no_order(self.text, at, operator)
            self.hashed(value, at, hash_form)
        return Comparison(path, operator, _constant(value, at), negated is not None)

    def members(self, written: str, at: int, hash_form: HashForm | None) -> tuple[Constant, ...]:
        """The members of the set after IN; it may be empty."""
        if written[0] != "(":
            raise faults.not_a_set(self.text, at)
        members: list[Constant] = []
        for member in MEMBER.finditer(written):
            self.count(1)
            start = at + member.start(1)
            self.hashed(member[1], start, hash_form)
            members.append(_constant(member[1], start))
        return tuple(members)

    def hashed(self, written: str, at: int, hash_form: HashForm | None) -> None:
        """A value compared with a hash has the form of the algorithm's hashes."""
        if hash_form is not None and hash_form.values.fullmatch(written.strip("'")) is None:
            raise faults.not_a_hash(self.text, at, hash_form.name)


def _fold(join: Callable[[str, tuple[Node, ...]], Node], operands: list[Node], words: list[str]) -> Node:
    """Operands with the words between them as a tree: FOLLOWEDBY binds loosest, AND tightest (section 9.5.3)."""
    for word in _LOOSEST_FIRST if words else ():
        if word in words:
            runs: list[Node] = []
            start = 0
            for place, between in enumerate(words):
                if between == word:
                    runs.append(_fold(join, operands[start : place + 1], words[start:place]))
                    start = place + 1
            runs.append(_fold(join, operands[start:], words[start:]))
            return join(word, tuple(runs))
    return operands[0]


def _path(written: str) -> tuple[Path, HashForm | None]:
    """An object path and, when it leads to a hash, the form of it."""
    return _remembered_path(written) if len(written) <= _LONGEST_REMEMBERED_PATH else _read_path(written)


def _read_path(written: str) -> tuple[Path, HashForm | None]:
    kind = TYPE.match(written)
    object_type = kind[0] if kind else ""
    steps: list[str | int | None] = []
    position = len(object_type)
    while step := STEP.match(written, position):
        position = step.end()
        key, place = step["key"], step["place"]
        if key is not None:
            steps.append(_unquote(key) if key[0] == "'" else key)
        else:
            steps.append(None if place is None else _integer(place, 0))
    last = steps[-1]
    hash_form = find_hash_form(last) if isinstance(last, str) and "hashes" in steps else None
    return Path(object_type, tuple(steps)), hash_form


# Paths are few and patterns many. Long ones are not kept: they would fill the memory for nothing.
_remembered_path = lru_cache(maxsize=1024)(_read_path)


def _constant(written: str, at: int) -> Constant:
    """The value of a constant that the grammar has accepted."""
    first = written[0]
    if first == "'":
        return _unquote(written)
    if first == "h":
        return Hex(bytes.fromhex(written[2:-1]))
    if first == "b":
        return Binary(b64decode(written[2:-1]))
    if written == "true" or written == "false":
        return written == "true"
    if first == "t":
        return Timestamp(written[2:-1])
    return _number(written, at)


def _unquote(written: str) -> str:
    inner = written[1:-1]
    return _ESCAPE.sub(r"\1", inner) if "\\" in inner else inner


def _number(written: str, at: int) -> int | float:
    if "." not in written:
        return _integer(written, at)
    value = float(written) if len(written) <= MAX_DIGITS else float("inf")
    if isinf(value):
        raise faults.too_large(f"The number at character {at + 1} is beyond what can be computed with.")
    return value


def _integer(written: str, at: int) -> int:
    if len(written) > MAX_DIGITS:
        raise faults.too_large(f"The number at character {at + 1} has more than {MAX_DIGITS} digits.")
    return int(written)
