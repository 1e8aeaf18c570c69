"""What never reaches a list."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.protect.model import Allowance, Why
from kouprey.protect.rules.allowing import Gate, Networks, Spared
from kouprey.protect.rules.reserved import ROOTS, SPECIAL, national_names
from kouprey.protect.wire import lists
from protect.making import NAMES, ODD

OWN = [
    ("cert.example", "this node"),
    ("192.0.2.0/24", "our network"),
    ("2001:db8:9::/48", "our network"),
    *((name, name) for name in national_names("cert.gov.kh")),
]


@pytest.fixture(scope="module")
def gate() -> Gate:
    """With the public lists as they come."""
    return Gate(lists.never(), lists.warned(), OWN, [Allowance(text="hospital.example", reason="Lives")])


POISON = {
    ("ipv4-addr", "8.8.8.8"): Why.NEVER,
    ("ipv4-addr", "1.1.1.1"): Why.NEVER,
    ("ipv4-addr", "9.9.9.9"): Why.NEVER,
    ("ipv6-addr", "2001:4860:4860::8888"): Why.NEVER,
    ("ipv4-net", "8.8.8.0/24"): Why.COVERS,
    ("ipv4-net", "0.0.0.0/0"): Why.RESERVED,
    ("ipv4-net", "128.0.0.0/1"): Why.RESERVED,
    ("ipv6-net", "::/0"): Why.RESERVED,
    ("ipv4-net", "45.64.0.0/12"): Why.WIDE,
    ("ipv4-net", "45.0.0.0/15"): Why.WIDE,
    ("ipv6-net", "2a00::/31"): Why.WIDE,
    ("ipv4-addr", "0.0.0.0"): Why.RESERVED,
    ("ipv4-addr", "127.0.0.1"): Why.RESERVED,
    ("ipv4-addr", "10.1.2.3"): Why.RESERVED,
    ("ipv4-addr", "172.31.255.1"): Why.RESERVED,
    ("ipv4-addr", "192.168.1.1"): Why.RESERVED,
    ("ipv4-addr", "100.64.0.1"): Why.RESERVED,
    ("ipv4-addr", "169.254.169.254"): Why.RESERVED,
    ("ipv4-addr", "224.0.0.1"): Why.RESERVED,
    ("ipv4-addr", "255.255.255.255"): Why.RESERVED,
    ("ipv6-addr", "::1"): Why.RESERVED,
    ("ipv6-addr", "::"): Why.RESERVED,
    ("ipv6-addr", "fe80::1"): Why.RESERVED,
    ("ipv6-addr", "fd00::1"): Why.RESERVED,
    ("ipv6-addr", "ff02::1"): Why.RESERVED,
    ("ipv6-addr", "64:ff9b::808:808"): Why.RESERVED,
    ("ipv4-addr", "192.0.2.77"): Why.OWN,
    ("ipv4-net", "192.0.2.128/25"): Why.OWN,
    ("ipv6-addr", "2001:db8:9::1"): Why.OWN,
    ("domain-name", ""): Why.UNSAFE,
    ("domain-name", "."): Why.UNSAFE,
    ("domain-name", "*"): Why.UNSAFE,
    ("domain-name", "*.evil.example"): Why.UNSAFE,
    ("domain-name", "$INCLUDE"): Why.UNSAFE,
    ("domain-name", "a.example\nb.example"): Why.UNSAFE,
    ("domain-name", 'a"; }'): Why.UNSAFE,
    ("domain-name", "a;b.example"): Why.UNSAFE,
    ("domain-name", "ពាក្យ.example"): Why.UNSAFE,
    ("domain-name", "A.example"): Why.UNSAFE,
    ("domain-name", "x" * 300 + ".example"): Why.UNSAFE,
    ("domain-name", "1.2.3.4"): Why.UNSAFE,
    ("domain-name", ".".join(["a" * 60] * 4)): Why.LONG,
    ("domain-name", "com"): Why.SUFFIX,
    ("domain-name", "kh"): Why.SUFFIX,
    ("domain-name", "example"): Why.SUFFIX,
    ("domain-name", "in-addr.arpa"): Why.SUFFIX,
    ("domain-name", "a.root-servers.net"): Why.SUFFIX,
    ("domain-name", "root-servers.net"): Why.SUFFIX,
    ("domain-name", "co.uk"): Why.NEVER,
    ("domain-name", "github.io"): Why.NEVER,
    ("domain-name", "gov.kh"): Why.OWN,
    ("domain-name", "tax.gov.kh"): Why.OWN,
    ("domain-name", "mil.kh"): Why.OWN,
    ("domain-name", "cert.example"): Why.OWN,
    ("domain-name", "www.cert.example"): Why.OWN,
    ("domain-name", "dns.google"): Why.NEVER,
    ("domain-name", "amazonaws.com"): Why.PARENT,
    ("domain-name", "www.hospital.example"): Why.NEVER,
    ("domain-name", "google.com"): Why.PARENT,
    ("domain-name", "facebook.com"): Why.WARNED,
    ("domain-name", "bit.ly"): Why.WARNED,
    ("ipv4-addr", "104.16.0.1"): Why.WARNED,
}


@pytest.mark.parametrize(("value", "why"), POISON.items(), ids=lambda each: str(each)[:40])
def test_poison_is_left_out(gate: Gate, value: tuple[str, str], why: Why) -> None:
    verdict = gate.judge(*value)
    assert verdict is not None and verdict.why is why, verdict


@pytest.mark.parametrize("text", ROOTS)
def test_root_servers_are_reserved(gate: Gate, text: str) -> None:
    verdict = gate.judge("ipv6-addr" if ":" in text else "ipv4-addr", text)
    assert verdict is not None and verdict.why is Why.RESERVED and "root server" in verdict.by


@pytest.mark.parametrize(
    "value",
    [
        ("domain-name", "evil.example"),
        ("domain-name", "a_b.evil.example"),
        ("domain-name", "notcert.example"),
        ("domain-name", "evil.hospital2.example"),
        ("domain-name", "xn--i2e7bk8i0f.example"),
        ("ipv4-addr", "203.0.113.9"),
        ("ipv4-net", "203.0.113.0/24"),
        ("ipv6-net", "2001:db8:1::/48"),
        ("ipv6-addr", "2001:db8:1::1"),
    ],
)
def test_what_harms_nobody_is_listed(gate: Gate, value: tuple[str, str]) -> None:
    assert gate.judge(*value) is None


def test_what_is_met_is_named() -> None:
    never, warned = Spared(), Spared()
    assert never.add("mail.good.example", "A list") and not never.add("no name", "A list")
    assert warned.add(".cloud.example", "Clouds") and warned.add("198.51.100.0/24", "Clouds")
    gate = Gate(
        never,
        warned,
        [],
        [Allowance(text="x.cloud.example", insists=True), Allowance(text="bank.example", alone=True, reason="Ours")],
    )
    told = {
        name: (verdict.why, verdict.by) if (verdict := gate.judge("domain-name", name)) else None
        for name in (
            *("mail.good.example", "good.example", "a.mail.good.example", "cloud.example", "y.cloud.example"),
            *("x.cloud.example", "bank.example", "www.bank.example"),
        )
    }
    assert told == {
        "mail.good.example": (Why.NEVER, "A list"),
        "good.example": (Why.PARENT, "mail.good.example: A list"),
        "a.mail.good.example": None,
        "cloud.example": (Why.WARNED, "Clouds"),
        "y.cloud.example": (Why.WARNED, "cloud.example: Clouds"),
        "x.cloud.example": None,
        "bank.example": (Why.NEVER, "Ours"),
        "www.bank.example": None,
    }
    assert gate.judge("ipv4-net", "198.51.0.0/16") == gate.judge("ipv4-addr", "198.51.100.7")


def test_insisting_lists_nothing_that_is_never_listed(gate: Gate) -> None:
    insists = [Allowance(text=text, insists=True) for _, text in POISON]
    strict = Gate(lists.never(), lists.warned(), OWN, insists)
    still = {value for value in POISON if strict.judge(*value) is not None}
    assert still == {value for value, why in POISON.items() if why is not Why.WARNED} - {
        ("domain-name", "www.hospital.example")
    }


@given(
    st.lists(st.ip_addresses(v=4).map(lambda each: ip_network((int(each), 28), strict=False)), max_size=12), st.data()
)
def test_networks_meet_what_overlaps(spared: list[object], data: st.DataObject) -> None:
    networks = Networks()
    for each in spared:
        networks.add(each, str(each))  # type: ignore[arg-type]  # drawn of one kind
    address = data.draw(st.ip_addresses(v=4))
    asked = ip_network((int(address), data.draw(st.integers(8, 32))), strict=False)
    assert bool(networks.meets(asked)) == any(asked.overlaps(each) for each in spared)  # type: ignore[arg-type]  # drawn of one kind


@given(NAMES, st.lists(NAMES, max_size=5))
def test_no_name_is_listed_that_would_block_a_spared_one(name: str, spared: list[str]) -> None:
    never = Spared()
    for each in spared:
        never.add(each, "list")
    listed = Gate(never, Spared()).judge("domain-name", name) is None
    blocked = [each for each in spared if each == name or each.endswith(f".{name}")]
    assert not (listed and blocked)


@given(ODD, st.sampled_from(["domain-name", "ipv4-addr", "ipv6-net", "url"]))
def test_any_text_is_judged(text: str, kind: str) -> None:
    Gate(Spared(), Spared(), [(text, "own")], [Allowance(text=text)]).judge(kind, text)


def test_the_state_has_names_where_the_party_has_a_country() -> None:
    assert "gov.kh" in national_names("cert.gov.kh") and "go.th" in national_names("x.th")
    assert national_names("cert.example") == () and len(SPECIAL) > 10
