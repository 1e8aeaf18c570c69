"""Public pages: for strangers, without script, in both languages, made once for each change, marked in an exercise."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from advisories.conftest import RUMOUR, Bureau, content
from advisories.wire.test_cap import check_alert
from kouprey.advisories.model import Claim, Kind
from kouprey.advisories.pages import public
from kouprey.advisories.wire.statement import check_signature, read_signed
from kouprey.kernel.web.static import static_files
from kouprey.people.model import Role

FILES = ("signed.json", "cap.xml", "text.txt", "card.pdf")
LISTS = ("feed.atom", "feed.json", "chain.json", "publisher.card", "export.zip")


def test_a_stranger_reads_everything_in_both_languages(ministry: Bureau) -> None:
    empty = ministry.stranger().get("/statements").text
    assert "No statement has been published yet." in empty
    made = ministry.publish()
    client = ministry.stranger()
    for language, title, word in (("en", "The border stays open", "What to do"), ("km", "ព្រំដែននៅបើក", "មិនពិត")):
        for path in ("/statements", f"/statements/{made.id}"):
            page = client.get(path, params={"lang": language})
            assert page.status_code == 200 and f'<html lang="{language}">' in page.text
            assert title in page.text and len(page.content) < 60_000
            # A block of data for search engines is the only script, and no browser runs it.
            assert set(re.findall("<script[^>]*>", page.text)) <= {'<script type="application/ld+json">'}
            assert "style=" not in page.text and "onclick" not in page.text
        assert word in page.text
    assert len(static_files().content("statements.css")) < 20_000
    assert 'lang="km"' in client.get("/statements", headers={"Accept-Language": "km,en;q=0.5"}).text
    data = re.search('ld\\+json">(.*?)</script>', client.get(f"/statements/{made.id}").text)
    assert data is not None and json.loads(data[1])[0]["claimReviewed"] == RUMOUR
    assert client.get(f"/s/{made.id}").headers["location"] == f"/statements/{made.id}"


def test_files_hold_what_they_promise(ministry: Bureau) -> None:
    made, client = ministry.publish(), ministry.stranger()
    got = {name: client.get(f"/statements/{made.id}/{name}") for name in FILES}
    assert check_signature(read_signed(got["signed.json"].content)) == made.statement
    assert check_alert(got["cap.xml"].content)["identifier"] == made.id
    assert got["text.txt"].text.endswith(made.statement.url)
    assert got["card.pdf"].content.startswith(b"%PDF")
    lists = {name: client.get(f"/statements/{name}") for name in LISTS}
    assert all(each.status_code == 200 for each in lists.values())
    assert lists["chain.json"].json()["head"] == made.hash
    assert lists["publisher.card"].content == ministry.people.home().note
    assert lists["export.zip"].content.startswith(b"PK")


def test_an_answer_is_made_once_for_each_change(ministry: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    made, client = ministry.publish(), ministry.stranger()
    calls: list[str] = []
    real = public.statement_page

    def counted(*words: Any, **more: Any) -> str:
        calls.append("made")
        return real(*words, **more)

    monkeypatch.setattr(public, "statement_page", counted)
    path = f"/statements/{made.id}"
    first = client.get(path)
    for _ in range(5):
        again = client.get(path)
        assert again.content == first.content
    assert calls == ["made"]
    tag = first.headers["etag"]
    same = client.get(path, headers={"If-None-Match": tag})
    assert same.status_code == 304 and same.content == b"" and "max-age" in first.headers["cache-control"]
    ministry.publish(content(kind=Kind.CORRECTION, replaces=(made.id,)))
    changed = client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200 and "This statement was replaced." in changed.text and calls == ["made"] * 2


def test_an_exercise_is_marked_everywhere(ministry: Bureau) -> None:
    made, client = ministry.publish(content(exercise="Mekong 2026")), ministry.stranger()
    for path in (
        "/statements",
        f"/statements/{made.id}",
        f"/statements/{made.id}?lang=km",
        f"/statements/{made.id}/text.txt",
        f"/statements/{made.id}/cap.xml",
        "/statements/feed.atom",
        "/statements/feed.json",
        f"/check/{made.id}/{made.hash[:16]}",
    ):
        assert "EXERCISE" in client.get(path).text, path
    page = client.get(f"/statements/{made.id}").text
    assert page.index("EXERCISE") < page.index("<main") and 'content="noindex"' in page and "ld+json" not in page


def test_nothing_but_what_is_published_is_ever_public(ministry: Bureau) -> None:
    secret = content(claims=(Claim(text="kanaridraft goes round"),), contact="kanaricontact")
    draft = ministry.desk.draft(ministry.press, secret)
    ministry.desk.approve(ministry.press, draft.id, 1)
    ministry.desk.take_rumour(ministry.press, "kanarirumour", heard_from="kanarisource")
    made, client = ministry.publish(), ministry.stranger()
    paths = [
        "/statements",
        "/check",
        "/report",
        f"/check/{made.id}/{made.hash[:16]}",
        *(f"/statements/{each}" for each in LISTS),
    ]
    paths += [f"/statements/{made.id}", *(f"/statements/{made.id}/{each}" for each in FILES)]
    for path in paths:
        for lang in ("en", "km"):
            answer = client.get(path, params={"lang": lang})
            assert answer.status_code == 200 and b"kanari" not in answer.content, path
    asked = client.post("/check", data={"q": "kanaridraft goes round"}, headers={"Origin": "http://127.0.0.1:8420"})
    assert 'class="answer none"' in asked.text
    for path in ("/statements/desk", f"/statements/desk/{draft.id}", "/statements/desk/new"):
        assert client.get(path).status_code == 303
    auditor = ministry.visitor(Role.AUDITOR)
    assert "kanari" not in auditor.text("/statements/desk") and "Others work at this desk" in auditor.text(
        "/statements/desk"
    )
    assert "kanari" not in auditor.text(f"/statements/desk/{draft.id}", 403)
    missing = client.get(f"/statements/{draft.id}")
    assert missing.status_code == 404 and "There is no such statement." in missing.text


def test_scenario_20_a_partner_shows_the_copy_when_the_ministry_is_gone(bureaus: tuple[Bureau, Bureau, str]) -> None:
    ministry, operator, _ = bureaus
    wrong = ministry.publish()
    ministry.publish(content(kind=Kind.CORRECTION, replaces=(wrong.id,)))
    drill = ministry.publish(content(exercise="Mekong"))
    ministry.parcel(operator)
    client, base = operator.stranger(), f"/statements/mirror/{ministry.party}"
    assert client.get(base).status_code == 404
    lead = operator.visitor(Role.LEAD)
    assert lead.post(f"/statements/desk/mirrors/{ministry.party}", shown="yes").status_code == 303
    # The link is cut and the ministry answers nobody any more.
    ministry.node.lanes.release()
    page = client.get(base)
    assert page.status_code == 200 and "This is a copy at Operator.Example." in page.text and "EXERCISE" in page.text
    assert "This statement was replaced." in client.get(f"{base}/{wrong.id}").text
    assert "EXERCISE" in client.get(f"{base}/{drill.id}?lang=km").text
    assert "Exercise" in client.get(f"{base}/{drill.id}/cap.xml").text
    signed = read_signed(client.get(f"{base}/{wrong.id}/signed.json").content)
    assert signed == wrong.signed
    assert client.get(f"{base}/chain.json").json()["broken"] == 0
    assert client.get(f"{base}/publisher.card").content == ministry.people.home().note
    assert ministry.party in client.get("/statements").text
    assert all(client.get(f"{base}/{name}").status_code == 200 for name in LISTS)
    assert client.get(f"/statements/{wrong.id}").status_code == 404
