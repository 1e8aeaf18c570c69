"""Where an object stands in ATT&CK: the tactics and techniques it names itself, and those it is related with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.pages.tactics import TACTICS, tactic

MOST_TECHNIQUES = 60
"""Techniques of which one page tells; those nearest come first."""
MOST_LISTED = 30

_SAME = {
    "stealth": "defense-evasion",
    "defense-impairment": "defense-evasion",
    "evasion": "defense-evasion",
    "impair-process-control": "impact",
    "inhibit-response-function": "impact",
    "network-effects": "impact",
    "remote-service-effects": "impact",
}
"""Tactics of the other matrices, and of other editions, that have their place under another name here."""
_CHAINS = frozenset({"mitre-attack", "mitre-mobile-attack", "mitre-ics-attack"})


@dataclass(frozen=True)
class Technique:
    """One technique: its number in ATT&CK ("" for none) and the page of its object ("" for the object itself)."""

    number: str
    title: str
    url: str
    tactics: tuple[str, ...]


@dataclass(frozen=True)
class Placement:
    """For each tactic its name, the techniques in it, and whether the object names it; `more` than are listed."""

    tactics: tuple[tuple[str, tuple[Technique, ...], bool], ...]
    techniques: tuple[Technique, ...]
    more: int


def place(value: Mapping[str, Any], near: Iterable[tuple[str, str, Mapping[str, Any]]], more: int) -> Placement | None:
    """The placement of an object by its own phases and by techniques near it: (title, page, body); None without any."""
    own = set(phases_in(value))
    techniques = []
    number = number_of(value)
    if value.get("type") == "attack-pattern" and (own or number):
        techniques.append(Technique(number, plainly(str(value.get("name", ""))[:200]), "", tuple(sorted(own))))
    for title, url, body in near:
        techniques.append(Technique(number_of(body), title, url, tuple(sorted(set(phases_in(body))))))
    if not own and not techniques:
        return None
    techniques.sort(key=lambda each: (each.url != "", each.number or "~", each.title))
    strip = tuple(
        (tactic(key), tuple(each for each in techniques if key in each.tactics), key in own) for key in TACTICS
    )
    return Placement(strip, tuple(techniques[:MOST_LISTED]), more + max(0, len(techniques) - MOST_LISTED))


def phases_in(value: Mapping[str, Any]) -> Iterator[str]:
    """The tactics that an object names, as keys of TACTICS."""
    given = value.get("kill_chain_phases")
    for each in given if isinstance(given, list) else ():
        if isinstance(each, dict) and each.get("kill_chain_name") in _CHAINS:
            name = str(each.get("phase_name", "")).lower().replace("_", "-")
            name = _SAME.get(name, name)
            if name in TACTICS:
                yield name


def number_of(value: Mapping[str, Any]) -> str:
    """What ATT&CK calls it: `T1059.001`; "" when it does not."""
    given = value.get("external_references")
    for each in given if isinstance(given, list) else ():
        if isinstance(each, dict) and each.get("source_name") in _CHAINS and isinstance(each.get("external_id"), str):
            return plainly(each["external_id"][:20])
    return ""
