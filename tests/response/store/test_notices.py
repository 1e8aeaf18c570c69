"""Notices on both engines: each fact once, and counted while nobody has read."""

from __future__ import annotations

from typing import Any

from kouprey.response.model.notices import About, Choice, Notice, Often
from kouprey.response.store import notices as rows


def notice(number: int, fact: int, person: str = "psn_1", about: str = "case_1") -> Notice:
    return Notice(
        id=f"notice_{number}",
        person=person,
        kind=About.CASE,
        about=about,
        item="",
        track="technical",
        said="case.change",
        fact=fact,
        count=1,
        at=fact,
        read_at=0,
    )


def counts(store: Any) -> list[tuple[str, int, int]]:
    with store.read() as reader:
        return [tuple(row) for row in reader.all("SELECT id, count, fact FROM notice ORDER BY id")]


def test_a_fact_is_told_once_and_what_waits_is_counted(pair: Any) -> None:
    a, _, _ = pair
    tell = lambda each: a.store.write(lambda tx: rows.tell(tx, each))  # noqa: E731  # a verb of this test
    assert tell(notice(1, 5)) and not tell(notice(2, 5)) and tell(notice(3, 6)) and not tell(notice(4, 4))
    assert counts(a.store) == [("notice_1", 2, 6)]
    assert a.store.write(lambda tx: rows.set_read(tx, "psn_2", ["notice_1"], 9)) == 0
    assert a.store.write(lambda tx: rows.set_read(tx, "psn_1", ["notice_1"], 9)) == 1
    assert a.store.write(lambda tx: rows.set_read(tx, "psn_1", ["notice_1"], 10)) == 0
    assert not tell(notice(5, 6)) and tell(notice(6, 7)) and len(counts(a.store)) == 2
    with a.store.read() as reader:
        assert rows.last_fact(reader, "psn_1") == 7 and rows.last_fact(reader, "psn_9") == 0


def test_choices_and_watching_come_back_as_they_were(pair: Any) -> None:
    a, _, _ = pair
    chosen = Choice(told=(About.TASK, About.CLOCK), often=Often.DAILY, address="x@a.example", due=10, mailed=3)
    quiet = Choice(told=(), often=Often.OFF)
    for person, choice in (("psn_1", quiet), ("psn_1", chosen), ("psn_2", quiet)):
        a.store.write(lambda tx, person=person, choice=choice: rows.save_choice(tx, person, choice))
    a.store.write(lambda tx: rows.set_watching(tx, "case_1", "psn_1", True, 1))
    a.store.write(lambda tx: rows.set_watching(tx, "case_1", "psn_1", False, 2))
    with a.store.read() as reader:
        assert rows.find_choice(reader, "psn_1") == chosen and rows.find_choice(reader, "psn_3") is None
        assert rows.list_by_mail(reader, 9) == [] and rows.list_by_mail(reader, 10) == [("psn_1", chosen)]
        assert rows.list_watching(reader, "case_1") == {"psn_1": False} and rows.find_lead(reader, "none") == ""
