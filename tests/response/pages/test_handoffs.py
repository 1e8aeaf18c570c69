"""Hand-offs on pages, from the request to its end, for whom they are and for nobody else."""

from __future__ import annotations

import html
import re
from typing import Any

from msgspec.structs import replace

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Verb, Wanted
from kouprey.response.model.contacts import Contact
from response.conftest import HOUR

CANARY = "canary-7f3a"


FIELDS = {"authority": f"Court {CANARY}", "offence": "x", "data": "x", "necessity": "x", "assistance": "yes"}


def ask(visitor: Any, agreement: str, party: str = "operator.example", kind: str = "act", **more: str) -> str:
    """Ask by the form; the path of the hand-off."""
    words = {
        "way": f"{kind} {agreement} {party}",
        "title": "Block the loader",
        "text": f"It calls {CANARY}.",
        "urgency": "urgent",
        "tlp": "amber",
        "report": "3",
    }
    answer = visitor.post("/handoffs", **(words | more))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_from_an_empty_list_to_the_end(offices: Any) -> None:
    a, b, agreement = offices
    lead, officer = a.visitor(Role.LEAD), b.visitor(Role.LEAD)
    empty = lead.text("/handoffs")
    assert "Nobody asks anything of us" in empty and 'href="/handoffs/new"' in empty
    form = lead.text("/handoffs/new")
    assert "Act: block, isolate, take down" in form and "Mekong exchange" in form
    assert 'value="red"' not in form
    path = ask(lead, agreement, refs="203.0.113.7\nindicator--1be64149-eeba-5c01-955a-fc33993dc787")
    one = lead.text(path)
    assert "They have not said yet that they have it in hand." in one and "203.0.113.7" in one and CANARY in one
    assert "clause 15 (Hand-offs) of “Mekong exchange”" in html.unescape(one) and "Withdraw" in one
    a.parcel(b)
    assert "Block the loader" in officer.text("/handoffs") and "Accept" in officer.text(path)
    words = re.findall(r'<ol class="fingerprint">(.*?)</ol>', one)
    assert words and words == re.findall(r'<ol class="fingerprint">(.*?)</ol>', officer.text(path))
    assert officer.post(path, verb="query", text="Which port?").status_code == 400, "read it first"
    for verb, text in (
        ("acknowledge", ""),
        ("query", "Which port?"),
    ):
        assert (
            officer.post(path, verb=verb, text=text, number="BR-4" if verb == "acknowledge" else "").status_code == 303
        )
    b.parcel(a)
    asked = lead.text(path)
    assert "They asked back: answer" in asked and "Which port?" in asked and "case BR-4" in asked
    assert "A question stops the clocks" in asked
    assert lead.post(path, verb="answer", text="").status_code == 400
    assert lead.post(path, verb="answer", text="443.").status_code == 303
    a.parcel(b)
    for verb in ("accept", "start", "progress", "report"):
        assert officer.post(path, verb=verb, text=f"{verb} it").status_code == 303
    b.parcel(a)
    assert lead.post(path, verb="contest", text="The second host.").status_code == 303
    assert lead.post(path, verb="settle", text="Enough.").status_code == 303
    a.parcel(b)
    assert officer.post(path, verb="settle", text="Enough.").status_code == 303
    b.parcel(a)
    done = lead.text(path)
    assert "closed" in done and "What you can say" not in done and "confirmed by their node" in done
    listed = lead.text("/handoffs")
    assert "Ended" in listed and "Nothing is outstanding with partners" in listed


def test_an_error_keeps_what_was_written(offices: Any) -> None:
    a, b, agreement = offices
    lead = a.visitor(Role.LEAD)
    answer = lead.post(
        "/handoffs", way=f"disclose {agreement} {b.party}", title="Who", text="All of it", tlp="amber", urgency="urgent"
    )
    assert answer.status_code == 400 and "legal officer" not in answer.text and "All of it" in answer.text
    legal = a.visitor(Role.LEGAL)
    answer = legal.post(
        "/handoffs", way=f"disclose {agreement} {b.party}", title="Who", text="All", tlp="amber", urgency="urgent"
    )
    assert answer.status_code == 400 and "The legal basis is missing." in answer.text
    for wrong in ({"way": ""}, {"way": "act"}, {"tlp": "blue"}, {"urgency": "panic"}, {"title": ""}, {"report": "x"}):
        given = {"way": f"act {agreement} {b.party}", "title": "T", "text": "x", "tlp": "amber", "urgency": "urgent"}
        assert lead.post("/handoffs", **(given | wrong)).status_code == 400, wrong
    path = ask(lead, agreement)
    assert "Choose what to say" in lead.post(path, verb="cry").text


def test_declined_and_given_to_somebody_else_needs_somebody(offices: Any) -> None:
    a, b, agreement = offices
    lead, officer = a.visitor(Role.LEAD), b.visitor(Role.LEAD)
    path = ask(lead, agreement)
    a.parcel(b)
    assert officer.post(path, verb="decline", text="No.", reason="not-competent").status_code == 400
    assert officer.post(path, verb="decline", text="No.", reason="capacity").status_code == 303
    b.parcel(a)
    assert "We have not enough people now" in lead.text(path)
    assert lead.post(path, verb="reroute", other="", text="x").status_code == 400
    assert lead.post(path, verb="confirm", text="").status_code == 303


def test_the_page_of_what_was_given_away_leads_to_whom_it_was_given(offices: Any) -> None:
    a, _, agreement = offices
    lead, contact = a.visitor(Role.LEAD), a.contacts.record(a.handoffs.operator(), Contact(id="", name="S", team="T"))
    other = ask(lead, agreement)
    path = ask(lead, agreement)
    wanted = Wanted(agreement="", to="", kind="act", title="Block the loader", text="x", tlp=TLP.AMBER)
    second = a.contacts.ask(a.handoffs.operator(), contact.id, replace(wanted, instead_of=path.rpartition("/")[2])).id
    assert f'href="/handoffs/{second}"' not in lead.text(path), "it was not given away yet"
    a.handoffs.say(a.handoffs.operator(), path.rpartition("/")[2], Verb.WITHDRAW, text="x")
    assert f'href="/handoffs/{second}"' in lead.text(path)
    assert f'href="/handoffs/{second}"' not in lead.text(other)


def test_who_is_told_what_to_do_when_two_words_cross(offices: Any) -> None:
    a, b, agreement = offices
    lead, officer = a.visitor(Role.LEAD), b.visitor(Role.LEAD)
    path = ask(lead, agreement)
    a.parcel(b)
    assert officer.post(path, verb="accept", text="Tonight.").status_code == 303
    assert lead.post(path, verb="withdraw", text="It has stopped.").status_code == 303
    assert "Tell them to stop" not in lead.text(path), "nobody knows yet"
    a.parcel(b)
    b.parcel(a)
    assert "They had accepted before your word reached them. Tell them to stop." in lead.text(path)
    assert "It was withdrawn before your word reached them." in officer.text(path)


def test_late_is_seen_by_both_at_the_same_instant(offices: Any) -> None:
    a, b, agreement = offices
    lead, officer = a.visitor(Role.LEAD), b.visitor(Role.LEAD)
    path = ask(lead, agreement)
    a.parcel(b)
    for office, visitor in ((a, lead), (b, officer)):
        assert "overdue" not in visitor.text(path)
        office.ahead = 2 * HOUR
        assert "overdue" in visitor.text(path) and "overdue" in visitor.text("/handoffs")
    assert "compare the six words, carry a parcel, or ask somebody else." in lead.text(path)
    assert "Say that you have it in hand; then decide." in officer.text(path)
    officer.post(path, verb="acknowledge")
    b.parcel(a)
    assert "They are overdue" not in lead.text(path)
    a.ahead = 5 * HOUR
    assert "They are overdue: call them, or ask somebody else." in lead.text(path)


def test_nobody_reads_what_is_not_for_them(offices: Any) -> None:
    a, b, agreement = offices
    path = ask(a.visitor(Role.LEAD), agreement, title=f"T {CANARY}")
    legal = ask(a.visitor(Role.LEGAL), agreement, kind="preserve", basis="Art. 29", title=f"L {CANARY}", **FIELDS)
    a.parcel(b)
    for office in (a, b):
        low = office.visitor(Role.LEAD, clearance=TLP.GREEN)
        assert CANARY not in low.text("/handoffs") and CANARY not in low.text(path, 404)
        for role in (Role.ADMINISTRATOR, Role.ANALYST, Role.AUDITOR, Role.POLICY):
            visitor = office.visitor(role)
            assert f"T {CANARY}" in visitor.text("/handoffs") and f"L {CANARY}" not in visitor.text("/handoffs")
            assert CANARY not in visitor.text(legal, 404)
            assert visitor.post(path, verb="withdraw", text="x").status_code in (400, 403)
            assert "What you can say" not in visitor.text(path)
        assert f"L {CANARY}" in office.visitor(Role.LEGAL).text("/handoffs")
        # A partner's program gets nothing of it by any door that is open to it.
        program = office.program(Role.FEED, party=(b if office is a else a).party)
        for door in ("/handoffs", path, "/api/v1/handoffs", f"/api/v1{path}", "/taxii2/", "/api/v1/objects"):
            assert CANARY not in program.get(door).text
    # Where a name may stand: on the page of the ledger, as far as the reader sees the hand-off.
    assert CANARY in a.visitor(Role.LEAD).text("/ledger")
    assert CANARY not in a.visitor(Role.LEAD, clearance=TLP.GREEN).text("/ledger")
    assert f"L {CANARY}" not in a.visitor(Role.ANALYST).text("/ledger")


def test_in_khmer(offices: Any) -> None:
    a, _, agreement = offices
    lead = a.visitor(Role.LEAD)
    path = ask(lead, agreement)
    for page in ("/handoffs", "/handoffs/new", path):
        text = lead.text(page, **{"Accept-Language": "km"})
        assert 'lang="km"' in text and "What is next" not in text and "Ask a partner" not in text
