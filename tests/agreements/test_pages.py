"""Pages of agreements: what is signed is what was shown, and suspending takes effect at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.agreements.model import State, Terms
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.people.model import Role

Face = Any
MINISTRY, OPERATOR = "ministry.example", "operator.example"


@pytest.fixture
def pair(make_face: Callable[..., Face]) -> tuple[Face, Face]:
    return make_face(MINISTRY, "Ministry of Examples"), make_face(OPERATOR, "Operator <i>Example")


def drafted(face: Face, other: str, title: str = "Exchange of intelligence", **more: Any) -> Any:
    begin = wall_clock() // SECOND * SECOND - 60 * SECOND
    return face.agreements.draft(title, [other], more.pop("terms", Terms()), starts=begin, by="test", **more)


def carry(agreement: str, source: Face, target: Face) -> None:
    for note, attachment in source.agreements.agreement_notes(agreement):
        target.agreements.receive_note(note, attachment, by=source.people.home_id)


def signed(ministry: Face, operator: Face) -> str:
    agreement: str = drafted(ministry, OPERATOR).agreement
    ministry.agreements.sign(agreement, by="test")
    carry(agreement, ministry, operator)
    operator.agreements.sign(agreement, by="test")
    carry(agreement, operator, ministry)
    return agreement


FORM = {
    "title": "Exchange of intelligence",
    "parties": [OPERATOR],
    "tlp_ceiling": "green",
    "types": ["intelligence", "sighting"],
    "purposes": ["protection"],
    "onward": "none",
    "retention_days": "730",
    "erasure_days": "30",
    "starts": "2026-01-01",
    "ends": "2027-12-31",
    "text_en": "We <b>trust</b> each other.",
}


def test_without_agreements_the_page_says_how_to_draft_one(pair: tuple[Face, Face]) -> None:
    page = pair[0].visitor(Role.LIAISON).get("/agreements").text
    assert "No agreement yet" in page and "/agreements/new" in page
    assert "/agreements/new" not in pair[0].visitor(Role.ANALYST).get("/agreements").text


def test_alone_there_is_nobody_to_agree_with(make_face: Callable[..., Face]) -> None:
    page = make_face(MINISTRY, "Ministry").visitor(Role.LIAISON).get("/agreements/new")
    assert "Nobody to agree with yet" in page.text and "/partners/trust" in page.text


def test_from_the_form_to_both_signatures(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    here, there = ministry.visitor(Role.LIAISON), operator.visitor(Role.LIAISON)
    answer = here.post("/agreements/new", FORM)
    assert answer.status_code == 303
    place = answer.headers["location"].partition("?")[0]
    page = here.get(answer.headers["location"]).text
    assert "A draft." in page and "We &lt;b&gt;trust&lt;/b&gt; each other." in page
    assert "Operator &lt;i&gt;Example" in page and " ".join(operator.people.fingerprint(OPERATOR)) in page

    agreement = place.rpartition("/")[2]
    confirm = here.get(f"{place}/sign").text
    version = re.search(r'name="version" value="([0-9a-f]{64})"', confirm)[1]  # type: ignore[index]  # no match fails the test
    assert ministry.agreements.list_versions(agreement)[0].note.decode().strip() in confirm
    assert here.post(f"{place}/sign", {"version": version}).status_code == 400, "unread"
    assert here.post(f"{place}/sign", {"version": version, "read": "yes"}).status_code == 303
    carry(agreement, ministry, operator)

    listed = there.get("/agreements").text
    assert "awaits our signature" in listed and f"{place}/sign" in listed
    assert there.post(f"{place}/sign", {"version": version, "read": "yes"}).status_code == 303
    carry(agreement, operator, ministry)
    for face, visitor in ((ministry, here), (operator, there)):
        assert face.agreements.get_standing(agreement).state(wall_clock()) is State.IN_FORCE
        visitor.get(place)  # shows the notice of the signing, once
        page = visitor.get(place).text
        assert "in force" in page and "awaited" not in page and len(re.findall("the signature came", page)) == 2


def test_another_version_than_the_one_read_is_not_signed(pair: tuple[Face, Face]) -> None:
    ministry, _ = pair
    liaison = ministry.visitor(Role.LIAISON)
    agreement = drafted(ministry, OPERATOR).agreement
    answer = liaison.post(f"/agreements/{agreement}/sign", {"version": "ab" * 32, "read": "yes"})
    assert answer.status_code == 409 and "Another version has arrived" in answer.text
    garbled = liaison.post(f"/agreements/{agreement}/sign", {"version": "zz", "read": "yes"})
    assert garbled.status_code == 409
    empty = liaison.post(f"/agreements/{agreement}/sign", {"read": "yes"})
    assert empty.status_code == 409, "a form that names no version signs none"
    assert ministry.agreements.list_versions(agreement)[0].signers == ()


def test_without_the_root_key_the_remedy_is_shown_beside_the_agreement(pair: tuple[Face, Face]) -> None:
    ministry, _ = pair
    version = drafted(ministry, OPERATOR)
    object.__setattr__(ministry.ring, "root", None)
    place = f"/agreements/{version.agreement}/sign"
    answer = ministry.visitor(Role.LIAISON).post(place, {"version": version.note_sha256.hex(), "read": "yes"})
    assert "root key is not on this machine" in answer.text and "Put root.key back" in answer.text


def test_suspending_and_resuming(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    agreement = signed(ministry, operator)
    liaison = ministry.visitor(Role.LIAISON)
    place = f"/agreements/{agreement}"
    liaison.post(f"{place}/suspend")
    assert ministry.agreements.get_standing(agreement).state(wall_clock()) is State.SUSPENDED
    page = liaison.get(place).text
    assert "Suspended by ministry.example" in page and f"{place}/resume" in page and f"{place}/suspend" not in page
    carry(agreement, ministry, operator)
    assert "Suspended by ministry.example" in operator.visitor(Role.ANALYST).get(place).text
    liaison.post(f"{place}/resume")
    assert ministry.agreements.get_standing(agreement).state(wall_clock()) is State.IN_FORCE


def test_amending_begins_with_what_is_in_force(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    agreement = signed(ministry, operator)
    liaison = ministry.visitor(Role.LIAISON)
    # Who may give is led to what a party that joins with such a version lacks.
    assert f"/agreements/{agreement}/given-before" in liaison.get(f"/agreements/{agreement}").text
    assert "/given-before" not in ministry.visitor(Role.ANALYST).get(f"/agreements/{agreement}").text
    page = liaison.get(f"/agreements/new?amends={agreement}").text
    assert 'value="Exchange of intelligence"' in page and f'name="amends" value="{agreement}"' in page
    liaison.post("/agreements/new", {**FORM, "amends": agreement})
    first, second = ministry.agreements.list_versions(agreement)
    assert (second.number, second.previous) == (2, first.note_sha256)
    page = liaison.get(f"/agreements/{agreement}").text
    assert "Version 2 awaits our signature" in page and first.note_sha256.hex()[:16] in page
    liaison.post(f"/agreements/{agreement}/discard")
    assert len(ministry.agreements.list_versions(agreement)) == 1
    assert liaison.post(f"/agreements/{agreement}/discard").status_code == 409


def test_a_draft_is_discarded_without_a_trace_but_in_the_audit(pair: tuple[Face, Face]) -> None:
    ministry, _ = pair
    agreement = drafted(ministry, OPERATOR).agreement
    answer = ministry.visitor(Role.LIAISON).post(f"/agreements/{agreement}/discard")
    assert answer.headers["location"] == "/agreements" and ministry.agreements.standings() == {}


def test_what_is_wrong_is_said_and_what_was_written_stays(pair: tuple[Face, Face]) -> None:
    liaison = pair[0].visitor(Role.LIAISON)
    answer = liaison.post("/agreements/new", {**FORM, "title": "", "parties": [], "ends": "2020-01-01"})
    assert answer.status_code == 400
    for text in ("Write a title", "at least one party", "ends before it begins", "We &lt;b&gt;trust"):
        assert text in answer.text
    assert pair[0].agreements.standings() == {}


def test_only_liaisons_change_agreements(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    agreement = signed(ministry, operator)
    for role in (Role.ANALYST, Role.LEAD, Role.AUDITOR):
        somebody = ministry.visitor(role)
        assert somebody.get(f"/agreements/{agreement}").status_code == 200
        assert "/suspend" not in somebody.get(f"/agreements/{agreement}").text
        for path in ("sign", "suspend", "resume", "discard"):
            assert somebody.post(f"/agreements/{agreement}/{path}").status_code == 403
        assert somebody.post("/agreements/new", FORM).status_code == 403


def test_the_signed_bytes_can_be_taken_away(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    agreement = signed(ministry, operator)
    (version,) = ministry.agreements.list_versions(agreement)
    analyst = ministry.visitor(Role.ANALYST)
    place = f"/agreements/{agreement}/{version.note_sha256.hex()}"
    document = analyst.get(f"{place}/document.json")
    assert document.content == version.document_bytes and "attachment" in document.headers["content-disposition"]
    assert analyst.get(f"{place}/note").content == version.note
    for bad in ("ab" * 32, "zz", "0"):
        assert analyst.get(f"/agreements/{agreement}/{bad}/note").status_code == 404
        assert analyst.get(f"/agreements/{agreement}?version={bad}").status_code == 404
    assert analyst.get("/agreements/agr_none").status_code == 404
