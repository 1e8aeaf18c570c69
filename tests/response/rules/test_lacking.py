"""What a hand-off ought to rest on: a basis where one is owed, and a clause in force, or what a contact has signed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.response.model import Lack
from kouprey.response.rules.lacking import lacks

ALLOWED = {("agr_1", "act"), ("agr_2", "disclose")}


@pytest.mark.parametrize(
    ("kind", "agreement", "paper", "missing"),
    [
        ("act", "agr_1", "", ()),
        ("disclose", "agr_1", "", (Lack.CLAUSE,)),
        ("act", "agr_3", "MoU 12/2026", (Lack.CLAUSE,)),
        ("act", "", "MoU 12/2026", ()),
        ("act", "", " ", (Lack.CLAUSE,)),
    ],
)
def test_a_clause_in_force_or_a_paper_allows_it(
    kind: str, agreement: str, paper: str, missing: tuple[Lack, ...]
) -> None:
    assert lacks(kind, agreement, basis_owed=False, ended=False, allowed=ALLOWED, paper=paper) == missing


@given(st.sampled_from(["act", "disclose"]), st.sampled_from(["", "agr_1", "agr_3"]), st.booleans(), st.booleans())
def test_an_owed_basis_is_always_said_and_a_clause_of_what_is_over_never(
    kind: str, agreement: str, owed: bool, ended: bool
) -> None:
    found = lacks(kind, agreement, basis_owed=owed, ended=ended, allowed=ALLOWED)
    assert (Lack.BASIS in found) == owed
    assert not (ended and Lack.CLAUSE in found), "it rested on what was in force then"
