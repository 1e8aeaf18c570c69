"""What hinders an act on an object: only the act that it concerns, and never more than the object gives cause for."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.acting import UNDONE_BY, Act
from kouprey.exchange.rules import acting

KINDS = ("publish", "seen", "opinion", "note", "false-positive", "collect", "release", "revoke", "hold")
OURS = ("identity--a",)

things = st.fixed_dictionaries(
    {
        "type_": st.sampled_from(("indicator", "domain-name", "relationship", "report", "marking-definition")),
        "created_by": st.sampled_from(("", "identity--A", "identity--b")),
        "revoked": st.booleans(),
        "member": st.booleans(),
        "strict_breach": st.booleans(),
        "held": st.booleans(),
    }
)


@given(st.sampled_from(KINDS), things)
def test_a_ground_belongs_to_its_act(kind: Any, thing: dict[str, Any]) -> None:
    found = acting.hinders(Act(kind=kind), ours=OURS, **thing)
    expected = {
        "seen": thing["type_"] in acting.NEVER_SEEN,
        "collect": thing["member"] or thing["strict_breach"],
        "release": not thing["member"],
        "revoke": thing["type_"] in acting.UNVERSIONED or thing["created_by"] != "identity--A" or thing["revoked"],
        "hold": thing["held"],
    }.get(kind, False)
    assert (found is not None) == expected


@given(things)
def test_what_one_does_the_other_takes_back(thing: dict[str, Any]) -> None:
    """Whatever may be put in now may be taken out once it is in, and the other way round."""
    if acting.hinders(Act(kind="collect"), ours=OURS, **thing) is None:
        assert acting.hinders(Act(kind="release"), ours=OURS, **thing | {"member": True}) is None
    assert "revoke" not in UNDONE_BY and "publish" not in UNDONE_BY, "of neither there is a way back"
