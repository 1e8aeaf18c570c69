"""A STIX pattern as a tree of frozen values, and as text again."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from kouprey.exchange.wire.pattern.grammar import KEYWORDS

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Path(msgspec.Struct, frozen=True, gc=False):
    """Where a comparison looks: an object type and the way into it (STIX 2.1 section 9.7).

    A step is the name of a property, the place in a list (from 0), or None for every item of it (`[*]`).
    """

    object_type: str
    steps: tuple[str | int | None, ...]

    def __str__(self) -> str:
        """As a pattern writes it, with apostrophes only where they are needed."""
        parts = [f".{_key(step)}" if isinstance(step, str) else _index(step) for step in self.steps]
        return f"{self.object_type}:{''.join(parts)[1:]}"


class Hex(msgspec.Struct, frozen=True, gc=False):
    """Octets written as `h'ffd8'`."""

    octets: bytes


class Binary(msgspec.Struct, frozen=True, gc=False):
    """Octets written in base64 as `b'ABI='`."""

    octets: bytes


class Timestamp(msgspec.Struct, frozen=True, gc=False):
    """An instant as written between the apostrophes of `t'2016-06-01T00:00:00Z'`.

    The grammar fixes its form, not the calendar: the thirtieth of February passes.
    """

    text: str


Constant = str | int | float | bool | Hex | Binary | Timestamp


class Comparison(msgspec.Struct, frozen=True, gc=False):
    """One comparison: `operator` is `=`, `!=`, `<`, `<=`, `>`, `>=`, IN, LIKE, MATCHES, ISSUBSET, ISSUPERSET or EXISTS.

    `value` is a tuple for IN and None for EXISTS.
    """

    path: Path
    operator: str
    value: Constant | tuple[Constant, ...] | None
    negated: bool = False


class Comparisons(msgspec.Struct, frozen=True):
    """Two or more conditions of one observation, joined by `operator`: AND or OR."""

    operator: str
    operands: tuple[Condition, ...]


Condition = Comparison | Comparisons


class Observation(msgspec.Struct, frozen=True):
    """What one observation has to be: the content of a pair of square brackets."""

    condition: Condition


class Observations(msgspec.Struct, frozen=True):
    """Two or more expressions joined by `operator`: AND, OR or FOLLOWEDBY."""

    operator: str
    operands: tuple[Expression, ...]


class Within(msgspec.Struct, frozen=True):
    """All matches inside a window of so many seconds."""

    seconds: int | float


class Repeats(msgspec.Struct, frozen=True):
    """At least so many different matches."""

    times: int


class Between(msgspec.Struct, frozen=True):
    """START and STOP: matches from `start` on, before `stop`."""

    start: Timestamp
    stop: Timestamp


Qualifier = Within | Repeats | Between


class Qualified(msgspec.Struct, frozen=True):
    """An expression and one or more qualifiers that hold for the whole of it."""

    expression: Expression
    qualifiers: tuple[Qualifier, ...]


Expression = Observation | Observations | Qualified


class Pattern(msgspec.Struct, frozen=True):
    """A whole pattern. `str()` writes it in one normal form, which parses to an equal pattern."""

    expression: Expression

    def __str__(self) -> str:
        return _write_expression(self.expression)


def comparisons(pattern: Pattern) -> Iterator[Comparison]:
    """Every comparison of a pattern, in the order written."""
    rest: list[Expression | Condition] = [pattern.expression]
    while rest:
        node = rest.pop()
        if isinstance(node, Comparison):
            yield node
        elif isinstance(node, Observation):
            rest.append(node.condition)
        elif isinstance(node, Qualified):
            rest.append(node.expression)
        else:
            rest.extend(reversed(node.operands))


def values_of(pattern: Pattern) -> tuple[tuple[str, str, Constant], ...]:
    """What the pattern looks for by name: (object path, `=` or IN, value), one for each member of a set.

    Comparisons that are negated, ordered or match by wildcard name no value. The path is in normal form, so that
    `file:hashes.'MD5'` and `file:hashes.MD5` are one.
    """
    found: list[tuple[str, str, Constant]] = []
    for comparison in comparisons(pattern):
        value = comparison.value
        if comparison.negated or value is None:
            continue
        if isinstance(value, tuple):
            path = str(comparison.path)
            found.extend((path, "IN", member) for member in value)
        elif comparison.operator == "=":
            found.append((str(comparison.path), "=", value))
    return tuple(found)


def _key(name: str) -> str:
    return name if _PLAIN_KEY.fullmatch(name) and name not in KEYWORDS else _quote(name)


def _index(place: int | None) -> str:
    return "[*]" if place is None else f"[{place}]"


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _write_constant(value: Constant) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _quote(value)
        case int():
            return str(value)
        case float():
            # The grammar knows no exponents, so neither may we.
            digits = format(Decimal(repr(value)), "f")
            return digits if "." in digits else f"{digits}.0"
        case Hex():
            return f"h'{value.octets.hex()}'"
        case Binary():
            return f"b'{b64encode(value.octets).decode('ascii')}'"
        case Timestamp():
            return f"t'{value.text}'"


def _write_comparison(comparison: Comparison) -> str:
    negation = "NOT " if comparison.negated else ""
    value = comparison.value
    if value is None:
        return f"{negation}EXISTS {comparison.path}"
    written = f"({', '.join(map(_write_constant, value))})" if isinstance(value, tuple) else _write_constant(value)
    return f"{comparison.path} {negation}{comparison.operator} {written}"


def _write_condition(condition: Condition) -> str:
    if isinstance(condition, Comparison):
        return _write_comparison(condition)
    return f" {condition.operator} ".join(
        f"({_write_condition(part)})" if isinstance(part, Comparisons) else _write_condition(part)
        for part in condition.operands
    )


def _write_qualifier(qualifier: Qualifier) -> str:
    match qualifier:
        case Within():
            return f"WITHIN {_write_constant(qualifier.seconds)} SECONDS"
        case Repeats():
            return f"REPEATS {qualifier.times} TIMES"
        case Between():
            return f"START {_write_constant(qualifier.start)} STOP {_write_constant(qualifier.stop)}"


def _write_expression(expression: Expression) -> str:
    match expression:
        case Observation():
            return f"[{_write_condition(expression.condition)}]"
        case Observations():
            return f" {expression.operator} ".join(
                f"({_write_expression(part)})" if isinstance(part, Observations) else _write_expression(part)
                for part in expression.operands
            )
        case Qualified():
            inner = expression.expression
            kinds = {type(qualifier) for qualifier in expression.qualifiers}
            # Without parentheses an observation may have only one qualifier of a kind.
            bare = isinstance(inner, Observation) and len(kinds) == len(expression.qualifiers)
            written = _write_expression(inner) if bare else f"({_write_expression(inner)})"
            return " ".join([written, *map(_write_qualifier, expression.qualifiers)])
