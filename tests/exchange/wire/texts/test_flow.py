"""A rewritten text knows where its characters came from."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.wire.texts.flow import Flow


@given(st.text("ab[.]x", max_size=60))
def test_what_was_kept_leads_back_to_itself(text: str) -> None:
    first = Flow(text).rewrite(re.compile(r"\[\.\]"), lambda found: ".")
    flow = first.rewrite(re.compile(r"x+"), lambda found: ["--", (found.start(), found.start() + 1)])
    places = [flow.origin(place) for place in range(len(flow.text) + 1)]
    assert places == sorted(places) and places[-1] == len(text)
    assert all(text[at] == char for at, char in zip(places, flow.text, strict=False) if char in "abx")


def test_nothing_replaced_is_the_same_text() -> None:
    flow = Flow("abc")
    assert flow.rewrite(re.compile("x"), lambda found: "") is flow
