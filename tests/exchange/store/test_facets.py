"""Counting the newest hits up to a bound, and saying so."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.store import facets as counting
from kouprey.kernel.words.tlp import TLP


def test_pages_of_hits_and_the_bound_of_counting(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ministry.keep(*(stix.make(f"zebra {n:02}") for n in range(25)), tlp=TLP.GREEN)
    who, seen, before = ministry.reader(), [], None
    while True:
        page = ministry.exchange.list_objects(who, text="zebra", before_position=before, limit=10)
        seen += [head.title for head in page.heads]
        if not page.more:
            break
        before = page.heads[-1].position
    assert seen == [f"zebra {n:02}" for n in range(24, -1, -1)]
    newer = ministry.exchange.list_objects(who, text="zebra", after_position=before, limit=5)
    assert [head.title for head in newer.heads] == seen[:20][-6:-1] and newer.more
    monkeypatch.setattr(counting, "COUNTED", 20)
    found = ministry.exchange.facets(who, text="zebra")
    assert found.total == 20 and found.more
