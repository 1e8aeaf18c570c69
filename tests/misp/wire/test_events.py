"""Events are found in whatever wraps them, and what is none is refused with its reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.misp.wire.events import read_event, unread

EVENT = {"uuid": "x", "info": "y", "Attribute": []}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Event", "response", "info", "Attribute", "Object", "uuid"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("wrapped", [EVENT, {"Event": EVENT}, {"response": {"Event": EVENT}}])
def test_an_event_is_found_in_its_wrapper(wrapped: Any) -> None:
    assert read_event(json.dumps(wrapped).encode()) == EVENT


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"type":"indicator","uuid":"x","info":"y"}', "no-event"),
        (b'{"Attribute":[]}', "no-event"),
        (b'{"uuid":"x","info":"a heading"}', "no-event"),
        (b'{"uuid":"x","name":"file","meta-category":"file","Attribute":[]}', "no-event"),
        (b"[]", "no-event"),
        (b'{"Event":{"info":"a","info":"b","uuid":"x"}}', "unsafe-json"),
    ],
)
def test_what_is_no_event_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Damaged) as error:
        read_event(raw)
    assert error.value.code == code and error.value.remedy


@settings(max_examples=50, deadline=None)
@given(JSON)
def test_any_json_is_an_event_or_refused(value: Any) -> None:
    try:
        assert isinstance(read_event(json.dumps(value).encode()), dict)
    except Damaged as error:
        assert error.code in ("no-event", "unsafe-json")


def test_what_cannot_be_cut_out_has_its_reason() -> None:
    assert [unread(problem).code for problem in ("too-large", "bad-type", "broken-stream")] == [
        "too-large",
        "no-event",
        "broken-stream",
    ]
