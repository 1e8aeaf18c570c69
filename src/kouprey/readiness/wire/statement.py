"""The evidence statement as text (docs/spec/framework.md): what is signed, and what everybody can read."""

from __future__ import annotations

from kouprey.kernel.words.time import format_second
from kouprey.readiness.model import Statement

TITLE = "kouprey-evidence/1"
SMALL = 5
"""A count below this is not told; the text says that it was enough."""


def render(statement: Statement) -> bytes:
    """The lines that are signed: a name and a value each, in a fixed order."""
    rows = {
        "statement": statement.id,
        "party": statement.party,
        "framework": statement.framework,
        "indicator": f"{statement.indicator} {statement.title}",
        "counted": statement.query,
        "times": str(statement.counted) if statement.counted >= SMALL else f"fewer than {SMALL}, and enough",
        "within days": str(statement.days) if statement.days else "ever",
        "at": format_second(statement.at),
        "confirmed by": statement.by,
        "note": " ".join(statement.note.split()),
    }
    return "".join([f"{TITLE}\n", *(f"{name}: {value}\n" for name, value in rows.items())]).encode()
