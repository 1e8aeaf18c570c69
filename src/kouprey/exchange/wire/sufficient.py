"""What is enough to fulfil an indicator by itself: the values of its pattern each of which alone makes it true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from kouprey.exchange.model import Observable
from kouprey.exchange.wire.observables import observables_at
from kouprey.exchange.wire.pattern import Comparison, parse_pattern
from kouprey.exchange.wire.pattern.tree import Comparisons, Condition, Expression, Observation, Observations
from kouprey.kernel.words.errors import KoupreyError

# Nine of ten indicators are one comparison, which needs no parser.
_PLAIN = re.compile(r"\[\s?([a-z0-9-]+:(?:value|hashes\.'?[A-Za-z0-9-]+'?))\s?=\s?'([^'\\]{1,4096})'\s?\]")


def sufficient_in(pattern: str) -> tuple[Observable, ...]:
    """Values that fulfil a STIX pattern alone (2.1 section 9), each once; () where it asks for more, or is none.

    Equality, IN and ISSUBSET name values, OR joins them. What is joined by AND or FOLLOWEDBY, negated, or qualified
    by REPEATS or by times, is fulfilled by no value alone.
    """
    plain = _PLAIN.fullmatch(pattern.strip())
    return observables_at(plain[1], plain[2]) if plain is not None else _parsed(pattern)


@lru_cache(maxsize=2048)
def _parsed(pattern: str) -> tuple[Observable, ...]:
    try:
        return tuple(dict.fromkeys(_of_expression(parse_pattern(pattern).expression)))
    except KoupreyError:
        return ()


def _of_expression(expression: Expression) -> Iterator[Observable]:
    if isinstance(expression, Observation):
        yield from _of_condition(expression.condition)
    elif isinstance(expression, Observations) and expression.operator == "OR":
        for each in expression.operands:
            yield from _of_expression(each)


def _of_condition(condition: Condition) -> Iterator[Observable]:
    if isinstance(condition, Comparisons):
        for each in condition.operands if condition.operator == "OR" else ():
            yield from _of_condition(each)
    elif isinstance(condition, Comparison) and not condition.negated and condition.operator in ("=", "IN", "ISSUBSET"):
        values: Any = condition.value if isinstance(condition.value, tuple) else (condition.value,)
        for value in values:
            yield from observables_at(str(condition.path), value)
