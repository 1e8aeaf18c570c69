"""Answers to reporters: the number in their language, nothing of what they wrote, and no second line in a header."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.response.model.reports import Answer, Told
from kouprey.response.rules.intake import number_in
from kouprey.response.wire.mail import read_mail
from kouprey.response.wire.reporting import title_of, write_answer, write_mail, write_told


def test_an_answer_says_number_and_way_back_in_their_language() -> None:
    english = write_answer("cert.example", "Example CERT", 17, khmer=False)
    assert english.subject.startswith("[cert.example #17] ") and "Example CERT" in english.text
    assert "its number is 17" in english.text and "/report/" not in english.text
    both = write_answer("cert.example", "Example CERT", 17, khmer=True, link="https://a.example/report/x")
    assert "យើង" in both.text and "its number is 17" in both.text and both.text.count("https://a.example/report/x") == 2
    assert number_in(both.subject, "cert.example") == 17


def test_the_mail_cannot_be_turned_into_another() -> None:
    answer = Answer(
        id="answer_1",
        report="report_1",
        to="dara@bank.example",
        message_id="<report.x@cert.example>",
        answers="<1@bank.example>",
        subject="[cert.example #17] We have your report",
        text="Thank you.\n",
        made_at=1_800_000_000_000_000,
    )
    made = write_mail(answer, sender="kouprey@cert.example", name="Example\u202e CERT")
    mail = read_mail(BytesIO(made.as_bytes()))
    assert mail.robot == "Auto-Submitted: auto-replied" and mail.answers == ("<1@bank.example>",)
    assert mail.sender == "kouprey@cert.example" and mail.text == "Thank you.\n"
    assert [name for name, _ in mail.headers].count("To") == 1


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=300), st.text(max_size=100), st.text(max_size=40))
def test_what_is_told_comes_back_as_a_mail(what: str, reach: str, name: str) -> None:
    raw = write_told(Told(what=what, reach=reach), [(name, b"\x00\n.\n")], message_id="<told.1@cert.example>")
    mail = read_mail(BytesIO(raw))
    assert mail.message_id == "<told.1@cert.example>" and not mail.robot and not mail.answers
    assert mail.enclosed[0].size == 4 and not mail.trouble
    again = write_told(Told(what=what, reach=reach), [(name, b"\x00\n.\n")], message_id="<told.1@cert.example>")
    assert raw == again, "pressing twice is one report"


def test_a_title_is_the_first_line() -> None:
    assert title_of("\n  The page \t shows\r\nmore") == "The page shows"
    assert len(title_of("x" * 900)) == 151 and title_of("\n") == ""
