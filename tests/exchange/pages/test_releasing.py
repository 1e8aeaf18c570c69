"""The queue: what waits for whom, the word given and taken back, and the reason told."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from kouprey.agreements.model import ApprovalRule, Emergency, Terms
from kouprey.agreements.service import Agreements
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

RULES = (ApprovalRule(tlp="amber", role="liaison"), ApprovalRule(tlp="amber", role="legal"))


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """An agreement by which a liaison and a legal adviser release what is amber, and green goes at once if it must."""
    drafted = Agreements.draft

    def draft(self: Agreements, title: str, parties: Any, terms: Terms, **more: Any) -> Any:
        wider = msgspec.structs.replace(
            terms, tlp_ceiling="amber", approvals=RULES, emergency=Emergency(tlp="amber", review_s=3600)
        )
        return drafted(self, title, parties, wider, **more)

    monkeypatch.setattr(Agreements, "draft", draft)
    return str(request.getfixturevalue("agreed"))


def person(desk: Any, *roles: Role) -> Any:
    return desk.visitor(*roles)


def said(visitor: Any, path: str, **fields: str) -> str:
    """The queue after a form, with what is told on it."""
    assert visitor.post(path, **fields).status_code == 303
    return str(visitor.text("/approvals"))


def marks(text: str) -> list[str]:
    return re.findall(r'name="ids" value="(apr_[0-9a-f]+)" id=', text)


def test_what_is_asked_waits_is_released_by_two_and_goes(desk: Any, strict: str) -> None:
    tool = desk.marked("tool", "Hammer", "amber")
    desk.take(tool)
    path = f"/intelligence/{tool['id']}/publish"
    lead, liaison, legal = person(desk, Role.LEAD), person(desk, Role.LIAISON), person(desk, Role.LEGAL)
    preview = lead.text(f"{path}?agreement={strict}")
    assert "Ask for release" in preview and f"/agreements/{strict}#clause-13" in preview
    assert "Send at once" not in preview
    assert "It waits until it is released." in lead.post(path, agreement=strict).text
    about = lead.text(f"/intelligence/{tool['id']}").partition('id="release"')[2]
    assert "1 × liaison" in about and f"/agreements/{strict}#clause-13" in about
    assert marks(lead.text("/approvals")) == [] and "Hammer" in lead.text("/approvals")
    queue = liaison.text("/approvals")
    (waiting,) = marks(queue)
    assert "1 × liaison" in queue and "1 × legal adviser" in queue and f"/agreements/{strict}#clause-13" in queue
    assert "object waits for your word" in liaison.text("/") and "waits for your word" not in lead.text("/")
    assert "Your word is kept." in said(liaison, "/approvals/release", ids=waiting)
    assert "Take my word back" in liaison.text("/approvals")
    assert "is taken back" in said(liaison, "/approvals/take-back", ids=waiting)
    liaison.post("/approvals/release", ids=waiting)
    assert "1 is sent." in said(legal, "/approvals/release", ids=waiting)
    assert "Given to" in lead.text(f"/intelligence/{tool['id']}")
    assert desk.visitor(Role.ANALYST).get("/approvals").status_code == 403


def test_a_refusal_needs_a_reason_and_tells_it_with_the_clause(desk: Any, strict: str) -> None:
    tool = desk.marked("tool", "Hammer", "amber")
    desk.take(tool)
    lead, liaison = person(desk, Role.LEAD), person(desk, Role.LIAISON)
    lead.post(f"/intelligence/{tool['id']}/publish", agreement=strict)
    (waiting,) = marks(liaison.text("/approvals"))
    assert "A reason is missing" in said(liaison, "/approvals/decline", ids=waiting, because="")
    assert "It does not go" in said(liaison, "/approvals/decline", ids=waiting, because=f"No {fiction.CANARY}")
    told = lead.text("/approvals")
    assert "declined" in told and f"/agreements/{strict}#clause-13" in told
    desk.assert_harmless(told)


def test_a_duty_officer_sends_at_once_and_it_is_reviewed(desk: Any, strict: str) -> None:
    tool = desk.marked("tool", "Hammer", "amber")
    desk.take(tool)
    duty, legal = person(desk, Role.DUTY_OFFICER, Role.LIAISON), person(desk, Role.LEGAL)
    path = f"/intelligence/{tool['id']}/publish"
    assert "Send at once" in duty.text(path)
    assert "on its way" in duty.post(path, agreement=strict, emergency="The bank is on fire.").text
    assert "Review what went in an emergency" in legal.text("/")
    queue = legal.text("/approvals")
    assert "The bank is on fire." in queue and "to be reviewed" in queue and "#clause-14" in queue
    (sent,) = marks(queue)
    assert marks(duty.text("/approvals")) == []
    assert "The review is kept." in said(legal, "/approvals/review", ids=sent, text="Rightly so.")
    assert marks(legal.text("/approvals")) == []


def test_nobody_sees_in_the_queue_what_they_may_not_see(desk: Any, strict: str) -> None:
    tool = desk.marked("tool", "Hammer", "amber")
    desk.take(tool)
    person(desk, Role.LEAD).post(f"/intelligence/{tool['id']}/publish", agreement=strict)
    low = desk.visitor(Role.LIAISON, clearance=TLP.GREEN)
    for path in ("/approvals", "/"):
        text = low.text(path)
        assert "Hammer" not in text and "waits for your word" not in text
    assert "Nothing waits for you" in low.text("/approvals")
