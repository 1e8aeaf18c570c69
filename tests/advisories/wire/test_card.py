"""The card: one sheet that says what it is, whose it is, and where to check it."""

from __future__ import annotations

import msgspec
import pytest

from advisories.wire.test_feeds import published
from kouprey.advisories.wire.card import draw_card
from leaks.unpacking import texts_of


@pytest.mark.parametrize("language", ["en", "km"])
def test_a_card_is_a_paper_with_its_number(language: str) -> None:
    later = msgspec.structs.replace(published(exercise="Mekong"), followed=("XX-CERT-2026-0002",))
    raw = draw_card(later, language, "https://cert.example/check/XX-CERT-2026-0001/abababababababab")
    assert raw.startswith(b"%PDF") and len(raw) < 200_000
    assert raw == draw_card(later, language, "https://cert.example/check/XX-CERT-2026-0001/abababababababab")
    text = texts_of(raw)
    assert "XX-CERT-2026-0001" in text and "EXERCISE" in text and "XX-CERT-2026-0002" in text
