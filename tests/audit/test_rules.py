"""Lines about intelligence are for those cleared for everything; that there are such lines everybody may know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.audit.model import Line, Question
from kouprey.audit.rules import OPEN, check_export, may_ask, sees, sees_all
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Forbidden
from kouprey.kernel.words.tlp import TLP


def line(action: str) -> Line:
    return Line(id=1, at=0, actor="a", party="p", action=action, subject="s", detail={})


@given(st.sampled_from(TLP), st.booleans(), st.sampled_from(["", "drill"]), st.text(max_size=20), st.text(max_size=5))
def test_who_is_not_cleared_for_everything_reads_only_what_is_open(
    clearance: TLP, local: bool, exercise: str, action: str, subject: str
) -> None:
    who = Reader(party="p", clearance=clearance, local=local, exercise=exercise)
    whole = local and clearance is TLP.RED and not exercise
    assert sees_all(who) is whole
    assert sees(who, line(action)) is (whole or action.partition(".")[0] in OPEN)
    assert may_ask(who, Question(text="x"), ()) is whole
    assert may_ask(who, Question(subject=subject), {"known"}) is (whole or subject in ("", "known"))
    assert may_ask(who, Question(actor="a", action="b"), ())


def test_nobody_else_takes_the_trail_away() -> None:
    check_export(Reader(party="p", clearance=TLP.RED, local=True))
    with pytest.raises(Forbidden):
        check_export(Reader(party="p", clearance=TLP.AMBER, local=True))
