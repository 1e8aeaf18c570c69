"""Good passwords, waiting after wrong ones, who belongs to whom, and what one may do for another party."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Delegation, Membership, Permission, Role, Token, permissions_of, rights_of
from kouprey.people.rules import (
    FREE_OF_ACCOUNT,
    LEAST,
    Weakness,
    acting,
    closes_circle,
    normal,
    overlap,
    ready_at,
    weakness_of,
)

NAMES = ("Dara Sok", "cert.example", "Example CERT", "kouprey")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", Weakness.SHORT),
        ("a" * 11 + "\u0301", Weakness.SHORT),
        ("x1y2" * 300, Weakness.LONG),
        ("Password1234", Weakness.COMMON),
        ("Correct Horse Battery Staple", Weakness.COMMON),
        ("correcthorsebatterystaple", Weakness.COMMON),
        ("aaaaaaaaaaaaaaa", Weakness.PLAIN),
        ("123123123123", Weakness.PLAIN),
        ("Dara Sok 2026", Weakness.NAMES),
        ("darasok123456", Weakness.NAMES),
        ("Example.CERT!", Weakness.NAMES),
        ("koupreykouprey", Weakness.NAMES),
        ("dara eats noodles", None),
        ("four grey oxen", None),
        ("គោព្រៃរស់នៅក្នុងព្រៃ", None),
        ("lower case is enough", None),
    ],
)
def test_weak_passwords_are_told_why(password: str, why: Weakness | None) -> None:
    assert weakness_of(password, NAMES) is why


@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=4))
def test_any_text_is_judged_and_none_short_of_the_least_passes(password: str, names: list[str]) -> None:
    if weakness_of(password, names) is None:
        assert len(normal(password)) >= LEAST and len(set(normal(password).casefold())) >= 5


def test_what_looks_alike_is_the_same_password() -> None:
    assert normal("café au lait 1") == normal("cafe\u0301 au lait 1")


def test_waiting_begins_after_the_free_attempts_and_doubles_to_a_bound() -> None:
    waits = [ready_at(failures, 1000, FREE_OF_ACCOUNT) - 1000 for failures in range(40)]
    assert waits[:FREE_OF_ACCOUNT] == [0] * FREE_OF_ACCOUNT
    assert [wait // SECOND for wait in waits[FREE_OF_ACCOUNT : FREE_OF_ACCOUNT + 4]] == [1, 2, 4, 8]
    assert waits[-1] == 900 * SECOND and waits == sorted(waits)


PARTIES = st.sampled_from(("a.example", "b.example", "c.example"))
USERS = st.sampled_from(("tok_1", "tok_2"))
VERBS = st.lists(st.sampled_from((Permission.READ, Permission.WRITE)), unique=True).map(tuple)
INSTANTS = st.integers(0, 6)
TOKENS = st.builds(
    Token,
    user=USERS,
    party=PARTIES,
    role=st.sampled_from(Role),
    clearance=st.sampled_from(TLP),
    verbs=VERBS,
    expires=INSTANTS,
    active=st.booleans(),
)
DELEGATIONS = st.builds(
    Delegation,
    id=st.just("dlg"),
    party=PARTIES,
    token=USERS,
    to=PARTIES,
    verbs=VERBS,
    clearance=st.sampled_from(TLP),
    starts=INSTANTS,
    ends=INSTANTS,
    because=st.just("x"),
    recorded_by=st.just("x"),
    recorded_at=st.just(1),
    confirmed_at=st.integers(0, 1),
    revoked_at=st.integers(0, 1),
)


@given(TOKENS, DELEGATIONS, INSTANTS)
def test_acting_is_never_more_than_token_and_delegation_say(token: Token, held: Delegation, now: int) -> None:
    may = set(token.verbs) or permissions_of((token.role,))
    alive = token.active and now < token.expires and held.starts <= now < held.ends
    agreed = held.confirmed_at > 0 and not held.revoked_at
    fits = held.token == token.user and held.to == token.party != held.party
    found = acting(token, held, now)
    assert (found is not None) == bool(alive and agreed and fits and may & set(held.verbs))
    if found is not None:
        assert (found.party, found.delegation) == (held.party, held.id)
        assert found.clearance <= token.clearance and found.clearance <= held.clearance
        assert set(found.verbs) == may & set(held.verbs) and rights_of(found)


@given(DELEGATIONS, DELEGATIONS)
def test_what_overlaps_counts_at_one_instant(one: Delegation, other: Delegation) -> None:
    same = one.token == other.token and one.party == other.party
    both = any(one.starts <= at < one.ends and other.starts <= at < other.ends for at in range(8))
    if same and both:
        assert overlap(one, other)
    # What ends before it begins counts never; it is refused where it is recorded.
    elif one.starts < one.ends and other.starts < other.ends:
        assert not overlap(one, other)


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde")), max_size=12))
def test_no_party_ever_belongs_to_itself(wanted: list[tuple[str, str]]) -> None:
    kept: list[Membership] = []
    for party, member in wanted:
        if not closes_circle(kept, party, member):
            kept.append(Membership(party=party, member=member, because="x", by="x", at=1))
    order: list[str] = []
    left = set("abcde")
    # Parties without a group that is still left, again and again: a circle would never be taken away.
    while free := {each for each in left if not any(m.member == each and m.party in left for m in kept)}:
        order.extend(free)
        left -= free
    assert len(order) == 5
