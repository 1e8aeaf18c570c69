"""The desk: from what was heard to what is published, by two different persons and never by one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from advisories.conftest import RUMOUR, Bureau, content
from kouprey.advisories.model import DraftState
from kouprey.advisories.service import Desk
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, Unknown
from kouprey.people.model import Role

HOUR = 3_600


def refused(code: str, call: Any, *words: Any, **more: Any) -> KoupreyError:
    with pytest.raises(KoupreyError) as caught:
        call(*words, **more)
    assert caught.value.code == code, caught.value
    return caught.value


def test_nobody_publishes_alone_and_nobody_counts_twice(ministry: Bureau) -> None:
    desk, press, lead = ministry.desk, ministry.press, ministry.lead
    draft = desk.draft(press, content())
    refused("approvals-missing", desk.publish, lead, draft.id, 1)
    desk.approve(press, draft.id, 1)
    refused("approved-already", desk.approve, press, draft.id, 1)
    refused("approvals-missing", desk.publish, press, draft.id, 1)
    # A person under another clearance or with other roles is the same person.
    again = msgspec.structs.replace(press, roles=("lead", "communications"))
    refused("approved-already", desk.approve, again, draft.id, 1)
    assert len(desk.approve(lead, draft.id, 1).approvals) == 2
    made = desk.publish(press, draft.id, 1)
    assert made.id == "XX-MINISTRY-2026-0001" and made.statement.number == 1
    refused("draft-closed", desk.publish, press, draft.id, 1)
    assert ministry.statements.list_public() == [made]


def test_programs_the_operator_and_other_roles_approve_nothing(ministry: Bureau) -> None:
    desk, draft = ministry.desk, ministry.desk.draft(ministry.press, content())
    program = Reader(party=ministry.party, local=True, name="tok_1", roles=("communications",))
    refused("no-person", desk.approve, program, draft.id, 1)
    refused("no-person", desk.approve, ministry.statements.operator(), draft.id, 1)
    for role in (Role.ANALYST, Role.DUTY_OFFICER, Role.AUDITOR):
        refused("role-missing", desk.approve, ministry.person(f"A {role}", role), draft.id, 1)
    stranger = Reader(party="other.example", local=False, name="x", roles=("communications",))
    for call in (desk.list_drafts, desk.list_rumours, desk.list_answered):
        refused("role-missing", call, stranger)
        refused("role-missing", call, ministry.person("An auditor", Role.AUDITOR))
    refused("role-missing", desk.draft, ministry.person("A trainer", Role.TRAINER), content())
    assert desk.get_draft(ministry.lead, draft.id)[0].approvals == ()


def test_a_change_begins_anew_and_is_not_lost(ministry: Bureau) -> None:
    desk, press, lead = ministry.desk, ministry.press, ministry.lead
    draft = desk.draft(press, content())
    desk.approve(lead, draft.id, 1)
    changed = desk.change(press, draft.id, content(contact="elsewhere"), 1)
    assert changed.revision == 2 and desk.get_draft(lead, draft.id)[0].approvals == ()
    # Who has read the words before approves, changes and publishes nothing.
    refused("draft-changed", desk.approve, lead, draft.id, 1)
    refused("draft-changed", desk.change, press, draft.id, content(), 1)
    refused("draft-changed", desk.publish, lead, draft.id, 1)
    assert refused("bad-statement", desk.change, press, draft.id, content(languages={}), 2).http_status == 400
    assert desk.get_draft(lead, draft.id)[0].content.contact == "elsewhere"


def test_the_clock_runs_from_the_first_report(ministry: Bureau) -> None:
    desk, press = ministry.desk, ministry.press
    first = desk.take_rumour(press, RUMOUR, heard_from="hotline")
    ministry.ahead = HOUR
    second = desk.take_rumour(press, f"{RUMOUR}!", url="https://news.example/b", media="AB" * 32)
    assert second.media == "ab" * 32
    ministry.ahead = 2 * HOUR
    made = ministry.publish(rumours=(second.id, first.id))
    (answered,) = desk.list_answered(press)
    assert (answered.statement, answered.rumours) == (made.id, 2)
    assert 2 * HOUR - 2 <= answered.seconds <= 2 * HOUR + 60
    refused("being-answered", desk.set_aside, press, first.id)
    refused("being-answered", desk.draft, press, content(), [first.id])


def test_rumours_are_set_aside_and_come_back(ministry: Bureau) -> None:
    desk, press = ministry.desk, ministry.press
    heard = desk.take_rumour(press, RUMOUR)
    assert desk.set_aside(press, heard.id).aside_at and not desk.set_aside(press, heard.id, aside=False).aside_at
    draft = desk.draft(press, content(), [heard.id])
    assert [each.id for each in desk.get_draft(press, draft.id)[1]] == [heard.id]
    assert desk.abandon(press, draft.id).state is DraftState.ABANDONED
    assert desk.get_rumour(press, heard.id).draft == ""
    refused("draft-closed", desk.approve, press, draft.id, 1)
    assert desk.list_drafts(press) == [] and len(desk.list_drafts(press, DraftState.ABANDONED)) == 1


@pytest.mark.parametrize(
    "given",
    [
        {"text": " "},
        {"text": "x" * 3_001},
        {"text": "a", "url": "javascript:x"},
        {"text": "a", "media": "12"},
        {"text": "a\x00"},
    ],
)
def test_what_is_no_rumour_is_refused(ministry: Bureau, given: dict[str, str]) -> None:
    with pytest.raises(Damaged) as caught:
        ministry.desk.take_rumour(ministry.press, **given)
    assert caught.value.code == "bad-rumour" and ministry.desk.list_rumours(ministry.press) == []


def test_what_is_not_there_is_unknown(ministry: Bureau) -> None:
    desk: Desk = ministry.desk
    for call in (lambda: desk.get_draft(ministry.press, "x"), lambda: desk.get_rumour(ministry.press, "x")):
        with pytest.raises(Unknown):
            call()
    # Nothing is half kept when one of the rumours is not there.
    with pytest.raises(Unknown):
        desk.draft(ministry.press, content(), ["rum_0"])
    assert desk.list_drafts(ministry.press) == []
    draft = desk.draft(ministry.press, content(replaces=("XX-MINISTRY-2026-0009",)))
    for who in (ministry.press, ministry.lead):
        desk.approve(who, draft.id, 1)
    with pytest.raises(Refused) as caught:
        desk.publish(ministry.lead, draft.id, 1)
    assert caught.value.code == "no-such-earlier" and ministry.statements.list_public() == []
    with pytest.raises(Forbidden):
        desk.publish(ministry.person("Duty", Role.DUTY_OFFICER), draft.id, 1)
