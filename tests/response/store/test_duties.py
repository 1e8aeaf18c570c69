"""Duties on both engines: versions stay, reports are found by when they are due, and texts are kept byte for byte."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.response.model.cases import Moment, Track
from kouprey.response.model.duties import Answer, Channel, Duty, Form, Report, Sending, Verdict
from kouprey.response.store import duties as rows
from kouprey.response.wire.regimes import shipped

DUTY = Duty(
    id="duty_1",
    case="case_1",
    track=Track.LEGAL,
    regime=shipped()["eu-nis2"],
    known=Moment(5, 420),
    known_by="Somebody",
    why="Essential entity",
)


def test_versions_stay_and_a_track_hides_them(pair: Any) -> None:
    a, _, _ = pair
    a.store.write(lambda tx: rows.save_duty(tx, DUTY))
    stopped = msgspec.structs.replace(DUTY, version=2, stopped=True, because="Not ours")
    a.store.write(lambda tx: rows.save_duty(tx, stopped))
    with a.store.read() as reader:
        assert rows.find_duty(reader, "duty_1", [Track.LEGAL]) == stopped
        assert rows.find_duty(reader, "duty_1", [Track.TECHNICAL]) is None
        assert rows.list_duties(reader, ["case_1", "case_2"], tuple(Track)) == [stopped]
        assert rows.list_duties(reader, ["case_1"], [Track.TECHNICAL]) == []
        assert [each.version for each in rows.list_duty_versions(reader, "duty_1")] == [2, 1]


def test_reports_forms_sendings_and_answers_come_back(pair: Any) -> None:
    a, _, _ = pair
    one = Report(duty="duty_1", place=0, step="early-warning", begins=5, due=50, final=False)
    two = Report(duty="duty_1", place=1, step="final", final=True)
    sending = Sending(id="sending_1", at=Moment(6), channel=Channel.MAIL, sha256="0" * 64, form=1, made_at=7)
    raw = "\x00 \r\n ភាសា".encode()

    def work(tx: Any) -> None:
        rows.save_duty(tx, DUTY)
        rows.save_report(tx, two)
        rows.save_report(tx, one)
        for version in (1, 2):
            rows.add_form(tx, one.id, Form(version=version, at=5, by="x", fields={"what": str(version)}))
        rows.add_sending(tx, one.id, sending, raw)
        for verdict in (Verdict.REVISION, Verdict.ACCEPTED):
            rows.add_answer(tx, "sending_1", Answer(verdict=verdict, at=Moment(8)))

    a.store.write(work)
    with a.store.read() as reader:
        assert rows.list_reports(reader, ["duty_1", "duty_2"]) == {"duty_1": [one, two], "duty_2": []}
        assert [each.version for each in rows.list_forms(reader, one.id)] == [2, 1]
        assert rows.list_sendings(reader, one.id) == [sending]
        assert rows.read_sending(reader, one.id, "sending_1") == (sending, raw)
        assert rows.read_sending(reader, two.id, "sending_1") is None
        said = rows.list_answers(reader, ["sending_1", "sending_2"])
        assert [each.verdict for each in said["sending_1"]] == [Verdict.ACCEPTED, Verdict.REVISION]
        assert said["sending_2"] == []


@pytest.mark.parametrize(
    ("change", "runs"),
    [
        ({}, True),
        ({"told": 100}, False),
        ({"first_sent": 9}, False),
        ({"due": 0}, False),
        ({"begins": 99}, False),
    ],
)
def test_which_clocks_run(pair: Any, change: dict[str, int], runs: bool) -> None:
    a, _, _ = pair
    report = msgspec.structs.replace(Report(duty="duty_1", place=0, step="s", begins=5, due=50), **change)
    a.store.write(lambda tx: (rows.save_duty(tx, DUTY), rows.save_report(tx, report)))
    with a.store.read() as reader:
        assert rows.list_running(reader, 10) == (["duty_1"] if runs else [])
