"""The directory on its pages: our profile gets to a partner, a decline leads on by one click, and is learned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Verb, Wanted
from kouprey.response.pages.directory import PATH
from kouprey.response.service import erases, jobs
from response.conftest import TERMS, Office

PROFILE = {
    "name": "National CERT",
    "zone": "Asia/Phnom_Penh",
    "phone": "+855 23 555 0100",
    "hours": "office",
    "opens": "08:00",
    "closes": "17:00",
    "authority": "shared",
    "tlp": "yes",
    "prefixes": "203.0.113.0/24",
    "domains": "gov.example",
}


def give(office: Any, **fields: str) -> Any:
    """Our profile, kept and given to partners on the page."""
    return office.visitor(Role.LEAD).post(f"{PATH}/own", **(PROFILE | {"do": "publish"} | fields))


def test_a_partner_reads_what_we_wrote(offices: Any) -> None:
    a, b, _ = offices
    assert "has sent no profile" in b.visitor(Role.LEAD).text(PATH)
    assert give(a).status_code == 303
    a.parcel(b)
    reader = b.visitor(Role.POLICY)
    page = reader.text(f"{PATH}/teams/{a.party}")
    assert "National CERT" in page and "203.0.113.0/24" in page and "Mekong exchange" in page
    text = reader.client.get(f"{PATH}/teams/{a.party}/profile.txt")
    assert text.headers["content-type"].startswith("text/plain") and "3.2 Constituency" in text.text
    assert a.people.home().card.node in text.text
    found = reader.text(f"{PATH}/competence?q=www.gov.example")
    assert "gov.example" in found and f"{PATH}/teams/{a.party}" in found and "Ask them" not in found
    asks = b.visitor(Role.LEAD).text(f"{PATH}/competence?q=203.0.113.7")
    assert re.search(r"/handoffs/new\?way=inform\+?[^\"]*203\.0\.113\.7", asks), "one click to the form"
    low = b.visitor(Role.ANALYST, clearance=TLP.CLEAR)
    assert "National CERT" not in low.text(f"{PATH}/teams/{a.party}") and "+855" not in low.text(PATH)
    low.text(f"{PATH}/teams/{a.party}/profile.txt", 404)
    assert "no address" in reader.text(f"{PATH}/competence?q=nothing")
    reader.text(f"{PATH}/teams/nobody.example", 404)
    give(a, phone="+855 99")
    a.parcel(b)
    assert "+855 99" in reader.text(f"{PATH}/teams/{a.party}")
    assert "This is an older version." in reader.text(f"{PATH}/teams/{a.party}?version=1")


def test_what_a_partner_erases_is_looked_for_here_and_the_node_does_the_rest_by_itself(offices: Any) -> None:
    a, b, _ = offices
    give(b)
    b.parcel(a)
    erase = erases(a.node.services)
    with a.node.store.read() as reader:
        origin, index = reader.one("SELECT origin, entry_index FROM team_profile")
    assert erase(origin, b.party, [index]) == set()
    assert "National CERT" not in a.visitor(Role.LEAD).text(f"{PATH}/teams/{b.party}")
    assert {job.name for job in jobs(a.node.services)} >= {"response.directory", "response.drills"}


def agree(a: Any, c: Any) -> None:
    """The two know each other, and an agreement lets them hand over."""
    a.people.trust(c.people.home().note, by="test")
    c.people.trust(a.people.home().note, by="test")
    terms = msgspec.structs.replace(TERMS, tlp_ceiling="amber")
    draft = a.agreements.draft("Second exchange", [a.party, c.party], terms, starts=a.now() - 10**7, by="test")
    signed = a.agreements.sign(draft.agreement, by="test")
    c.agreements.receive_note(signed.note, signed.document_bytes, by="test")
    both = c.agreements.sign(draft.agreement, by="test")
    a.agreements.receive_note(both.note, both.document_bytes, by="test")


def test_a_decline_leads_on_by_one_click_and_is_learned(offices: Any, tmp_path: Path) -> None:
    a, b, agreement = offices
    c = Office(tmp_path / "c", "third.example")
    agree(a, c)
    third = c.party
    who = a.handoffs.operator()
    made = a.handoffs.request(
        who,
        Wanted(agreement=agreement, to=b.party, kind="act", title="Block it", text="All.", refs=("203.0.113.7",)),
    )
    a.parcel(b)
    b.handoffs.say(b.handoffs.operator(), made.id, Verb.DECLINE, text="Not ours.", reason="not-competent", other=third)
    b.parcel(a)
    lead, analyst = a.visitor(Role.LEAD), a.visitor(Role.ANALYST)
    handoff = lead.text(f"/handoffs/{made.id}")
    assert "Ask Third.Example" in handoff and "Ask Third.Example" not in analyst.text(f"/handoffs/{made.id}")
    page = lead.text(PATH)
    message = re.search(rf"{PATH}/proposals/([0-9a-f]+)", page)
    assert message is not None and "203.0.113.7" in page
    path = f"{PATH}/proposals/{message[1]}"
    assert "proposals/" not in analyst.text(PATH), "whoever may not decide has no buttons"
    assert analyst.post(path, do="apply", subjects="203.0.113.7").status_code == 403
    assert lead.post(path, do="apply", subjects="rubbish").status_code == 400
    assert lead.post(path, do="apply", subjects="203.0.113.0/24 gov.example").status_code == 303
    assert "learned from a decline" in lead.text(f"{PATH}/competence?q=203.0.113.9")
    assert "The directory leads" in lead.text("/handoffs/new?refs=203.0.113.9")
    assert "The directory leads" in lead.text(f"/handoffs/{made.id}")
    assert lead.post(path, do="end").status_code == 303
    assert "Nobody known here names it" in lead.text(f"{PATH}/competence?q=203.0.113.9")
    assert lead.post(path, do="dismiss").status_code == 404
    fields = {"verb": "reroute", "other": third, "text": "You named them as competent."}
    for name, value in fields.items():
        assert f'name="{name}" value="{value}"' in handoff, "the button says all of it by itself"
    again = lead.post(f"/handoffs/{made.id}", **fields)
    assert again.status_code == 303
    a.parcel(c)
    (asked,) = c.handoffs.list_asked(c.handoffs.operator())
    assert again.headers["location"] == f"/handoffs/{asked.id}" and asked.title == "Block it"
    assert "Ask Third.Example" not in lead.text(f"/handoffs/{made.id}"), "it is asked already"
    c.node.close()
