"""Cases as people work them in a browser: open, write down, do, bring on, join and part, close."""

from __future__ import annotations

import re
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Wanted
from kouprey.response.service import Cases
from response.conftest import PRESERVE

NEW = {"title": "The page of the ministry shows another text", "tlp": "amber", "severity": "high", "kind": "incident"}


def opened(visitor: Any, **given: str) -> str:
    answer = visitor.post("/cases", **(NEW | given))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def version(text: str) -> str:
    return re.findall(r'action="/cases/\d+">.*?name="version" value="(\d+)"', text, re.S)[0]


def item(text: str, near: str) -> tuple[str, str]:
    """The address of the form of an item that stands near some words, and the version it has."""
    at = text.index(near)
    found = re.search(r'action="(/cases/\d+/items/item_\w+)">.*?name="version" value="(\d+)"', text[at:], re.S)
    assert found
    return found[1], found[2]


def test_from_an_empty_list_to_a_closed_case(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    assert "No case is open" in lead.text("/cases") and 'href="/cases"' in lead.text("/")
    assert "A title is enough" in lead.text("/cases/new")
    wrong = lead.post("/cases", **(NEW | {"title": ""}))
    assert wrong.status_code == 400 and "no title" in wrong.text
    assert lead.post("/cases", **(NEW | {"tlp": "purple"})).status_code == 400
    one = opened(lead, cross_border="yes", type="application-compromise")
    page = lead.text(one)
    assert "#1 The page of the ministry" in page and "No task yet" in page and "crosses a border" in page
    assert "The page of the ministry" in lead.text("/cases?border=yes&severity=high&text=MINISTRY")
    assert "No case is like that" in lead.text("/cases?severity=low")
    for fields in [
        {"sort": "task", "title": "Take the page off", "due": "2026-01-01 09:00", "offset": "+07:00"},
        {"sort": "fact", "text": "It changed.", "at": "2026-11-01 23:50", "offset": "+07:00", "technique": "T1491.002"},
        {"sort": "observable", "text": "hxxp://203.0.113[.]7/x", "note": "Where the text came from"},
        {"sort": "note", "text": "The editor was on leave."},
        {"sort": "link", "to": "ticket", "ref": "RT-7"},
    ]:
        assert lead.post(f"{one}/items", **fields).status_code == 303
    page = lead.text(one)
    assert "overdue" in page and "2026-11-01 23:50:00 UTC+07:00" in page and "T1491.002" in page
    assert "http://203.0.113.7/x" in page and "The editor was on leave." in page and "RT-7" in page
    path, number = item(page, "Take the page off")
    assert lead.post(path, version=number, state="done", result="It is off.").status_code == 303
    text = lead.text(path.partition("/items")[0])
    assert "finished a task" in text and "said something otherwise" not in text
    page = lead.text(one)
    assert "It is off." in page and "1 of 1 done" in page and "Take the page off" in page
    assert lead.post(path, version=number, state="open").status_code == 409
    for phase in ("analysed", "contained", "recovered", "closed"):
        assert lead.post(one, version=version(lead.text(one)), phase=phase).status_code == 303
    assert "closed" in lead.text(one) and "No case is open" in lead.text("/cases")
    assert "The page of the ministry" in lead.text("/cases?state=closed")
    assert "has no class yet" not in lead.text("/cases/times")
    opened(lead, type="")
    times = lead.text("/cases/times")
    assert "How long cases took" in times and "1 case has no class yet" in times


def test_what_is_written_is_said_otherwise_and_taken_out_of_sight(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    one = opened(lead)
    lead.post(f"{one}/items", sort="note", text="One word")
    path, number = item(lead.text(one), "One word")
    assert lead.post(path, version=number, text="Another word").status_code == 303
    page = lead.text(one)
    assert "Another word" in page and "One word" not in page
    path, number = item(page, "Another word")
    assert lead.post(path, version=number, sight="hide").status_code == 303
    page = lead.text(one)
    assert "Out of sight" in page
    path, number = item(page, "Out of sight")
    assert lead.post(path, version=number, sight="show").status_code == 303
    assert "Out of sight" not in lead.text(one)
    for fields in ({"sort": "note", "text": ""}, {"sort": "moon"}, {"sort": "note", "text": "x", "track": "moon"}):
        assert lead.post(f"{one}/items", **fields).status_code == 400
    assert lead.post(one, version="x", phase="closed").status_code == 400
    assert lead.post(one, version=version(lead.text(one)), phase="moon").status_code == 400


def test_a_file_is_evidence_and_comes_back_as_an_attachment(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    one = opened(lead)
    raw = b"<script>alert(1)</script>" * 1000
    sent = lead.client.post(
        f"{one}/evidence",
        data={"csrf": lead.csrf, "source": "The press office", "seal": "S-12"},
        files={"file": ("page.html", raw, "text/html")},
        headers={"Origin": "http://127.0.0.1:8420"},
    )
    assert sent.status_code == 303, sent.text
    page = lead.text(one)
    (path,) = re.findall(r'href="(/cases/1/evidence/item_\w+)"', page)
    got = lead.client.get(path)
    assert got.content == raw and got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment") and "fetched evidence" in lead.text(one)
    assert lead.post(f"{one}/evidence").status_code == 400
    other = opened(lead)
    assert lead.client.get(path.replace("/cases/1/", other + "/")).status_code == 404


def test_joined_named_and_adopted(offices: Any) -> None:
    a, _, _ = offices
    lead, analyst, low = a.visitor(Role.LEAD), a.visitor(Role.ANALYST), a.visitor(Role.ANALYST, clearance=TLP.GREEN)
    one, two = opened(lead), opened(lead, title="The same host again")
    made = lead.post(
        "/strategies", name="A page is defaced", description="", steps="Take it off\nTell the press", tlp="green"
    )
    strategy = made.headers["location"].rpartition("/")[2]
    assert lead.post(f"{one}/adopt", strategy=strategy).status_code == 303
    assert "Tell the press" in lead.text(one) and "A page is defaced" in lead.text(one)
    third = opened(lead, title="A third", strategy=strategy)
    assert "Tell the press" in lead.text(third)
    assert lead.post(f"{two}/merge", into="#1").status_code == 303
    assert "Read in this case" in lead.text(one) and "It is read in case #1 now" in lead.text(two)
    assert lead.post(f"{two}/items", sort="note", text="x").status_code == 409
    assert lead.post(f"{two}/merge").status_code == 303 and "Read in this case" not in lead.text(one)
    assert low.client.get(one).status_code == 404 and "The page of" not in low.text("/cases")
    assert "Join, part" not in analyst.text(one)
    assert lead.post(f"{one}/members", named="yes").status_code == 303
    assert analyst.client.get(one).status_code == 404 and "Named to" in lead.text(one)
    assert lead.post(f"{one}/members", named="no").status_code == 303 and analyst.text(one)


def test_whoever_has_no_part_in_cases_is_told_so(offices: Any) -> None:
    a, _, _ = offices
    one = opened(a.visitor(Role.LEAD))
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        visitor = a.visitor(role)
        assert "Cases are not yours to read" in visitor.text("/cases") and "The page of" not in visitor.text("/cases")
        for path in (one, "/cases/times"):
            assert visitor.client.get(path).status_code == 403
    policy = a.visitor(Role.POLICY)
    page = policy.text(one)
    assert (
        "not yours to read" in page
        and "Nothing that you may read." in page
        and "Open a case" not in policy.text("/cases")
    )
    assert policy.post(f"{one}/items", sort="note", text="For the cabinet", track="policy").status_code == 303
    assert "For the cabinet" in policy.text(one) and "For the cabinet" not in a.visitor(Role.ANALYST).text(one)
    assert policy.post("/cases", **NEW).status_code == 403


def test_a_case_begins_with_a_hand_off(offices: Any) -> None:
    a, b, agreement = offices
    wanted = Wanted(agreement=agreement, to=b.party, kind="act", title="Block the loader", text="It calls 203.0.113.7.")
    asked = a.handoffs.request(a.handoffs.operator(), wanted)
    a.parcel(b)
    lead = b.visitor(Role.LEAD)
    form = lead.text(f"/cases/new?handoff={asked.id}")
    assert "Block the loader" in form and "It calls 203.0.113.7." in form and "TLP:CLEAR" not in form
    one = opened(lead, title="Block the loader", handoff=asked.id)
    assert f"/handoffs/{asked.id}" in lead.text(one)


def test_what_is_asked_of_the_legal_officer_is_not_told_in_the_head_of_a_case(offices: Any) -> None:
    a, b, agreement = offices
    words = {"title": "Preserve the mailbox", "text": "CANARY of a proceeding", "basis": "Article 29"}
    asking: Any = {**words, "preserve": PRESERVE}
    asked = a.handoffs.request(
        a.handoffs.operator(), Wanted(agreement=agreement, to=b.party, kind="preserve", tlp=TLP.AMBER, **asking)
    )
    a.parcel(b)
    legal = b.visitor(Role.LEGAL)
    form = legal.text(f"/cases/new?handoff={asked.id}")
    assert "CANARY" not in form and "TLP:GREEN" not in form
    low = legal.post("/cases", title="A request came", handoff=asked.id, tlp="green", severity="unknown")
    assert low.status_code == 409 and "marked higher" in low.text
    one = opened(legal, title="A request came", handoff=asked.id)
    assert f"/handoffs/{asked.id}" in legal.text(one)
    analyst = b.visitor(Role.ANALYST)
    assert "A request came" in analyst.text(one) and asked.id not in analyst.text(one)


def test_a_second_page_of_a_list_keeps_what_was_asked(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    cases, who = a.node.services.get(Cases), a.handoffs.operator()
    for number in range(55):
        cases.open(who, f"The same & more {number}", tlp=TLP.GREEN)
    older = re.findall(r'href="(/cases\?[^"]*before=[^"]*)"', lead.text("/cases?text=same+%26"))[0].replace(
        "&amp;", "&"
    )
    assert "text=same+%26" in older and "The same &amp; more 0" in lead.text(older)
