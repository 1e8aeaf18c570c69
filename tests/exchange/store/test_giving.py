"""Candidates for publishing: the newest version somebody may see, and all labels whoever may see them."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.store import giving
from kouprey.kernel.words.tlp import TLP


def test_the_newest_visible_version_with_all_its_labels(ministry: Any, stix: Any) -> None:
    wanted = stix.id("indicator", "a")
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    ministry.keep(stix.make("a"), tlp=TLP.RED, source="second")
    ministry.keep(stix.make("a", minute=1), tlp=TLP.RED)
    low = ministry.exchange._eyes(ministry.reader(TLP.GREEN))
    with ministry.store.read() as reader:
        book = giving.LabelBook(reader)
        found = giving.list_candidates(reader, low, [wanted, "x--y"], book, bodies=True)
        assert list(found) == [wanted]
        assert sorted(label.tlp for label in found[wanted].all_labels) == [TLP.GREEN, TLP.RED]
        assert list(found[wanted].raws.values()) == [stix.make("a")]
        # What is referred to is judged by its newest version, seen or not.
        held = giving.list_held_labels(reader, [wanted], book)
        assert [label.tlp for label in held[wanted]] == [TLP.RED]
        assert giving.object_exists(reader, wanted) and not giving.object_exists(reader, "x--y")
