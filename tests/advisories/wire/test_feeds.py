"""Feeds, the text for messengers, and what search engines read."""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import fromstring

import msgspec

from advisories.conftest import content
from advisories.wire.test_statement import SAID, SIGNED
from kouprey.advisories.model import Claim, Published, Verdict
from kouprey.advisories.wire.block import title_of, verdict_word, write_block
from kouprey.advisories.wire.feeds import NEWEST, spoken, write_atom, write_claim_review, write_json_feed
from kouprey.kernel.words.time import SECOND

ATOM = "{http://www.w3.org/2005/Atom}"
ABOUT: dict[str, Any] = {
    "title": "CERT",
    "home": "https://cert.example/statements",
    "own": "https://cert.example/statements/feed",
    "language": "en",
    "address": lambda said: f"https://cert.example/statements/{said.id}",
}


def published(**more: Any) -> Published:
    said = msgspec.structs.replace(SAID, content=content(**more))
    return Published(statement=said, signed=SIGNED, hash="ab" * 32, came_at=1)


def test_atom_has_what_the_standard_asks_for() -> None:
    drill = published(exercise="Mekong")
    feed = fromstring(write_atom([published(), drill] * NEWEST, changed=SAID.issued, **ABOUT))
    assert all(feed.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == NEWEST
    for each in entries:
        assert all(each.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated", "content"))
        assert each.findtext(f"{ATOM}author/{ATOM}name") == "CERT"
    titles = [each.findtext(f"{ATOM}title") for each in entries[:2]]
    assert titles == ["The border stays open", "EXERCISE: The border stays open"]
    assert [each.get("term") for each in entries[1].findall(f"{ATOM}category")] == ["rumour_response", "exercise"]


def test_json_feed_tells_programs_what_became_of_it() -> None:
    gone = msgspec.structs.replace(published(), followed=("XX-CERT-2026-0002",))
    feed = json.loads(write_json_feed([gone], **ABOUT))
    (item,) = feed["items"]
    assert feed["version"].endswith("/1.1") and item["content_text"].endswith(SAID.url)
    assert item["_statement"]["replaced_by"] == ["XX-CERT-2026-0002"] and item["_statement"]["verdict"] == "false"


def test_the_text_for_messengers_ends_in_number_and_address() -> None:
    for code in ("en", "km"):
        assert write_block(SAID, code).splitlines()[-2:] == [SAID.id, SAID.url]
    assert "FALSE" in write_block(SAID, "en") and "មិនពិត" in write_block(SAID, "km")
    drill = published(exercise="Mekong").statement
    lines = write_block(drill, "km").splitlines()
    assert lines[0].startswith("EXERCISE") and lines[-3].startswith("EXERCISE")
    assert title_of(drill, "en").startswith("EXERCISE") and verdict_word(Verdict.TRUE, "th") == "TRUE"


def test_a_language_that_is_missing_falls_back() -> None:
    assert spoken(SAID, "km") == "km" and spoken(SAID, "th") == "en"
    only = msgspec.structs.replace(SAID, content=content(languages={"km": SAID.content.languages["km"]}))
    assert spoken(only, "en") == "km"


def test_a_review_names_claim_and_rating_and_cannot_end_its_element() -> None:
    told = json.loads(write_claim_review(published(), "en", SAID.url))
    assert [each["reviewRating"]["ratingValue"] for each in told] == [1, 1]
    nasty = published(claims=(Claim(text="</script><!-- <b>"),))
    text = write_claim_review(nasty, "en", SAID.url)
    assert "<" not in text and ">" not in text and json.loads(text)["claimReviewed"] == "</script><!-- <b>"
    drill, none = published(exercise="Mekong"), published(verdict=None)
    gone = msgspec.structs.replace(published(), withdrawn=True)
    assert [write_claim_review(each, "en", "") for each in (drill, none, gone)] == ["", "", ""]
    assert SAID.issued % SECOND == 0
