"""What a reader asks of intelligence before acting on it, and which of it an object answers.

The weights are an opinion, made of what users of sharing platforms complain of most: values without a reason, without
an end and without a word on what to do. They add up to 100 for each type. A low score bars nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kouprey.exchange.model.writing import Appraisal, Asked, Question
from kouprey.exchange.rules.wording import Words, take_apart

WEIGHTS: Mapping[str, Mapping[Asked, int]] = {
    "indicator": {
        "why": 25,
        "type": 15,
        "expiry": 15,
        "context": 15,
        "action": 10,
        "confidence": 10,
        "marking": 10,
    },
    "report": {"what": 25, "context": 20, "action": 15, "why": 10, "type": 10, "confidence": 10, "marking": 10},
    "sighting": {"since": 40, "why": 40, "times": 10, "marking": 10},
    "note": {"what": 55, "action": 25, "confidence": 10, "marking": 10},
}
"""Type -> question -> what an answer adds to the score."""

SENTENCE = 20
"""Characters from which a text says something. Not words: Khmer writes without spaces."""

TELLING = frozenset(
    {"attack-pattern", "campaign", "infrastructure", "intrusion-set", "malware", "sighting", "threat-actor", "tool"}
)
"""What tells an indicator's reader which danger it belongs to."""


def appraise(body: Mapping[str, Any], around: Collection[str] = ()) -> Appraisal | None:
    """What a reader would still ask of an object; None for types of which these questions make no sense.

    `around` are the types of what it is related with or was sighted by.
    """
    weights = WEIGHTS.get(str(body.get("type")))
    if weights is None:
        return None
    words = take_apart(body)
    return Appraisal(
        questions=tuple(
            Question(asks=asks, weight=weight, answered=_ANSWERS[asks](body, words, around))
            for asks, weight in weights.items()
        )
    )


def _type(body: Mapping[str, Any], words: Words, around: Collection[str]) -> bool:
    given = body.get(f"{body['type']}_types")
    return isinstance(given, list) and any(each != "unknown" for each in given)


def _context(body: Mapping[str, Any], words: Words, around: Collection[str]) -> bool:
    if body["type"] == "report":
        refs = body.get("object_refs")
        named = refs if isinstance(refs, list) else []
        return any(isinstance(ref, str) and not ref.startswith("identity--") for ref in named)
    return bool(body.get("kill_chain_phases")) or not TELLING.isdisjoint(around)


def _when(body: Mapping[str, Any], words: Words, around: Collection[str]) -> bool:
    return bool(body.get("first_seen") or body.get("last_seen"))


_ANSWERS: Mapping[Asked, Any] = {
    "what": lambda body, words, around: len(words.what) >= SENTENCE,
    "type": _type,
    "why": lambda body, words, around: len(words.why) >= SENTENCE,
    "since": _when,
    "confidence": lambda body, words, around: type(body.get("confidence")) is int,
    "marking": lambda body, words, around: bool(body.get("object_marking_refs")),
    "expiry": lambda body, words, around: bool(body.get("valid_until")),
    "context": _context,
    "action": lambda body, words, around: len(words.action) >= SENTENCE // 2,
    "times": lambda body, words, around: "count" in body,
}
