"""What preservation, words of two persons and tickets at RTIR are asked with."""

from __future__ import annotations

from collections.abc import Mapping

from leaks.known import Values, one_of

_OPERATOR = "Whoever reads the data directory is the operator, who sees everything: nothing is hidden from it."
PATHS: Mapping[str, Values] = {
    "word": lambda _, thing: (f"word_{thing.key}",),
    "ticket": lambda _, thing: (f"rtk_{thing.key}",),
}
QUERIES: Mapping[str, Values] = {
    **dict.fromkeys(("authority", "offence", "data", "custodian", "necessity", "ground"), one_of("words of mine")),
    "assistance": one_of("yes"),
}
FIELDS: Mapping[str, Values] = {
    **dict.fromkeys(("offence", "data", "custodian", "ground"), one_of("words of mine")),
    "assistance": one_of("yes"),
    "route": one_of("Talay Telecom TH"),
}
COMMANDS: Mapping[str, str] = {
    **dict.fromkeys((f"handoff {verb}" for verb in ("basis", "longer", "preserved", "words")), _OPERATOR),
    **dict.fromkeys((f"ticket {verb}" for verb in ("let-go", "list", "look", "make", "settle", "tie")), _OPERATOR),
}
