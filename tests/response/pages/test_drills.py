"""Drills on their pages: marked EXERCISE wherever they are shown, on both sides, and nowhere in earnest."""

from __future__ import annotations

import re
from typing import Any

from kouprey.people.model import Role
from kouprey.performance.service import Performance
from kouprey.response.pages.drills import PATH
from kouprey.response.service import Drills


def test_both_sides_see_that_it_is_an_exercise(offices: Any) -> None:
    a, b, agreement = offices
    lead, officer = a.visitor(Role.LEAD), b.visitor(Role.DUTY_OFFICER)
    assert "No drill was sent yet" in lead.text(PATH) and "EXERCISE" not in officer.text("/handoffs")
    assert lead.post(PATH, do="send").status_code == 400
    assert a.visitor(Role.ANALYST).post(PATH, do="send", party=b.party).status_code == 403
    assert lead.post(PATH, do="send", party=b.party).status_code == 303
    a.parcel(b)
    assert "EXERCISE" in officer.text("/handoffs") and "EXERCISE" in officer.text("/directory")
    asked = re.search(rf"{PATH}/([0-9a-f]{{64}})", officer.text(PATH))
    assert asked is not None
    path = f"{PATH}/{asked[1]}"
    for page in (officer.text(path), lead.text(path), officer.text(PATH), lead.text(PATH)):
        assert "EXERCISE" in page
    assert "/cases/new" not in officer.text(path)
    assert "is somebody there?" not in officer.text("/handoffs") + lead.text("/handoffs")
    officer.text(f"/handoffs/{asked[1]}", 404)
    lead.text(f"/handoffs/{asked[1]}", 404)
    lead.text(f"/cases/new?handoff={asked[1]}", 404)
    a.ahead = b.ahead = 240
    answer = officer.post(path, verb="acknowledge")
    assert answer.status_code == 303 and answer.headers["location"].startswith(PATH)
    b.parcel(a)
    a.node.services.get(Drills).turn()
    assert "4 minutes" in lead.text("/directory") and "4 minutes" in lead.text(f"/directory/teams/{b.party}")
    assert lead.post(PATH, do="monthly", party=b.party).status_code == 303
    assert "each month" in lead.text(PATH)
    measures = a.node.services.get(Performance)
    while measures.sum_up():
        pass
    assert measures.behind(agreement) == 0
    with a.node.store.read() as reader:
        assert reader.value("SELECT count(*) FROM measure_tally") == 0, "no measure of the agreement counts an exercise"
