"""Where objects place something: by phases, numbers, attack patterns and relationships; nothing odd breaks it."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.model.placing import Placement
from kouprey.exchange.wire.placements import MOST, placements_of

PATTERN = "attack-pattern--9d0f7c1a-5b1e-4a0e-8f57-0f3a0f3a0f3a"
MALWARE = "malware--9d0f7c1a-5b1e-4a0e-8f57-0f3a0f3a0f3a"

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([PATTERN, "T1059", "mitre"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = ("kill_chain_phases", "external_references", "object_refs", "source_ref", "target_ref", "sighting_of_ref")


def test_each_way_of_naming_a_technique() -> None:
    indicator = {
        "type": "indicator",
        "kill_chain_phases": [{"kill_chain_name": "Mitre-Attack", "phase_name": "Execution"}, {"phase_name": "x"}],
        "external_references": [
            {"source_name": "mitre-attack", "external_id": "T1059.001"},
            {"source_name": "mitre-attack", "external_id": "S0001"},
            {"source_name": "capec", "external_id": "T1059"},
        ],
    }
    assert set(placements_of(indicator)) == {
        Placement("phase", "mitre-attack", "execution", "indicator"),
        Placement("technique", "mitre", "T1059.001", "indicator"),
    }
    relation = {"type": "relationship", "relationship_type": "uses", "source_ref": MALWARE, "target_ref": PATTERN}
    assert placements_of(relation) == (Placement("object", "", PATTERN, "malware"),)
    assert placements_of(relation | {"relationship_type": "mitigates"}) == ()
    assert placements_of(relation | {"revoked": True}) == ()
    assert placements_of({"type": "sighting", "sighting_of_ref": PATTERN}) == (
        Placement("object", "", PATTERN, "sighting"),
    )
    assert placements_of({"type": "report", "object_refs": [PATTERN, MALWARE, PATTERN]}) == (
        Placement("object", "", PATTERN, "report"),
    )
    assert placements_of({"type": "course-of-action", "external_references": indicator["external_references"]}) == ()


def test_no_object_places_itself_without_end() -> None:
    refs = [f"attack-pattern--9d0f7c1a-5b1e-4a0e-8f57-{n:012}" for n in range(5_000)]
    assert len(placements_of({"type": "report", "object_refs": refs})) == MOST


@settings(deadline=None)
@given(
    st.sampled_from(["indicator", "relationship", "sighting", "report", "attack-pattern"]),
    st.dictionaries(st.sampled_from(NAMES), anything),
)
def test_whatever_stands_there_is_read(kind: str, rest: dict[str, Any]) -> None:
    for place in placements_of({"type": kind, "relationship_type": "uses", **rest}):
        assert all(isinstance(part, str) for part in place) and len(place.name) <= 300
