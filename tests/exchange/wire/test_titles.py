"""Titles: one short line a person would say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.wire.titles import LONGEST, title_of


@pytest.mark.parametrize(
    ("value", "title"),
    [
        ({"type": "report", "name": "A  report\n of one"}, "A report of one"),
        ({"type": "indicator", "pattern": "[url:value = 'x']"}, "[url:value = 'x']"),
        ({"type": "indicator", "name": "", "pattern": "x"}, "indicator--1"),
        ({"type": "relationship", "relationship_type": "uses", "source_ref": "a", "target_ref": "b"}, "uses: a -> b"),
        ({"type": "sighting", "sighting_of_ref": "indicator--2"}, "sighting of indicator--2"),
        ({"type": "file", "hashes": {"MD5": "00"}}, "MD5: 00"),
        ({"type": "file", "hashes": {"MD5": "00"}, "name": "a.exe"}, "a.exe"),
        ({"type": "ipv4-addr", "value": "198.51.100.3"}, "198.51.100.3"),
        ({"type": "autonomous-system", "number": 64496}, "AS64496"),
        ({"type": "network-traffic", "protocols": ["ipv4", "tcp"]}, "ipv4 tcp"),
        ({"type": "marking-definition", "definition": {"tlp": "red"}}, "tlp: red"),
        ({"type": "language-content", "object_ref": "report--1"}, "translation of report--1"),
        ({"type": "user-account", "user_id": "7", "account_login": "root"}, "root"),
        ({"type": "x-thing"}, "x-thing--1"),
        ({"type": "tool", "name": "ab\u202edc"}, "ab dc"),
        ({"type": "tool", "name": "ខ្មែរ\u200bភាសា"}, "ខ្មែរ\u200bភាសា"),
    ],
)
def test_titles(value: dict[str, Any], title: str) -> None:
    assert title_of(value, value["type"], f"{value['type']}--1") == title


@given(st.text(), st.text(max_size=3))
def test_always_one_short_line(name: str, more: str) -> None:
    title = title_of({"name": name + more * 200}, "tool", "tool--1")
    assert 0 < len(title) <= LONGEST
    assert len(title.splitlines()) == 1
    assert title == title.strip()
