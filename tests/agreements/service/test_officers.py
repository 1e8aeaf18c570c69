"""Two officers: one prepares, another confirms, and both are named."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.kernel.words.errors import Refused

A, B = "cert.example", "ministry.example"


def test_one_person_alone_cannot_sign(trio: dict[str, Any]) -> None:
    agreements = trio[A].agreements
    drafted = agreements.draft("Exchange", [B], Terms(), starts=trio[A].clock(), by="dara")
    assert not agreements.two_officers()
    agreements.demand_two_officers(True, by="dara")
    assert trio[A].again().agreements.two_officers()

    prepared = agreements.sign(drafted.agreement, by="dara", note_sha256=drafted.note_sha256)
    assert prepared.draft and agreements.prepared_by(drafted.note_sha256) == "dara"
    with pytest.raises(Refused, match="second person"):
        agreements.sign(drafted.agreement, by="dara", note_sha256=drafted.note_sha256)
    assert not [fact for fact in trio[A].notes() if fact.agreement == drafted.agreement]

    signed = agreements.sign(drafted.agreement, by="bopha", note_sha256=drafted.note_sha256)
    assert signed.signers == (A,) and agreements.prepared_by(drafted.note_sha256) == ""
    done = {deed.action: deed for deed in agreements.history(drafted.agreement)}
    assert done["agreement.confirm"].detail == {"version": 1, "prepared_by": "dara", "confirmed_by": "bopha"}
    assert done["agreement.prepare"].by == "dara"
    with pytest.raises(Refused):
        agreements.sign(drafted.agreement, by="dara")


def test_without_it_one_person_signs(trio: dict[str, Any]) -> None:
    agreements = trio[A].agreements
    agreements.demand_two_officers(True, by="dara")
    agreements.demand_two_officers(False, by="operator")
    drafted = agreements.draft("Exchange", [B], Terms(), starts=trio[A].clock(), by="dara")
    assert agreements.sign(drafted.agreement, by="dara").signers == (A,)
