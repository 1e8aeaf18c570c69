"""Plain lists, in the order of their values."""

from __future__ import annotations

from kouprey.protect.wire.plain import write_addresses, write_names
from protect.making import entry, listing

SOME = [entry("ipv4-addr", text) for text in ("203.0.113.10", "203.0.113.9")]
SOME += [entry("ipv6-addr", "2001:db8::1"), entry("domain-name", "b.example"), entry("domain-name", "a.example")]


def test_each_list_holds_its_own_values_once() -> None:
    made = listing([*SOME, *SOME])
    names, addresses = write_names(made), write_addresses(made)
    assert names[0].decode().split("\n")[3:] == ["a.example", "b.example", ""] and names[1] == 2
    assert addresses[0].decode().split("\n")[3:] == ["203.0.113.9", "203.0.113.10", "2001:db8::1", ""]
    assert addresses[1] == 3 and len(made) == 5


def test_an_empty_list_is_its_head() -> None:
    data, count = write_names(listing([]))
    assert count == 0 and data.endswith(b"/shields/edge/manifest\n") and data.count(b"\n") == 3
