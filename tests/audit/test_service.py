"""Reading the trail: pages of it, and which actions there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.audit import service
from kouprey.audit.model import Question
from kouprey.audit.service import PAGE, Audit, checks
from kouprey.audit.wire import Form
from kouprey.kernel.storage.audit import append


def test_a_full_page_says_where_the_next_begins_and_the_last_does_not(make_face: Callable[..., Any]) -> None:
    face = make_face("ministry.example", "Ministry of Examples")

    def work(tx: Any) -> None:
        for number in range(PAGE + 3):
            append(tx, at=number, actor="node", action="deed", subject="s", detail={"number": number})

    face.store.write(work)
    audit = face.services.get(Audit)
    first = audit.read(Question(action="deed"), by="psn_1")
    assert len(first.lines) == PAGE and first.older == first.lines[-1].id
    last = audit.read(Question(action="deed"), by="psn_1", before=first.older)
    assert [line.detail["number"] for line in last.lines] == [2, 1, 0] and last.older is None
    assert "deed" in audit.list_actions()


def test_who_reads_the_trail_stands_in_it_with_what_was_asked(make_face: Callable[..., Any]) -> None:
    face = make_face("ministry.example", "Ministry of Examples")
    audit = face.services.get(Audit)
    write(face, 3)
    audit.read(Question(action="deed", text="s"), by="psn_1")
    (line,) = audit.read(Question(action="audit.read"), by="psn_2").lines
    assert line.actor == "psn_1" and line.detail["asked"] == {"action": "deed", "text": "s"}
    assert line.detail["count"] == 3 and line.detail["newest"] - line.detail["oldest"] == 2
    stream = audit.export(Form.NDJSON, Question(action="deed"), by="psn_3")
    # Before the first byte leaves, whether or not anybody takes it.
    (line,) = audit.read(Question(action="audit.export"), by="psn_2").lines
    assert line.actor == "psn_3" and line.detail["form"] == "ndjson"
    assert b"".join(stream).count(b"\n") == 3


def test_an_export_ends_where_the_trail_stood_when_it_began(
    make_face: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    face = make_face("ministry.example", "Ministry of Examples")
    monkeypatch.setattr(service, "_AT_ONCE", 4)
    audit = face.services.get(Audit)
    for count in (0, 1, 4, 5, 7):
        write(face, count, f"deed-{count}")
        stream = audit.export(Form.CSV, Question(action=f"deed-{count}"), by="psn_1")
        first = next(stream)
        write(face, 2, f"deed-{count}")
        lines = (first + b"".join(stream)).decode().splitlines()
        assert len(lines) == 1 + count


def test_the_doctor_says_when_the_trail_is_not_whole(make_face: Callable[..., Any]) -> None:
    face = make_face("ministry.example", "Ministry of Examples")
    write(face, 5)
    (check,) = checks(face.services)
    assert list(check.call(False)) == []
    face.store.write(lambda tx: tx.execute("UPDATE audit SET actor = 'x' WHERE action = 'deed'"))
    for repair in (False, True):
        (finding,) = check.call(repair)
        assert finding.level == "bad" and finding.remedy


def write(face: Any, count: int, action: str = "deed") -> None:
    def work(tx: Any) -> None:
        for number in range(count):
            append(tx, at=number, actor="node", action=action, subject="s", detail={"number": number})

    face.store.write(work)
