"""Fields of the forms of response: cases and their clocks, outcomes, what goes under seal, profiles, shifts, drills."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from leaks.things import OPERATOR, Thing


def _one_of(*values: str) -> Callable[[Any, Thing], Sequence[str]]:
    return lambda _, __: values


RESPONSE_FIELDS: Mapping[str, Callable[[Any, Thing], Sequence[str]]] = {
    "where": _one_of("https://plain.example/"),
    "when": _one_of("yesterday"),
    "once": _one_of(""),
    "homepage": _one_of(""),
    "regime": _one_of("malaysia-act-854"),
    "known": _one_of("2026-11-20 23:50"),
    "known_by": _one_of("somebody"),
    "stopped": _one_of("yes"),
    "channel": _one_of("portal"),
    "reference": _one_of("2026-1"),
    "verdict": _one_of("worked", "accepted"),
    "readers": _one_of(""),
    "key": _one_of("age1nobody"),
    "item": _one_of(""),
    "words": _one_of("words of mine"),
    "counted": _one_of("yes"),
    "go": _one_of("tell"),
    "changed": _one_of("yes"),
    "due": _one_of("2026-11-20 23:50"),
    "offset": _one_of("+07:00"),
    "origin": _one_of(""),
    "precision": _one_of("hour"),
    "result": _one_of("done"),
    "technique": _one_of("T1491.002"),
    "address": _one_of("a street of mine"),
    "reach": _one_of("+855 23 555 0100"),
    "web": _one_of("https://cert.example/team"),
    "pgp": _one_of(""),
    "recipient": _one_of(""),
    "members": _one_of("two officers"),
    "hours": _one_of("always"),
    "opens": _one_of("08:00"),
    "closes": _one_of("17:00"),
    "mission": _one_of("words of mine"),
    "constituency": lambda _, thing: (thing.ids["malware"],),
    "asns": _one_of("AS64500"),
    "prefixes": _one_of("198.51.100.0/24"),
    "domains": lambda _, thing: (f"{thing.canary('host')}.example",),
    "sponsor": _one_of("somebody"),
    "authority": _one_of("none"),
    "authority_text": _one_of("words of mine"),
    "incidents": _one_of("all of them"),
    "disclosure": _one_of("nothing"),
    "authentication": _one_of("by keys"),
    "services": _one_of("coordination"),
    "forms": _one_of("none"),
    "disclaimers": _one_of("none"),
    "duty_shown": _one_of("yes"),
    "verified": _one_of("yes"),
    "role": _one_of("Duty officer"),
    "starts": _one_of("2026-11-20 07:00"),
    "ends": _one_of("2026-11-20 19:00"),
    "party": _one_of(OPERATOR),
}
"""Name of a field -> what it is filled in with, as in `catalogue.FIELDS`."""
