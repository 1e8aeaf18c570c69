"""The desk on pages: from a rumour to a published answer, by two people."""

from __future__ import annotations

from hashlib import sha256

from advisories.conftest import RUMOUR, Bureau
from kouprey.people.model import Role

DESK = "/statements/desk"
FORM = {
    "kind": "rumour_response",
    "verdict": "false",
    "title_en": "It stays open",
    "body_en": "Nobody has\r\nclosed it.",
    "do_en": "",
    "title_km": "នៅបើក",
    "body_km": "គ្មាននរណាបិទវាទេ។",
    "do_km": "",
    "claim": RUMOUR,
    "claim_urls": "https://news.example/a",
    "claim_media": f"{'ab' * 32} as forwarded",
    "contact": "press@ministry.example",
    "evidence": "",
    "until": "2999-12-31",
    "replaces": "",
    "exercise": "",
}


def test_from_a_rumour_to_its_answer(ministry: Bureau) -> None:
    press, lead = ministry.visitor(Role.COMMUNICATIONS), ministry.visitor(Role.LEAD)
    assert "Nothing waits for an answer" in press.text(DESK)
    assert press.post(f"{DESK}/rumours", heard=RUMOUR, heard_from="hotline").status_code == 303
    (rumour,) = ministry.desk.list_rumours(ministry.press)
    text = press.text(DESK)
    assert RUMOUR in text and f"{DESK}/new?rumour={rumour.id}" in text
    assert RUMOUR in press.text(f"{DESK}/new?rumour={rumour.id}")
    sent = press.post(f"{DESK}/new", rumour=rumour.id, **FORM)
    assert sent.status_code == 303, sent.text
    path = sent.headers["location"]
    page = press.text(path)
    assert "It stays open" in page and "0 / 2" in page and "Publish it" not in page
    assert press.post(f"{path}/approve", revision="1").status_code == 303
    assert "You have approved it." in press.text(path)
    assert press.post(f"{path}/approve", revision="1").status_code == 409
    assert press.post(f"{path}/publish", revision="1").status_code == 409
    assert lead.post(f"{path}/approve", revision="1").status_code == 303
    assert "cannot be taken back" in lead.text(path)
    assert lead.post(f"{path}/publish", revision="1").status_code == 303
    (made,) = ministry.statements.list_public()
    assert made.content.languages["en"].body == "Nobody has\nclosed it." and made.content.valid_until
    assert made.content.claims[0].media[0].note == "as forwarded"
    assert made.id in press.text(path) and made.id in press.text(DESK)
    listed = press.text(DESK)
    assert listed.index(f'<q class="small">{RUMOUR}</q>') < listed.index("False</span>")
    assert "under a minute" in listed and "0 seconds" not in listed


def test_what_is_wrong_is_said_and_what_was_typed_stays(ministry: Bureau) -> None:
    press = ministry.visitor(Role.COMMUNICATIONS)
    for wrong in ({"title_en": "", "title_km": ""}, {"until": "soon"}, {"kind": "poem"}, {"claim_urls": "nowhere"}):
        answer = press.post(f"{DESK}/new", **(FORM | wrong))
        assert answer.status_code == 400 and "press@ministry.example" in answer.text, wrong
    assert "poem" not in press.text(f"{DESK}/new")
    bad = press.post(f"{DESK}/rumours", heard="", heard_from="kept words")
    assert bad.status_code == 400 and "kept words" in bad.text
    assert ministry.desk.list_drafts(ministry.press) == []


def test_a_draft_is_changed_given_up_and_only_by_whom_it_concerns(ministry: Bureau) -> None:
    press = ministry.visitor(Role.COMMUNICATIONS)
    path = press.post(f"{DESK}/new", **FORM).headers["location"]
    assert "Nobody has" in press.text(f"{path}/edit")
    changed = press.post(f"{path}/edit", revision="1", **(FORM | {"title_en": "It is open"}))
    assert changed.status_code == 303 and "It is open" in press.text(path)
    assert press.post(f"{path}/edit", revision="1", **FORM).status_code == 409
    auditor, analyst = ministry.visitor(Role.AUDITOR), ministry.visitor(Role.ANALYST)
    assert auditor.post(f"{path}/approve", revision="2").status_code == 403
    assert "Approve these words" not in analyst.text(path) and "Change it" in analyst.text(path)
    assert analyst.post(f"{path}/approve", revision="2").status_code == 403
    assert press.post(f"{path}/abandon").status_code == 303
    assert "given up" in press.text(path) and "Change it" not in press.text(path)


def test_a_picture_is_known_by_its_hash_and_not_kept(ministry: Bureau) -> None:
    press = ministry.visitor(Role.COMMUNICATIONS)
    sent = press.client.post(
        f"{DESK}/new",
        data={"csrf": press.csrf, **FORM, "claim_media": ""},
        files={"picture": ("card.png", b"a picture", "image/png")},
        headers={"Origin": "http://127.0.0.1:8420"},
    )
    assert sent.status_code == 303, sent.text
    (draft,) = ministry.desk.list_drafts(ministry.press)
    assert draft.content.claims[0].media[0].sha256 == sha256(b"a picture").hexdigest()


def test_aside_and_back_again(ministry: Bureau) -> None:
    press = ministry.visitor(Role.COMMUNICATIONS)
    heard = ministry.desk.take_rumour(ministry.press, RUMOUR)
    assert press.post(f"{DESK}/rumours/{heard.id}/aside").status_code == 303
    assert "It needs an answer after all" in press.text(DESK)
    assert press.post(f"{DESK}/rumours/{heard.id}/reopen").status_code == 303
    assert "Write an answer" in press.text(DESK)
