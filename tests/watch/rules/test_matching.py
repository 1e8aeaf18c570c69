"""What matches and what only looks like it; and that nobody fills the memory with names of his."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.watch.model import Event, How
from kouprey.watch.rules.matching import MOST, Matcher, Terms

LABEL = st.text("abc-", min_size=1, max_size=3)
NAME = st.lists(LABEL, min_size=1, max_size=4).map(".".join)


def terms(*named: tuple[str, str]) -> Terms:
    made = Terms()
    for place, (kind, text) in enumerate(named):
        assert made.add(f"indicator--{place}", kind, text)
    return made


def event(*values: tuple[str, str]) -> Event:
    return Event(1, "s", "h", values)


@pytest.mark.parametrize(
    ("named", "seen", "how"),
    [
        (("domain-name", "evil.example"), ("domain-name", "evil.example"), How.EXACT),
        (("domain-name", "evil.example"), ("domain-name", "a.b.evil.example"), How.BELOW),
        (("domain-name", "evil.example"), ("domain-name", "notevil.example"), None),
        (("domain-name", "evil.example"), ("domain-name", "example"), None),
        (("domain-name", "evil.example"), ("domain-name", "evil.example.com"), None),
        (("domain-name", "a.host1"), ("domain-name", "x.a.host1"), How.BELOW),
        (("ipv4-addr", "192.0.2.1"), ("ipv4-addr", "192.0.2.1"), How.EXACT),
        (("ipv4-addr", "192.0.2.1"), ("ipv4-addr", "192.0.2.10"), None),
        (("ipv4-net", "192.0.2.0/24"), ("ipv4-addr", "192.0.2.255"), How.WITHIN),
        (("ipv4-net", "192.0.2.0/24"), ("ipv4-addr", "192.0.3.0"), None),
        (("ipv4-net", "203.0.0.0/8"), ("ipv4-addr", "203.0.113.9"), How.WITHIN),
        (("ipv4-net", "192.0.2.0/24"), ("ipv4-addr", "192.0.2.999"), None),
        (("ipv6-net", "2001:db8::/32"), ("ipv6-addr", "2001:db8:1::5"), How.WITHIN),
        (("ipv6-addr", "2001:db8::1"), ("ipv6-addr", "2001:db8::1"), How.EXACT),
        (("url", "http://evil.example/a?b"), ("url", "evil.example/a?b"), How.EXACT),
        (("url", "https://evil.example:443/a"), ("url", "evil.example/a"), How.EXACT),
        (("url", "http://evil.example/a"), ("url", "evil.example/ab"), None),
        (("url", "http://evil.example/a"), ("domain-name", "evil.example"), None),
        (("md5", "d" * 32), ("md5", "d" * 32), How.EXACT),
        (("sha256", "d" * 64), ("domain-name", "d" * 64), None),
        (("domain-name", "192.0.2.1"), ("ipv4-addr", "192.0.2.1"), None),
    ],
)
def test_what_matches(named: tuple[str, str], seen: tuple[str, str], how: How | None) -> None:
    hits = Matcher(terms(named)).find([event(seen)])
    assert [each.match.how for each in hits] == ([how] if how else [])
    assert all((each.kind, each.value) == seen and each.match.kind == named[0] for each in hits)


def test_one_text_in_two_fields_cannot_hide_in_the_cache() -> None:
    matcher = Matcher(terms(("sha256", "a" * 64)))
    assert not matcher.find([event(("domain-name", "a" * 64))])
    assert len(matcher.find([event(("sha256", "a" * 64))])) == 1


def test_a_changed_set_forgets_verdicts() -> None:
    held = terms(("domain-name", "one.example"))
    matcher = Matcher(held)
    assert not matcher.find([event(("domain-name", "two.example"))])
    held.add("indicator--9", "domain-name", "two.example")
    assert len(matcher.find([event(("domain-name", "two.example"))])) == 1 and len(held) == 2


def test_memory_is_bounded_under_names_of_an_attacker() -> None:
    matcher = Matcher(terms(("domain-name", "evil.example")), cached=100)
    flood = [event(("domain-name", f"{n:x}.{'x' * (n % 400)}.fine.example")) for n in range(5_000)]
    hits = matcher.find([*flood, event(("domain-name", "a.evil.example")), *flood])
    assert len(hits) == 1 and len(matcher) <= 200
    texts = [*matcher._young, *matcher._old]
    assert max(map(len, texts)) <= 300
    assert len(matcher.find([event(("domain-name", "a.evil.example"))])) == 1


def test_a_value_of_many_indicators_raises_the_first_of_them() -> None:
    held = Terms()
    for n in range(MOST + 5):
        held.add(f"indicator--{n}", "domain-name", "evil.example")
    held.add("indicator--0", "domain-name", "evil.example")
    assert len(Matcher(held).find([event(("domain-name", "evil.example"))])) == MOST
    assert not held.add("indicator--x", "mutex", "m")


@given(NAME, NAME)
def test_below_is_by_whole_labels(named: str, seen: str) -> None:
    hits = Matcher(terms(("domain-name", named))).find([event(("domain-name", seen))])
    assert bool(hits) == (seen == named or seen.endswith(f".{named}"))


def test_a_network_that_names_everybody_is_not_looked_for() -> None:
    terms = Terms()
    for kind, text in (("ipv4-net", "0.0.0.0/0"), ("ipv4-net", "10.0.0.0/7"), ("ipv6-net", "::/0")):
        assert not terms.add("indicator--1", kind, text), text
    assert not len(terms) and not terms.judge("203.0.113.7") and not terms.judge("2001:db8::7")
    assert terms.add("indicator--1", "ipv4-net", "10.0.0.0/8") and terms.add("indicator--1", "ipv6-net", "2a00::/19")
    assert terms.judge("10.1.2.3") and terms.judge("2a00::7")
