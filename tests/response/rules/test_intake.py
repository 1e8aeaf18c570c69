"""What becomes of a mail: loops, numbers that anybody can guess, and who may write into a case."""

from __future__ import annotations

import hypothesis
import pytest
from hypothesis import strategies as st

from kouprey.response.model.reports import Mail, Standing, Trouble
from kouprey.response.rules import intake
from kouprey.response.rules.intake import Loop

OURS = "<report.x@cert.example>"
DARA = Mail(message_id="<1@bank.example>", sender="dara@bank.example", subject="Help")


def changed(**given: object) -> Mail:
    return Mail(**{**{name: getattr(DARA, name) for name in DARA.__struct_fields__}, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Re: [cert.example #17] We have your report", 17),
        ("RE: AW: [CERT.EXAMPLE #17]", 17),
        ("[cert.example#4]", 4),
        ("[other.example #17]", 0),
        ("[cert.example #]", 0),
        ("[cert.example #9999999999999]", 0),
        ("cert.example #17", 0),
    ],
)
def test_the_number_in_a_subject(subject: str, number: int) -> None:
    assert intake.number_in(subject, "cert.example") == number
    assert intake.number_in(intake.tag_of("cert.example", 17), "cert.example") == 17


@pytest.mark.parametrize(
    ("mail", "loop"),
    [
        (DARA, Loop.NONE),
        (changed(answers=(OURS,)), Loop.NONE),
        (changed(message_id=OURS), Loop.OURS),
        (changed(sender="kouprey@cert.example"), Loop.FROM_US),
        (changed(answers=(OURS,), robot="Auto-Submitted: auto-replied"), Loop.ANSWERS_US),
        (changed(answers=(OURS,), bounce=True), Loop.BOUNCE),
        (changed(answers=(OURS,), sender="mailer-daemon@bank.example"), Loop.BOUNCE),
        # A feed that tells us of something new is a report, and gets no answer.
        (changed(robot="Precedence: bulk"), Loop.NONE),
    ],
)
def test_what_goes_in_circles(mail: Mail, loop: Loop) -> None:
    ours = [OURS] if OURS in (mail.message_id, *mail.answers) else []
    assert intake.loop_of(mail, ours=ours, own="Kouprey@cert.example") is loop
    assert (intake.standing_of(mail, loop) is Standing.LOOP) == bool(loop)


def test_who_is_answered() -> None:
    assert intake.is_answered(DARA, 0) and intake.is_answered(DARA, intake.MOST_ANSWERS - 1)
    assert not intake.is_answered(DARA, intake.MOST_ANSWERS)
    for given in (
        {"robot": "List-Id"},
        {"bounce": True},
        {"sender": ""},
        {"sender": "noreply@bank.example"},
        {"trouble": Trouble.TOO_DEEP},
    ):
        assert not intake.is_answered(changed(**given), 0), given


def test_nobody_writes_into_a_case_by_guessing_its_number() -> None:
    known = {"dara@bank.example"}
    assert intake.may_join(DARA, ours=[], correspondents=known)
    assert not intake.may_join(changed(sender="mallory@evil.example"), ours=[OURS], correspondents=known)
    assert intake.may_join(changed(sender="vanna@bank.example", answers=(OURS,)), ours=[OURS], correspondents=known)
    assert not intake.may_join(changed(sender=""), ours=[], correspondents={""})


def test_one_mailbox_and_nothing_else() -> None:
    assert intake.is_mailbox("dara@bank.example")
    for text in ("a@b.c\r\nBcc: x@y.z", "a@b.c,x@y.z", "<a@b.c>", "dara", "ដារ៉ា@bank.example", "a b@c.d", "@b.c"):
        assert not intake.is_mailbox(text)


@hypothesis.given(st.text())
def test_what_is_taken_for_a_mailbox_is_one_line_and_one_recipient(text: str) -> None:
    if intake.is_mailbox(text):
        assert text.count("@") == 1 and text.isascii() and not set(text) & set(" \r\n,;<>")


def test_khmer_is_seen() -> None:
    assert intake.in_khmer("ជួយផង") and not intake.in_khmer("Hilfe")
