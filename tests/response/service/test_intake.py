"""Reports on both engines: a case for each, byte for byte, joined by those who may, and never twice."""

from __future__ import annotations

import tracemalloc
from email.message import EmailMessage
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.words.errors import Forbidden, Refused, Unknown
from kouprey.people.model import Role
from kouprey.response.model.cases import Evidence, Kind, Note, Phase, Seen, Sort
from kouprey.response.model.reports import Origin, Sending, Standing, Trouble
from kouprey.response.rules.intake import LARGEST, MOST_ANSWERS, MOST_REPORTS
from kouprey.response.service import Reports


def mail(text: str = "It calls 45.33.32.156 and http://evil-login.com/x", **headers: str) -> bytes:
    made = EmailMessage()
    for name, value in {"From": "dara@bank.com", "Subject": "Help", **headers}.items():
        made[name.replace("_", "-")] = value
    made.set_content(text + "\n")
    return made.as_bytes()


def take(bureau: Any, raw: bytes, origin: Origin = Origin.FOLDER) -> Any:
    return bureau.reports.take(BytesIO(raw), origin).report


def answers(bureau: Any) -> list[Any]:
    return [each for each, _ in bureau.reports.answers(bureau.lead)]


def test_a_mail_opens_a_case_and_is_answered_once(bureau: Any) -> None:
    raw = mail(Message_ID="<1@bank.com>")
    report = take(bureau, raw)
    case = bureau.cases.get(bureau.lead, report.case).case
    assert (case.kind, case.title, case.phase) == (Kind.REPORT, "Help", Phase.REPORTED)
    bodies = bureau.bodies(bureau.lead, case, Sort.EVIDENCE, Sort.NOTE, Sort.OBSERVABLE)
    (kept,) = [each for each in bodies if isinstance(each, Evidence)]
    assert kept.sha256 == sha256(raw).hexdigest() and kept.size == len(raw)
    item = next(i for i in bureau.cases.items(bureau.lead, bureau.cases.get(bureau.lead, case.id), [Sort.EVIDENCE])[0])
    assert b"".join(bureau.cases.read_evidence(bureau.lead, item.id)[1]) == raw
    assert any("evil-login" in each.text for each in bodies if isinstance(each, Note))
    assert {"45.33.32.156", "http://evil-login.com/x"} <= {each.text for each in bodies if isinstance(each, Seen)}
    (answer,) = answers(bureau)
    assert answer.to == "dara@bank.com" and f"#{case.number}]" in answer.subject and answer.answers == "<1@bank.com>"
    assert "evil" not in answer.text and "Help" not in answer.subject + answer.text
    assert {"report.take", "case.open"} <= set(bureau.audited())
    again = bureau.reports.take(BytesIO(raw), Origin.MAILBOX)
    assert not again.fresh and again.report == report and len(answers(bureau)) == 1


def test_who_answers_joins_and_who_guesses_does_not(bureau: Any) -> None:
    first = take(bureau, mail(Message_ID="<1@bank.com>"))
    (answer,) = answers(bureau)
    number = bureau.cases.get(bureau.lead, first.case).case.number
    tag = f"Re: [{bureau.actor.party} #{number}] We have your report"
    same = take(bureau, mail("More of it", Subject=tag))
    assert same.standing is Standing.JOINED and same.case == first.case
    colleague = take(bureau, mail("And more", From="vanna@bank.com", In_Reply_To=answer.message_id))
    assert colleague.case == first.case and len(answers(bureau)) == 1, "who joins gets no second answer"
    guesser = take(bureau, mail("Let me in", From="mallory@evil.com", Subject=tag))
    assert guesser.standing is Standing.NEW and guesser.case != first.case and guesser.claims == number
    shown = bureau.reports.get(bureau.lead, str(guesser.number))
    assert shown.claimed is not None and shown.claimed.number == number
    bureau.reports.put_into_case(bureau.lead, str(guesser.number), str(number))
    assert bureau.cases.get(bureau.lead, guesser.case).into == number
    joined = take(bureau, mail("Still more", Subject=tag))
    assert joined.case == first.case


def test_a_case_that_is_read_in_another_is_joined_there(bureau: Any) -> None:
    first, other = take(bureau, mail()), bureau.open("The same")
    number = bureau.cases.get(bureau.lead, first.case).case.number
    bureau.cases.merge(bureau.lead, first.case, str(other.number))
    later = take(bureau, mail("More", Subject=f"[{bureau.actor.party} #{number}]"))
    assert (later.standing, later.case) == (Standing.JOINED, other.id)


def test_machines_do_not_talk_with_one_another(bureau: Any) -> None:
    take(bureau, mail(Message_ID="<1@bank.com>"))
    (answer,) = answers(bureau)
    loop = take(bureau, mail("I am away", In_Reply_To=answer.message_id, Auto_Submitted="auto-replied"))
    assert loop.standing is Standing.LOOP and loop.case == "" and len(answers(bureau)) == 1
    assert take(bureau, mail("Back", Message_ID=answer.message_id)).standing is Standing.LOOP
    feed = take(bureau, mail("A feed", From="feed@shadow.com", Precedence="bulk"))
    assert feed.standing is Standing.NEW and feed.case and len(answers(bureau)) == 1
    for number in range(MOST_ANSWERS + 3):
        take(bureau, mail(f"Another matter {number}"))
    assert len(answers(bureau)) == MOST_ANSWERS


def test_too_large_too_deep_and_no_mail_wait_for_a_person(bureau: Any) -> None:
    bomb = b"From: a@b.com\n" + b"".join(
        b"Content-Type: multipart/x; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(50)
    )
    deep, none = take(bureau, bomb), take(bureau, b"")
    assert deep.standing is Standing.REFUSED and deep.mail.trouble is Trouble.TOO_DEEP
    assert b"".join(bureau.reports.read_original(bureau.lead, str(deep.number))[1]) == bomb
    assert "report.read" in bureau.audited() and none.mail.trouble is Trouble.UNREADABLE
    large = bureau.reports.take(_Large(LARGEST + 1), Origin.FOLDER).report
    assert large.mail.trouble is Trouble.TOO_LARGE and large.size == LARGEST + 1 and large.mail.subject == "Large"
    with pytest.raises(Unknown):
        bureau.reports.read_original(bureau.lead, str(large.number))
    assert answers(bureau) == []
    case = bureau.reports.put_into_case(bureau.lead, str(deep.number))
    (kept,) = bureau.bodies(bureau.lead, case, Sort.EVIDENCE)
    assert kept.size == len(bomb)
    into = bureau.open("Another")
    assert bureau.reports.put_into_case(bureau.lead, str(large.number), str(into.number)).id == into.id
    with pytest.raises(Refused):
        bureau.reports.put_into_case(bureau.lead, str(deep.number))


def test_who_writes_all_day_opens_no_more_cases(bureau: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kouprey.response.rules.intake.MOST_REPORTS", 3)
    assert MOST_REPORTS > 3
    standings = [take(bureau, mail(f"Matter {number}")).standing for number in range(5)]
    assert standings == [Standing.NEW] * 3 + [Standing.REFUSED] * 2
    bureau.actor.ahead = 86_401
    assert take(bureau, mail("The day after")).standing is Standing.NEW


def test_what_is_no_incident_is_set_aside_and_taken_back(bureau: Any) -> None:
    report = take(bureau, mail())
    number = str(report.number)
    with pytest.raises(Exception, match="reason"):
        bureau.reports.abandon(bureau.lead, number, " ")
    made = bureau.reports.abandon(bureau.lead, number, "An advertisement")
    assert made.standing is Standing.ABANDONED and made.closed
    assert bureau.cases.get(bureau.lead, report.case).case.phase is Phase.CLOSED
    with pytest.raises(Refused):
        bureau.reports.abandon(bureau.lead, number, "Again")
    assert bureau.reports.take_back(bureau.lead, number).standing is Standing.NEW
    assert bureau.cases.get(bureau.lead, report.case).case.phase is Phase.REPORTED
    # An analyst sets it aside, and closes no case.
    assert not bureau.reports.abandon(bureau.analyst, number, "An advertisement").closed
    assert bureau.cases.get(bureau.lead, report.case).case.phase is Phase.REPORTED
    assert bureau.reports.take_back(bureau.analyst, number).standing is Standing.NEW


def test_each_role_sees_and_does_what_it_may(bureau: Any) -> None:
    report = take(bureau, mail())
    number, policy, legal = str(report.number), bureau.who(Role.POLICY), bureau.who(Role.LEGAL)
    assert not bureau.reports.reads(policy) and bureau.reports.page(policy)[0] == []
    with pytest.raises(Unknown):
        bureau.reports.get(policy, number)
    assert bureau.reports.get(legal, number).report == report
    for call in (
        lambda: bureau.reports.abandon(legal, number, "No"),
        lambda: bureau.reports.put_into_case(legal, number),
        lambda: bureau.reports.answers(legal),
    ):
        with pytest.raises(Forbidden):
            call()
    with pytest.raises(Forbidden):
        bureau.reports.page(bureau.who(Role.ADMINISTRATOR))
    bureau.cases.name_to(bureau.lead, report.case, [bureau.lead.name], named=True)
    with pytest.raises(Unknown):
        bureau.reports.get(bureau.analyst, number)
    assert bureau.reports.page(bureau.analyst)[0] == [] and bureau.reports.count(bureau.analyst) == {}
    assert take(bureau, mail("More", Subject=f"[{bureau.actor.party} #1]")).case == report.case


def test_answers_are_sent_by_hand(bureau: Any) -> None:
    take(bureau, mail("ជួយផង"))
    (answer,) = answers(bureau)
    assert "សូមអរគុណ" in answer.text and "Thank you." in answer.text
    assert bureau.reports.note_sent(bureau.lead, answer.id).sending is Sending.BY_HAND
    assert answers(bureau) == [] and "report.by-hand" in bureau.audited()
    with pytest.raises(Unknown):
        bureau.reports.note_sent(bureau.lead, answer.id)


def test_two_changes_at_once_are_one(bureau: Any) -> None:
    report = take(bureau, mail())
    reports: Reports = bureau.reports
    reports.abandon(bureau.analyst, str(report.number), "An advertisement")
    with pytest.raises(Refused, match="meanwhile"):
        bureau.actor.store.write(lambda tx: reports._change(tx, bureau.lead, report, "report.abandon", why="x"))


@pytest.mark.long
def test_the_largest_mail_is_taken_in_and_not_held(bureau: Any, tmp_path: Path) -> None:
    file = tmp_path / "large.eml"
    head = b"Subject: Large\nFrom: a@b.com\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n"
    with file.open("wb") as out:
        out.write(head)
        for _ in range((LARGEST - len(head)) // 77):
            out.write(b"A" * 76 + b"\n")
    tracemalloc.start()
    with file.open("rb") as source:
        report = bureau.reports.take(source, Origin.FOLDER).report
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert report.standing is Standing.NEW and report.size == file.stat().st_size > 49 << 20
    assert report.mail.enclosed[0].size > 36 << 20 and most < 16 << 20, most
    digest = sha256()
    for piece in bureau.reports.read_original(bureau.lead, str(report.number))[1]:
        digest.update(piece)
    assert digest.hexdigest() == report.sha256


class _Large:
    """A file of a size that nobody holds in memory."""

    def __init__(self, size: int) -> None:
        self._head, self._left = b"Subject: Large\nFrom: a@b.com\n\n", size

    def read(self, most: int) -> bytes:
        piece = (self._head + b"x" * most)[: min(most, self._left)]
        self._head, self._left = b"", self._left - len(piece)
        return piece
