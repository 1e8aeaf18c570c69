"""Fields of the forms of response: cases and their clocks, outcomes, what goes under seal, profiles, shifts, drills."""

from __future__ import annotations

from collections.abc import Mapping

from leaks.known import Values, one_of
from leaks.things import OPERATOR

FIELDS: Mapping[str, Values] = {
    "where": one_of("https://plain.example/"),
    "when": one_of("yesterday"),
    "once": one_of(""),
    "homepage": one_of(""),
    "regime": one_of("malaysia-act-854"),
    "known": one_of("2026-11-20 23:50"),
    "known_by": one_of("somebody"),
    "stopped": one_of("yes"),
    "channel": one_of("portal"),
    "reference": one_of("2026-1"),
    "verdict": one_of("worked", "accepted"),
    "readers": one_of(""),
    "key": one_of("age1nobody"),
    "item": one_of(""),
    "words": one_of("words of mine"),
    "counted": one_of("yes"),
    "go": one_of("tell"),
    "changed": one_of("yes"),
    "due": one_of("2026-11-20 23:50"),
    "offset": one_of("+07:00"),
    "origin": one_of(""),
    "precision": one_of("hour"),
    "result": one_of("done"),
    "technique": one_of("T1491.002"),
    "reach": one_of("+855 23 555 0100"),
    "web": one_of("https://cert.example/team"),
    "pgp": one_of(""),
    "recipient": one_of(""),
    "members": one_of("two officers"),
    "hours": one_of("always"),
    "opens": one_of("08:00"),
    "closes": one_of("17:00"),
    "mission": one_of("words of mine"),
    "constituency": lambda _, thing: (thing.ids["malware"],),
    "asns": one_of("AS64500"),
    "prefixes": one_of("198.51.100.0/24"),
    "domains": lambda _, thing: (f"{thing.canary('host')}.example",),
    "sponsor": one_of("somebody"),
    "authority": one_of("none"),
    "authority_text": one_of("words of mine"),
    "incidents": one_of("all of them"),
    "disclosure": one_of("nothing"),
    "authentication": one_of("by keys"),
    "services": one_of("coordination"),
    "forms": one_of("none"),
    "disclaimers": one_of("none"),
    "duty_shown": one_of("yes"),
    "verified": one_of("yes"),
    "role": one_of("Duty officer"),
    "starts": one_of("2026-11-20 07:00"),
    "ends": one_of("2026-11-20 19:00"),
    "party": one_of(OPERATOR),
}
"""Name of a field -> what it is filled in with, as in `catalogue.FIELDS`."""
