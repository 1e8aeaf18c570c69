"""Nothing becomes looser than its sender wanted, whatever he wrote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.tlp import PAP, TLP
from kouprey.misp.model import Standing
from kouprey.misp.rules.levels import read_tags, standing_of


def held(tags: list[Any], distribution: Any = None, within: Standing = Standing(TLP.AMBER_STRICT)) -> Standing:
    holder = {"Tag": [{"name": name} if isinstance(name, str) else name for name in tags]}
    if distribution is not None:
        holder["distribution"] = distribution
    return standing_of(holder, read_tags(holder, lambda *_: None), within)


@pytest.mark.parametrize(
    ("tags", "distribution", "level"),
    [
        ([], None, TLP.AMBER_STRICT),
        (["tlp:green"], None, TLP.GREEN),
        (["tlp:white"], "3", TLP.CLEAR),
        (["TLP:Amber+Strict"], None, TLP.AMBER_STRICT),
        (["tlp:green", "tlp:red"], None, TLP.RED),
        (["tlp:green", "tlp:ex:chr"], None, TLP.RED),
        (["tlp:unclear"], None, TLP.RED),
        (["tlp:green"], "0", TLP.RED),
        (["tlp:green"], "4", TLP.RED),
        (["tlp:green"], 1, TLP.AMBER_STRICT),
        (["tlp:green"], "2", TLP.AMBER),
        (["tlp:clear"], "everybody", TLP.RED),
        ([], "2", TLP.AMBER_STRICT),
        ([{"name": "tlp:clear", "local": True}], None, TLP.AMBER_STRICT),
        ([{"name": "tlp:red", "local": 1}], None, TLP.RED),
    ],
)
def test_the_strictest_of_tags_and_distribution_counts(tags: list[Any], distribution: Any, level: TLP) -> None:
    assert held(tags, distribution).tlp is level


@given(
    st.lists(st.sampled_from(["tlp:clear", "tlp:green", "tlp:amber", "tlp:red", "tlp:x", "PAP:RED", "a"]), max_size=4),
    st.sampled_from([None, "0", "1", "2", "3", "4", "5", "6", "", 0]),
    st.sampled_from(list(TLP)),
    st.sampled_from([None, *TLP]),
)
def test_a_part_is_never_looser_than_what_holds_it(
    tags: list[str], distribution: Any, assumed: TLP, stated: TLP | None
) -> None:
    within = Standing(max(assumed, stated or TLP.CLEAR), stated, PAP.GREEN)
    inner = held(tags, distribution, within)
    assert stated is None or inner.tlp >= within.tlp
    assert inner.pap >= within.pap
    assert inner.stated is None or inner.tlp >= inner.stated
    # Only a TLP tag can say that less than what was assumed is enough.
    assert inner.tlp >= within.tlp or any(tag.startswith("tlp:") for tag in tags)


def test_local_tags_and_those_not_for_export_stay_behind() -> None:
    lost: list[str] = []
    tags = [{"name": "a"}, {"name": "b", "local": True}, {"name": "c", "exportable": False}, {"name": "PAP:AMBER"}]
    read = read_tags({"Tag": tags}, lambda what, _: lost.append(what))
    assert read.labels == ("a", "PAP:AMBER") and read.pap is PAP.AMBER and lost == ["tag b", "tag c"]
    assert read_tags({"Tag": [{"name": "pap:purple"}]}, lambda *_: None).pap is PAP.RED
