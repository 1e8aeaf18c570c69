"""What stands in a database of today is read tomorrow: nouns of duties come back from their bytes."""

from __future__ import annotations

import msgspec

from kouprey.response.model.cases import Moment, Track
from kouprey.response.model.duties import Answer, Channel, Duty, Form, Report, Sending, Tally, Verdict
from kouprey.response.wire.regimes import shipped


def test_they_come_back_from_their_bytes() -> None:
    duty = Duty(
        id="duty_1",
        case="case_1",
        track=Track.LEGAL,
        regime=shipped()["eu-nis2"],
        known=Moment(5, 420),
        known_by="Somebody",
        why="Essential entity",
    )
    sending = Sending(id="sending_1", at=Moment(6), channel=Channel.HANDOFF, sha256="0" * 64, form=1)
    answer = Answer(verdict=Verdict.REVISION, at=Moment(7), words="More")
    form = Form(version=1, at=5, by="psn_1", fields={"what": "unknown"})
    for each in (duty, sending, answer, form, Tally(owed=1)):
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(each), type=type(each)) == each
    assert Report(duty="duty_1", place=0, step="initial").id == "duty_1.initial"
