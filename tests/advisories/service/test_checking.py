"""Is this real? Authentic only for exactly what was signed, never for what looks alike."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
import segno

from advisories.conftest import KHMER, RUMOUR, Bureau, content
from kouprey.advisories.model import Claim, Finding, Media
from kouprey.advisories.service import checking
from kouprey.advisories.wire.block import write_block
from kouprey.advisories.wire.card import SHORT
from kouprey.advisories.wire.statement import write_signed
from kouprey.kernel.words.errors import Damaged


def ids(checked: Any) -> list[str]:
    return [each.found.id for each in checked.hits]


def test_scenario_18_a_forwarded_claim_is_found_through_what_messengers_do(ministry: Bureau) -> None:
    made = ministry.publish()
    forwarded = RUMOUR.replace(" ", "\u200b ").replace("?id=7", "?utm_source=wa&id=7&fbclid=IwAR0") + "។"
    for text in (forwarded, KHMER.replace("ច្រក", "ច្រក\u200b") + "។", "http://www.news.example/a?igsh=1&id=7"):
        checked = ministry.checker.check_text(text)
        assert checked.finding is Finding.DECLARED and ids(checked) == [made.id], text


def test_scenario_19_an_altered_card_is_never_authentic_and_the_code_of_the_real_one_is(ministry: Bureau) -> None:
    real = b"\x89PNG the picture that goes round"
    media = Media(sha256=sha256(real).hexdigest(), note="as forwarded")
    made = ministry.publish(content(claims=(Claim(text=RUMOUR, media=(media,)),)))
    assert ministry.checker.check_file(real).finding is Finding.DECLARED
    altered = ministry.checker.check_file(real + b" with one word altered")
    assert altered.finding is Finding.NONE and altered.file
    scanned = ministry.checker.check_code(made.id, made.hash[:SHORT])
    assert scanned.finding is Finding.AUTHENTIC and ids(scanned) == [made.id]
    for digest, finding in (("0" * SHORT, Finding.ALTERED), (made.hash[:4], Finding.ALTERED), ("", Finding.ISSUED)):
        assert ministry.checker.check_code(made.id, digest).finding is finding
    assert ministry.checker.check_code("XX-MINISTRY-2026-0777", made.hash[:SHORT]).finding is Finding.NONE


def test_a_code_on_a_picture_proves_nothing_of_the_picture(ministry: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    made = ministry.publish()
    out = BytesIO()
    segno.make(f"https://ministry.example/check/{made.id}/{made.hash[:SHORT]}").save(out, kind="png", scale=4)
    checked = ministry.checker.check_file(out.getvalue())
    assert checked.finding is Finding.ALIKE and checked.file and ids(checked) == [made.id]
    # More pictures at a time than processes are given: it is said that codes were not looked for.
    monkeypatch.setattr(checking, "_READING", type("Busy", (), {"acquire": lambda self, blocking: False})())
    busy = ministry.checker.check_file(out.getvalue())
    assert busy.finding is Finding.NONE and busy.unread


def test_the_text_block_is_authentic_as_long_as_no_word_is_other(ministry: Bureau) -> None:
    made = ministry.publish()
    for code in ("en", "km"):
        block = write_block(made.statement, code)
        assert ministry.checker.check_text(block.replace("\n", " \u200b\n")).finding is Finding.AUTHENTIC
    altered = ministry.checker.check_text(write_block(made.statement, "en").replace("stays open", "does not stay open"))
    assert altered.finding is Finding.ALIKE and ids(altered) == [made.id]


def test_a_number_alone_says_that_there_is_one_and_no_more(ministry: Bureau) -> None:
    made = ministry.publish()
    for text in (made.id, made.id.lower(), made.statement.url):
        assert ministry.checker.check_text(text).finding is Finding.ISSUED, text
    # An address elsewhere that ends like ours shows whatever its owner likes.
    for path in (f"/statements/{made.id}", f"/check/{made.id}/{made.hash[:SHORT]}", f"/s/{made.id}"):
        assert ministry.checker.check_text(f"https://evil.example{path}").finding is Finding.ALIKE
        assert ministry.checker.check_text(f"{ministry.statements.origin}{path}?x=1").finding is Finding.ALIKE
    home = ministry.checker.check_text(f"{ministry.statements.origin}/check/{made.id}/{made.hash[:SHORT]}")
    assert home.finding is Finding.AUTHENTIC
    assert ministry.checker.check_text("XX-MINISTRY-2026-0099").finding is Finding.NONE
    assert ministry.checker.check_text(f"{made.id} says that the border is shut").finding is Finding.ALIKE


def test_a_signed_file_is_authentic_and_one_changed_byte_is_not(ministry: Bureau) -> None:
    made = ministry.publish()
    raw = write_signed(made.signed)
    assert ministry.checker.check_file(raw).finding is Finding.AUTHENTIC
    assert ministry.checker.check_text(raw.decode()).finding is Finding.AUTHENTIC
    changed = ministry.checker.check_file(raw.replace(b"stays open", b"stays shut"))
    assert changed.finding is Finding.ALTERED and ids(changed) == [made.id]


def test_what_looks_alike_is_compared_and_what_nobody_answered_is_neither(ministry: Bureau) -> None:
    made = ministry.publish()
    alike = ministry.checker.check_text(RUMOUR.replace("Monday", "Tuesday"))
    assert alike.finding is Finding.ALIKE and ids(alike) == [made.id] and alike.hits[0].claim == RUMOUR
    assert ministry.checker.check_text("Rain is expected in the north tomorrow").finding is Finding.NONE
    for text in ("", " ", "x" * (checking.LONGEST + 1)):
        with pytest.raises(Damaged):
            ministry.checker.check_text(text)


def test_drafts_and_hidden_partners_are_never_found(bureaus: tuple[Bureau, Bureau, str]) -> None:
    ministry, operator, _ = bureaus
    ministry.desk.draft(ministry.press, content())
    assert ministry.checker.check_text(RUMOUR).finding is Finding.NONE
    made = ministry.publish()
    ministry.parcel(operator)
    for question in (RUMOUR, made.id, made.statement.url):
        assert operator.checker.check_text(question).finding is Finding.NONE
    operator.statements.show_mirror(operator.lead, ministry.party, True)
    assert operator.checker.check_text(RUMOUR).finding is Finding.DECLARED
    assert operator.checker.check_file(write_signed(made.signed)).finding is Finding.AUTHENTIC
