"""The verdict on a pattern: what makes it invalid, and what the standard forbids though it can be read."""

from __future__ import annotations

import msgspec

from kouprey.exchange.wire.pattern.parse import Edition, parse_pattern
from kouprey.exchange.wire.pattern.tree import (
    Comparison,
    Condition,
    Constant,
    Expression,
    Observation,
    Pattern,
    Qualified,
    Repeats,
    Within,
)
from kouprey.kernel.words.errors import Damaged, TooLarge


class PatternFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found in a pattern. `fatal`: it is no pattern at all; otherwise it can be read and used.

    `source` is the paragraph of the standard that demands otherwise, empty for a limit of this node. `position` is a
    character, from 0, where one can be named.
    """

    code: str
    fatal: bool
    source: str
    what: str
    why: str
    remedy: str
    position: int | None = None


def check_pattern(text: str, edition: Edition = "2.1") -> tuple[PatternFinding, ...]:
    """Everything wrong with a pattern; empty when it is sound.

    A pattern that cannot be read gets one fatal finding. One that can gets a finding for each kind of breach of what
    the standard says beyond its grammar (STIX 2.1 sections 9.5, 9.5.1 and 9.6.1).
    """
    try:
        pattern = parse_pattern(text, edition)
    except Damaged as damage:
        position = damage.detail.get("position")
        return (
            PatternFinding(
                code=damage.code,
                fatal=True,
                source="" if isinstance(damage, TooLarge) else "STIX 2.1, 9",
                what=damage.what,
                why=damage.why,
                remedy=damage.remedy,
                position=position if isinstance(position, int) else None,
            ),
        )
    return breaches(pattern)


def breaches(pattern: Pattern) -> tuple[PatternFinding, ...]:
    """What the standard forbids in a pattern that can be read, one finding for each kind."""
    found: dict[str, PatternFinding] = {}
    rest: list[Expression | Condition] = [pattern.expression]
    while rest:
        node = rest.pop()
        if isinstance(node, Observation):
            rest.append(node.condition)
            if not isinstance(node.condition, Comparison) and not _object_types(node.condition):
                found.setdefault("pattern-mixed-types", _MIXED_TYPES)
        elif isinstance(node, Comparison):
            if isinstance(node.value, tuple) and len({_kind(member) for member in node.value}) > 1:
                found.setdefault("pattern-mixed-set", _MIXED_SET)
        elif isinstance(node, Qualified):
            rest.append(node.expression)
            for qualifier in node.qualifiers:
                if (isinstance(qualifier, Within) and not qualifier.seconds) or (
                    isinstance(qualifier, Repeats) and not qualifier.times
                ):
                    found.setdefault("pattern-zero-qualifier", _ZERO)
        else:
            rest.extend(node.operands)
    return tuple(found.values())


def _object_types(condition: Condition) -> frozenset[str]:
    """The object types that can satisfy a condition; none when AND joins conditions of different types."""
    if isinstance(condition, Comparison):
        return frozenset((condition.path.object_type,))
    each = [_object_types(operand) for operand in condition.operands]
    return frozenset.intersection(*each) if condition.operator == "AND" else frozenset.union(*each)


def _kind(constant: Constant) -> type:
    # Integers and floats compare with each other (section 9.2).
    return float if type(constant) is int else type(constant)


_MIXED_TYPES = PatternFinding(
    code="pattern-mixed-types",
    fatal=False,
    source="STIX 2.1, 9.5",
    what="No single object can satisfy this pattern.",
    why="AND joins comparisons of different object types in one observation, which no object can be at once.",
    remedy="Put them in observations of their own and join those: [a] AND [b].",
)
_MIXED_SET = PatternFinding(
    code="pattern-mixed-set",
    fatal=False,
    source="STIX 2.1, 9.6.1",
    what="A set of the pattern mixes kinds of values.",
    why="The values after IN are to be of one data type.",
    remedy="Write one set for each kind and join them by OR.",
)
_ZERO = PatternFinding(
    code="pattern-zero-qualifier",
    fatal=False,
    source="STIX 2.1, 9.5.1",
    what="A qualifier of the pattern says zero.",
    why="Seconds and times are to be positive.",
    remedy="Write at least 1, or leave the qualifier out.",
)
