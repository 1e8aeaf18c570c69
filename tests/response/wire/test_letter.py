"""The mail that brings a link: both numbers and the marking in its subject, and nothing that must not leave."""

from __future__ import annotations

from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.time import DAY, SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import Verb
from kouprey.response.rules.outside import numbers_of
from kouprey.response.service import Words
from kouprey.response.wire.letter import moment, spoken
from response.pages.test_outside import CANARY, TITLE, lead, linked


def letter(office: Any, handoff: str, secret: str) -> Any:
    _, message = office.contacts.letter(lead(office), handoff, secret)
    return BytesParser(policy=policy.default).parsebytes(message.as_bytes())


def test_green_says_what_is_asked_and_both_numbers(offices: Any) -> None:
    a, _, _ = offices
    handoff, secret = linked(a)
    a.contacts.answer(secret, Words(Verb.ACKNOWLEDGE, number="H-4"))
    mail = letter(a, handoff, secret)
    assert mail["Subject"] == f"[TLP:GREEN] {TITLE} [MY-7 / H-4]"
    text = mail.get_content()
    assert text.startswith("TLP:GREEN\n") and CANARY in text and "203.0.113.7" in text
    assert f"http://127.0.0.1:8420/reply/{secret}" in text and "(Asia/Bangkok)" in text
    assert mail.get_content_type() == "text/plain" and mail["To"] == "Somchai <soc@hospital.example>"
    assert "Acknowledged within" not in text, "what was met presses nobody"


@pytest.mark.parametrize("language", ["en", "km", "th", "ms"])
def test_amber_says_only_that_something_waits(offices: Any, language: str) -> None:
    a, _, _ = offices
    handoff, secret = linked(a, tlp=TLP.AMBER, language=language)
    mail = letter(a, handoff, secret)
    for part in (mail["Subject"], mail.get_content(), mail.as_string()):
        assert "canary" not in part and "203.0.113.7" not in part
    assert mail["Subject"].startswith("[TLP:AMBER] ") and mail["Subject"].endswith("[MY-7]")
    confirmed, other = linked(a, tlp=TLP.AMBER, content=TLP.AMBER, language=language)
    assert CANARY in letter(a, confirmed, other).get_content()


def test_without_a_number_the_hand_off_is_named(offices: Any) -> None:
    a, _, _ = offices
    handoff, secret = linked(a, number="")
    opened = a.contacts.open(secret)
    assert numbers_of(opened.held.asked, opened.held.course) == ("", "")
    assert letter(a, handoff, secret)["Subject"].endswith(f"[{handoff[:12]}]")


@given(st.integers(0, 30_000 * DAY), st.sampled_from(["UTC", "Asia/Phnom_Penh", "Asia/Kathmandu", "America/New_York"]))
def test_moments_are_those_of_the_wall(instant: int, zone: str) -> None:
    from zoneinfo import ZoneInfo

    shown = spoken("th", lambda: moment(instant, zone))
    there = datetime.fromtimestamp(instant // SECOND, UTC).astimezone(ZoneInfo(zone))
    assert f"{there:%H:%M}" in shown and shown.endswith(f"({zone})")
