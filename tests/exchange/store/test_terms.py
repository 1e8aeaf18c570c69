"""The index of terms follows the bodies that readers are given."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.store import pages
from kouprey.kernel.words.tlp import TLP


def names(party: Any, who: Any, text: str = "", **more: Any) -> list[str]:
    return [head.title for head in party.exchange.list_objects(who, text=text, **more).heads]


def test_a_new_version_hides_the_words_of_the_old(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("thing", description="before"), tlp=TLP.GREEN)
    ministry.keep(stix.make("thing", minute=5, description="after"), tlp=TLP.RED)
    assert names(ministry, ministry.reader(), "before") == [] and names(ministry, ministry.reader(), "after") == [
        "thing"
    ]
    assert names(ministry, ministry.reader(TLP.GREEN), "before") == ["thing"]
    assert ministry.exchange.facets(ministry.reader(), text="before").total == 0


def test_many_hits_are_walked_to_the_same_page(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ministry.keep(*(stix.make(f"zebra {n}") for n in range(9)), tlp=TLP.GREEN)
    ministry.keep(stix.make("zebra red"), stix.make("lion"), tlp=TLP.RED)
    ministry.keep(stix.make("zebra open"), tlp=TLP.CLEAR)
    low, high = ministry.reader(TLP.GREEN), ministry.reader()
    walked = names(ministry, low, "zebra", limit=4), names(ministry, high, "zebra", collection="main", limit=4)
    monkeypatch.setattr(pages, "_EXAMINED", 0)
    monkeypatch.setattr(pages, "_WALKED", 0)
    by_hits = names(ministry, low, "zebra", limit=4), names(ministry, high, "zebra", collection="main", limit=4)
    assert by_hits == walked
    assert walked[0] == ["zebra open", "zebra 8", "zebra 7", "zebra 6"]
    assert walked[1] == ["zebra open", "zebra red", "zebra 8", "zebra 7"]
    # Who sees little is not led past everything else, and counts go by the hits.
    assert names(ministry, ministry.reader(TLP.CLEAR), "zebra") == ["zebra open"]
    assert ministry.exchange.facets(ministry.reader(TLP.CLEAR), text="zebra").total == 1
