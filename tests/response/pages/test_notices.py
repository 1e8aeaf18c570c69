"""The bell, what waits, marking it and back, watching, and what somebody wants to be told, in a browser."""

from __future__ import annotations

import re
from typing import Any

from kouprey.kernel.storage import outbox
from kouprey.people.model import Role
from kouprey.response.pages.notices import jobs, pulses
from response.pages.test_cases import opened


def tell(office: Any) -> None:
    outbox.deliver(office.node.store, office.node.listeners(), clock=office.node.clock)


def test_from_watching_to_read_and_back(offices: Any) -> None:
    a, _, _ = offices
    lead, analyst = a.visitor(Role.LEAD), a.visitor(Role.ANALYST)
    one = opened(lead)
    tell(a)
    assert "Nothing waits for you" in analyst.text("/notices") and "No notice waits" in analyst.text("/")
    assert "Stop watching" not in analyst.text(one)
    watched = analyst.post(f"{one}/watch", watch="yes")
    assert watched.status_code == 303 and "Stop watching" in analyst.text(one)
    lead.post(f"{one}/items", sort="note", text="Look")
    tell(a)
    page = analyst.text("/notices")
    assert (
        "A case changed" in page and "The page of the ministry" in page and "1 notice waits" in analyst.text("/cases")
    )
    assert "1 notice waits" in analyst.text("/notices/now") and "No notice waits" in lead.text("/notices/now")
    marked = analyst.post("/notices/read")
    assert marked.status_code == 303
    read = analyst.text("/notices")
    assert "Nothing waits for you" in read and "Marked as read" in read
    ids = re.findall(r'name="ids" value="([^"]+)"', read)
    assert ids and "A case changed" in analyst.text("/notices?all=yes")
    analyst.post("/notices/read", ids=ids[0], read="no")
    assert "A case changed" in analyst.text("/notices")
    analyst.post(f"{one}/watch", watch="no")
    assert "Stop watching" not in analyst.text(one)
    assert analyst.post("/cases/99/watch", watch="yes").status_code == 404


def test_what_somebody_wants_to_be_told(offices: Any) -> None:
    a, _, _ = offices
    keeper = a.visitor(Role.ADMINISTRATOR)
    assert "sends no mail yet" in keeper.text("/notices")
    assert keeper.post("/notices/choice", told="task", often="daily", address="no").status_code == 400
    assert keeper.post("/notices/choice", told="nothing").status_code == 400
    assert keeper.post("/notices/choice", told="task", often="daily", address="x@a.example").status_code == 303
    page = keeper.text("/notices")
    assert 'value="task" checked' in page and 'value="case" checked' not in page and "No mail was sent yet" in page
    assert keeper.post("/cases/1/watch", watch="yes").status_code in (303, 403)
    job = next(each for each in jobs(a.node.services) if each.name == "response.notices")
    assert job.call() == 0
    assert list(pulses(a.node.services)) == ["notices"]
