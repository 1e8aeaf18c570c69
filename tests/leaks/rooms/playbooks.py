"""Requests of steps and templates of cases, which are seen by whoever sees the case, on their tracks."""

from __future__ import annotations

from collections.abc import Mapping

from leaks.known import Values, one_of

PATHS: Mapping[str, Values] = {
    "attempt": lambda known, thing: known.attempts.get(thing.key, ("call_0",)),
    "template": lambda known, thing: known.templates.get(thing.key, ("tpl_0",)),
}
QUERIES: Mapping[str, Values] = {
    "call": one_of("0", "1"),
    "retired": one_of("true", "yes"),
}
FIELDS: Mapping[str, Values] = {
    "call": one_of("0"),
    "digest": one_of("0" * 64),
    "newest": one_of(""),
    "tasks": one_of("yes"),
    "template": lambda known, thing: known.templates.get(thing.key, ("tpl_0",)),
    "title-new": one_of("words of mine"),
    "text-new": one_of("words of mine"),
    "hours-new": one_of("4"),
    "track-new": one_of("technical"),
}
COMMANDS: Mapping[str, str] = dict.fromkeys(
    (
        "case call",
        *(
            f"case template {verb}"
            for verb in ("change", "export", "import", "keep", "list", "restore", "retire", "show")
        ),
    ),
    "Whoever reads the data directory is the operator, who sees everything: nothing is hidden from this command.",
)
