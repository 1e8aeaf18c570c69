"""Pictures that a phone reads carry the text, and nothing that a policy forbids."""

from __future__ import annotations

import pytest

from kouprey.kernel.web.qr import draw, draw_lines


@pytest.mark.parametrize("text", ["otpauth://totp/x", "kouprey.dev/card/v1\n" * 30, "<script>&"])
def test_a_picture_is_svg_without_style_or_the_text_itself(text: str) -> None:
    made = draw(text, error="l", scale=4)
    assert made.startswith("<svg") and made.endswith("</svg>")
    assert "viewBox=" in made and "width=" in made, "it shrinks where there is little room"
    assert "style=" not in made and "script" not in made and "href" not in made
    assert made == draw(text, error="l", scale=4) != draw(text + "x", error="l", scale=4)


def test_a_picture_for_a_terminal_has_every_dot_of_it() -> None:
    import segno

    text = "please send 605ac5c0093b 120-339 of 900"
    halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    rows: list[list[int]] = []
    for line in draw_lines(text).splitlines():
        rows += [[halves[letter][half] for letter in line] for half in (0, 1)]
    matrix = [list(row) for row in segno.make(text, error="l", micro=False).matrix]
    assert [row[2:-2] for row in rows[2 : 2 + len(matrix)]] == matrix, "light is drawn, as terminals are dark"
