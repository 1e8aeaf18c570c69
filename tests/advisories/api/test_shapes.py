"""What is taken becomes content, and what is told names every time in words."""

from __future__ import annotations

import pytest

from kouprey.advisories.api.shapes import Written, content_of
from kouprey.advisories.model import Kind, Words
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import parse_instant

WORDS = {"en": Words(title="a", body="b")}


def test_times_are_read_and_refused() -> None:
    made = content_of(Written(kind=Kind.SERVICE_NOTICE, languages=WORDS, valid_until="2026-12-31T00:00:00Z"))
    assert made.valid_until == parse_instant("2026-12-31T00:00:00Z") and made.valid_from == 0
    with pytest.raises(Damaged) as caught:
        content_of(Written(kind=Kind.SERVICE_NOTICE, languages=WORDS, valid_from="tomorrow"))
    assert caught.value.code == "bad-field"
