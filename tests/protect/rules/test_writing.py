"""What can be written."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.protect.rules.writing import LONGEST, is_address, is_name, is_writable
from protect.making import NAMES


@pytest.mark.parametrize("text", ["a.example", "a", "_dmarc.a-b.example", "xn--p1ai", "1.2.example", "a--b.example"])
def test_names(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize(
    "text", ["", ".", "a.", ".a", "a..b", "-a.example", "a-.example", "A.example", "a b", "1.2.3.4", "a.1", "é.example"]
)
def test_no_names(text: str) -> None:
    assert not is_name(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ipv4-addr", "1.2.3.4"),
        ("ipv4-net", "1.2.3.0/24"),
        ("ipv6-addr", "2001:db8::1"),
        ("ipv6-net", "2001:db8::/32"),
    ],
)
def test_addresses(kind: str, text: str) -> None:
    assert is_address(kind, text) and is_writable(kind, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ipv4-addr", "01.2.3.4"),
        ("ipv4-addr", "1.2.3.256"),
        ("ipv4-addr", "1.2.3.4\n"),
        ("ipv4-addr", "2001:db8::1"),
        ("ipv4-addr", "1.2.3.0/24"),
        ("ipv4-net", "1.2.3.4/24"),
        ("ipv4-net", "1.2.3.4/32"),
        ("ipv4-net", "2001:db8::/32"),
        ("ipv6-addr", "2001:DB8::1"),
        ("ipv6-addr", "fe80::1%eth0"),
        ("ipv6-addr", "2001:db8::1%x } flush ruleset"),
        ("ipv6-addr", "2001:db8::1%\n$INCLUDE /etc/shadow"),
        ("ipv6-net", "2001:db8::1/32"),
        ("url", "1.2.3.4"),
    ],
)
def test_no_addresses(kind: str, text: str) -> None:
    assert not is_writable(kind, text)


@given(st.ip_addresses(), st.integers(1, 31))
def test_every_address_and_network_can_be_written(address: object, bits: int) -> None:
    net = ip_network((int(address), bits), strict=False) if str(address).count(".") == 3 else None  # type: ignore[call-overload]  # drawn as one
    version = 4 if "." in str(address) and ":" not in str(address) else 6
    assert "%" in str(address) or is_writable(f"ipv{version}-addr", str(address))
    assert net is None or is_writable("ipv4-net", str(net))


@given(NAMES)
def test_names_are_no_longer_than_a_zone_has_room_for(name: str) -> None:
    assert is_writable("domain-name", name) == (is_name(name) and len(name) <= LONGEST)
