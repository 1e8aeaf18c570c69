"""Links on the page of a hand-off: made, shown once, downloaded, revoked; and what was told by telephone."""

from __future__ import annotations

import re
from email import policy
from email.parser import BytesParser
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.contacts import Contact
from response.pages.test_handoffs import ask
from response.pages.test_outside import lead, linked, post, stranger


def test_a_link_is_shown_once_and_can_be_taken_back(offices: Any) -> None:
    a, _, _ = offices
    handoff, _ = linked(a)
    visitor, path = a.visitor(Role.LEAD), f"/handoffs/{handoff}"
    contact = a.handoffs.get(lead(a), handoff).asked.asked
    made = visitor.post(f"{path}/links", contact=contact)
    assert made.status_code == 200 and "TLP:GREEN" in made.text and "This node sends no mail" in made.text
    secret = re.findall(r'name="secret" value="([^"]+)"', made.text)[0]
    assert secret not in visitor.text(path)
    mail = visitor.post(f"{path}/letter", secret=secret, do="download")
    assert mail.headers["content-type"].startswith("message/rfc822") and mail.headers["content-disposition"].endswith(
        '.eml"'
    )
    assert secret in BytesParser(policy=policy.default).parsebytes(mail.content).get_content()
    assert visitor.post(f"{path}/letter", secret=secret, do="send").status_code == 409
    revoke = re.findall(r'action="([^"]+/revoke)"', visitor.text(path))
    assert len(revoke) == 2
    assert visitor.post(revoke[0]).status_code == 303
    assert "taken back" in visitor.text(path)
    assert post(stranger(a), secret, verb="accept").status_code == 404
    assert a.visitor(Role.ANALYST).post(f"{path}/links", contact=contact).status_code == 403


def test_no_link_and_why(offices: Any) -> None:
    a, _, _ = offices
    contact = a.contacts.record(lead(a), Contact(id="", name="Somchai", team="Hospital", ceiling=TLP.AMBER_STRICT))
    from kouprey.response.model import Wanted

    wanted = Wanted(agreement="", to="", kind="act", title="It", text="All.", tlp=TLP.AMBER_STRICT)
    path = f"/handoffs/{a.contacts.ask(lead(a), contact.id, wanted).id}"
    page = a.visitor(Role.LEAD).text(path)
    assert "no link" in page and "stays within the organisation that received it" in page
    assert a.visitor(Role.LEAD).post(f"{path}/links", contact=contact.id).status_code == 409


def test_what_they_told_is_written_down(offices: Any) -> None:
    a, _, _ = offices
    handoff, _ = linked(a)
    duty, path = a.visitor(Role.DUTY_OFFICER), f"/handoffs/{handoff}"
    assert "They told us" in duty.text(path) and "They told us" not in a.visitor(Role.ANALYST).text(path)
    assert duty.post(f"{path}/told", verb="accept", via="telephone", text="Tonight.", number="H-4").status_code == 303
    page = duty.text(path)
    assert "by telephone" in page and "written down by Somebody" in page and "case H-4" in page
    assert duty.post(f"{path}/told", verb="accept", via="pigeon").status_code == 400
    again = duty.post(f"{path}/told", verb="decline", via="mail", text="No.", reason="capacity")
    assert again.status_code == 303
    assert a.handoffs.get(lead(a), handoff).course.stage == "accepted"


def test_our_own_officer_answers_a_partner(offices: Any) -> None:
    a, b, agreement = offices
    path = ask(a.visitor(Role.LEAD), agreement, b.party, number="MPTC-1")
    a.parcel(b)
    officer = b.contacts.record(lead(b), Contact(id="", name="Azman", team="CFC", party=b.party))
    page = b.visitor(Role.LEAD).text(path)
    assert "Azman" in page and "the mail says that something waits; the page shows what" in page
    made = b.visitor(Role.LEAD).post(f"{path}/links", contact=officer.id)
    secret = re.findall(r'name="secret" value="([^"]+)"', made.text)[0]
    assert post(stranger(b), secret, verb="accept", number="CFC-9").status_code == 303
    b.parcel(a)
    for office in (a, b):
        shown = office.visitor(Role.LEAD).text(path)
        assert "by link" in shown and "case MPTC-1" in shown and "case CFC-9" in shown and "accepted" in shown
