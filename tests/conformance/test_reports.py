"""Signed reports of the published vectors: the one that holds is read, and each of the others is refused."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.wire import parse_card
from kouprey.performance.service import Performance
from kouprey.performance.wire import MANIFEST_HEAD, parse_manifest, render_manifest

VECTORS = json.loads((Path(__file__).parent / "lane" / "report.json").read_text("utf-8"))


def verify(pdf: str, note: str) -> Any:
    """As a node does that trusts the cards of the vectors."""
    cards = {card.party: card for card in (parse_card(each.encode()) for each in VECTORS["cards"])}
    people = SimpleNamespace(get_party=lambda party: SimpleNamespace(card=cards[party]))
    node = cast(Performance, SimpleNamespace(_people=people))
    return Performance.verify_report(node, b64decode(pdf), note.encode())


def test_the_published_report_holds_and_is_written_again_to_the_byte() -> None:
    manifest = verify(VECTORS["pdf"], VECTORS["note"])
    assert manifest.party == "ministry.example" and manifest.figures["context"] == 1e-5
    assert manifest.n == {"share-back": 18, "time-to-acknowledge": 40, "context": 100_000, "false-positives": None}
    text = VECTORS["manifest"].encode()
    assert text.startswith(MANIFEST_HEAD) and render_manifest(parse_manifest(text)) == text


@pytest.mark.parametrize("case", VECTORS["wrong"], ids=lambda case: str(case["why"]))
def test_what_must_be_refused_is(case: dict[str, str]) -> None:
    with pytest.raises(KoupreyError):
        verify(case["pdf"], case["note"])


def test_every_changed_byte_is_refused() -> None:
    note = VECTORS["note"].encode()
    for at in range(0, len(note), 5):
        changed = bytearray(note)
        changed[at] ^= 1
        with pytest.raises((KoupreyError, UnicodeDecodeError, KeyError)):
            verify(VECTORS["pdf"], changed.decode("utf-8"))
    with pytest.raises(Damaged):
        verify(VECTORS["pdf"] + "", VECTORS["note"].replace("\n\n", "\n"))
