"""Capacity: messages bear labels, names are for who builds capacity, and badges name nobody."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from kouprey.capacity.wire.messages import activity_id
from leaks.known import Values, one_of
from leaks.things import Thing

PATHS: Mapping[str, Values] = {
    "activity": lambda _, thing: (activity_id(thing.owner, thing.key),),
    "programme": one_of("prg_0"),
    "nominee": one_of("nom_0"),
    "follow_up": one_of("fup_0"),
    "badge": one_of("bdg_0"),
    "certificate": one_of("crt_0"),
    "room": one_of("ROOM234567"),
}
FIELDS: Mapping[str, Values] = {}
BODIES: Mapping[str, tuple[str, Callable[[Thing], bytes]]] = {
    "/api/v1/capacity/check": (
        "application/json",
        lambda thing: json.dumps({"badge": json.dumps({"name": thing.canary("name")})}).encode(),
    ),
}
_WRITES = "It writes what people are trained in, and reads no intelligence: tests/capacity/pages."
_TWIN = "It calls the same verb as the form of its page: tests/capacity/api."
_ONE = "/programmes/activities/{activity}"
_API = "/api/v1/capacity/activities/{activity}"
UNASKED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "POST /programmes",
            "POST /programmes/needs",
            "POST /programmes/{programme}",
            *(
                f"POST {_ONE}/{verb}"
                for verb in (
                    *("edit", "cancel", "nominations", "seats", "seats/{nominee}", "attendance", "outcomes"),
                    *("close", "follow-ups", "follow-ups/{follow_up}"),
                )
            ),
            "POST /programmes/badges",
            "POST /programmes/badges/achievements",
            "POST /programmes/badges/key",
            "POST /programmes/badges/{badge}/revoke",
            "POST /programmes/certificates",
            "POST /programmes/certificates/{certificate}/check",
            "POST /programmes/certificates/{certificate}/withdraw",
            "POST /programmes/mine/calendar",
            "POST /attend",
        ),
        _WRITES,
    ),
    **dict.fromkeys(
        (
            "POST /api/v1/capacity/programmes",
            "POST /api/v1/capacity/programmes/{programme}/activities",
            "PUT /api/v1/capacity/needs",
            f"PUT {_API}",
            *(
                f"POST {_API}/{verb}"
                for verb in (
                    *("cancelled", "seats", "seats/{nominee}/accepted", "seats/{nominee}/withdrawn", "attendance"),
                    *("outcomes", "closed", "follow-ups"),
                )
            ),
            f"PUT {_API}/nominations",
            f"PUT {_API}/follow-ups/{{follow_up}}",
            "POST /api/v1/capacity/achievements",
            "POST /api/v1/capacity/badges",
            "POST /api/v1/capacity/badges/{badge}/revoked",
            "POST /api/v1/capacity/keys",
            "POST /api/v1/capacity/certificates",
            "POST /api/v1/capacity/certificates/{certificate}/checked",
            "PUT /api/v1/capacity/certificates/{certificate}/withdrawn",
            "POST /api/v1/capacity/calendar",
        ),
        _TWIN,
    ),
}
COMMANDS: Mapping[str, str] = dict.fromkeys(
    (
        f"capacity {verb}"
        for verb in (
            *("accept", "achievement", "attendance", "badge", "cancel", "close", "confirm", "list", "move"),
            *("nominate", "plan", "publish", "revoke", "score", "seats", "verify"),
        )
    ),
    "Whoever reads the data directory is the operator, who sees everything: nothing is hidden from this command.",
)
