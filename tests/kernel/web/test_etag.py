"""Entity tags."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.web.etag import knows, weak_tag


@pytest.mark.parametrize(
    ("header", "known"),
    [("", False), ('W/"a"', True), ('"a"', True), ('"b", W/"a"', True), ("*", True), ('"b"', False), ("a", False)],
)
def test_a_client_may_hold_the_answer(header: str, known: bool) -> None:
    assert knows(header, 'W/"a"') is known


@given(st.text(max_size=60), st.binary(max_size=60))
def test_any_header_is_read_and_only_the_tag_itself_is_known(header: str, body: bytes) -> None:
    assert knows(weak_tag(body), weak_tag(body))
    assert not knows(weak_tag(body), weak_tag(body + b"x"))
    knows(header, weak_tag(body))
