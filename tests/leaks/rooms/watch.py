"""The watch: telemetry of this node, which bears no label, and alerts, which are seen by who sees their indicator."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from leaks.known import Values, one_of
from leaks.sensor import alert_of, line_of
from leaks.things import Thing

PATHS: Mapping[str, Values] = {"alert": lambda _, thing: (alert_of(thing),)}
QUERIES: Mapping[str, Values] = {
    "how": one_of("exact", "below"),
    "found": one_of("now", "past"),
    "indicator": lambda _, thing: (thing.ids["indicator"],),
    "batch": one_of(""),
}
BODIES: Mapping[str, tuple[str, Callable[[Thing], bytes]]] = {
    "/api/v1/watch/{source}": ("application/x-ndjson", line_of),
}
_OWN = "It changes how a sensor of ours is dealt with; nothing that bears a label is read: tests/watch/service."
_TWIN = "It calls the same verb as the form of its page, which is asked, and tells what becomes of it by its errors."
UNASKED: Mapping[str, str] = {
    "POST /watch/sources": _OWN,
    "POST /watch/sources/{source}": _OWN,
    "POST /api/v1/watch/sources": _OWN,
    "PUT /api/v1/watch/sources/{source}": _OWN,
    "PUT /api/v1/watch/alerts/{alert}/dismissal": _TWIN,
    "POST /api/v1/watch/alerts/{alert}/sightings": _TWIN,
}
COMMANDS: Mapping[str, str] = {
    f"watch {word}": "Whoever has the command line reads the data directory: nothing is hidden from it."
    for word in (
        *("add", "list", "change", "detect", "send", "follow", "recall", "alerts", "dismiss", "reopen", "tell"),
    )
}
