"""Custody on paper: made in each language, equal for equal contents, and refused in a language there is none of."""

from __future__ import annotations

from typing import Any

from kouprey.proceedings.wire.paper import draw
from proceedings.conftest import refusal


def test_custody_on_paper(bureau: Any) -> None:
    bopha = bureau.person("Bopha")
    dossier = bureau.dossier(bopha)
    item = bureau.item(dossier, bopha)
    bureau.release(bopha, dossier, item.id)
    kept = bureau.dossiers.get_dossier(bopha.who, dossier)
    events = bureau.dossiers.list_events(bopha.who, dossier, item.id)

    def paper(language: str) -> bytes:
        return draw(kept, item, events, "c\n", language=language, name=lambda by: by, at=1_800_000_000_000_000)

    assert paper("en").startswith(b"%PDF") and paper("en") == paper("en") != paper("km")
    assert refusal(lambda: paper("xx")) == "bad-field"
