"""What the directory keeps, on both engines."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.response.model.directory import Decided, Drill, Shift
from kouprey.response.store import directory as rows

SHIFT = Shift(id="sft_1", person="Dara", role="Duty officer", reach="+855", starts=10, ends=20, made_by="p", made_at=1)
DRILL = Drill(handoff="h" * 64, party="b.example", agreement="agr", sent_by="p", sent_at=5)


def test_shifts_are_taken_out_and_kept(pair: Any) -> None:
    a, _, _ = pair
    a.store.write(lambda tx: rows.add_shift(tx, SHIFT))
    assert a.store.write(lambda tx: rows.withdraw_shift(tx, SHIFT.id, "q", 12))
    assert not a.store.write(lambda tx: rows.withdraw_shift(tx, SHIFT.id, "r", 13))
    with a.store.read() as reader:
        assert rows.list_shifts(reader, 20, 10) == []
        (held,) = rows.list_shifts(reader, 19, 10)
        assert rows.find_shift(reader, "sft_2") is None
    assert held == msgspec.structs.replace(SHIFT, withdrawn_by="q", withdrawn_at=12)


def test_drills_go_on_and_plans_end(pair: Any) -> None:
    a, _, _ = pair
    later = msgspec.structs.replace(DRILL, delivered_at=6, acknowledged_at=7, closed_at=8)
    a.store.write(lambda tx: rows.save_drill(tx, DRILL))
    with a.store.read() as reader:
        assert rows.list_drills(reader, running=True) == [DRILL]
    a.store.write(lambda tx: rows.save_drill(tx, later))
    a.store.write(lambda tx: rows.save_plan(tx, "b.example", "p", 1, 0))
    with a.store.read() as reader:
        assert rows.list_drills(reader, running=True) == [] and rows.list_drills(reader, party="b.example") == [later]
        assert rows.find_drill(reader, DRILL.handoff) == later and rows.list_plans(reader) == ["b.example"]
    a.store.write(lambda tx: rows.save_plan(tx, "b.example", "p", 2, 2))
    with a.store.read() as reader:
        assert rows.list_plans(reader) == []


def test_what_was_sent_is_known_by_agreement(pair: Any) -> None:
    a, _, agreement = pair
    for version in (1, 2):
        a.store.write(lambda tx, version=version: rows.add_sent(tx, version, "", 0, 1))
    a.store.write(lambda tx: rows.add_sent(tx, 1, agreement, 9, 1))
    a.store.write(lambda tx: rows.add_sent(tx, 1, agreement, 9, 1))
    with a.store.read() as reader:
        assert rows.published_version(reader) == 2 and rows.list_sent(reader) == {agreement: 1}


def test_a_decision_is_made_once_and_ended_once(pair: Any) -> None:
    a, _, _ = pair
    made = Decided(
        message="m" * 64,
        handoff="h" * 64,
        said_by="b.example",
        competent="c.example",
        subjects=("203.0.113.0/24",),
        applied=True,
        decided_by="p",
        decided_at=1,
    )
    assert a.store.write(lambda tx: rows.add_decided(tx, made, 1))
    assert not a.store.write(lambda tx: rows.add_decided(tx, made, 1))
    assert a.store.write(lambda tx: rows.end_decided(tx, made.message, "q", 2))
    assert not a.store.write(lambda tx: rows.end_decided(tx, made.message, "q", 3))
    with a.store.read() as reader:
        assert rows.decided_messages(reader) == {made.message}
