"""Hunts: events of this node's own, which bear no label, and rules of others."""

from __future__ import annotations

from collections.abc import Mapping

from leaks.known import Values, one_of

PATHS: Mapping[str, Values] = {"hunt": one_of("hunt_000000000000")}
QUERIES: Mapping[str, Values] = {
    "summary": one_of("words of mine"),
    "name": one_of("events.ndjson"),
}
FIELDS: Mapping[str, Values] = {"retired": one_of("yes")}
_OWN = "It takes in rules or events that the asker brings; events are of this node and bear no label: tests/hunt."
UNASKED: Mapping[str, str] = dict.fromkeys(
    (
        "POST /hunts",
        "POST /hunts/rules",
        "POST /hunts/rules/{digest}",
        "POST /hunts/{hunt}/rules/{digest}",
        "POST /api/v1/hunts",
        "POST /api/v1/hunts/rules",
    ),
    _OWN,
)
COMMANDS: Mapping[str, str] = {
    f"hunt {word}": "Whoever has the command line is told of hunts as people who write intelligence are."
    for word in ("rules", "run", "list", "show", "sight")
}
