"""What every verb works with."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP


def test_the_operator_reads_everything_of_our_own(found_party: Any) -> None:
    party = found_party("ministry.example")
    who = party.exchange.operator()
    assert (who.party, who.local, who.clearance, who.exercise) == ("ministry.example", True, TLP.RED, "")
