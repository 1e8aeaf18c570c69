"""The place of an object in ATT&CK: its own phases, and techniques it is related with."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.pages.placing import MOST_LISTED, number_of, phases_in, place
from kouprey.exchange.pages.tactics import TACTICS
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role


def phase(name: str, chain: str = "mitre-attack") -> dict[str, str]:
    return {"kill_chain_name": chain, "phase_name": name}


def technique(number: str, *phases: str) -> dict[str, Any]:
    return {
        "type": "attack-pattern",
        "kill_chain_phases": [phase(each) for each in phases],
        "external_references": [{"source_name": "mitre-attack", "external_id": number}],
    }


def test_there_are_fourteen_tactics() -> None:
    assert len(TACTICS) == 14


@pytest.mark.parametrize("odd", [None, 5, "x", [None], [{"phase_name": "impact"}], [phase("impact", "another-chain")]])
def test_what_names_no_tactic_has_no_place(odd: object) -> None:
    value = {"kill_chain_phases": odd, "external_references": odd}
    assert list(phases_in(value)) == [] and number_of(value) == "" and place(value, [], 0) is None


def test_own_phases_and_near_techniques() -> None:
    near = [(f"T{n}", f"/t{n}", technique(f"T{n}", "impact")) for n in range(MOST_LISTED + 2)]
    placed = place({"type": "malware", "kill_chain_phases": [phase("Execution")]}, near, 5)
    assert placed is not None
    tactics = dict(zip(TACTICS, placed.tactics, strict=True))
    assert tactics["execution"][1:] == ((), True)
    assert len(tactics["impact"][1]) == MOST_LISTED + 2 and not tactics["impact"][2]
    assert (len(placed.techniques), placed.more) == (MOST_LISTED, 7)


def test_an_indicator_stands_where_what_it_indicates_stands_as_far_as_one_sees(desk: Any) -> None:
    wick, open_, kept = desk.thing("malware", "Wick", is_family=True), {}, {}
    for name, made in (("Open technique", open_), ("Canary technique", kept)):
        made |= desk.thing(
            "attack-pattern", name, **{k: v for k, v in technique("T1", "impact").items() if k != "type"}
        )
    kept["object_marking_refs"] = [fiction.TLP_MARKING["red"]]
    sign = desk.thing(
        "indicator", "Sign", pattern="[file:size = 1]", pattern_type="stix", valid_from="2026-10-27T00:00:00Z"
    )
    joins = [("indicates", sign, wick), ("uses", wick, open_), ("uses", wick, kept)]
    desk.take(
        wick,
        open_,
        kept,
        sign,
        *(
            desk.thing("relationship", f"r{n}", relationship_type=word, source_ref=a["id"], target_ref=b["id"])
            for n, (word, a, b) in enumerate(joins)
        ),
    )
    told = desk.visitor(Role.ANALYST, clearance=TLP.GREEN).text(f"/intelligence/{sign['id']}")
    assert "Place in ATT&amp;CK" in told and "Open technique" in told and "Canary" not in told
    assert "2 techniques" in desk.visitor(Role.ANALYST).text(f"/intelligence/{sign['id']}")
