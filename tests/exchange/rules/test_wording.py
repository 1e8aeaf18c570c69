"""Prose in three parts is one text, and comes apart again as it was put together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.rules.wording import ACTION, WHY, Words, put_together, read_words, take_apart

HEADINGS = (WHY.strip(), ACTION.strip())
part = st.text(max_size=60).map(str.strip).filter(lambda text: not any(each in text for each in HEADINGS))


@given(part, part, part)
def test_the_parts_come_back(what: str, why: str, action: str) -> None:
    words = Words(what, why, action)
    assert read_words(put_together(words)) == words


@given(st.text(max_size=200))
def test_any_text_can_be_read_and_written_again(text: str) -> None:
    words = read_words(text)
    again = put_together(words)
    assert put_together(read_words(again)) == again


def test_a_text_without_headings_is_what_it_says() -> None:
    assert read_words("Block How we know: nothing") == Words("Block How we know: nothing")


def test_each_type_keeps_its_prose_in_its_own_place() -> None:
    assert take_apart({"type": "note", "content": "Words.", "description": "no"}) == Words("Words.")
    assert take_apart({"type": "indicator", "description": "What to do: look."}) == Words(action="look.")
    assert take_apart({"type": "sighting", "description": "In our proxy."}) == Words(why="In our proxy.")
    assert take_apart({"type": "report"}) == Words()
