"""Nouns of hand-offs."""

from __future__ import annotations

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import ENDED, LEGAL_KINDS, Clock, HandOff, Side, Stage, Urgency


def test_sides_and_kinds() -> None:
    made = HandOff(
        id="x",
        agreement="agr_x",
        asking="a.example",
        asked="b.example",
        kind="act",
        urgency=Urgency.ROUTINE,
        title="x",
        text="x",
        tlp=TLP.GREEN,
        at=0,
    )
    assert [made.side_of(party) for party in ("a.example", "b.example", "c.example")] == [Side.ASKING, Side.ASKED, None]
    assert set(HANDOFF_KINDS) > LEGAL_KINDS and {Stage.CLOSED} < ENDED


def test_late_is_computed() -> None:
    assert not Clock("decide", 10, 0, 0).late_at(10) and Clock("decide", 10, 0, 0).late_at(11)
    assert not Clock("decide", 10, 9, 0).late_at(99) and Clock("decide", 10, 11, 0).late_at(11)
    assert not Clock("decide", 10, 0, 0, frozen=5).late_at(99)
