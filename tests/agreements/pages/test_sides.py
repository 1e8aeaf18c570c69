"""Pages of what one party does alone, and of what changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from markupsafe import Markup

from kouprey.agreements.model import State, Terms
from kouprey.agreements.pages import sides, words
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.people.model import Role

Face = Any
MINISTRY, OPERATOR = "ministry.example", "operator.example"


@pytest.fixture
def pair(make_face: Callable[..., Face]) -> tuple[Face, Face]:
    return make_face(MINISTRY, "Ministry of Examples"), make_face(OPERATOR, "Operator <i>Example")


def drafted(face: Face, other: str, **more: Any) -> Any:
    begin = wall_clock() // SECOND * SECOND - 60 * SECOND
    terms = more.pop("terms", Terms())
    return face.agreements.draft("Exchange of intelligence", [other], terms, starts=begin, by="test", **more)


def carry(agreement: str, source: Face, target: Face) -> None:
    for note, attachment in source.agreements.agreement_notes(agreement):
        target.agreements.receive_note(note, attachment, by=source.people.home_id)


def signed(ministry: Face, operator: Face) -> Any:
    version = drafted(ministry, OPERATOR)
    ministry.agreements.sign(version.agreement, by="test")
    carry(version.agreement, ministry, operator)
    operator.agreements.sign(version.agreement, by="test")
    carry(version.agreement, operator, ministry)
    return version


KEEP = {
    "tlp_ceiling": "amber",
    "pap_ceiling": "red",
    "onward": "none",
    "types": ["intelligence", "sighting"],
    "purposes": ["incident-response", "protection"],
    "parties": [OPERATOR],
}


def test_tightening_takes_effect_and_is_shown_on_both_sides(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    place = f"/agreements/{signed(ministry, operator).agreement}"
    liaison = ministry.visitor(Role.LIAISON)
    assert "TLP:RED" not in liaison.get(f"{place}/tighten").text.split("<main")[1], "no higher level is offered"
    answer = liaison.post(f"{place}/tighten", KEEP)
    assert answer.status_code == 409 and "would tighten nothing" in answer.text
    empty = liaison.post(f"{place}/tighten", {**KEEP, "types": []})
    assert empty.status_code == 400 and "Something must remain" in empty.text
    assert liaison.post(f"{place}/tighten", {**KEEP, "tlp_ceiling": "red"}).status_code == 409
    liaison.post(f"{place}/tighten", {**KEEP, "tlp_ceiling": "green", "types": ["sighting"]})
    carry(place.rpartition("/")[2], ministry, operator)
    for face in pair:
        page = face.visitor(Role.ANALYST).get(place).text
        assert "Tightened by Ministry of Examples:" in page and "up to TLP:GREEN; only sightings" in page
    assert "TLP:AMBER" not in liaison.get(f"{place}/tighten").text.split("<main")[1]


def test_leaving_asks_first(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    agreement = signed(ministry, operator).agreement
    liaison = ministry.visitor(Role.LIAISON)
    page = liaison.get(f"/agreements/{agreement}/leave").text
    assert "an agreement needs two parties" in page and "cannot be taken back" in page
    assert liaison.post(f"/agreements/{agreement}/leave").status_code == 400
    assert ministry.agreements.get_standing(agreement).left == ()
    liaison.post(f"/agreements/{agreement}/leave", {"sure": "yes"})
    assert ministry.agreements.get_standing(agreement).state(wall_clock()) is State.ENDED
    page = liaison.get(f"/agreements/{agreement}").text
    assert "We have left it" in page and "/suspend" not in page and "/leave" not in page
    carry(agreement, ministry, operator)
    assert "Left by ministry.example" in operator.visitor(Role.ANALYST).get(f"/agreements/{agreement}").text


def test_a_comment_stands_beside_its_clause_and_declining_says_why(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    version = drafted(ministry, OPERATOR)
    agreement, digest = version.agreement, version.note_sha256.hex()
    ministry.agreements.sign(agreement, by="test")
    carry(agreement, ministry, operator)
    liaison = operator.visitor(Role.LIAISON)
    place = f"/agreements/{agreement}"
    assert "Ministry of Examples waits for our signature" in liaison.get(place).text
    liaison.post(f"{place}/comment", {"version": digest, "about": "2", "words": "Too <b>high"})
    liaison.post(f"{place}/comment", {"version": digest, "about": "decline", "words": "One year at most."})
    assert liaison.post(f"{place}/comment", {"version": digest, "about": "99", "words": "x"}).status_code == 400
    carry(agreement, operator, ministry)
    page = ministry.visitor(Role.LIAISON).get(place).text
    clause = page.split('id="clause-2"')[1].split("</li>")[0]
    assert "Too &lt;b&gt;high" in clause and "One year at most." in page
    assert "Operator &lt;i&gt;Example declined it" in page and f"/agreements/new?anew={agreement}" in page
    again = ministry.visitor(Role.LIAISON).get(f"/agreements/new?anew={agreement}").text
    assert 'value="Exchange of intelligence"' in again and 'name="amends" value=""' in again


def test_two_versions_are_compared(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    version = signed(ministry, operator)
    new = drafted(ministry, OPERATOR, terms=Terms(tlp_ceiling="green", onward="members"), amends=version.agreement)
    page = ministry.visitor(Role.ANALYST).get(
        f"/agreements/{version.agreement}/changes?old={version.note_sha256.hex()}&new={new.note_sha256.hex()}"
    )
    assert "tightened" in page.text and "loosened" in page.text and "TLP:GREEN" in page.text
    alone = ministry.visitor(Role.ANALYST).get(f"/agreements/{version.agreement}/changes")
    assert alone.status_code == 200
    rows = sides.differences(version.document, new.document)
    assert [(row.number, row.way) for row in rows if row.number != "9"] == [("2", "tightened"), ("5", "loosened")]
    assert ministry.visitor(Role.ANALYST).get(f"/agreements/{version.agreement}/changes?old=zz").status_code == 404


def test_two_officers_on_the_page(pair: tuple[Face, Face]) -> None:
    ministry, _ = pair
    version = drafted(ministry, OPERATOR)
    first, second = ministry.visitor(Role.LIAISON), ministry.visitor(Role.LIAISON)
    assert "Two officers are safer" in first.get("/agreements").text
    first.post("/agreements/officers")
    assert "Two officers are safer" not in first.get("/agreements").text
    form = {"version": version.note_sha256.hex(), "read": "yes"}
    place = f"/agreements/{version.agreement}/sign"
    first.post(place, form)
    assert "A second person signs it here" in second.get(place).text
    assert "second person" in first.post(place, form).text.lower()
    assert ministry.agreements.list_versions(version.agreement)[0].signers in ((), (MINISTRY,))


def test_any_version_can_be_had_as_pdf(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    version = signed(ministry, operator)
    place = f"/agreements/{version.agreement}/{version.note_sha256.hex()}/agreement.pdf"
    reader = ministry.visitor(Role.ANALYST)
    english, khmer = (reader.get(f"{place}?language={code}") for code in ("en", "km"))
    assert english.headers["content-type"] == "application/pdf" and english.content[:5] == b"%PDF-"
    assert english.content != khmer.content and "-km.pdf" in khmer.headers["content-disposition"]
    assert reader.get(place.replace(version.note_sha256.hex(), "00" * 32)).status_code == 404


def test_a_draft_begins_with_a_template(pair: tuple[Face, Face]) -> None:
    ministry, _ = pair
    liaison = ministry.visitor(Role.LIAISON)
    page = liaison.get("/agreements/new?template=law-enforcement").text
    assert "Arrangement on liaison with law enforcement" in page and "ភស្តុតាង" in page and "for your counsel" in page
    assert liaison.get("/agreements/new?template=none").status_code == 404


def test_only_those_who_may_agree_speak_for_the_party(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    version = signed(ministry, operator)
    analyst = ministry.visitor(Role.ANALYST)
    for path in ("tighten", "leave", "comment"):
        assert analyst.post(f"/agreements/{version.agreement}/{path}").status_code == 403
    assert analyst.post("/agreements/officers").status_code == 403


def test_what_happens_next_is_said_for_every_state() -> None:
    assert set(words.WAYS) and len(words.GROUPS) == 6


def test_what_differs_is_marked_and_nothing_of_it_is_markup_of_theirs() -> None:
    before, after = sides.marked("At most 30 days <b>", "At most 90 days <b>")
    assert before == "At most <mark>30</mark> days &lt;b&gt;" and after == "At most <mark>90</mark> days &lt;b&gt;"
    moments = (Markup('From <time class="exact">12:0{}</time> on, as agreed').format(n) for n in (1, 2))
    assert sides.marked(*moments)[1] == "From <mark>12:02</mark> on, as agreed"
    assert sides.marked("Nothing is agreed", "It shall come to this") == ("Nothing is agreed", "It shall come to this")
    assert sides.marked("", "new") == ("", "<mark>new</mark>")
