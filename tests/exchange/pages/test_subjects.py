"""The audit calls objects and collections by their names, and tells nobody a title above what they may see."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.pages.subjects import subjects
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP

Desk = Any


def test_names_are_told_as_far_as_somebody_may_see_them(desk: Desk) -> None:
    open_, narrow = desk.marked("malware", "Open server", "green"), desk.marked("malware", "Narrow lure", "amber")
    desk.take(open_, narrow)
    (main, *_) = desk.exchange.list_collections()
    asked = [open_["id"], narrow["id"], main.id, "malware--not-an-id", "something"]
    name = subjects(desk.node.services)
    home = desk.people.home_id
    high = name(Reader(party=home, clearance=TLP.AMBER, local=True), asked)
    assert high == {open_["id"]: "Open server", narrow["id"]: "Narrow lure", main.id: main.title or main.name}
    assert set(name(Reader(party=home, clearance=TLP.GREEN, local=True), asked)) == {open_["id"], main.id}
    assert name(Reader(party="elsewhere.example", clearance=TLP.RED, local=False), asked) == {}
