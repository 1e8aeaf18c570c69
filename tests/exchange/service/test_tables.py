"""Tables end in the one entrance: twice is once, refusals stop nothing, and the level of a row is never loosened."""

from __future__ import annotations

import io
from typing import Any

import pytest

from kouprey.exchange.model import Refusal
from kouprey.exchange.model.tables import Constants, Dialect, Mapping
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import TLP

TABLE = b"ip,level\n198.51.100.7,red\nnonsense,green\n198.51.100.8,\n"
MAPPING = Mapping(
    kind="indicator", columns={"ip": "ip", "level": "tlp"}, constants=Constants(valid_from="2026-11-22", name="List")
)


def test_a_table_is_taken_in_once(ministry: Any) -> None:
    refusals: list[Refusal] = []

    def take() -> Any:
        return ministry.exchange.import_table(
            io.BytesIO(TABLE), MAPPING, Dialect(), name="list.csv", tlp=TLP.GREEN, by="ann", on_refusal=refusals.append
        )

    first, again = take(), take()
    assert (first.new, first.refused, again.new, again.byte_equal, again.refused) == (2, 1, 0, 2, 1)
    assert [(each.line, each.offset, each.code) for each in refusals[:1]] == [(3, 26, "bad-value")]
    assert ministry.exchange.counts(ministry.reader()).by_tlp == {TLP.CLEAR: 1, TLP.GREEN: 1, TLP.RED: 1}
    assert set(ministry.exchange.look_up(ministry.reader(), ["198.51.100.7", "198.51.100.8"])) == {
        "198.51.100.7",
        "198.51.100.8",
    }
    assert set(ministry.exchange.look_up(ministry.reader(TLP.GREEN), ["198.51.100.7", "198.51.100.8"])) == {
        "198.51.100.8"
    }


def test_a_mapping_that_cannot_be_followed_takes_nothing_in(ministry: Any) -> None:
    with pytest.raises(Damaged):
        ministry.exchange.import_table(io.BytesIO(TABLE), Mapping(), Dialect(), name="x", by="ann")
    assert ministry.exchange.counts(ministry.reader()).total == 0
