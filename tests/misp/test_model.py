"""Nouns that decide something: how two standings join."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.tlp import PAP, TLP
from kouprey.misp.model import Standing

LEVELS = st.sampled_from(list(TLP))
STANDINGS = st.builds(Standing, LEVELS, st.none() | LEVELS, st.sampled_from(list(PAP)))


@given(STANDINGS, STANDINGS)
def test_what_is_joined_is_as_strict_as_the_stricter_in_everything(one: Standing, other: Standing) -> None:
    both = one.joined(other)
    assert both == other.joined(one) and both.joined(one) == both
    assert both.tlp == max(one.tlp, other.tlp) and both.pap == max(one.pap, other.pap)
    assert both.stated == max((level for level in (one.stated, other.stated) if level is not None), default=None)
