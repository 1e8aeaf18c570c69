"""Steps of the examination meet every row."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.store import checks


def test_every_body_is_met_in_steps(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_STEP", 3)
    ministry.keep(*(stix.make(f"n{number}") for number in range(10)))
    assert [held.id for held in checks.each_body(ministry.store)] == list(range(1, 11))
    assert list(checks.list_wrong_sets(ministry.store)) == []
    ministry.store.write(lambda tx: tx.execute("UPDATE version SET label_set_id = 0 WHERE id = 8"))
    assert list(checks.list_wrong_sets(ministry.store)) == [8]
