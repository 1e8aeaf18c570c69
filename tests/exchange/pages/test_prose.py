"""Prose of others: its paragraphs, lists and code are kept, and none of its links."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.pages.prose import Block, Piece, as_text, read_prose
from kouprey.people.model import Role


def test_paragraphs_lists_and_headings() -> None:
    blocks = read_prose("# Title\n\nOne.\nTwo.\n\n- a\n- b\n  goes on\n1. c\nEnd.")
    assert [(each.kind, len(each.lines)) for each in blocks] == [
        ("heading", 1),
        ("paragraph", 2),
        ("list", 3),
        ("paragraph", 1),
    ]
    assert as_text(blocks) == "Title One. Two. a b goes on c End."


def test_links_become_words_with_the_host_they_led_to() -> None:
    text = (
        "[PowerShell](https://attack.mitre.org/techniques/T1059) runs <code>a < b</code> `x` (Citation: Somebody 2020)"
    )
    assert read_prose(text) == (
        Block(
            "paragraph",
            (
                (
                    Piece("named", "PowerShell", "attack[.]mitre[.]org"),
                    Piece("text", " runs <code>a < b</code> "),
                    Piece("code", "x"),
                    Piece("text", " "),
                    Piece("cited", "Citation: Somebody 2020"),
                ),
            ),
        ),
    )
    assert read_prose("[evil](javascript:alert(1))")[0].lines[0] == (Piece("text", "[evil](javascript:alert(1))"),)
    assert read_prose("[a.example](https://a.example/x)")[0].lines[0] == (Piece("named", "a.example", ""),)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="#-*•·`[<()0123456789"), max_size=200))
def test_words_are_neither_lost_nor_added(text: str) -> None:
    kept = as_text(read_prose(text))
    assert "".join(kept.split()) == "".join(text.split())


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert all(block.lines for block in read_prose(text))


def test_what_could_be_a_tag_stays_text(desk: Any) -> None:
    made = desk.thing("campaign", "Prose", description="<img src=x onerror=alert(1)>\n\n- [x](https://evil.example/)")
    desk.take(made)
    text = desk.visitor(Role.ANALYST).text(f"/intelligence/{made['id']}")
    desk.assert_harmless(text)
    assert "evil[.]example" in text and "https://evil.example/" not in desk.links(text)
