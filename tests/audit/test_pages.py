"""The page of the audit: newest first, page by page, narrowed, and only for those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.audit import service
from kouprey.kernel.storage.audit import append
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Face = Any


@pytest.fixture
def face(make_face: Callable[..., Face]) -> Face:
    return make_face("ministry.example", "Ministry of Examples")


def write(face: Face, count: int, **more: str) -> None:
    def work(tx: Any) -> None:
        for number in range(count):
            line = {"actor": "node", "action": "lane.admit", "subject": f"lane-{number}", **more}
            append(tx, at=number, detail={"number": number, "empty": "", "list": ["a", "b"]}, **line)

    face.store.write(work)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.LEAD, Role.LIAISON, Role.FEED])
def test_others_do_not_read_it(face: Face, role: Role) -> None:
    assert face.visitor(role).get("/audit").status_code == 403


def test_pages_follow_each_other_without_gap(face: Face, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "PAGE", 7)
    write(face, 25)
    auditor, seen, path = face.visitor(Role.AUDITOR), [], "/audit?action=lane.admit"
    while path:
        page = auditor.get(path).text
        seen += [int(n) for n in re.findall(r"Number: (\d+)", page)]
        write(face, 1, action="lane.open")  # what is added meanwhile disturbs no page
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert seen == list(range(24, -1, -1))


def test_it_is_narrowed_by_what_who_and_about(face: Face) -> None:
    auditor = face.visitor(Role.AUDITOR, name="Dara")
    write(face, 3)
    write(face, 2, actor="operator", action="link.add", subject="x.example")
    for query, count in (("actor=operator", 2), ("subject=x.example", 2), ("action=lane.admit", 3), ("actor=none", 0)):
        assert auditor.get(f"/audit?{query}").text.count("Number: ") == count
    # A person is found by name and by id.
    person = face.people.get_person("Dara")
    for wanted in ("Dara", person.id):
        assert "Signed in" in auditor.get(f"/audit?actor={wanted}&action=session.open").text
    assert "No line of the trail is about this" in auditor.get("/audit?subject=nothing").text


def test_values_are_text_and_long_ones_are_cut(face: Face) -> None:
    def work(tx: Any) -> None:
        detail = {"note": "<script>" + "x" * 5000, "active": False}
        append(tx, at=1, actor="node", action="<b>deed</b>", subject='"><i>', detail=detail)

    face.store.write(work)
    page = face.visitor(Role.AUDITOR).get("/audit").text
    assert "&lt;script&gt;" in page and "<b>deed" not in page and '"><i>' not in page and "x" * 400 not in page
    assert "Active: no" in page


@pytest.mark.parametrize("bad", ["-1", "x", "٣", "9" * 30])
def test_a_page_that_cannot_be_is_told(face: Face, bad: str) -> None:
    assert face.visitor(Role.AUDITOR).get(f"/audit?before={bad}").status_code == 400


def test_people_parties_agreements_and_lanes_are_called_by_their_names(make_face: Callable[..., Face]) -> None:
    face = make_face("ministry.example", "Ministry of Examples")
    make_face("operator.example", "Operator of Examples")
    draft = face.agreements.draft("A memorandum", ["operator.example"], Terms(), starts=10**15, by="operator")
    auditor = face.visitor(Role.AUDITOR)
    detail = {"parties": ["operator.example", "x.example"], "via": "link operator.example"}

    def work(tx: Any) -> None:
        append(tx, at=1, actor="operator.example", action="lane.serve", subject=draft.agreement, detail=detail)

    face.store.write(work)
    page = auditor.get("/audit?action=lane.serve").text
    assert page.count("Operator of Examples") == 3 and ">A memorandum</a>" in page and "x.example" in page
    assert f'title="{draft.agreement}"' in page
    assert "the operator of this node" in auditor.get("/audit").text
    for query in ("subject=A+memorandum&action=lane.serve", "actor=Operator+of+Examples"):
        assert auditor.get(f"/audit?{query}").text.count("Parties: ") == 1


@pytest.mark.parametrize("clearance", [TLP.CLEAR, TLP.AMBER, TLP.AMBER_STRICT])
def test_what_was_done_to_intelligence_is_told_to_those_cleared_for_all_of_it(face: Face, clearance: TLP) -> None:
    """Neither by what a line says nor by whether there is one about an id."""
    write(face, 1, action="exchange.erase", subject="malware--canary")
    write(face, 1, action="search.save", subject="canary-search")
    write(face, 1, action="link.add", subject="partner.example")
    low, high = face.visitor(Role.AUDITOR, clearance=clearance), face.visitor(Role.AUDITOR)
    for path in ("/audit", "/audit?action=exchange.erase", "/audit?actor=node"):
        assert "canary" not in low.get(path).text, path
    assert "canary" in high.get("/audit?action=exchange.erase").text
    assert "No line of the trail is about this" in low.get("/audit?subject=malware--canary").text
    assert "Number: 0" in high.get("/audit?subject=malware--canary").text
    assert (
        "partner.example" in low.get("/audit?action=link.add").text and "above your clearance" in low.get("/audit").text
    )
    assert (
        low.get("/audit/export?form=ndjson").status_code == 403 and "canary" in high.get("/audit/export?form=csv").text
    )
    assert "malware--canary" not in low.get("/audit?text=canary").text


def test_it_is_narrowed_by_day_and_part_of_an_id(face: Face) -> None:
    auditor = face.visitor(Role.AUDITOR)
    write(face, 2)  # in the first microseconds of 1970
    assert auditor.get("/audit?action=lane.admit&since=1970-01-01&until=1970-01-01").text.count("Number: ") == 2
    assert auditor.get("/audit?action=lane.admit&since=1970-01-02").text.count("Number: ") == 0
    assert auditor.get("/audit?action=lane.admit&text=ane-1").text.count("Number: ") == 1
    wrong = auditor.get("/audit?since=soon")
    assert wrong.status_code == 200 and "2026-11-01" in wrong.text and "Number: " not in wrong.text
    assert auditor.get("/audit?text=%00").status_code == 200


def test_it_is_exported_by_those_who_may_as_it_is_shown(face: Face) -> None:
    auditor = face.visitor(Role.AUDITOR, name="Dara")
    write(face, 60)
    answer = auditor.get("/audit/export?form=ndjson&action=lane.admit")
    assert answer.text.count("\n") == 60 and "attachment" in answer.headers["content-disposition"]
    table = auditor.get("/audit/export?form=csv&action=lane.admit").text
    assert table.startswith("id,at,actor") and table.count("\n") == 61
    assert auditor.get("/audit/export?form=xml").status_code == 400
    assert auditor.get("/audit/export?form=csv&since=soon").status_code == 400
    assert face.visitor(Role.LEAD).get("/audit/export?form=csv").status_code == 403
    assert "Audit exported" in auditor.get("/audit?actor=Dara").text


def test_a_look_at_the_audit_is_shown_in_words(face: Face) -> None:
    auditor = face.visitor(Role.AUDITOR, name="Dara")
    auditor.get("/audit?actor=Dara&action=session.open")
    page = auditor.get("/audit?action=audit.read").text
    assert (
        "Asked for: action session.open, actor Dara" in page
        and "{" not in page.partition("<tbody>")[2].partition("</tbody>")[0]
    )
