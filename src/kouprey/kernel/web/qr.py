"""Pictures that a phone reads."""

from __future__ import annotations

from io import StringIO
from typing import Literal

from markupsafe import Markup


def draw(text: str, *, error: Literal["l", "m"] = "m", scale: int = 5) -> Markup:
    """A QR code as SVG, dark on white whatever the theme: readers do not know it inverted.

    `error` says how much of it may be spoiled: "m" 15 %, "l" 7 % for long texts, whose pictures are dense already.
    """
    # Imported late: drawn once in a person's life.
    import segno

    made = segno.make(text, error=error, micro=False, boost_error=False)
    width, height = made.symbol_size(scale=scale, border=4)
    drawn: str = made.svg_inline(scale=scale, border=4, dark="#000", light="#fff", omitsize=True)
    # With its box and its size: on a narrow screen it shrinks instead of being cut.
    return Markup(drawn.replace("<svg ", f'<svg width="{width}" height="{height}" ', 1))


def draw_lines(text: str) -> str:
    """A QR code for a terminal, two rows of it in each line of text."""
    import segno

    out = StringIO()
    segno.make(text, error="l", micro=False).terminal(out, border=2, compact=True)
    return out.getvalue()
