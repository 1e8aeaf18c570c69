"""Statements: what is published everybody reads; drafts and rumours are read by the roles of the desk alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from leaks.known import Values, one_of
from leaks.things import NEIGHBOUR, Thing

PATHS: Mapping[str, Values] = {
    "said": one_of("XX-CERT-2026-0001", "XX-NEIGHBOUR-2026-0001", "XX-CERT-2026-0099"),
    "digest": one_of("0" * 16),
    "draft": one_of("drf_0"),
    "rumour": one_of("rum_0"),
    "publisher": one_of(NEIGHBOUR),
}
QUERIES: Mapping[str, Values] = {"rumour": one_of("rum_0")}
FIELDS: Mapping[str, Values] = {"q": lambda _, thing: (thing.canary("name"), thing.ids["malware"])}
BODIES: Mapping[str, tuple[str, Callable[[Thing], bytes]]] = {
    "/api/v1/statements/check": (
        "application/json",
        lambda thing: json.dumps({"text": thing.canary("text")}).encode(),
    ),
}

_DESK = "What is written at the desk has no label: its roles read all of it, others none: tests/advisories/service."
_TWIN = "It calls the same verb as the form of its page: tests/advisories/api."
UNASKED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "POST /statements/desk/rumours",
            "POST /statements/desk/rumours/{rumour}/aside",
            "POST /statements/desk/rumours/{rumour}/reopen",
            "POST /statements/desk/mirrors/{publisher}",
            "POST /statements/desk/new",
            *(f"POST /statements/desk/{{draft}}/{verb}" for verb in ("edit", "approve", "publish", "abandon")),
        ),
        _DESK,
    ),
    **dict.fromkeys(
        (
            "POST /api/v1/statements/drafts",
            "PUT /api/v1/statements/drafts/{draft}",
            *(f"POST /api/v1/statements/drafts/{{draft}}/{verb}" for verb in ("approve", "publish", "abandon")),
            "POST /api/v1/statements/rumours",
            "POST /api/v1/statements/rumours/{rumour}/aside",
            "POST /api/v1/statements/rumours/{rumour}/reopen",
            "POST /api/v1/statements/mirrors/{publisher}",
        ),
        _TWIN,
    ),
}

_OPERATOR = (
    "Whoever reads the data directory is the operator, who sees everything: nothing is hidden from this command."
)
COMMANDS: Mapping[str, str] = dict.fromkeys(
    (
        f"statements {verb}"
        for verb in (*("check", "draft", "drafts", "export", "list", "mirror", "publish", "rumour", "rumours", "show"),)
    ),
    _OPERATOR,
)
