"""The verdict follows from the measures that can be told."""

from __future__ import annotations

import pytest

from kouprey.performance.model import Measured, Point, Report, State


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ((State.MET, State.MET, State.FEW), "works"),
        ((State.MET, State.MISSED), "mixed"),
        ((State.MISSED, State.FEW), "fails"),
        ((State.FEW,), "unknown"),
        ((State.UNTARGETED,), "untargeted"),
    ],
)
def test_the_verdict(states: tuple[State, ...], verdict: str) -> None:
    point = Point(quarter=8107, value=1.0, n=9)
    measures = tuple(
        Measured(
            measure="context",
            unit="ratio",
            target=None if state is State.UNTARGETED else 0.5,
            baseline=None,
            now=point,
            trend=(point,),
            state=state,
        )
        for state in states
    )
    report = Report(
        agreement="agr_1",
        title="T",
        quarter=8107,
        quarters=(8107,),
        parties=(),
        measures=measures,
        shares=(),
        hhi=None,
        whole=True,
        behind=0,
        at=0,
    )
    assert report.verdict == verdict
