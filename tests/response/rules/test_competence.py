"""Who is competent: subjects are read, and the most specific claim comes first whatever the claims are."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.response.model.directory import Asn, Claim, Domain, Profile, Subject
from kouprey.response.rules.competence import claims_of, competent, covers, read_subject, read_subjects, text_of


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("2001:db8::1", "2001:db8::1"),
        ("as64500", "AS64500"),
        ("AS 64500", "AS64500"),
        ("Www.Gov.Example.", "www.gov.example"),
        ("https://user@www.gov.example:8443/a?b", "www.gov.example"),
        ("http://[2001:db8::1]:80/", "2001:db8::1"),
        ("https://203.0.113.7/x", "203.0.113.7"),
        ("bücher.example", "xn--bcher-kva.example"),
    ],
)
def test_what_names_something(text: str, told: str) -> None:
    read = read_subject(text)
    assert read is not None and text_of(read) == told


@pytest.mark.parametrize(
    "text", ["", "AS0", "AS4294967296", "example", "indicator--1be6", "a..b", "300.1.1.1", "https://", "a b.example"]
)
def test_what_names_nothing(text: str) -> None:
    assert read_subject(text) is None


@given(st.text(max_size=80))
def test_any_text_names_something_or_nothing(text: str) -> None:
    read = read_subject(text)
    assert read is None or read_subject(text_of(read)) == read


networks = st.one_of(
    st.tuples(st.integers(0, (1 << 32) - 1), st.integers(0, 32)).map(lambda it: IPv4Network(it, strict=False)),
    st.tuples(st.integers(0, 255), st.integers(120, 128)).map(lambda it: IPv6Network(it, strict=False)),
)
words = st.lists(st.sampled_from(["a", "b", "www"]), min_size=2, max_size=4).map(lambda it: Domain(".".join(it)))
subjects: st.SearchStrategy[Subject] = st.one_of(networks, words, st.integers(1, 5).map(Asn))
claimed = st.builds(Claim, st.sampled_from(["a.example", "b.example", "c.example"]), subjects, st.booleans())


def _narrow(subject: Subject) -> int:
    if isinstance(subject, Asn):
        return 0
    return len(subject.name.split(".")) - 1 if isinstance(subject, Domain) else subject.prefixlen


@given(subjects, st.lists(claimed, max_size=12))
def test_each_competent_party_once_the_most_specific_first(subject: Subject, claims: list[Claim]) -> None:
    found = competent(subject, claims)
    assert {each.party for each in found} == {each.party for each in claims if covers(each.subject, subject)}
    assert len({each.party for each in found}) == len(found)
    assert [_narrow(each.subject) for each in found] == sorted((_narrow(each.subject) for each in found), reverse=True)
    for each in found:
        best = [other for other in claims if other.party == each.party and covers(other.subject, subject)]
        assert _narrow(each.subject) == max(_narrow(other.subject) for other in best)


@given(subjects, st.lists(claimed, max_size=8), st.randoms())
def test_the_order_of_claims_does_not_matter(subject: Subject, claims: list[Claim], random: object) -> None:
    mixed = list(claims)
    random.shuffle(mixed)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert competent(subject, mixed) == competent(subject, claims)


def test_the_label_is_the_border_of_a_domain() -> None:
    assert covers(Domain("gov.example"), Domain("mail.gov.example"))
    assert not covers(Domain("gov.example"), Domain("notgov.example"))
    assert not covers(Domain("mail.gov.example"), Domain("gov.example"))


def test_a_network_is_competent_for_its_parts_alone() -> None:
    wide, narrow = ip_network("203.0.113.0/24"), ip_network("203.0.113.128/25")
    claims = [Claim("isp.example", wide), Claim("bank.example", narrow), Claim("far.example", ip_network("0.0.0.0/0"))]
    assert [each.party for each in competent(ip_network("203.0.113.200"), claims)] == [
        "bank.example",
        "isp.example",
        "far.example",
    ]
    assert [each.party for each in competent(wide, claims)] == ["isp.example", "far.example"]


def test_what_a_party_says_of_itself_comes_before_what_was_learned() -> None:
    net = ip_network("203.0.113.0/24")
    found = competent(net, [Claim("a.example", net, learned=True), Claim("b.example", net)])
    assert [each.party for each in found] == ["b.example", "a.example"]


def test_claims_are_what_the_profile_names() -> None:
    profile = Profile(party="a.example", asns=(64500,), prefixes=("203.0.113.0/24",), domains=("gov.example",))
    assert {text_of(each.subject) for each in claims_of(profile)} == {"AS64500", "203.0.113.0/24", "gov.example"}
    assert read_subjects(["x", "AS5", "as5"]) == [Asn(5)]
