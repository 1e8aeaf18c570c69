"""What is marked in a text is what the search found in it, and the text itself stays whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.wire.context import SHOWN, marked, snippet
from kouprey.exchange.wire.terms import read_query

LETTERS = st.text(alphabet='aB1 é\u0301ក្រ攻\u200b"*-.<&', max_size=80)


def hits(text: str, typed: str) -> list[str]:
    return [piece.text for piece in marked(text, read_query(typed)) if piece.hit]


@given(text=LETTERS | st.text(), typed=LETTERS | st.text())
def test_the_pieces_are_the_text(text: str, typed: str) -> None:
    pieces = marked(text, read_query(typed))
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces)
    assert len("".join(piece.text for piece in snippet(text, read_query(typed)))) <= max(SHOWN, len(text)) + 4


def test_words_are_marked_as_they_were_found() -> None:
    assert hits("Mã độc tống tiền", "MA doc") == ["Mã", "độc"]
    assert hits("Spearphishing by mail", "spear* mail") == ["Spearphishing", "mail"]
    assert hits("wickless wick", "wick") == ["wick"]
    assert hits("the control server", '"control server"') == ["control", "server"]
    assert hits("ការវាយប្រហារតាមអ៊ីនធឺណិត", "ប្រហារ") == ["ប្រហារ"]
    assert hits("针对政府的网络攻击活动", "攻击 网络攻击") == ["攻击"]
    assert hits("anything", "") == [] == hits("", "any")


def test_a_long_text_is_shown_around_its_first_hit() -> None:
    text = "before " * 40 + "the wick burns " + "after " * 80
    shown = "".join(piece.text for piece in snippet(text, read_query("wick")))
    assert shown.startswith("… before") and "the wick burns" in shown and shown.endswith("after …")
    assert snippet(text, read_query("nowhere")) == []
