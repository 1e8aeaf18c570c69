"""Cards of the published vectors are read as the specification says, and rendered again to the byte."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kouprey.kernel.words.errors import Damaged
from kouprey.people.wire import parse_card

VECTORS = json.loads((Path(__file__).parent / "lane" / "card.json").read_text("utf-8"))


def test_published_cards_are_read() -> None:
    assert VECTORS["cards"]
    for vector in VECTORS["cards"]:
        card = parse_card(vector["note"].encode())
        assert f"party {card.party}\n" in vector["text"]
        assert card.node in vector["text"]


def test_a_changed_card_is_refused() -> None:
    note = VECTORS["cards"][0]["note"].encode()
    for at in range(0, len(note), 7):
        changed = bytearray(note)
        changed[at] ^= 1
        with pytest.raises(Damaged):
            parse_card(bytes(changed))
