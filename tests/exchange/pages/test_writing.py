"""Writing on pages, as a person without script does it: ask, look, keep, edit, take back, bring back."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

NEW = "/intelligence/new"
FULL = {
    "values": "203.0.113.7\nhxxps://login[.]bad[.]test/x",
    "name": "A control server",
    "what": "It hands out orders to infected machines.",
    "why": "Found in the configuration of a sample of ours.",
    "action": "Block it, and look back.",
    "type": "malicious-activity",
    "phase": "command-and-control",
    "confidence": "85",
    "since": "2026-11-20",
    "until": "2026-12-20",
    "tlp": "green",
    "pap": "amber",
}


def score(text: str) -> int:
    found = re.search(r'aria-label="(\d+) of 100"', text)
    assert found is not None, text[-1500:]
    return int(found[1])


def seen(text: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', text)
    assert found is not None
    return found[1]


def undo_of(text: str) -> tuple[str, dict[str, str]]:
    """The form that the notice offers, and its fields."""
    form = re.search(r'<form class="inline" method="post" action="([^"]+/(?:revoke|restore))">(.*?)</form>', text, re.S)
    assert form is not None, text[:3000]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2]))
    return form[1], {name: unescape(value) for name, value in fields.items() if name != "csrf"}


def test_one_chooses_what_to_say(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    links = desk.links(reader.text(NEW))
    assert {f"{NEW}/{kind}" for kind in ("indicator", "report", "sighting", "note")} <= set(links)
    assert NEW in desk.links(reader.text("/intelligence"))
    assert reader.get(f"{NEW}/opinion").status_code == 404
    auditor = desk.visitor(Role.AUDITOR)
    assert (
        auditor.get(NEW).status_code == 403 and auditor.post(f"{NEW}/report", step="save", name="x").status_code == 403
    )
    assert NEW not in desk.links(auditor.text("/intelligence"))


@pytest.mark.parametrize("kind", ["indicator", "report", "sighting", "note"])
def test_each_form_can_be_sent_empty_and_says_what_it_needs(desk: Any, kind: str) -> None:
    reader = desk.visitor(Role.ANALYST)
    assert score(reader.text(f"{NEW}/{kind}")) <= 25
    looked = reader.post(f"{NEW}/{kind}", step="look")
    assert looked.status_code == 200
    sent = reader.post(f"{NEW}/{kind}", step="save")
    assert sent.status_code == 400 and 'class="error"' in sent.text
    assert desk.exchange.counts(desk.exchange.operator()).total == 0


def test_the_score_rises_with_every_answer_and_a_weak_one_is_kept_too(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    said: dict[str, str] = {}
    scores = []
    for name in ("values", "why", "type", "phase", "until", "confidence", "action"):
        said[name] = FULL[name]
        scores.append(score(reader.post(f"{NEW}/indicator", step="look", **said).text))
    assert scores == sorted(scores) and scores[0] == 10 and scores[-1] == 100
    weak = reader.post(f"{NEW}/indicator", step="save", values="203.0.113.9")
    assert weak.status_code == 303
    page = reader.text(weak.headers["location"])
    assert "What a reader would still ask" in page and "10 of 100" in page


def test_what_is_typed_is_shown_as_it_is_taken(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    looked = reader.post(f"{NEW}/indicator", step="look", values="203.0.113.7\nno value at all").text
    assert "IPv4 address" in looked and "203[.]0[.]113[.]7" in looked and "not recognised" in looked
    wrong = reader.post(f"{NEW}/indicator", step="save", pattern="[ipv4-addr:value = '1.2.3.4'").text
    assert "At character" in wrong and "<mark>" in wrong
    part = reader.client.post(
        f"{NEW}/indicator",
        data={"csrf": reader.csrf, "step": "look", "values": "203.0.113.7"},
        headers={"Origin": "http://soc.borei.example", "X-Fragment": "look"},
    )
    assert part.status_code == 200 and "<html" not in part.text and "IPv4 address" in part.text


def test_who_would_see_each_level_is_said_with_the_clause(desk: Any, agreed: str) -> None:
    reader = desk.visitor(Role.ANALYST, clearance=TLP.AMBER)
    for path in (f"{NEW}/indicator", f"{NEW}/report", "/intelligence/import"):
        text = reader.text(path)
        levels = re.findall(
            r'<div class="marking-level">(.*?)</div>\s*(?=<div class="marking-level">|</div>)', text, re.S
        )
        told = {level: part for part in levels for level in re.findall(r'name="tlp" value="([a-z+]+)"', part)}
        assert set(told) == {"clear", "green", "amber", "amber+strict", "red"}, path
        assert "these would see it" in told["green"] and f"/agreements/{agreed}#clause-2" in told["green"]
        assert "it could go to nobody" in told["red"] and "Above your own clearance" in told["red"]
        assert "people are cleared" in told["green"] or "person is cleared" in told["green"]


def test_an_indicator_is_found_linked_kept_and_taken_back(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    desk.take(desk.thing("malware", "Wick", is_family=True), desk.thing("campaign", "Wicker"))
    found = reader.post(f"{NEW}/indicator", step="find", find="wick*", **FULL).text
    wick = fiction.stix_id("malware", "Wick")
    assert f'name="link" value="{wick}"' in found and 'value="A control server"' in found
    made = reader.post(f"{NEW}/indicator", step="save", link=wick, **FULL)
    page = reader.text(made.headers["location"])
    assert "A control server" in page and "How we know: Found in the configuration" in page
    assert "The indicator is kept here" in page and "Wick" in page
    path, fields = undo_of(page)
    gone = reader.text(reader.post(path, **fields).headers["location"])
    assert "Taken back" in gone and "Its author has revoked it" in gone
    tie = fields["with"]
    assert desk.exchange.get_object(desk.exchange.operator(), tie).newest.served.revoked


def test_edit_shows_what_changes_and_undo_brings_the_former_words_back(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    at = reader.post(f"{NEW}/indicator", step="save", **FULL).headers["location"]
    form = reader.text(f"{at}/edit")
    assert "203.0.113.7\nhttps://login.bad.test/x" in form and 'value="2026-12-20"' in form
    version, changed = seen(form), {**FULL, "action": "Look only."}
    looked = reader.post(f"{at}/edit", step="look", seen=version, **changed).text
    assert "Save this version" in looked and "Block it, and look back." in looked and "Look only." in looked
    kept = reader.post(f"{at}/edit", step="save", seen=version, **changed)
    page = reader.text(kept.headers["location"])
    assert "Look only." in page and "The new version is kept" in page
    stale = reader.post(f"{at}/edit", step="save", seen=version, **{**changed, "action": "Other."})
    assert stale.status_code == 409 and "It has changed since you opened it" in stale.text
    path, fields = undo_of(page)
    back = reader.text(reader.post(path, **fields).headers["location"])
    assert "Block it, and look back." in back and "Look only." not in back.partition("Versions")[0]
    path, fields = undo_of(back)
    assert "Look only." in reader.text(reader.post(path, **fields).headers["location"])
    same = reader.post(f"{at}/edit", step="save", seen=seen(reader.text(f"{at}/edit")), **changed)
    assert same.status_code == 409 and "Nothing was changed" in same.text


def test_what_others_made_is_not_edited_and_offers_no_way_to(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    desk.take(desk.thing("report", "Theirs", published="2026-10-31T06:00:00Z", object_refs=[]))
    at = f"/intelligence/{fiction.stix_id('report', 'Theirs')}"
    assert f"{at}/edit" not in desk.links(reader.text(at))
    for answer in (reader.get(f"{at}/edit"), reader.post(f"{at}/edit"), reader.post(f"{at}/revoke")):
        assert answer.status_code == 409 and "not ours" in answer.text
    assert reader.post(f"{at}/restore", version="x").status_code == 400


def test_nobody_learns_of_what_he_may_not_see(desk: Any, secrets: list[str]) -> None:
    reader = desk.visitor(Role.ANALYST, clearance=TLP.GREEN)
    for hidden in (*secrets, "tool--00000000-0000-4000-8000-000000000000"):
        for kind in ("indicator", "report", "sighting", "note"):
            asked = reader.get(f"{NEW}/{kind}?id={hidden}")
            found = reader.post(f"{NEW}/{kind}", step="find", find=fiction.CANARY, link=hidden)
            sent = reader.post(
                f"{NEW}/{kind}", step="save", link=hidden, name="x", what="x", values="1.1.1.1", tlp="clear"
            )
            assert (asked.status_code, found.status_code) == (200, 200) and sent.status_code in (400, 404)
            for text in (asked.text, found.text.replace(f'value="{fiction.CANARY}"', ""), sent.text):
                assert fiction.CANARY not in text
        assert reader.get(f"/intelligence/{hidden}/edit").status_code == 404


def test_a_report_names_what_was_picked(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    desk.take(desk.thing("malware", "Wick", is_family=True))
    wick = fiction.stix_id("malware", "Wick")
    made = reader.post(
        f"{NEW}/report", step="save", name="Mails", what="Mails with a copied sign-in page.", link=wick, tlp="green"
    )
    page = reader.text(made.headers["location"])
    assert "Mails with a copied" in page and f"/intelligence/{wick}" in desk.links(page)


def test_a_sighting_and_a_note_begin_at_what_they_are_about(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    desk.take(desk.thing("malware", "Wick", is_family=True))
    wick = fiction.stix_id("malware", "Wick")
    assert "checked" in reader.text(f"{NEW}/sighting?id={wick}")
    seen_it = reader.post(
        f"{NEW}/sighting", step="save", link=wick, count="4", why="In our proxy logs.", since="2026-11-20"
    )
    noted = reader.post(f"{NEW}/note", step="save", link=wick, what="Seen before.", action="Look back.")
    assert "In our proxy logs." in reader.text(seen_it.headers["location"])
    assert "What to do: Look back." in reader.text(noted.headers["location"])
    page = reader.text(f"/intelligence/{wick}")
    assert "seen 4 times" in page and "Seen before." in page
    edit = reader.text(f"{seen_it.headers['location']}/edit")
    kept = reader.post(f"{seen_it.headers['location']}/edit", step="save", seen=seen(edit), link=wick, count="5")
    assert kept.status_code == 303 and "seen 5 times" in reader.text(f"/intelligence/{wick}")


def test_a_value_of_another_page_begins_an_indicator(desk: Any) -> None:
    text = desk.visitor(Role.ANALYST).text(f"{NEW}/indicator?value=bad%5B.%5Dtest")
    assert "bad[.]test" in text and "Domain" in text


def test_what_cannot_be_read_is_said_beside_its_field(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    wrong = {"since": "soon", "confidence": "very", "tlp": "purple", "pap": "purple"}
    text = reader.post(f"{NEW}/indicator", step="save", values="203.0.113.7", **wrong).text
    assert text.count('class="error"') >= 3 and "Write the day as" in text
    assert "whole number" in reader.post(f"{NEW}/sighting", step="save", count="many").text
    assert reader.post(f"{NEW}/report", step="save", name="x" * 20_001).status_code == 400


def test_everything_shown_is_only_text(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    fields = dict.fromkeys(
        ("values", "name", "what", "why", "action", "pattern", "since", "find", "link", "type"), evil
    )
    for kind in ("indicator", "report", "sighting", "note"):
        for step in ("look", "save", "find"):
            desk.assert_harmless(reader.post(f"{NEW}/{kind}", step=step, **fields).text)
    made = reader.post(f"{NEW}/report", step="save", name=evil, what=evil, tlp="clear")
    desk.assert_harmless(reader.text(f"{made.headers['location']}/edit"))
