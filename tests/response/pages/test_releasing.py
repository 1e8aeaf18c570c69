"""Preservation and release on pages: by a date alone, by two persons, and with the basis that is owed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from pypdf import PdfReader

from kouprey.kernel.seal import box
from kouprey.people.model import Role
from kouprey.response.model.sealed import Opener
from kouprey.response.service.sealing import seal_file
from kouprey.response.wire.sealed import write_file

HERE = {"Origin": "http://127.0.0.1:8420"}
SECRET, KEY = box.new_identity()
FIELDS = {
    "authority": "High Court of Borei",
    "offence": "Fraud by a false shop",
    "data": "Who rented 203.0.113.7 <b>",
    "custodian": "",
    "necessity": "Logs are kept for 30 days.",
    "assistance": "yes",
}


def ask(visitor: Any, agreement: str, to: str, kind: str, **more: str) -> str:
    words = {"title": "The false shop", "text": "As below.", "tlp": "amber", "urgency": "urgent", "report": "0"}
    answer = visitor.post("/handoffs", way=f"{kind} {agreement} {to}", **(words | {"basis": "Treaty"} | more))
    assert answer.status_code == 303, answer.text[:900]
    return str(answer.headers["location"])


def sealed(office: Any) -> bytes:
    item = seal_file(b"who called", "calls.csv", [Opener(name="Azman", key=KEY)], office.people.home().card.age)
    return write_file(item)


def give(visitor: Any, path: str, raw: bytes, verb: str = "report", where: str = "/words") -> Any:
    return visitor.client.post(
        f"{path}{where}",
        data={"csrf": visitor.csrf, "verb": verb, "text": "All of it."},
        files={"item": ("calls.sealed", raw, "application/octet-stream")},
        headers=HERE,
    )


def test_a_preservation_from_its_form_to_longer(offices: Any) -> None:
    a, b, agreement = offices
    asking, asked = a.visitor(Role.LEGAL), b.visitor(Role.LEGAL)
    bare = asking.post("/handoffs", way=f"preserve {agreement} {b.party}", title="x", tlp="amber", urgency="urgent")
    assert bare.status_code == 400 and "does not say what a request to preserve has to say" in bare.text
    assert '<details class="more" open>' in bare.text, "the fields that are missing stand open"
    path = ask(asking, agreement, b.party, "preserve", **FIELDS)
    assert "Who rented 203.0.113.7 &lt;b&gt;" in asking.text(path) and "Nothing is promised yet" in asking.text(path)
    a.parcel(b)
    text = asked.text(path)
    assert f'action="{path}/preserved"' in text and "article 29, paragraph 7" in text
    assert 'value="report"' not in text and 'value="accept"' not in text and 'name="item"' not in text
    assert f'action="{path}/preserved"' not in b.visitor(Role.LEAD).text(path), "it is the legal officer's"
    refused = asked.post(path, verb="accept", text="It was somebody.")
    assert refused.status_code == 400 and "Nothing of what is preserved is answered" in refused.text
    refused = give(asked, path, sealed(a), where="")
    assert refused.status_code == 400
    wrong = asked.post(f"{path}/preserved", until="yesterday")
    assert wrong.status_code == 303 and "That is no day" in asked.text(path)
    assert asked.post(f"{path}/preserved", until="2030-01-31", route="Talay Telecom TH").status_code == 303
    b.parcel(a)
    for visitor in (asking, asked):
        assert "2030-01-31" in visitor.text("/handoffs") and "Talay Telecom (TH)" in visitor.text(path)
    assert asking.post(f"{path}/longer", until="2030-05-31", text="The request is filed.").status_code == 303
    a.parcel(b)
    assert "They ask for longer" in asked.text(path) and 'value="2030-05-31"' in asked.text(path)


def test_one_person_alone_releases_nothing(offices: Any) -> None:
    a, b, agreement = offices
    path = ask(a.visitor(Role.LEGAL), agreement, b.party, "disclose", readers=f"Azman {KEY}")
    a.parcel(b)
    legal, lead, both = b.visitor(Role.LEGAL), b.visitor(Role.LEAD), b.visitor(Role.LEAD, Role.LEGAL)
    legal.post(path, verb="accept", text="We may.")
    raw = sealed(a)
    alone = give(legal, path, raw, where="")
    assert alone.status_code == 400 and "One person alone does not release this" in alone.text
    assert "Give files away" in legal.text(path) and "Give files away" in lead.text(path)
    assert give(both, path, raw).status_code == 303
    text = both.text(path)
    assert "waits for the second word" in text and "Take my word back" in text and "Give the second word" not in text
    word = text.split(f"{path}/words/")[1].split("/")[0]
    both.post(f"{path}/words/{word}/second")
    assert "You have given the first word" in both.text(path)
    assert "being worked" in legal.text(path) or "accepted" in legal.text(path)
    both.post(f"{path}/words/{word}/back")
    assert "taken back" in both.text(path)
    assert give(lead, path, raw).status_code == 303
    word = lead.text(path).split(f"{path}/words/")[1].split("/")[0]
    analyst = b.visitor(Role.ANALYST)
    assert analyst.post(f"{path}/words/{word}/second").status_code == 404
    assert "Give the second word" in legal.text(path)
    assert legal.post(f"{path}/words/{word}/second").status_code == 303
    text = legal.text(path)
    assert "released by two" in text and "and, beside, Somebody" in text


def everywhere(visitor: Any, path: str) -> list[str]:
    """What lists a hand-off, or goes out with its name: the situation, its briefing, a case, its report, its bundle."""
    case = visitor.post("/cases", title="A child is missing", tlp="amber", kind="incident")
    case = case.headers["location"].partition("?")[0]
    link = {"sort": "link", "to": "handoff", "ref": path.rpartition("/")[2], "track": "legal"}
    assert visitor.post(f"{case}/items", **link).status_code == 303
    papers = ("/situation/briefing.pdf?language=en", f"{case}/report.pdf?language=en")
    read = [PdfReader(BytesIO(visitor.client.get(each).content)) for each in papers]
    bundle = visitor.client.get(f"{case}/stix?legal=yes")
    assert bundle.status_code == 200
    return [
        visitor.text("/situation"),
        visitor.text(case),
        *(" ".join(" ".join(page.extract_text() for page in each.pages).split()) for each in read),
        bundle.text.replace('": ', '":'),
    ]


def test_an_emergency_is_flagged_until_its_basis_is_filed(offices: Any) -> None:
    a, b, agreement = offices
    asking = a.visitor(Role.LEGAL)
    more = {"basis": "", "urgency": "emergency", "ground": "A child is missing.", "readers": f"Azman {KEY}"}
    path = ask(asking, agreement, b.party, "disclose", **more)
    a.parcel(b)
    legal, lead = b.visitor(Role.LEGAL), b.visitor(Role.LEAD)
    legal.post(path, verb="accept", text="Now.")
    give(lead, path, sealed(a))
    word = legal.text(path).split(f"{path}/words/")[1].split("/")[0]
    legal.post(f"{path}/words/{word}/second")
    b.parcel(a)
    for visitor in (asking, legal):
        assert "basis missing" in visitor.text("/handoffs") and "Basis missing." in visitor.text(path)
    item = asking.text(path).split(f"{path}/sealed/")[1].split('"')[0]
    assert "basis-missing-" in asking.client.get(f"{path}/sealed/{item}").headers["content-disposition"]
    assert f'action="{path}/basis"' not in legal.text(path), "they owe it who asked"
    for flagged in everywhere(asking, path):
        assert "basis missing" in flagged or '"lacks":["basis"]' in flagged, flagged
    asking.post(path, verb="confirm", text="")
    assert "basis missing" in asking.text("/situation"), "closing files nothing"
    assert asking.post(f"{path}/basis", basis="Treaty of 2004, article 12").status_code == 303
    for flagged in everywhere(asking, path):
        assert "basis missing" not in flagged and "lacks" not in flagged
    assert "basis missing" not in asking.text("/handoffs") and "filed the legal basis" in asking.text(path)
    item_name = asking.client.get(f"{path}/sealed/{item}").headers["content-disposition"]
    assert "basis-missing-" not in item_name
