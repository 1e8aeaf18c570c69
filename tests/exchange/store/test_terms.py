"""The index of terms follows the bodies that readers are given."""

from __future__ import annotations

from typing import Any

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
