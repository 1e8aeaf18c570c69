"""Places: what lies within a network or under a domain stands together, and nothing else stands there."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model import Observable
from kouprey.exchange.wire.observables import canonical, order_key, spans_within, wider

NAMES = st.lists(st.sampled_from(["a", "b", "a-b", "a0", "deadbeef", "example"]), min_size=2, max_size=4).map(".".join)


def lies_in(inner: Observable, outer: Observable) -> bool:
    key = order_key(inner)
    return any(s.kind == inner.kind and s.after < key < s.before for s in spans_within(outer))


def made(kind: str, text: object) -> Observable:
    found = canonical(kind, str(text))
    assert found is not None
    return found


@given(st.integers(0, 2**32 - 1), st.integers(0, 31), st.integers(-(2**10), 2**10))
def test_addresses_of_a_network(number: int, prefix: int, step: int) -> None:
    net = made("ipv4-net", f"{ip_address(number)}/{prefix}")
    near = ip_address((number + step) % 2**32)
    assert lies_in(made("ipv4-addr", near), net) == (near in ip_network(net.text))


@given(st.ip_addresses(), st.integers(0, 128), st.integers(0, 128))
def test_networks_of_a_network(address: Any, one: int, other: int) -> None:
    outer, inner = (made("ipv6-net", f"{address}/{bits % (address.max_prefixlen + 1)}") for bits in (one, other))
    if outer.kind.endswith("-addr") or inner.kind[:4] != outer.kind[:4]:
        return
    expected = inner != outer and ip_network(inner.text).subnet_of(ip_network(outer.text))
    assert lies_in(inner, outer) == expected == (outer in wider(inner))


@given(NAMES, NAMES)
def test_names_under_a_domain(one: str, other: str) -> None:
    inner, outer = made("domain-name", one), made("domain-name", other)
    under = one.endswith("." + other)
    assert lies_in(inner, outer) == under == (outer in wider(inner))
    for kind, text in (("url", f"http://{one}/x"), ("email-addr", f"bob@{one}")):
        assert lies_in(made(kind, text), outer) == (under or one == other) == (outer in wider(made(kind, text)))


def test_urls_on_an_address_and_no_others() -> None:
    address = made("ipv4-addr", "222.173.190.239")
    assert order_key(address) == "deadbeef"
    assert lies_in(made("url", "http://222.173.190.239/"), address)
    assert lies_in(made("url", "http://222.173.190.239/x"), address)
    assert not lies_in(made("url", "http://x.deadbeef/"), address)
    assert address in wider(made("url", "http://222.173.190.239/x"))


def test_what_has_no_order() -> None:
    digest = made("md5", "a" * 32)
    assert (order_key(digest), spans_within(digest), wider(digest)) == ("", (), ())
    assert [each.text for each in wider(made("domain-name", "a.b.example"))] == ["b.example"]
    assert len(wider(made("ipv4-addr", "198.51.100.7"))) == 32
