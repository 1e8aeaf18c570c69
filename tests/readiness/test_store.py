"""Answers by version: the newest counts, and none is lost."""

from __future__ import annotations

from typing import Any

from kouprey.readiness import store as rows
from kouprey.readiness.model import Answer, State


def test_the_newest_counts_and_the_others_stay(office: Any) -> None:
    for n, value in enumerate((2.0, 0.5)):
        answer = Answer(
            id=f"a{n}", framework="f", indicator="i", value=value, state=State.CLAIMED, by="x", at=n, note="ថ្មី"
        )
        office.store.write(lambda tx, answer=answer: rows.save_answer(tx, answer))
    with office.store.read() as reader:
        assert [each.value for each in rows.list_answers(reader, "f")] == [0.5]
        assert [each.value for each in rows.list_answers(reader, "f", every=True)] == [2.0, 0.5]
        found = rows.find_answer(reader, "f", "i")
        assert found is not None and found.note == "ថ្មី" and rows.find_answer(reader, "f", "k") is None
        assert rows.list_answered(reader) == {("f", "i")}
        assert rows.find_country(reader) == "" and rows.find_statement(reader, "x") is None
