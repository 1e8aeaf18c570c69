"""Tactics in the order of their matrix, and a layer that the Navigator of ATT&CK opens."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.model.placing import Cell, Column, Matrix
from kouprey.exchange.wire.catalogues import domain_of, layer_of, tactics_of

anything = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def tactic(name: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "x-mitre-tactic",
        "id": f"x-mitre-tactic--{name}",
        "name": name.title(),
        "x_mitre_shortname": name,
    } | more


def matrix(domain: str, *names: str) -> dict[str, Any]:
    refs = [f"x-mitre-tactic--{name}" for name in names]
    told = [{"source_name": "mitre-attack", "external_id": f"{domain}-attack"}]
    return {
        "type": "x-mitre-matrix",
        "id": f"x-mitre-matrix--{domain}",
        "tactic_refs": refs,
        "external_references": told,
    }


def test_tactics_stand_as_their_matrix_orders_them() -> None:
    held = [
        tactic("impact"),
        tactic("execution"),
        tactic("gone", revoked=True),
        matrix("enterprise", "execution", "gone", "impact", "lost"),
    ]
    held.append(matrix("mobile", "impact"))
    assert [each.phase for each in tactics_of("mitre-attack", held)] == ["execution", "impact"]
    assert [each.name for each in tactics_of("mitre-mobile-attack", held)] == ["Impact"]
    assert tactics_of("mitre-ics-attack", held) == () == tactics_of("lockheed", held)


def test_domains() -> None:
    chains = ("mitre-attack", "mitre-mobile-attack", "mitre-ics-attack", "lockheed-martin-cyber-kill-chain")
    assert [domain_of(chain) for chain in chains] == ["enterprise", "mobile", "ics", ""]


def test_a_layer_scores_each_technique_by_itself() -> None:
    below = Cell(number="T1059.001", name="PowerShell", stix_ids=(), own=3, count=3)
    cells = (
        Cell(number="T1059", name="Interpreter", stix_ids=(), own=2, count=5, below=(below,)),
        Cell(number="T1003", name="Dumping", stix_ids=(), own=0, count=0),
        Cell(number="", name="Own", stix_ids=("attack-pattern--x",), own=9, count=9),
    )
    column = Column(phase="execution", name="Execution", stix_id="", count=1, cells=cells)
    made = layer_of(
        Matrix(chain="mitre-attack", chains=(), columns=(column,), kinds=(), sources=(), most=9, catalogue=True),
        "n",
        "d",
        ["since: 2026-11"],
    )
    assert made["domain"] == "enterprise-attack" and made["versions"]["layer"] == "4.5"
    assert [(each["techniqueID"], each["score"], each["tactic"]) for each in made["techniques"]] == [
        ("T1059", 2, "execution"),
        ("T1059.001", 3, "execution"),
    ]
    assert made["gradient"]["maxValue"] == 3 and made["metadata"] == [{"name": "filter", "value": "since: 2026-11"}]


@settings(deadline=None)
@given(
    st.lists(
        st.fixed_dictionaries(
            {"type": st.sampled_from(["x-mitre-matrix", "x-mitre-tactic"]), "id": st.text(max_size=4)},
            optional={
                "name": anything,
                "tactic_refs": anything,
                "external_references": anything,
                "x_mitre_shortname": anything,
            },
        ),
        max_size=5,
    )
)
def test_whatever_a_catalogue_holds_is_read(values: list[dict[str, Any]]) -> None:
    assert all(each.phase for each in tactics_of("mitre-attack", values))


def test_a_matrix_without_references_is_of_no_catalogue() -> None:
    for references in (True, "ATT&CK", {"external_id": "mitre-attack"}, None, [None, 1]):
        matrix = {
            "type": "x-mitre-matrix",
            "id": "x-mitre-matrix--1",
            "tactic_refs": [],
            "external_references": references,
        }
        assert tactics_of("mitre-attack", [matrix]) == ()
