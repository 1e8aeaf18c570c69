"""Shields: lists made of indicators up to a level, seen by people who are cleared so far, and fetched by devices."""

from __future__ import annotations

from collections.abc import Mapping

from leaks.known import Values, one_of
from leaks.shields import CURRENT, LEVELS

PATHS: Mapping[str, Values] = {
    "shield": one_of(*LEVELS),
    "format": one_of("names.txt", "suricata.rules"),
    "outlet": one_of("out_0000000000000000"),
}
QUERIES: Mapping[str, Values] = {"serial": one_of(CURRENT, "0"), "why": one_of("never", "warned")}
FIELDS: Mapping[str, Values] = {
    "names": one_of("yes"),
    "addresses": one_of("yes"),
    "growth": one_of("30"),
    "insists": one_of("yes"),
    "alone": one_of("yes"),
}
_OWN = "It decides what shields spare, or lets a device in; nothing that bears a label is read: tests/protect/service."
UNASKED: Mapping[str, str] = dict.fromkeys(
    (
        "POST /protect/allowed",
        "POST /protect/allowed/remove",
        "POST /protect/{shield}/outlets",
        "POST /protect/{shield}/outlets/{outlet}/end",
    ),
    _OWN,
)
COMMANDS: Mapping[str, str] = {
    f"protect {word}": "Whoever has the command line reads the data directory: nothing is hidden from it."
    for word in (
        *("add", "list", "show", "change", "compile", "approve", "refuse", "rollback", "resume", "entries", "left"),
        *("allow", "disallow", "allowed", "outlet", "outlets", "shut", "write"),
    )
}
