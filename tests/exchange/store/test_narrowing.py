"""Filters of lists, alone and together, each about what the reader may see."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from kouprey.exchange.model import Filters
from kouprey.exchange.store import narrowing
from kouprey.kernel.words.tlp import TLP


def names(party: Any, who: Any, text: str = "", **more: Any) -> list[str]:
    return [head.title for head in party.exchange.list_objects(who, text=text, **more).heads]


def test_filters_together(ministry: Any, stix: Any) -> None:
    for kind, level, revoked in product(("malware", "tool"), (TLP.GREEN, TLP.RED), (False, True)):
        name = f"{kind} {level.word} {revoked}"
        ministry.keep(stix.make(name, kind, revoked=revoked), tlp=level, source=f"{level.word}.json")
    ministry.keep(stix.make("both", "tool", description="one"), tlp=TLP.GREEN, source="green.json")
    ministry.keep(stix.make("both", "tool", description="two"), tlp=TLP.RED, source="red.json")
    who, exchange = ministry.reader(), ministry.exchange
    every = names(ministry, who)
    assert len(every) == 9
    assert len(names(ministry, who, "malware", filters=Filters(revoked=True))) == 2
    assert len(names(ministry, who, types=["tool"], filters=Filters(revoked=False, levels=(TLP.GREEN,)))) == 1
    assert len(names(ministry, who, "tool", filters=Filters(sources=("red.json",)))) == 2
    assert names(ministry, who, filters=Filters(conflict=True)) == ["both"]
    assert names(ministry, ministry.reader(TLP.GREEN), filters=Filters(conflict=True)) == []
    newest = exchange.list_objects(who, limit=3).heads
    between = Filters(since=newest[2].position, until=newest[0].position)
    assert names(ministry, who, filters=between) == [newest[1].title]
    assert names(ministry, who, newest[1].title, filters=between) == [newest[1].title]
    assert len(names(ministry, who, "malware", collection="main")) == 4
    found = exchange.facets(who, text="malware")
    assert (found.total, found.more, found.by_type) == (4, False, {"malware": 4})
    assert found.by_tlp == {TLP.GREEN: 2, TLP.RED: 2} and found.by_source == {"green.json": 2, "red.json": 2}
    everything = exchange.facets(who)
    assert everything.total == 9 and everything.by_source == {"green.json": 5, "red.json": 5}


@pytest.mark.parametrize(("few", "some"), [(5_000, 20_000), (3, 20_000), (3, 3), (-1, 0)])
def test_two_rare_filters_find_the_same_on_every_road(
    ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch, few: int, some: int
) -> None:
    monkeypatch.setattr(narrowing, "_FEW", few)
    monkeypatch.setattr(narrowing, "_SOME", some)
    sound = {
        "pattern": "[domain-name:value = 'a.example']",
        "pattern_type": "stix",
        "valid_from": "2026-11-01T00:00:00Z",
    }
    ministry.keep(*(stix.make(f"odd {n}") for n in range(5)), tlp=TLP.GREEN)
    ministry.keep(*(stix.make(f"gone {n}", revoked=True, **sound) for n in range(5)), tlp=TLP.GREEN)
    ministry.keep(stix.make("both", revoked=True), tlp=TLP.GREEN)
    ministry.keep(stix.make("canary", revoked=True), tlp=TLP.RED, source="canary.json")
    # One body is revoked and the other odd: no body is both. Of the second, who sees less gets the one that is both.
    ministry.keep(stix.make("torn", revoked=True, **sound), tlp=TLP.GREEN)
    ministry.keep(stix.make("torn", description="other"), tlp=TLP.GREEN)
    ministry.keep(stix.make("half", **sound), tlp=TLP.RED)
    ministry.keep(stix.make("half", revoked=True), tlp=TLP.GREEN)
    low, high, asked = ministry.reader(TLP.GREEN), ministry.reader(), Filters(revoked=True, findings="must")
    assert names(ministry, low, filters=asked) == ["half", "both"]
    assert names(ministry, high, filters=asked) == ["canary", "both"]
    found = ministry.exchange.facets(low, filters=asked)
    assert (found.total, found.more, found.by_tlp) == (2, False, {TLP.GREEN: 2}) and "canary" not in repr(found)
