"""What concerns somebody: matched by network and name, and never more than they may see."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.constituents.model import Word
from kouprey.constituents.service import Constituents, read_networks
from kouprey.exchange.model import Observable
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.observables import read_observables
from kouprey.kernel.words.errors import Forbidden, Unknown
from kouprey.kernel.words.tlp import TLP

assert Constituents


def test_networks_addresses_names_and_mailboxes_are_found(host: Any) -> None:
    meant = {
        "an address": "[ipv4-addr:value = '203.0.113.200']",
        "a network in it": "[ipv4-addr:value = '203.0.113.0/28']",
        "the name": "[domain-name:value = 'bank.example']",
        "a name below": "[domain-name:value = 'login.bank.example']",
        "a page": "[url:value = 'https://www.bank.example/x']",
        "a mailbox": "[email-addr:value = 'a@mail.example']",
        "a mailbox below": "[email-addr:value = 'a@sub.bank.example']",
        "the AS": "[autonomous-system:number = 64500]",
    }
    others = {
        "beside": "[ipv4-addr:value = '203.0.114.1']",
        "alike": "[domain-name:value = 'notbank.example']",
        "longer": "[domain-name:value = 'bank.example.org']",
        "only mail": "[domain-name:value = 'mail.example']",
        "the newspaper": "[ipv6-addr:value = '2001:db8::1']",
    }
    host.keep(*(host.indicator(name, pattern) for name, pattern in {**meant, **others}.items()))
    assert set(host.inside()) == set(meant)
    assert host.inside(host.news) == ["the newspaper"]


def test_only_what_they_may_see_and_only_the_newest_of_it(host: Any) -> None:
    pattern = "[ipv4-addr:value = '203.0.113.9']"
    for level in TLP:
        host.keep(host.indicator(level.word, pattern), tlp=level)
    host.keep(host.indicator("for others", pattern), concerned=(host.news,))
    host.keep(host.indicator("for us", pattern), tlp=TLP.AMBER, concerned=(host.bank,))
    host.keep(host.indicator("of a partner", pattern), owner="ministry.example", agreement="agr_unknown")
    host.keep(host.indicator("gone", pattern, revoked=True))
    host.keep(host.indicator("moved", pattern))
    later = host.indicator("moved", "[ipv4-addr:value = '192.0.2.1']") | {"modified": "2026-11-19T10:00:00.000Z"}
    host.keep(later)
    assert host.inside() == ["for us", "amber", "green", "clear"]
    assert host.inside(host.news) == []


def test_pages_go_on_where_the_last_ended(host: Any) -> None:
    for n in range(7):
        host.keep(host.indicator(f"n{n}", f"[ipv4-addr:value = '203.0.113.{n}']"))
    eyes, seen, before = host.eyes(), [], 0
    while True:
        page = host.all.inside(eyes, limit=3, **({"before": before} if before else {}))
        seen += [hit.title for hit in page.hits]
        before = page.before
        if not before:
            break
    assert seen == [f"n{n}" for n in reversed(range(7))]


def test_what_is_too_much_to_follow_is_said(host: Any) -> None:
    for n in range(4):
        host.keep(host.indicator(f"n{n}", f"[ipv4-addr:value = '203.0.113.{n}']"))
    assert not host.all.inside(host.eyes(), most=4).cut
    page = host.all.inside(host.eyes(), most=3)
    assert page.cut and len(page.hits) == 3


def test_lists_hold_what_is_in_force_and_nothing_of_their_own(host: Any) -> None:
    host.keep(
        host.indicator("bad", "[domain-name:value = 'bad.example']"),
        host.indicator("own", "[ipv4-addr:value = '203.0.113.9']"),
        host.indicator("over", "[domain-name:value = 'over.example']", valid_until="2026-11-19T10:00:00Z"),
    )
    host.keep(host.indicator("red", "[domain-name:value = 'red.example']"), tlp=TLP.RED)
    assert [row[:3] for row in host.all.list_indicators(host.eyes())] == [("domain-name", "bad.example", "TLP:GREEN")]
    assert {row[1] for row in host.all.list_indicators(host.eyes(host.news))} == {"bad.example", "203.0.113.9"}


POISON = {
    "everybody": "[ipv4-addr:value = '0.0.0.0/0']",
    "a home": "[ipv4-addr:value = '10.20.0.53']",
    "a resolver": "[ipv4-addr:value = '8.8.8.8']",
    "a domain of many": "[domain-name:value = 'com']",
    "our own portal": "[domain-name:value = 'cert.example']",
}


def test_a_list_holds_nothing_that_is_never_to_be_blocked(host: Any) -> None:
    """Firewalls block by it: one hasty indicator must not cut a bank off."""
    host.keep(*(host.indicator(name, pattern) for name, pattern in POISON.items()))
    host.keep(host.indicator("a server", "[ipv4-addr:value = '192.0.2.77']"))
    host.keep(host.indicator("a page", "[url:value = 'https://lure.example.net/x']"))
    who = host.eyes(host.bank)
    assert {text for _, text, _, _ in host.all.list_indicators(who)} == {"192.0.2.77", "https://lure.example.net/x"}


def test_what_they_say_is_told_to_those_who_may_see_the_thing(host: Any) -> None:
    host.keep(host.indicator("stolen", "[ipv4-addr:value = '203.0.113.9']"), tlp=TLP.AMBER)
    stix_id = host.id_of("indicator", "stolen")
    host.all.say(host.eyes(), stix_id, Word.FIXED, "It was the printer.")
    ((said, title),) = host.all.said(host.exchange.operator(), host.bank)
    assert (said.word, said.note, title) == (Word.FIXED, "It was the printer.", "stolen")
    assert host.all.words_of(host.eyes(), [stix_id]) == {stix_id: Word.FIXED}
    assert host.all.said(host.eyes(host.news), host.bank) == []
    with pytest.raises(Unknown):
        host.all.say(host.eyes(host.news), stix_id, Word.SEEN, "")


def test_nobody_else_and_nobody_archived_comes_in(host: Any) -> None:
    with pytest.raises(Forbidden):
        host.all.constituent_of(host.exchange.operator())
    eyes = host.eyes()
    host.all.set_archived(host.bank, True, by="test")
    with pytest.raises(Forbidden):
        host.all.inside(eyes)


_ADDRESSES = st.ip_addresses(v=4, network="10.0.0.0/12") | st.ip_addresses(v=6, network="2001:db8::/44")
_NETS = st.tuples(_ADDRESSES, st.integers(0, 12)).map(
    lambda pair: str(ip_network(f"{pair[0]}/{(32 if pair[0].version == 4 else 128) - pair[1] * 2}", strict=False))
)


@given(st.lists(_NETS, min_size=1, max_size=8), st.lists(_ADDRESSES, min_size=1, max_size=20))
def test_containment_is_that_of_the_standard_library(nets: list[str], addresses: list[Any]) -> None:
    within = [Observable(each.kind, each.text) for each in read_networks(nets)]
    lies_within = Exchange.lying_within(within)
    for address in addresses:
        (observable,) = [o for o in read_observables(str(address)) if o.kind.endswith("-addr")]
        expected = any(
            ip_address(str(address)) in ip_network(net) for net in nets if ip_network(net).version == address.version
        )
        assert lies_within(observable) is expected, (address, nets)


_LABELS = st.text("ab", min_size=1, max_size=2)
_DOMAINS = st.lists(_LABELS, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "example"]))


@given(st.lists(_DOMAINS, min_size=1, max_size=4), _DOMAINS)
def test_a_name_lies_in_the_names_above_it_and_in_no_other(domains: list[str], name: str) -> None:
    lies_within = Exchange.lying_within([Observable("domain-name", each) for each in domains])
    expected = any(name == each or name.endswith(f".{each}") for each in domains)
    assert lies_within(Observable("domain-name", name)) is expected
    assert lies_within(Observable("email-addr", f"x@{name}")) is expected
    mail = Exchange.lying_within([Observable("email-addr", f"@{each}") for each in domains])
    assert mail(Observable("email-addr", f"x@{name}")) is expected and not mail(Observable("domain-name", name))
