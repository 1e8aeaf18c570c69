"""What was given before a party joined, looked at and given by the command."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP


def test_what_was_given_before_a_party_joined(call: Any, operator: Any, neighbour: Any, stix: Any) -> None:
    agreement = stix.agree(call.party, operator, tlp_ceiling="amber")
    call.party.keep(stix.make("open"), tlp=TLP.GREEN)
    call.party.keep(stix.make("high"), tlp=TLP.AMBER)
    call(["publish", "--agreement", agreement, "--all"])
    before = ["publish", "--agreement", agreement[:9], "--given-before"]
    call([*before, "--to", neighbour.id], code=6)
    stix.join(agreement, neighbour, call.party, operator, tlp_ceiling="green")
    text = call([*before, "--to", neighbour.id, "--dry-run"])
    assert "lacks 2 objects" in text and "1 would go" in text and "indicator: 1 of 2 would go" in text
    assert "clause 2 (Highest marking)" in text and "For example high" in text
    assert len(call.party.outgoing()) == 2
    assert call.json(*before, "--to", neighbour.id, "--dry-run", "--since", "2099-01-01")["found"] == 0
    assert "lacks nothing" in call([*before, "--to", neighbour.id, "--dry-run", "--since", "2099-01-01"])
    text = call([*before, "--to", neighbour.id])
    assert "1 queued for neighbour.example" in text and "1 refused" in text and "clause 2" in text
    assert call.json(*before, "--to", neighbour.id, code=6)["report"]["queued"] == []
    # What goes with it, and what does not.
    call(before, code=7)
    call([*before, "--to", neighbour.id, "--type", "indicator"], code=7)
    call(["publish", "--agreement", agreement, "--to", neighbour.id, "--all"], code=7)
    call([*before, "--to", neighbour.id, "--since", "soon"], code=7)
