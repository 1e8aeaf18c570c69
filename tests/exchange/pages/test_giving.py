"""Giving: the preview says what publishing then does."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

CANARY = fiction.CANARY
MINISTRY = fiction.MINISTRY.party


def test_the_preview_says_what_publishing_then_does(desk: Any, agreed: str) -> None:
    objects = fiction.operator_findings(desk.identity)
    desk.take(*objects)
    lead = desk.visitor(Role.LEAD)
    wanted = {str(o["id"]) for o in objects if o["type"] in ("note", "report", "campaign", "malware", "file")}
    for stix_id in sorted(wanted):
        preview = lead.text(f"/intelligence/{stix_id}/publish?agreement={agreed}")
        button = re.search(r"<button class=\"button primary\"[^>]*>", preview)
        assert button is not None
        goes = "disabled" not in button.group(0)
        done = lead.post(f"/intelligence/{stix_id}/publish", agreement=agreed)
        assert done.status_code == 200
        assert ("It is published and on its way" in done.text) == goes, stix_id
        assert ("Not published, and why" in done.text) != goes
        cut = "references that are cut out" in preview
        assert cut == ("It travels without naming" in done.text)
    page = lead.text(f"/intelligence/{fiction.stix_id('report', 'lantern-report')}")
    assert "Given to" in page and "without some references" in page
    assert (
        "Not published, and why"
        in lead.post(f"/intelligence/{fiction.stix_id('note', 'witness')}/publish", agreement=agreed).text
    )
    again = lead.post(f"/intelligence/{fiction.stix_id('campaign', 'paper-lantern')}/publish", agreement=agreed)
    assert "have this version already" in again.text


def test_the_preview_says_who_has_the_version_already(desk: Any, agreed: str) -> None:
    tool = desk.thing("tool", "Hammer")
    desk.take(tool)
    lead, path = desk.visitor(Role.LEAD), f"/intelligence/{tool['id']}/publish"
    assert "will receive it" in lead.text(path) and "was given this version" not in lead.text(path)
    lead.post(path, agreement=agreed)
    after = lead.text(path)
    assert "will receive it" not in after and "There is nothing new to publish to them." in after
    assert "It was given this version" in after and "It has not confirmed it yet." in after
    button = re.search(r"<button class=\"button primary\"[^>]*>", after)
    assert button is not None and "disabled" in button.group(0)
    desk.take(desk.thing("tool", "Hammer", modified="2026-11-01T05:00:00.000Z", description="Heavier."))
    newer = lead.text(path)
    assert "will receive it" in newer and "was given this version" not in newer


def test_what_a_party_has_reserved_is_not_ours_to_publish(desk: Any, agree: Callable[[], str]) -> None:
    theirs = desk.thing("campaign", "Theirs", created_by_ref=f"identity--{uuid.uuid5(uuid.NAMESPACE_DNS, MINISTRY)}")
    # Taken in before their card said that it is theirs.
    desk.take(theirs)
    agreed = agree()
    lead = desk.visitor(Role.LEAD)
    preview = lead.text(f"/intelligence/{theirs['id']}/publish")
    assert "It is not ours to publish." in preview and "disabled" in preview.partition("<main")[2]
    assert "Not published, and why" in lead.post(f"/intelligence/{theirs['id']}/publish", agreement=agreed).text


def test_publishing_needs_the_role_and_an_agreement_in_force(desk: Any) -> None:
    tool = desk.thing("tool", "Hammer")
    desk.take(tool)
    path = f"/intelligence/{tool['id']}/publish"
    assert desk.visitor(Role.ANALYST).get(path).status_code == 403
    assert desk.visitor(Role.ANALYST).post(path, agreement="x").status_code == 403
    assert desk.visitor(Role.LEAD).get(path).status_code == 409
    assert desk.visitor(Role.LEAD).post(path, agreement="agr_x").status_code == 409


def test_a_person_publishes_only_what_that_person_sees(desk: Any, agreed: str) -> None:
    hidden = desk.marked("campaign", CANARY, "amber")
    desk.take(hidden)
    low = desk.visitor(Role.LEAD, clearance=TLP.GREEN)
    assert low.post(f"/intelligence/{hidden['id']}/publish", agreement=agreed).status_code == 404
    high = desk.visitor(Role.LEAD)
    assert "Given to" not in high.text(f"/intelligence/{hidden['id']}")
