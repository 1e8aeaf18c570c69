"""Shields as they are told."""

from __future__ import annotations

from kouprey.kernel.words.tlp import TLP
from kouprey.protect.api.shapes import show_left, show_standing
from kouprey.protect.model import Left, Limits, Query, Shield, Why
from kouprey.protect.service import Standing


def test_a_shield_without_a_list_and_a_value_without_a_place() -> None:
    shield = Shield(name="edge", title="", query=Query(tlp=TLP.AMBER_STRICT), limits=Limits(growth=3))
    told = show_standing(Standing(shield=shield, current=None, waiting=None, old=False, outlets=2))
    assert (told.tlp, told.parts, told.growth, told.outlets) == ("amber+strict", ("names", "addresses"), 3, 2)
    assert told.current is None and told.waiting is None
    left = show_left(Left("domain-name", "com", "indicator--1", Why.SUFFIX, "com"))
    assert (left.why, left.text, left.by) == ("suffix", "com", "com")
