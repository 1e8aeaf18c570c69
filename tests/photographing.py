"""Photographs of pictures, for tests that read them."""

from __future__ import annotations

from io import BytesIO

import segno
from PIL import Image


def sheet_of(texts: list[str]) -> bytes:
    """A screenshot of these pictures, one below the other."""
    drawn = []
    for text in texts:
        out = BytesIO()
        segno.make(text, error="l", micro=False).save(out, kind="png", scale=4, border=4)
        drawn.append(Image.open(out).convert("L"))
    sheet = Image.new("L", (max(each.width for each in drawn), sum(each.height for each in drawn)), 255)
    at = 0
    for each in drawn:
        sheet.paste(each, (0, at))
        at += each.height
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
