"""What is wrong with a pattern, told at the place where it is wrong."""

from __future__ import annotations

from kouprey.exchange.wire.pattern.grammar import BEFORE_OPENING, BLANK, KEYWORDS, OPERATOR_BEFORE, PATH_BEFORE, WORD
from kouprey.kernel.words.errors import Damaged, TooLarge

_SHOWN = 40
_EXAMPLE = "[domain-name:value = 'www.ministry.example']"
_FORMS = "'text', 12, 1.5, true, h'ffd8', b'ABI=' or t'2026-11-22T09:00:00Z'"


def too_large(why: str) -> TooLarge:
    """A stated limit is passed."""
    return TooLarge(
        "The pattern is larger than this node reads.",
        why,
        "Split it over several indicators.",
        code="pattern-too-large",
    )


def no_brackets(text: str) -> Damaged:
    """The text does not begin as a pattern."""
    opening = BEFORE_OPENING.match(text)
    position = opening.end() if opening else 0
    if text.startswith(("/*", "//"), position):
        return _at(text, position, "no comment may come before the first square bracket", "Move the comment.")
    return _at(
        text, position, "a pattern begins with a square bracket", f"Write comparisons in brackets, like {_EXAMPLE}."
    )


def no_expression(text: str, position: int) -> Damaged:
    """Neither an observation nor a group of them begins here."""
    return _bad(text, position, "an observation in square brackets belongs here", f"Write one, like {_EXAMPLE}.")


def no_condition(text: str, position: int) -> Damaged:
    """Neither a comparison nor a group of them begins here."""
    path = PATH_BEFORE.match(text, position)
    if path is None or path[1] is None:
        return _bad(
            text,
            path.end() if path else position,
            "an object path belongs here",
            "Write a type, a colon and a property, like file:name; other names of properties go between apostrophes.",
        )
    operator = OPERATOR_BEFORE.match(text, path.end())
    if operator is None or operator[1] is None:
        return _bad(
            text,
            operator.end() if operator else path.end(),
            "an operator belongs here",
            "After the path comes =, !=, <, <=, >, >=, IN, LIKE, MATCHES, ISSUBSET or ISSUPERSET, in capitals.",
        )
    return _bad(text, operator.end(), f"a value belongs after {operator[1]}", f"Values are {_FORMS}.")


def after_condition(text: str, position: int) -> Damaged:
    """A comparison is followed by something that cannot follow it."""
    return _bad(
        text,
        position,
        "after a comparison come AND, OR, a closing parenthesis or ]",
        "Join comparisons by AND or OR in capitals, and end the observation with ].",
    )


def after_expression(text: str, position: int) -> Damaged:
    """An observation is followed by something that cannot follow it."""
    return _bad(
        text,
        position,
        "after an observation come AND, OR, FOLLOWEDBY, a qualifier or the end",
        "Qualifiers are WITHIN 5 SECONDS, REPEATS 5 TIMES and START t'...' STOP t'...', in capitals.",
    )


def not_open(text: str, position: int) -> Damaged:
    """A parenthesis is closed that was never opened."""
    return _bad(text, position, "nothing is open that this could close", "Take the parenthesis away, or open it.")


def not_closed(text: str, position: int) -> Damaged:
    """A parenthesis is still open where it can no longer be closed."""
    return _bad(text, position, "a parenthesis is still open", "Close it, inside or outside the brackets as it began.")


def qualified_twice(text: str, position: int) -> Damaged:
    """STIX 2.1 section 9.5.1: one qualifier of a kind for an observation."""
    return _bad(
        text,
        position,
        "this observation has a qualifier of the same kind already",
        "Keep one of the two, or put the observation and its first qualifier in parentheses.",
    )


def not_in_2_0(text: str, position: int) -> Damaged:
    """EXISTS came with STIX 2.1."""
    return _bad(text, position, "STIX 2.0 has no EXISTS", "Give the indicator spec_version 2.1.")


def not_a_string(text: str, position: int, operator: str) -> Damaged:
    """The operator compares with text alone."""
    return _bad(text, position, f"{operator} wants text", "Put the value between apostrophes.")


def not_a_set(text: str, position: int) -> Damaged:
    """IN without a set."""
    return _bad(text, position, "IN wants a set", "Write the values in parentheses, like IN ('a', 'b').")


def set_without_in(text: str, position: int, operator: str) -> Damaged:
    """A set after an operator that takes one value."""
    return _bad(text, position, f"{operator} wants one value", "Write IN before a set.")


def no_order(text: str, position: int, operator: str) -> Damaged:
    """Truth values have no order."""
    return _bad(text, position, f"{operator} cannot compare true or false", "Use = or !=.")


def not_a_hash(text: str, position: int, name: str) -> Damaged:
    """The value cannot be a hash of the algorithm named by the path."""
    return _bad(
        text,
        position,
        f"this is no {name} hash",
        "Check its length and that all its characters are those of this kind of hash, or name the right algorithm.",
    )


def _bad(text: str, position: int, why: str, remedy: str) -> Damaged:
    """`position` may be followed by white space and comments: the word after them is at fault."""
    blank = BLANK.match(text, position)
    return _at(text, blank.end() if blank else position, why, remedy)


def _at(text: str, position: int, why: str, remedy: str) -> Damaged:
    word = WORD.match(text, position)
    shown = word[0] if word else ""
    if not shown:
        here = "the text ends"
    else:
        excerpt = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}..."
        here = f"there is {excerpt!r}" + (", a word of the language itself" if shown in KEYWORDS else "")
    return Damaged(
        "The pattern cannot be understood.",
        f"At character {position + 1} {here}: {why}.",
        remedy,
        code="bad-pattern",
        detail={"position": position},
    )
