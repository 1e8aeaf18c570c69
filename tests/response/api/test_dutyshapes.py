"""What the endpoints about duties give is what is kept."""

from __future__ import annotations

import msgspec
import pytest

from kouprey.kernel.words.errors import Damaged
from kouprey.response.api.dutyshapes import answer_shown, form_shown, regime_shown, sending_shown, when
from kouprey.response.model.cases import Moment
from kouprey.response.model.duties import Answer, Channel, Form, Sending, Verdict
from kouprey.response.wire.regimes import shipped


def test_everything_that_is_kept_is_given() -> None:
    regime = shipped()["eu-nis2"]
    shown = msgspec.to_builtins(regime_shown(regime))
    assert [each["key"] for each in shown["steps"]] == [each.key for each in regime.steps]
    assert shown["steps"][2]["months"] == 1 and shown["review_by"].startswith("2027-05-26")
    sending = Sending(id="s", at=Moment(0, 420), channel=Channel.MAIL, sha256="aa", form=2, reference="R", made_by="x")
    answer = Answer(verdict=Verdict.REVISION, at=Moment(0), words="More")
    given = sending_shown(sending, (answer,))
    assert (given.at, given.version, given.reference) == ("1970-01-01T07:00:00+07:00", 2, "R")
    assert given.answers == (answer_shown(answer),) and given.answers[0].verdict == "revision-required"
    assert form_shown(Form(version=1, at=5, by="x", fields={"what": "unknown"})).fields == {"what": "unknown"}


def test_when_it_was_is_now_where_nothing_is_said() -> None:
    assert when(" ", "") is None and when("2026-11-01 23:50", "+07:00") is not None
    with pytest.raises(Damaged):
        when("never", "")
