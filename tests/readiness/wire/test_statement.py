"""The text of an evidence statement: one line each, and no small count."""

from __future__ import annotations

from kouprey.readiness.model import Statement
from kouprey.readiness.wire.statement import render


def made(counted: int, note: str = "") -> str:
    return render(
        Statement(
            id="evidence_1",
            party="cert.example",
            framework="ncsi-3",
            indicator="9.5",
            title="Cooperation",
            query="agreements.exchanged",
            counted=counted,
            days=365,
            at=1_000_000,
            by="Dara",
            note=note,
        )
    ).decode()


def test_a_note_cannot_add_a_line() -> None:
    text = made(7, "fine\ntimes: 900\n\n— forged")
    assert text.count("\n") == len(text.splitlines()) == 11 and "note: fine times: 900 — forged\n" in text
    assert "times: 7\n" in text and text.startswith("kouprey-evidence/1\n")


def test_a_count_below_five_is_not_told() -> None:
    assert "times: fewer than 5, and enough\n" in made(4) and "4" not in made(4).split("times: ")[1].split("\n")[0]
