"""Reports on pages: from the empty inbox to what becomes of each, and nothing for who may not read them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from kouprey.people.model import Role
from kouprey.response.model.reports import Origin
from kouprey.response.service import Reports

RAW = (
    b"From: Dara <dara@bank.com>\r\nSubject: Help <b>me</b>\r\nMessage-ID: <1@bank.com>\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n"
    b"It calls 45.33.32.156 <script>x()</script> setup.exe\r\n"
    b"--x\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\nPK\r\n--x--\r\n"
)


def take(office: Any, raw: bytes = RAW) -> str:
    return str(office.node.services.get(Reports).take(BytesIO(raw), Origin.FOLDER).report.number)


def test_from_an_empty_inbox_to_a_case(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    empty = lead.text("/reports")
    assert "Nobody has told us anything yet" in empty and "imap_host" in empty
    number = take(a)
    listed = lead.text("/reports")
    assert "Help &lt;b&gt;me&lt;/b&gt;" in listed and "#1" in listed and "1 answer has not left yet." in listed
    assert "No report is like that" in lead.text("/reports?standing=loop")
    assert lead.text("/reports?standing=moon&before=nonsense").count("Help") == listed.count("Help")
    page = lead.text(f"/reports/{number}")
    assert "&lt;script&gt;x()&lt;/script&gt;" in page and "a.zip" in page and "<script>x" not in page
    original = lead.client.get(f"/reports/{number}/original")
    assert original.content == RAW and "attachment" in original.headers["content-disposition"]
    assert original.headers["content-type"] == "application/octet-stream"
    answers = lead.text("/reports/answers")
    assert "dara@bank.com" in answers and "This node sends no mail" in answers and "45.33.32.156" not in answers
    answer = answers.partition('action="/reports/answers/')[2].partition('"')[0]
    assert lead.post(f"/reports/answers/{answer}").status_code == 303
    assert "Nothing waits to be sent" in lead.text("/reports/answers")


def test_set_aside_and_undone(offices: Any) -> None:
    a, _, _ = offices
    lead, number = a.visitor(Role.LEAD), take(a)
    missing = lead.post(f"/reports/{number}/abandon", why="")
    assert missing.status_code == 400 and "The reason is missing." in missing.text
    assert lead.post(f"/reports/{number}/abandon", why="An advertisement").status_code == 303
    page = lead.text(f"/reports/{number}")
    assert "An advertisement" in page and "Take that back" in page and "Undo" in page
    assert lead.post(f"/reports/{number}/abandon", back="yes").status_code == 303
    assert "Set it aside" in lead.text(f"/reports/{number}")


def test_a_guessed_number_is_judged_by_a_person(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    take(a)
    forged = b"From: mallory@evil.com\r\nSubject: [ministry.example #1] more\r\n\r\nx\r\n"
    number = take(a, forged)
    page = lead.text(f"/reports/{number}")
    assert "Its subject names case #1" in page and "Join it with case #1" in page
    assert lead.post(f"/reports/{number}/case", into="99").status_code == 404
    assert lead.post(f"/reports/{number}/case", into="#1").status_code == 303
    assert "Its subject names case" not in lead.text(f"/reports/{number}")
    assert lead.text("/cases/1").count("report-") >= 2


def test_what_waits_for_a_person_gets_a_case(offices: Any) -> None:
    a, _, _ = offices
    lead, number = a.visitor(Role.LEAD), take(a, b"no mail at all")
    page = lead.text(f"/reports/{number}")
    assert "It is no mail that can be read." in page and "It stands in no case." in page
    assert lead.post(f"/reports/{number}/case").status_code == 303
    assert "/cases/1" in lead.text(f"/reports/{number}")


def test_each_role_reads_what_it_may(offices: Any) -> None:
    a, _, _ = offices
    number = take(a)
    for role in Role:
        visitor = a.visitor(role)
        said = visitor.client.get("/reports").text
        one = visitor.client.get(f"/reports/{number}")
        reads = role in (Role.ANALYST, Role.DUTY_OFFICER, Role.LEAD, Role.LIAISON, Role.LEGAL)
        assert ("dara@bank.com" in said) == reads and (one.status_code == 200) == reads, role
        if not reads:
            assert visitor.client.get(f"/reports/{number}/original").status_code in (403, 404), role
        if role not in (Role.ANALYST, Role.DUTY_OFFICER, Role.LEAD, Role.LIAISON):
            assert visitor.post(f"/reports/{number}/abandon", why="x").status_code in (403, 404), role
            assert "Set it aside" not in one.text
