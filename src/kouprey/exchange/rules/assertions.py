"""Who says what of a version, how sure they say they are, and why one of its bodies is the one that is served."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from kouprey.exchange.model import VersionView
from kouprey.exchange.model.weighing import Assertion

Ground = Literal["only", "author", "oldest"]


def stated_confidence(value: Mapping[str, Any]) -> int | None:
    """STIX 2.1 section 3.2: 0 to 100, or nothing stated."""
    given = value.get("confidence")
    return given if type(given) is int and 0 <= given <= 100 else None


def confidence_word(confidence: int | None) -> str:
    """The None / Low / Med / High scale of STIX 2.1 Appendix A."""
    if confidence is None:
        return "not stated"
    return "none" if confidence == 0 else "low" if confidence < 30 else "medium" if confidence < 70 else "high"


def assertions_of(
    version: VersionView, values: list[Mapping[str, Any]], owners: Mapping[str, str]
) -> tuple[Assertion, ...]:
    """Every voice for every body; `values` are the parsed bodies in order, `owners` identity ids (lower) to parties."""
    return tuple(
        Assertion(
            source=said.source,
            label=said.label,
            received_at=said.received_at,
            entry_index=said.entry_index,
            body=number,
            served=body.served,
            confidence=stated_confidence(value),
            created_by=body.created_by,
            own=owners.get(body.created_by.lower()) == said.source.party,
        )
        for number, (body, value) in enumerate(zip(version.bodies, values, strict=True), 1)
        for said in body.assertions
    )


def served_because(assertions: tuple[Assertion, ...]) -> Ground:
    """Why this body is given to clients that know one body of a version: the author's, else the oldest."""
    if len({assertion.body for assertion in assertions}) == 1:
        return "only"
    return "author" if any(assertion.served and assertion.own for assertion in assertions) else "oldest"
