"""Which party belongs to which, as this node has written it down."""

from __future__ import annotations

import pytest

from kouprey.kernel.storage.audit import list_audit
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.people.service import People
from kouprey.people.service.members import BECAUSE_MAX


@pytest.fixture
def group(people: People, other: People) -> People:
    people.trust(other.home().note, by="operator")
    return people


def test_a_member_is_written_down_with_its_ground_and_taken_off_again(group: People, store: Store) -> None:
    made = group.add_member("cert.example", "operator.example", because=" Articles, section 2 ", by="psn_1")
    assert group.list_memberships() == [made]
    assert (made.because, made.by, made.at > 0) == ("Articles, section 2", "psn_1", True)
    group.remove_member("cert.example", "operator.example", by="psn_2")
    assert group.list_memberships() == []
    with store.read() as reader:
        said = [(each.actor, each.action, each.subject) for each in list_audit(reader, limit=2)]
    assert said == [("psn_2", "party.remove-member", "cert.example"), ("psn_1", "party.add-member", "cert.example")]


def test_what_is_no_membership(group: People) -> None:
    group.add_member("cert.example", "operator.example", because="x", by="operator")
    for party, member, code in (
        ("cert.example", "cert.example", "member-of-itself"),
        ("operator.example", "cert.example", "member-of-itself"),
        ("cert.example", "operator.example", "known-member"),
    ):
        with pytest.raises(Refused) as failed:
            group.add_member(party, member, because="x", by="operator")
        assert failed.value.code == code
    for because in ("", "  ", "x" * (BECAUSE_MAX + 1), "two\nlines"):
        with pytest.raises(Refused, match="ground"):
            group.add_member("cert.example", "operator.example", because=because, by="operator")
    with pytest.raises(Unknown):
        group.add_member("cert.example", "nobody.example", because="x", by="operator")
    with pytest.raises(Unknown):
        group.remove_member("operator.example", "cert.example", by="operator")
    assert len(group.list_memberships()) == 1
