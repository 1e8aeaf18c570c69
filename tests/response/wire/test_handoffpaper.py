"""A hand-off on paper: complete in each language of contacts, with its clocks, and with nothing of ours in English."""

from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO
from typing import Any

import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from kouprey.kernel.web.catalogue import Catalogue
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Decline, Stage, Verb
from kouprey.response.model.contacts import TONGUES
from kouprey.response.service import HandOffPapers, Situations, Words
from kouprey.response.wire import handoffwords as words
from kouprey.response.wire.handoffpaper import draw_handoff, handoff_sheet
from kouprey.response.wire.letter import spoken
from response.conftest import PRESERVE
from response.pages.test_outside import CANARY, TITLE, lead, linked

DATA = (TITLE, CANARY, "203.0.113.7", "Somchai", "Hospital", "MY-7", "H-4")


def pdf(office: Any, handoff: str, language: str, role: Role = Role.LEAD) -> str:
    answer = office.visitor(role).client.get(f"/handoffs/{handoff}/paper.pdf", params={"language": language})
    assert answer.status_code == 200 and answer.headers["content-disposition"].endswith(f'-{language}.pdf"')
    return read(answer.content)


def read(paper: bytes) -> str:
    """What a person reads on it."""
    return "\n".join(each.extract_text() for each in PdfReader(BytesIO(paper)).pages)


def worked(office: Any, **given: Any) -> str:
    """A hand-off that was acknowledged, asked back about and declined."""
    handoff, secret = linked(office, **given)
    for said in (
        Words(Verb.ACKNOWLEDGE, number="H-4"),
        Words(Verb.QUERY, text="203.0.113.7?"),
    ):
        office.contacts.answer(secret, said)
    return handoff


def test_it_says_what_the_page_says(offices: Any) -> None:
    a, _, _ = offices
    handoff = worked(a)
    text = " ".join(pdf(a, handoff, "en").split())
    for wanted in (
        *DATA,
        "TLP:GREEN",
        "Acknowledged within",
        "kept",
        "Decided within",
        "runs",
        "asked back",
        "by link",
    ):
        assert wanted in text, wanted
    assert handoff in text.replace(" ", "") and "Act: block, isolate, take down" in text
    assert "Hand-off printed" in a.visitor(Role.AUDITOR).text("/audit")
    page = a.visitor(Role.LEAD).text(f"/handoffs/{handoff}")
    assert all(f"paper.pdf?language={code}" in page for code in TONGUES)


@pytest.mark.parametrize("language", ["km", "th", "ms"])
def test_nothing_of_ours_is_left_in_english(offices: Any, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No text is looked for in vain, and no line of the English paper stands on the other but what people wrote."""
    a, _, _ = offices
    lacking: set[str] = set()
    plain, counted = Catalogue.gettext, Catalogue.ngettext

    def gettext(self: Catalogue, message: str) -> str:
        if self.language == language and message and ("", message) not in self.messages:
            lacking.add(message)
        return plain(self, message)

    def ngettext(self: Catalogue, one: str, many: str, n: int) -> str:
        said = counted(self, one, many, n)
        if self.language == language and said in (one, many):
            lacking.add(one)
        return said

    monkeypatch.setattr(Catalogue, "gettext", gettext)
    monkeypatch.setattr(Catalogue, "ngettext", ngettext)
    for tlp in (TLP.GREEN, TLP.AMBER):
        handoff = worked(a, tlp=tlp)
        said = pdf(a, handoff, language)
        english = {line.strip() for line in pdf(a, handoff, "en").splitlines() if re.search("[a-z]{3}", line)}
        ours = {line for line in english if not any(each in line for each in (*DATA, handoff[:12], a.party))}
        assert len(ours) > 10 and not ours & {line.strip() for line in said.splitlines()}
    every_table(a, worked(a), language)
    assert not lacking, "\n".join(sorted(lacking))


def every_table(office: Any, handoff: str, language: str) -> None:
    """Every word that a table could put there, and what a legal request adds."""
    from kouprey.kernel.web.language import _

    papers, names = office.node.services.get(HandOffPapers), office.node.services.get(Situations).names({})
    made = papers.paper(lead(office), handoff)
    legal = replace(
        made.asked, preserve=PRESERVE, basis="Art. 29", ground="It burns.", exercise="drill", kind="preserve"
    )
    course = replace(made.course, until=made.at, lacking=True)
    sheet = spoken(language, lambda: handoff_sheet(replace(made, asked=legal, course=course, under=""), names))
    assert PRESERVE.offence in str(sheet.sections[0].rows)
    texts = [words.STAGES[each][0] for each in Stage] + [words.SAID[each][0] for each in Verb]
    texts += [words.REASONS[each] for each in Decline] + list(words.VIAS.values())
    texts += [each[0] for each in (words.PRESERVED, words.LONGER, words.FILED)]
    texts += ["kept", "kept late", "stopped", "overdue", "runs"]
    spoken(language, lambda: [_(text) for text in texts])


def test_whoever_may_not_see_the_hand_off_gets_no_paper(offices: Any) -> None:
    a, _, _ = offices
    handoff = worked(a, tlp=TLP.AMBER)
    assert a.visitor(Role.LEAD, clearance=TLP.GREEN).client.get(f"/handoffs/{handoff}/paper.pdf").status_code == 404
    wrong = a.visitor(Role.LEAD).client.get(f"/handoffs/{handoff}/paper.pdf?language=fr")
    assert wrong.status_code == 400 and "One of en, km, th, ms." in wrong.text


def test_programs_have_the_same(offices: Any) -> None:
    a, _, _ = offices
    handoff = worked(a)
    program = a.program(Role.LEAD)
    made = program.get(f"/api/v1/handoffs/{handoff}/paper", params={"language": "ms"}).json()
    assert made["tlp"] == "green" and CANARY in read(b64decode(made["pdf"]))
    assert program.get(f"/api/v1/handoffs/{'0' * 64}/paper").status_code == 404
    assert program.get(f"/api/v1/handoffs/{handoff}/paper", params={"language": "fr"}).status_code == 400


def test_what_was_declined_names_who_is_competent(offices: Any) -> None:
    a, _, _ = offices
    handoff, secret = linked(a)
    a.contacts.answer(secret, Words(Verb.DECLINE, text="No.", reason="not-competent"))
    text = " ".join(pdf(a, handoff, "en").split())
    assert "declined (by link)" in text and "We are not competent; another party is" in text
    papers, who = a.node.services.get(HandOffPapers), lead(a)
    names = a.node.services.get(Situations).names(a.contacts.names())
    made = papers.paper(who, handoff)
    assert draw_handoff(made, names, "en") == draw_handoff(made, names, "en"), "equal input, equal bytes"
