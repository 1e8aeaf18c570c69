"""Reports and answers on both engines: found by those who may, moved by one alone, and never gone."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Track
from kouprey.response.model.reports import Answer, BoxState, Mail, Origin, Report, Sending, Standing
from kouprey.response.service import Cases
from kouprey.response.store import reports as rows
from kouprey.response.store.cases import Eyes


def report(number: int, **given: Any) -> Report:
    held = {
        "id": f"report_{number}",
        "number": number,
        "origin": Origin.FOLDER,
        "standing": Standing.NEW,
        "at": number,
        "mail": Mail(sender="dara@bank.example"),
        "size": 1,
        "sha256": f"{number:064d}",
    }
    return Report(**{**held, **given})


def answer(number: int, **given: Any) -> Answer:
    held = {"id": f"answer_{number}", "report": "report_1", "to": "dara@bank.example", "answers": "", "subject": "s"}
    return Answer(**{**held, "message_id": f"<{number}@x>", "text": "t", "made_at": number, "next_at": number, **given})


@pytest.fixture
def eyes(bureau: Any) -> Eyes:
    cases: Cases = bureau.cases
    return cases.eyes(bureau.lead)


def test_each_is_seen_by_label_track_and_case(bureau: Any, eyes: Eyes) -> None:
    store, intake = bureau.actor.store, bureau.reports
    case = bureau.open()
    for each in (report(1), report(2, case=case.id, standing=Standing.JOINED), report(3, case="case_gone")):
        store.write(lambda tx, each=each: rows.add_report(tx, each, intake._label_set(tx), bytes(each.number)))
    with store.read() as reader:
        assert [each.number for each in rows.list_reports(reader, eyes, "", before=None, limit=9)] == [2, 1]
        assert [each.number for each in rows.list_reports(reader, eyes, "joined", before=None, limit=9)] == [2]
        assert [each.number for each in rows.list_reports(reader, eyes, "", before=(2, "report_2"), limit=9)] == [1]
        assert rows.count_reports(reader, eyes) == {"new": 1, "joined": 1}
        assert rows.find_report(reader, "1", eyes) == report(1) and rows.find_report(reader, "3", eyes) is None
        assert rows.find_report(reader, "x", eyes) is None
        blind = msgspec.structs.replace(eyes, tracks=(Track.LEGAL,))
        assert rows.list_reports(reader, blind, "", before=None, limit=9) == []
        low = bureau.cases.eyes(bureau.who(Role.LEAD, clearance=TLP.GREEN))
        assert rows.list_reports(reader, low, "", before=None, limit=9) == []
        assert rows.find_by_secret(reader, bytes(2)) == rows.find_known(reader, f"{2:064d}")
        assert rows.list_senders(reader, case.id) == {"dara@bank.example"}
        assert rows.count_in_case(reader, case.id) == 1 and rows.count_since(reader, "dara@bank.example", 2) == 2
    set_aside = report(1, standing=Standing.ABANDONED, why="no")
    store.write(lambda tx: rows.save_report(tx, set_aside))
    with store.read() as reader:
        assert rows.find_report(reader, "1", eyes) == set_aside


def test_an_answer_is_moved_once(bureau: Any, eyes: Eyes) -> None:
    store = bureau.actor.store
    store.write(lambda tx: rows.add_report(tx, report(1), bureau.reports._label_set(tx)))
    store.write(lambda tx: rows.add_answer(tx, answer(5)))
    handing = answer(5, sending=Sending.HANDING)
    assert store.write(lambda tx: rows.move_answer(tx, handing, Sending.WAITING))
    assert not store.write(lambda tx: rows.move_answer(tx, handing, Sending.WAITING)), "somebody else has it"
    with store.read() as reader:
        assert rows.list_due(reader, Sending.WAITING, 9, limit=9) == []
        assert rows.list_due(reader, Sending.HANDING, 9, limit=9) == [handing]
        assert rows.list_due(reader, Sending.HANDING, 4, limit=9) == []
        assert rows.list_answers(reader, eyes, (Sending.HANDING,), limit=9) == [(handing, report(1))]
        assert rows.list_answers(reader, eyes, (Sending.WAITING,), limit=9) == []
        assert rows.list_answers_of(reader, "report_1") == [handing]
        assert rows.count_answers(reader, "dara@bank.example", 5) == 1
        assert rows.find_answered(reader, ["<5@x>", "<6@x>"]) == [("<5@x>", "")]


def test_a_mailbox_is_remembered(bureau: Any) -> None:
    store = bureau.actor.store
    for state in (BoxState(validity=7, uid=3), BoxState(validity=7, uid=9, error="x")):
        store.write(lambda tx, state=state: rows.save_box(tx, "cert@imap", state))
        with store.read() as reader:
            assert rows.find_box(reader, "cert@imap") == state and rows.find_box(reader, "other") == BoxState()
