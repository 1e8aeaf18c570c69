"""Pieces of SQL: the road of a page follows from how much its reader sees."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.store import seeing
from kouprey.kernel.words.tlp import TLP


def test_a_reader_of_little_is_told_apart_from_a_reader_of_much(ministry: Any, stix: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(seeing, "_NARROW", 2)
    ministry.keep(stix.make("a"), stix.make("b"), tlp=TLP.GREEN)
    ministry.keep(stix.make("c"), tlp=TLP.RED)
    low, high = (ministry.exchange._eyes(ministry.reader(level)) for level in (TLP.GREEN, TLP.RED))
    none = ministry.exchange._eyes(ministry.foreign("stranger.example"))
    with ministry.store.read() as reader:
        assert len(seeing.few_label_sets(reader, low, 100) or ()) == 1
        assert seeing.few_label_sets(reader, low, 1) is None, "two of three: the next one along is seen sooner"
        assert seeing.few_label_sets(reader, high, 100) is None
        assert seeing.few_label_sets(reader, none, 100) == []


def test_text_and_parameters_grow_together() -> None:
    query = seeing.Query("SELECT 1").add("WHERE a = ?", 1).add("AND b = ?", 2)
    assert (query.sql, query.params) == ("SELECT 1 WHERE a = ? AND b = ?", [1, 2])
