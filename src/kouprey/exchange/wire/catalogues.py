"""A catalogue of ways of attack as it is received, and a matrix as a layer of the ATT&CK Navigator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kouprey.exchange.model.placing import Matrix, Tactic

_DOMAINS = ("mobile", "ics")
_LAYER = {"layer": "4.5", "navigator": "5.1.0"}
_GRADIENT = ["#ffffff", "#0b5f69"]


def domain_of(chain: str) -> str:
    """The domain of ATT&CK that a kill chain belongs to: enterprise, mobile or ics; "" for any other chain."""
    if not chain.startswith("mitre"):
        return ""
    return next((each for each in _DOMAINS if each in chain), "enterprise")


def tactics_of(chain: str, values: Iterable[dict[str, Any]]) -> tuple[Tactic, ...]:
    """The tactics of a chain among these objects (`x-mitre-matrix`, `x-mitre-tactic`), in the order of their matrix."""
    domain = domain_of(chain)
    listed = list(values)
    named = {each["id"]: each for each in listed if each.get("type") == "x-mitre-tactic" and _is_live(each)}
    found: dict[str, Tactic] = {}
    for matrix in sorted((each for each in listed if _is_of(each, domain)), key=lambda each: str(each["id"])):
        for ref in matrix.get("tactic_refs") or ():
            tactic = named.get(ref) if isinstance(ref, str) else None
            phase = str(tactic.get("x_mitre_shortname") or "").lower()[:100] if tactic else ""
            if tactic and phase:
                found.setdefault(phase, Tactic(stix_id=ref, phase=phase, name=_name(tactic, phase), place=len(found)))
    return tuple(found.values())


def _is_of(value: dict[str, Any], domain: str) -> bool:
    if value.get("type") != "x-mitre-matrix" or not domain or not _is_live(value):
        return False
    listed = value.get("external_references")
    numbers = [each.get("external_id") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return isinstance(value.get("tactic_refs"), list) and any(domain in str(number) for number in numbers)


def _is_live(value: dict[str, Any]) -> bool:
    return value.get("revoked") is not True and value.get("x_mitre_deprecated") is not True


def _name(value: dict[str, Any], phase: str) -> str:
    name = value.get("name")
    return name[:100] if isinstance(name, str) and name.strip() else phase


def layer_of(matrix: Matrix, name: str, description: str, filters: Sequence[str] = ()) -> dict[str, Any]:
    """A layer for the ATT&CK Navigator (layer format 4.5): the number of objects is the score of a technique."""
    techniques = []
    for column in matrix.columns:
        for cell in column.cells:
            for one in (cell, *cell.below):
                if one.number and one.own:
                    told: dict[str, Any] = {"techniqueID": one.number, "score": one.own, "enabled": True}
                    if column.phase:
                        told["tactic"] = column.phase
                    if one is cell and cell.below:
                        told["showSubtechniques"] = any(each.own for each in cell.below)
                    techniques.append(told)
    return {
        "name": name,
        "versions": _LAYER,
        "domain": f"{domain_of(matrix.chain)}-attack",
        "description": description,
        "metadata": [{"name": "filter", "value": each} for each in filters],
        "techniques": techniques,
        "gradient": {
            "colors": _GRADIENT,
            "minValue": 0,
            "maxValue": max((each["score"] for each in techniques), default=1),
        },
        "hideDisabled": False,
    }
