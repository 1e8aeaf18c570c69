"""CaseReports of cases: with the eyes of who asks, on every surface."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Evidence, Fact, Link, LinkTo, Note, Precision, Seen, Task, Track
from kouprey.response.service import CaseReports, Cases
from kouprey.response.wire.casepaper import arithmetic
from kouprey.response.wire.casewords import read_moment
from leaks.unpacking import texts_of

HASH = sha256(b"From: x").hexdigest()


def worked(a: Any) -> str:
    """A case with one of each sort, and a note for the legal track alone."""
    cases, who = a.node.services.get(Cases), a.handoffs.operator()
    moments = {
        "reported": read_moment("2026-11-01 23:50", "+07:00"),
        "acknowledged": read_moment("2026-11-02 01:10", "+07:00"),
    }
    case = cases.open(who, "A page shows another text", tlp=TLP.AMBER, moments=moments)
    bodies = [
        Fact(text="It changed.", moment=read_moment("2026-11-01 23:40", "+07:00"), source="A call"),
        Task(title="Take the page off", result="It is off."),
        Seen(kind="url", text="http://203.0.113.7/x", note="Where it came from"),
        Link(to=LinkTo.TICKET, ref="RT-7", changed=True),
        Note(text="The editor was on leave."),
    ]
    for body in bodies:
        cases.add(who, case.id, Track.TECHNICAL, body)
    cases.add(who, case.id, Track.LEGAL, Note(text="For the prosecutor alone."))
    about = Evidence(name="mail.eml", media_type="message/rfc822", size=0, sha256="", seal="S-12")
    cases.keep_evidence(who, case.id, Track.TECHNICAL, BytesIO(b"From: x"), about)
    return str(case.number)


def test_a_report_tells_what_its_reader_sees(offices: Any) -> None:
    a, _, _ = offices
    number = worked(a)
    made = a.visitor(Role.ANALYST).client.get(f"/cases/{number}/report.pdf?language=en")
    assert made.status_code == 200 and f"case-{number}-en.pdf" in made.headers["content-disposition"]
    words = texts_of(made.content)
    flat = words.replace("\n", " ")
    for wanted in ("TLP:AMBER", "2026-11-01 16:50:00Z", "2026-11-01 23:50:00+07:00", "4,800 s", "It is off."):
        assert wanted in flat, wanted
    assert "hxxp://203[.]0[.]113[.]7/x" in flat and "http://203" not in flat and "RT-7" in flat
    assert HASH in flat.replace(" ", "") and "S-12" in flat and "The editor was on leave." in flat
    assert "prosecutor" not in flat
    legal = texts_of(a.visitor(Role.LEGAL).client.get(f"/cases/{number}/report.pdf").content)
    assert "prosecutor" in legal
    assert a.visitor(Role.LEAD, clearance=TLP.GREEN).client.get(f"/cases/{number}/report.pdf").status_code == 404
    assert a.visitor(Role.ADMINISTRATOR).client.get(f"/cases/{number}/report.pdf").status_code == 403
    assert "Report of a case printed" in a.visitor(Role.AUDITOR).text("/audit")


def test_what_is_not_known_is_said_instead_of_reckoned(offices: Any) -> None:
    a, _, _ = offices
    number = worked(a)
    made = a.node.services.get(CaseReports).report(a.handoffs.operator(), number)
    assert "= 1h 20m" in arithmetic(made, "acknowledge") or "4,800 s" in arithmetic(made, "acknowledge")
    assert arithmetic(made, "contain") == "not known: Somebody noticed, It spread no further"
    assert made.tlp is TLP.AMBER and not made.cut and made.case.moments["reported"].precision is Precision.MINUTE
