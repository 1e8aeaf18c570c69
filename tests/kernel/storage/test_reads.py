"""Who read what stands in the audit as ranges, a second later; what found nothing, an hour later."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.storage import audit, reads
from kouprey.kernel.storage.reads import ACTION, HOUR, ReadLog
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP

DARA = Reader(party="cert.example", clearance=TLP.RED, local=True, name="psn_dara")
FEED = Reader(party="operator.example", clearance=TLP.GREEN, name="tok_feed")


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(store: Any, clock: Clock) -> ReadLog:
    made = ReadLog(store, clock)
    made.begin()
    return made


def lines(store: Any) -> list[Any]:
    with store.read() as reader:
        return [each for each in audit.list_audit(reader, None, 100) if each.action == ACTION]


def test_reads_of_a_second_become_one_line_with_their_range(log: ReadLog, store: Any) -> None:
    log.note(DARA, "page", subject="main", count=10, first=20, last=30)
    log.note(DARA, "page", subject="main", count=5, first=31, last=40)
    log.note(FEED, "page", subject="main", count=1, first=7, last=7)
    assert lines(store) == [] and log.flush() == 2 and log.flush() == 0
    told = {each.actor: (each.party, each.subject, each.detail) for each in lines(store)}
    assert told["psn_dara"] == (
        "cert.example",
        "main",
        {"what": "page", "times": 2, "count": 15, "first": 20, "last": 40},
    )
    assert told["tok_feed"][2]["first"] == told["tok_feed"][2]["last"] == 7


def test_looks_that_found_nothing_are_told_once_an_hour(log: ReadLog, store: Any, clock: Clock) -> None:
    for _ in range(500):
        log.note(FEED, "page", subject="main", count=0, first=0, last=0)
    assert log.flush() == 0
    clock.now += HOUR
    assert log.flush() == 1
    (line,) = lines(store)
    assert line.detail == {"what": "page", "times": 500, "count": 0}


def test_commands_and_the_node_itself_are_not_written_down(store: Any, clock: Clock) -> None:
    log = ReadLog(store, clock)
    log.note(DARA, "list", count=1, first=1, last=1)
    log.begin()
    log.note(
        Reader(party="cert.example", clearance=TLP.RED, local=True, name="operator"), "list", count=1, first=1, last=1
    )
    log.note(Reader(party="cert.example", clearance=TLP.RED, local=True), "list", count=1, first=1, last=1)
    assert log.flush(all_of_it=True) == 0


def test_what_cannot_be_written_is_kept_for_the_next_time(
    log: ReadLog, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.note(DARA, "object", subject="malware--1", count=1, first=1, last=1)
    with monkeypatch.context() as patch:
        patch.setattr(store, "write", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            log.flush()
    assert log.flush() == 1 and lines(store)[0].subject == "malware--1"


def test_very_many_different_questions_do_not_pile_up(
    log: ReadLog, store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "MOST", 300)
    for number in range(reads.MOST + 1):
        log.note(DARA, "object", subject=f"malware--{number}", count=1, first=1, last=1)
    assert log.flush() == 0, "they were written by the one that was too many"
