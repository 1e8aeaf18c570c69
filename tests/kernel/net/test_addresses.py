"""Addresses: everything that is not the public internet is refused, however it is written."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.net.addresses import refusal

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "2002:7f00:0001::",
    "2002:0a00:0001::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2001:db8::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]
NOBODY = ["0.0.0.0", "::", "224.0.0.1", "239.255.255.250", "ff02::1", "::ffff:0.0.0.0", "::ffff:224.0.0.1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_permission(address: str) -> None:
    assert refusal(address, allow_private=False)
    assert refusal(address, allow_private=True) == ""


@pytest.mark.parametrize("address", [*NOBODY, "name.example", "", "0x7f.1"])
def test_addresses_where_no_party_answers_are_always_refused(address: str) -> None:
    assert refusal(address, allow_private=False)
    assert refusal(address, allow_private=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1"])
def test_public_addresses_pass(address: str) -> None:
    assert refusal(address, allow_private=False) == ""


@given(st.integers(0, 2**32 - 1))
def test_embedding_never_opens_what_is_closed(number: int) -> None:
    plain = IPv4Address(number)
    closed = bool(refusal(str(plain), allow_private=False))
    for prefix in (0xFFFF << 32, 0x64FF9B << 96, (0x2002 << 112)):
        shift = 80 if prefix == 0x2002 << 112 else 0
        assert bool(refusal(str(IPv6Address(prefix | number << shift)), allow_private=False)) == closed
