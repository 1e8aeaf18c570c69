"""Words that mails and papers share with pages."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.response.model import Urgency
from kouprey.response.wire.words import KINDS, URGENCIES, plain


def test_every_kind_and_urgency_has_its_words() -> None:
    assert set(KINDS) == set(HANDOFF_KINDS) and set(URGENCIES) == set(Urgency)


@given(st.text())
def test_nothing_turns_the_direction_of_reading(text: str) -> None:
    assert not set(plain(text)) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\u200e\u200f")
