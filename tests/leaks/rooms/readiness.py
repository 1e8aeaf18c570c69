"""Readiness: counts of the node's own work, and no thing that bears a label."""

from __future__ import annotations

from collections.abc import Mapping

from leaks.known import Values, one_of

PATHS: Mapping[str, Values] = {
    "framework": one_of("ncsi-3", "gci-2024"),
    "indicator": one_of("9.5"),
    "statement": one_of("evidence_000000000000"),
}
QUERIES: Mapping[str, Values] = {
    "target": one_of("60"),
    "for": one_of("money"),
    "objective": one_of("time"),
    "without": one_of("9.5"),
}
FIELDS: Mapping[str, Values] = {
    "country": one_of("KHM"),
    "evidence": one_of("https://plain.example/strategy"),
}
_COUNTS = "It changes what is said of the country's readiness; nothing that bears a label is read."
UNASKED: Mapping[str, str] = dict.fromkeys(
    (
        "POST /readiness/country",
        "POST /readiness/{framework}/{indicator}",
        "POST /readiness/{framework}/{indicator}/public",
        "POST /readiness/statements/{statement}/withdraw",
    ),
    _COUNTS,
)
COMMANDS: Mapping[str, str] = dict.fromkeys(
    (
        f"readiness {word}"
        for word in ("claim", "confirm", "country", "plan", "print", "proposed", "publish", "show", "withdraw")
    ),
    "Whoever has the command line is told counts of the node's own work, as an administrator is.",
)
