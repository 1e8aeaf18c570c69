"""What is written down with new bodies, and only with those."""

from __future__ import annotations

from typing import Any


def test_only_new_bodies_add_occurrences(ministry: Any, stix: Any) -> None:
    body = stix.make("a", pattern="[ipv4-addr:value = '198.51.100.7']", pattern_type="stix")
    for source in ("one.json", "two.json"):
        ministry.keep(body, source=source)
    # The same in other bytes.
    ministry.keep(body.replace(b'":', b'" :', 1))
    with ministry.store.read() as reader:
        assert reader.value("SELECT count(*) FROM occurrence") == 1
        assert reader.all("SELECT kind, text, place FROM observable") == [("ipv4-addr", "198.51.100.7", "c6336407")]
    ministry.keep(stix.make("b"))
    ministry.keep(body.replace(b".7'", b".8'"))
    with ministry.store.read() as reader:
        assert reader.value("SELECT count(*) FROM occurrence") == 2
