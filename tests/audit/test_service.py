"""Reading the trail: pages of it, and which actions there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kouprey.audit.service import PAGE, Audit
from kouprey.kernel.storage.audit import append


def test_a_full_page_says_where_the_next_begins_and_the_last_does_not(make_face: Callable[..., Any]) -> None:
    face = make_face("ministry.example", "Ministry of Examples")

    def work(tx: Any) -> None:
        for number in range(PAGE + 3):
            append(tx, at=number, actor="node", action="deed", subject="s", detail={"number": number})

    face.store.write(work)
    audit = face.services.get(Audit)
    first = audit.read(action="deed")
    assert len(first.lines) == PAGE and first.older == first.lines[-1].id
    last = audit.read(before=first.older, action="deed")
    assert [line.detail["number"] for line in last.lines] == [2, 1, 0] and last.older is None
    assert "deed" in audit.list_actions()
