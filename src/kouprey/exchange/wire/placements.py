"""Where an object places something among the ways of attack: by phases, numbers of techniques, attack patterns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kouprey.exchange.model.placing import Placement
from kouprey.kernel.words.ids import stix_type

MOST = 200
"""Placements of one body that count."""
LONGEST = 100
_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?", re.ASCII)
_PATTERN = "attack-pattern--"
_DEEDS = frozenset({"uses", "indicates"})
_SILENT = frozenset(
    {"course-of-action", "extension-definition", "identity", "language-content", "marking-definition", "relationship"}
)
"""They say how to defend, who is who, or something about others."""


def placements_of(value: dict[str, Any]) -> tuple[Placement, ...]:
    """What a parsed object says; nothing once it is revoked."""
    kind = value.get("type")
    if not isinstance(kind, str) or value.get("revoked") is True or kind.startswith("x-mitre-"):
        return ()
    found: dict[Placement, None] = {}
    for each in _said(value, kind):
        found[each] = None
        if len(found) >= MOST:
            break
    return tuple(found)


def _said(value: dict[str, Any], kind: str) -> Iterator[Placement]:
    if kind == "relationship" and value.get("relationship_type") in _DEEDS:
        source, target = value.get("source_ref"), value.get("target_ref")
        placed = stix_type(source) if isinstance(source, str) else None
        if placed and _is_pattern(target):
            yield Placement("object", "", str(target), placed)
    if kind in _SILENT:
        return
    if kind == "sighting" and _is_pattern(value.get("sighting_of_ref")):
        yield Placement("object", "", value["sighting_of_ref"], kind)
    for phase in _listed(value, "kill_chain_phases"):
        if isinstance(phase, dict):
            chain, name = phase.get("kill_chain_name"), phase.get("phase_name")
            if _is_word(chain) and _is_word(name):
                yield Placement("phase", str(chain).lower(), str(name).lower(), kind)
    for reference in _listed(value, "external_references"):
        if isinstance(reference, dict):
            catalogue, number = reference.get("source_name"), reference.get("external_id")
            # The catalogues of enterprises, mobiles and industry number their techniques in one row.
            is_mitre = isinstance(catalogue, str) and catalogue.lower().startswith("mitre")
            if is_mitre and isinstance(number, str) and _TECHNIQUE.fullmatch(number):
                yield Placement("technique", "mitre", number, kind)
    for reference in _listed(value, "object_refs"):
        if _is_pattern(reference):
            yield Placement("object", "", reference, kind)


def _listed(value: dict[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    return found if isinstance(found, list) else []


def _is_word(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= LONGEST


def _is_pattern(text: object) -> bool:
    return isinstance(text, str) and text.startswith(_PATTERN) and stix_type(text) is not None
