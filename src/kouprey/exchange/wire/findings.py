"""Judging one object as it stands: the rules, and the pattern parser that they ask."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.model import Finding
from kouprey.exchange.rules import validate
from kouprey.exchange.wire.pattern import check_pattern

PATTERN = "pattern-"
"""How the codes of findings about patterns begin; each of those has its own words, and says in them what to do."""


def findings_of(value: dict[str, Any], type: str) -> tuple[Finding, ...]:
    """Everything STIX has to say against a parsed object of this type, its pattern included; never raises."""
    return validate(value, type=type, check_pattern=pattern_findings)


def pattern_findings(text: str, grammar: str) -> tuple[Finding, ...]:
    """The findings about a pattern in one of the two grammars; any but 2.0 is read as 2.1.

    What can be read but is forbidden is a `must` as well. A pattern beyond a limit of this node is one because nobody
    has judged it; its `source` is empty.
    """
    earlier = grammar == "2.0"
    said = check_pattern(text, "2.0" if earlier else "2.1")
    if not said:
        return ()
    return tuple(
        [
            Finding(
                one.code if one.code.startswith(PATTERN) else f"{PATTERN}unreadable",
                "",
                "must",
                f"{one.what} {one.why} {one.remedy}".strip(),
                "STIX 2.0 part 5" if earlier and one.source else one.source,
            )
            for one in said
        ]
    )
