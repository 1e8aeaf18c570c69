"""Answers: one JSON document for programs, safe plain text where nobody watches."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.cli.output import Output, plain
from kouprey.kernel.words.errors import Refused

ROWS = [{"name": "cert.example", "roles": ["a", "b"], "live": True, "more": 1}, {"name": "op.example", "live": None}]
COLUMNS = {"name": "Party", "roles": "Roles", "live": "Live"}


def test_table_for_programs_has_everything(capsys: pytest.CaptureFixture[str]) -> None:
    Output(True).table(ROWS, COLUMNS)
    assert json.loads(capsys.readouterr().out) == ROWS


def test_table_when_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    Output(False).table(ROWS, COLUMNS)
    assert capsys.readouterr().out.splitlines() == [
        "Party         Roles  Live",
        "cert.example  a, b   yes",
        "op.example",
    ]


def test_table_in_a_terminal_keeps_long_values(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    Output(False).table([{"name": "x" * 90}], {"name": "Party"})
    assert capsys.readouterr().out.count("x") == 90


def test_empty_table_says_so_on_the_side(capsys: pytest.CaptureFixture[str]) -> None:
    Output(False).table([], COLUMNS, empty="No partner yet.")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "No partner yet.\n")


def test_fields(capsys: pytest.CaptureFixture[str]) -> None:
    Output(False).fields({"a": 1, "b": "two\nlines"}, {"a": "One", "b": "Second"})
    assert capsys.readouterr().out == "One     1\nSecond  two lines\n"


def test_notes_and_progress_are_silent_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(True)
    out.note("hello")
    with out.progress("Importing", 10) as advance:
        advance(10)
    assert capsys.readouterr() == ("", "")


def test_confirmation_needs_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    Output(False).confirm("Really?", yes=True)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(Refused) as refused:
        Output(False).confirm("Really?", yes=False)
    assert "--yes" in refused.value.remedy


@given(st.text())
def test_plain_text_cannot_steer_a_terminal(text: str) -> None:
    assert not any(ord(letter) in {*range(9), *range(11, 32), *range(127, 160)} for letter in plain(text))
