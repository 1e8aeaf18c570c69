"""The watch: telemetry of this node, which bears no label, and alerts, which are seen by who sees their indicator."""

from __future__ import annotations

from collections.abc import Mapping

from leaks.known import Values, one_of
from leaks.sensor import alert_of

PATHS: Mapping[str, Values] = {"alert": lambda _, thing: (alert_of(thing),)}
QUERIES: Mapping[str, Values] = {
    "how": one_of("exact", "below"),
    "found": one_of("now", "past"),
    "indicator": lambda _, thing: (thing.ids["indicator"],),
    "batch": one_of(""),
}
FIELDS: Mapping[str, Values] = {"open": one_of("no")}
_OWN = "It changes how a sensor of ours is dealt with; nothing that bears a label is read: tests/watch/service."
UNASKED: Mapping[str, str] = dict.fromkeys(("POST /watch/sources", "POST /watch/sources/{source}"), _OWN)
COMMANDS: Mapping[str, str] = {
    f"watch {word}": "Whoever has the command line reads the data directory: nothing is hidden from it."
    for word in (
        *("add", "list", "change", "detect", "send", "follow", "recall", "alerts", "dismiss", "reopen", "tell"),
    )
}
