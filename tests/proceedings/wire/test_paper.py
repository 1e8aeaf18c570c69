"""Custody on paper: made in each language, equal for equal contents, and refused in a language there is none of."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from pypdf import PdfReader

from kouprey.proceedings.wire.paper import draw
from proceedings.conftest import refusal


def test_an_item_whose_basis_is_owed_says_so_before_its_events(bureau: Any) -> None:
    bopha = bureau.person("Bopha")
    dossier = bureau.dossier(bopha)
    item = bureau.item(dossier, bopha)
    bureau.release(bopha, dossier, item.id, basis="", emergency=True, ground="It is being wiped.")

    def paper() -> str:
        kept = bureau.dossiers.get_dossier(bopha.who, dossier)
        events = bureau.dossiers.list_events(bopha.who, dossier, item.id)
        made = draw(kept, item, events, "c\n", language="en", name=lambda by: by, at=1_800_000_000_000_000)
        return " ".join(PdfReader(BytesIO(made)).pages[0].extract_text().split())

    (owed,) = bureau.dossiers.get_dossier(bopha.who, dossier).lacking
    assert "Legal basis a release lacks its basis" in paper()
    bureau.dossiers.file_basis(bopha.who, dossier, owed.id, "Treaty of 2004, article 12")
    assert "lacks its basis" not in paper()


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
