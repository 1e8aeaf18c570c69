"""A disclosure on pages: asked with keys, sealed outside, handed in, seen still sealed, and released for one reader."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.seal import box
from kouprey.people.model import Role
from kouprey.response.model.sealed import Opener
from kouprey.response.service.sealing import open_item, seal_file
from kouprey.response.wire.sealed import write_file

HERE = {"Origin": "http://127.0.0.1:8420"}
FIELDS = {"authority": "Court", "offence": "x", "data": "x", "necessity": "x", "assistance": "yes"}
SECRET, KEY = box.new_identity()


def ask(office: Any, visitor: Any, agreement: str, to: str, **more: str) -> str:
    words = {"title": "Who called", "text": "One number.", "tlp": "amber", "urgency": "urgent", "report": "0"}
    words |= {"basis": "Treaty, article 12", "readers": f"Azman <b> {KEY}"} | more
    answer = visitor.post("/handoffs", way=f"disclose {agreement} {to}", **words)
    assert answer.status_code == 303, answer.text[:900]
    return str(answer.headers["location"])


def hand_in(visitor: Any, path: str, raw: bytes) -> Any:
    return visitor.client.post(
        f"{path}/words",
        data={"csrf": visitor.csrf, "verb": "report", "text": "All of it."},
        files={"item": ("calls.sealed", raw, "application/octet-stream")},
        headers=HERE,
    )


def test_from_the_request_to_the_release(offices: Any) -> None:
    a, b, agreement = offices
    asking, asked = a.visitor(Role.LEGAL), b.visitor(Role.LEGAL)
    path = ask(a, asking, agreement, b.party)
    assert "Nothing yet" in asking.text(path) and "Azman &lt;b&gt;" in asking.text(path)
    a.parcel(b)
    asked.post(path, verb="accept", text="We may.")
    text = asked.text(path)
    through = a.people.home().card.age
    assert "kouprey sealed make FILE" in text and through in text and 'name="item"' in text
    assert "&#39;Azman &lt;b&gt;=" in text, "a name from outside is quoted"
    item = seal_file(b"who called whom", "calls.csv", [Opener(name="Azman", key=KEY)], through)
    assert hand_in(asked, path, b"{}").status_code == 303 and "cannot be taken" in asked.text(path)
    lead = b.visitor(Role.LEAD)
    assert hand_in(lead, path, write_file(item)).status_code == 303
    word = asked.text(path).split(f"{path}/words/")[1].split("/")[0]
    assert asked.post(f"{path}/words/{word}/second").status_code == 303
    assert item.sha256 in asked.text(path) and "Release its key" not in asked.text(path)
    b.parcel(a)
    text = asking.text(path)
    assert item.sha256 in text and "Release its key" in text and "for Azman &lt;b&gt;" in text
    one = f"{path}/sealed/{item.sha256}"
    fetched = asking.client.get(one)
    assert fetched.content == item.body and "attachment" in fetched.headers["content-disposition"]
    released = asking.post(f"{one}/release", key=KEY)
    assert open_item(fetched.content, released.content, SECRET) == ("calls.csv", b"who called whom")
    assert "released for them by" in asking.text(path)
    assert asking.post(f"{one}/release", key=box.new_identity()[1]).status_code == 404


def test_who_is_not_of_the_legal_track_gets_what_nobody_gets(offices: Any) -> None:
    a, b, agreement = offices
    path = ask(a, a.visitor(Role.LEGAL), agreement, b.party)
    analyst = a.visitor(Role.ANALYST)
    analyst.text(path, 404)
    analyst.text(f"{path}/sealed/{'0' * 64}", 404)
    assert analyst.post(f"{path}/sealed/{'0' * 64}/release", key=KEY).status_code == 404


def test_a_key_that_is_none_is_said_and_what_was_typed_stays(offices: Any) -> None:
    a, b, agreement = offices
    visitor = a.visitor(Role.LEGAL)
    words = {"title": "Kept words", "text": "x", "tlp": "amber", "urgency": "urgent", "report": "0", "basis": "Law"}
    answer = visitor.post("/handoffs", way=f"disclose {agreement} {b.party}", readers="Azman age1no", **words)
    assert answer.status_code == 400 and "Who opens it cannot be read" in answer.text and "Azman age1no" in answer.text
    answer = visitor.post(
        "/handoffs", way=f"preserve {agreement} {b.party}", readers=f"Azman {KEY}", **(FIELDS | words)
    )
    assert answer.status_code == 400 and "named for what is disclosed" in answer.text
