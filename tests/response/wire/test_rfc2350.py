"""The text follows the order of RFC 2350, says what is not stated, and turns no direction of reading."""

from __future__ import annotations

import re

import msgspec

from kouprey.response.model.directory import Duty, Hours, Profile
from kouprey.response.wire.rfc2350 import WIDTH, hours_of, write_text
from response.wire.test_profiles import WHOLE

NUMBERS = "1 1.1 1.2 1.3 2 2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 3 3.1 3.2 3.3 3.4 4 4.1 4.2 4.3 5 6 7"


def test_every_section_stands_in_its_order() -> None:
    for profile in (WHOLE, Profile(party="b.example", version=1, at=1)):
        text = write_text(profile, node_key="b.example/node+1234+key")
        found = [line.split(" ")[0].rstrip(".") for line in text.splitlines() if re.match(r"\d", line)]
        assert found == NUMBERS.split(" ")
        assert all(len(line) <= WIDTH for line in text.splitlines())


def test_it_says_what_there_is() -> None:
    text = write_text(WHOLE, node_key="key-of-the-node")
    for part in ("Node: key-of-the-node", "AS64500", "203.0.113.0/24", "gov.example", "24x7", "Duty officer, +855"):
        assert part in text
    assert "Not stated." in text


def test_hours_are_told_with_their_zone() -> None:
    office = msgspec.structs.replace(WHOLE, hours=Hours.OFFICE, days=("mon", "fri"), zone="Asia/Phnom_Penh")
    assert hours_of(office) == "Mon, Fri 08:00-17:00 (Asia/Phnom_Penh)"


def test_nothing_turns_the_direction_of_reading() -> None:
    turned = msgspec.structs.replace(WHOLE, services="a\u202eb", duty=Duty(role="r", reach="s", until=1))
    assert "\u202e" not in write_text(turned)
