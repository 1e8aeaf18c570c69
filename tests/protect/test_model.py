"""Nouns that count themselves."""

from __future__ import annotations

from kouprey.kernel.words.tlp import TLP
from kouprey.protect.model import Entry, Release, State, Trial


def test_a_release_counts_and_an_entry_has_a_key() -> None:
    trial = Trial(since=0, until=1)
    made = Release(
        shield="a",
        serial=1,
        state=State.PAST,
        made_at=0,
        until=1,
        digest="",
        tlp=TLP.GREEN,
        names=2,
        addresses=3,
        added=0,
        gone=0,
        left={},
        trial=trial,
        checks=(),
        files=(),
    )
    assert made.total == 5
    assert Entry("domain-name", "a.example", "indicator--1", 7).key == ("domain-name", "a.example")
