"""The shapes of JSON that STIX objects are made of: checks built once, each telling what is wrong with a value.

A check takes any JSON value and returns the findings about it, none when it is right. What a check says is made when
the check is built, so that the usual case, a right value, costs a comparison and makes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from kouprey.exchange.model import Finding

Findings = tuple[Finding, ...]
Check = Callable[[Any], Findings]
Rule = Callable[[dict[str, Any]], Findings]
"""A check of one object whose properties have been checked already, each for itself."""

FINE: Findings = ()

MOST = 1_000
"""Findings about one object; whoever wrote it so has more to do than read on."""
_LONGEST_PLACE = 300


def words(text: str) -> frozenset[str]:
    """The words of a text, for lists that are read more easily without quotes."""
    return frozenset(text.split())


def finding(
    code: str, text: str, section: str, *, path: str = "", severity: Literal["must", "should"] = "must"
) -> Findings:
    """What a check says when it fails; `section` is a paragraph of STIX 2.1 unless it names another text."""
    source = section if section[0].isalpha() else f"STIX 2.1, {section}"
    return (Finding(code, path, severity, text, source),)


def full(found: list[Finding]) -> bool:
    """True when so much was found that the rest is not looked for, which is then a finding too."""
    if len(found) < MOST:
        return False
    found += _TOO_MANY
    return True


# It says must: what was not looked for may be anything.
_TOO_MANY: Findings = (Finding("too-many", "", "must", "There are so many findings that the rest was not judged.", ""),)


def at(place: str, found: Findings) -> Findings:
    """The same findings, one level further out; a place longer than any name may be is cut."""
    if len(place) > _LONGEST_PLACE:
        place = f"{place[:_LONGEST_PLACE]}…"
    return tuple(
        [
            Finding(one.code, f"{place}.{one.path}" if one.path else place, one.severity, one.text, one.source)
            for one in found
        ]
    )


def only(type_: type, words: str, section: str) -> Check:
    """A value of one JSON type; true is not a number."""
    wrong = finding("type", f"It must be {words}.", section)
    return lambda value: FINE if type(value) is type_ else wrong


text = only(str, "a string", "2.15")
boolean = only(bool, "true or false", "2.2")
mapping = only(dict, "an object", "2.3")


def each(names: str, check: Check) -> dict[str, Check]:
    """The same check for each of these properties."""
    return dict.fromkeys(names.split(), check)


def integer(low: int | None = None, high: int | None = None, *, section: str = "2.10") -> Check:
    """A whole number; 5.0 is one, as it is in JSON."""
    wrong = finding("type", "It must be a whole number.", section)
    outside = finding("range", f"It must be from {low} to {high}." if high else f"It must be at least {low}.", section)

    def check(value: Any) -> Findings:
        if type(value) is not int and (type(value) is not float or not value.is_integer()):
            return wrong
        if (low is not None and value < low) or (high is not None and value > high):
            return outside
        return FINE

    return check


def number(low: float | None = None, high: float | None = None, *, section: str = "2.6") -> Check:
    """Any number."""
    wrong = finding("type", "It must be a number.", section)
    outside = finding("range", f"It must be from {low} to {high}.", section)

    def check(value: Any) -> Findings:
        if type(value) is not int and type(value) is not float:
            return wrong
        if (low is not None and value < low) or (high is not None and value > high):
            return outside
        return FINE

    return check


def enumeration(values: frozenset[str], section: str) -> Check:
    """One of a closed list."""
    wrong = finding("enumeration", f"It must be one of: {', '.join(sorted(values))}.", section)
    return lambda value: FINE if type(value) is str and value in values else wrong


def vocabulary(name: str, values: frozenset[str], section: str) -> Check:
    """A string that should be one of an open list."""
    foreign = finding("vocabulary", f"It should be a word of {name}.", section, severity="should")

    def check(value: Any) -> Findings:
        if type(value) is not str:
            return text(value)
        return FINE if value in values else foreign

    return check


def list_of(check: Check, section: str = "2.12") -> Check:
    """A list of at least one, all of a kind."""
    wrong = finding("type", "It must be a list.", section)
    empty = finding("empty", "An empty list must be left out.", section)

    def check_list(value: Any) -> Findings:
        if type(value) is not list:
            return wrong
        if not value:
            return empty
        found: list[Finding] = []
        for index, item in enumerate(value):
            if said := check(item):
                found += at(f"[{index}]", said)
                if full(found):
                    break
        return tuple(found) if found else FINE

    return check_list


def dictionary(
    check: Check | None = None, *, name: Callable[[str], object], names: str, section: str = "2.3", least: int = 1
) -> Check:
    """An object whose keys are data: each must please `name`, each value `check`; null and [] never do."""
    small = finding("empty", "An empty dictionary must be left out.", section)
    misnamed = finding("name", f"A key must be {names}.", section)

    def check_dictionary(value: Any) -> Findings:
        if type(value) is not dict:
            return mapping(value)
        if len(value) < least:
            return small
        found: list[Finding] = []
        for key, inner in value.items():
            if not name(key):
                said = misnamed
            elif inner is None or inner == []:
                said = VOID
            else:
                said = check(inner) if check is not None else FINE
            if said:
                found += at(key, said)
                if full(found):
                    break
        return tuple(found) if found else FINE

    return check_dictionary


VOID = finding("empty", "null and empty lists have no meaning in STIX and must be left out.", "2.12")


def record(
    properties: Mapping[str, Check],
    required: tuple[str, ...] = (),
    *rules: Rule,
    section: str,
    other: Callable[[str, Any], Findings] | None = None,
) -> Check:
    """An object with known properties; `other` judges those that are not known."""
    missing = {name: finding("missing", f"The property '{name}' is required.", section, path=name) for name in required}

    def check_record(value: Any) -> Findings:
        if type(value) is not dict:
            return mapping(value)
        found: list[Finding] = []
        for name, inner in value.items():
            check = properties.get(name)
            if check is not None:
                if said := check(inner):
                    found += at(name, said)
            elif other is not None and (said := other(name, inner)):
                found += said
                if full(found):
                    break
        for name in required:
            if name not in value:
                found += missing[name]
        for rule in rules:
            if said := rule(value):
                found += said
        return tuple(found) if found else FINE

    return check_record


def any_of(*names: str, section: str) -> Rule:
    """At least one of these properties."""
    wrong = finding("missing", f"At least one of these is required: {', '.join(names)}.", section)
    wanted = frozenset(names)
    return lambda value: wrong if wanted.isdisjoint(value) else FINE


def one_of(first: str, second: str, *, section: str) -> Rule:
    """Exactly one of two properties."""
    wrong = finding("combination", f"Exactly one of '{first}' and '{second}' is required.", section)
    return lambda value: FINE if (first in value) is not (second in value) else wrong


def needs(name: str, *others: str, section: str) -> Rule:
    """With one property come others."""
    wrong = finding("combination", f"With '{name}' these are required: {', '.join(others)}.", section)
    return lambda value: FINE if name not in value or all(other in value for other in others) else wrong
