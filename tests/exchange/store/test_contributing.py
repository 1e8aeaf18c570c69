"""Conflicts as far as a reader may know of them, and memberships that end for what is seen."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.service import MAIN
from kouprey.exchange.store import contributing as rows
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP


def eyes(party: Any, clearance: TLP) -> Eyes:
    return Eyes(party.agreements.profile(party.reader(clearance)), wall_clock(), local=True)


def test_a_conflict_is_one_only_for_who_sees_two_bodies(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), stix.make("b"), tlp=TLP.GREEN)
    both = ministry.keep(stix.make("a", description="other"), tlp=TLP.RED)
    open_to_all = ministry.keep(stix.make("b", description="other"), tlp=TLP.GREEN)
    ids = [each.version_id for each in (*both, *open_to_all)]
    for clearance, seen in ((TLP.GREEN, {ids[1]}), (TLP.RED, set(ids)), (TLP.CLEAR, set())):
        held = eyes(ministry, clearance)
        with ministry.store.read() as reader:
            assert rows.list_seen_conflicts(reader, held, ids) == seen
            assert rows.list_seen_conflicts(reader, held, ids[1:]) == seen - {ids[0]}


def test_memberships_end_for_the_versions_that_are_seen_and_named(ministry: Any, stix: Any) -> None:
    ministry.exchange.create_collection("feed", by="test")
    ministry.keep(stix.make("a", minute=1), stix.make("a", minute=2), tlp=TLP.GREEN, into=("feed",))
    ministry.keep(stix.make("a", minute=3), tlp=TLP.RED, into=("feed",))
    instants = [row.instant for row in ministry.exchange.page(ministry.reader(), MAIN, versions="all").rows]
    feed, low = ministry.exchange.get_collection("feed").id, eyes(ministry, TLP.GREEN)
    name = stix.id("indicator", "a")
    end = lambda asked: ministry.store.write(lambda tx: rows.end_memberships(tx, low, feed, name, asked))  # noqa: E731
    assert [end(instants[:1]), end(instants), end(instants), end([])] == [1, 1, 0, 0]
    left = ministry.exchange.page(ministry.reader(), "feed", versions="all").rows
    assert [row.instant for row in left] == instants[2:]
    assert len(ministry.exchange.page(ministry.reader(), MAIN, versions="all").rows) == 3
