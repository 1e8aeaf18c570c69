"""A token acts for another party only within what two persons have agreed on, and never sees more by it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.seal import keyring
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.audit import AuditEntry, list_audit
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Forbidden, Refused, Unknown
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.facts import ReaderWidened
from kouprey.people.model import Delegation, DelegationState, Permission, Person, Role, Token, rights_of
from kouprey.people.service import People

DAY = 86_400 * SECOND
BOTH = (Permission.READ, Permission.WRITE)


@pytest.fixture
def group(people: People, make_store: Any, tmp_path: Any, clock: Any, other: People) -> People:
    """A node that knows an operator and the operator's group."""
    people.trust(other.home().note, by="operator")
    third = People(make_store(), keyring.create(tmp_path / "third"), clock, people._hasher)
    third.found("group.example", "Example Group", identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a12")
    people.trust(third.home().note, by="operator")
    return people


@pytest.fixture
def dara(group: People) -> Person:
    return group.save_person("Dara", (Role.ADMINISTRATOR,), TLP.RED, by="operator")


@pytest.fixture
def token(group: People) -> Token:
    return group.create_token("operator.example", Role.CONTRIBUTOR, TLP.AMBER, by="operator")[0]


def record(group: People, token: Token, granter: Person | None = None, **more: Any) -> Delegation:
    now = group._clock()
    verbs, clearance = more.pop("verbs", BOTH), more.pop("clearance", TLP.RED)
    given = {"starts": now, "ends": now + DAY, "because": "Board resolution 12", "granter": granter} | more
    return group.record_delegation(given.pop("party", "group.example"), token.user, verbs, clearance, **given)


def agreed(group: People, token: Token, dara: Person, **more: Any) -> Delegation:
    return group.confirm_delegation(record(group, token, dara, **more).id, granter=None)


def lines(store: Store) -> list[AuditEntry]:
    with store.read() as reader:
        return [each for each in list_audit(reader) if each.action.startswith("delegation.")]


def widened(store: Store) -> list[tuple[str, int, int]]:
    with store.read() as reader:
        found = reader.all("SELECT body FROM outbox WHERE name = ?", (outbox.fact_name(ReaderWidened),))
    facts = [msgspec.json.decode(row[0], type=ReaderWidened) for row in found]
    return sorted((str(f.after["party"]), f.before["clearance"], f.after["clearance"]) for f in facts)  # type: ignore[misc]  # numbers


def refused(group: People, token: Token, party: str = "group.example") -> str:
    with pytest.raises(Forbidden) as failed:
        group.acting_for(token, party)
    assert failed.value.code == "not-delegated"
    return str(failed.value)


def test_two_agree_and_the_lower_clearance_and_common_verbs_count(
    group: People, token: Token, dara: Person, store: Store
) -> None:
    made = record(group, token, dara)
    refused(group, token)
    with pytest.raises(Forbidden) as failed:
        group.confirm_delegation(made.id, granter=dara)
    assert failed.value.code == "same-person"
    refused(group, token)
    held = group.confirm_delegation(made.id, granter=None)
    assert group.list_delegations() == [held]
    acting = group.acting_for(token, "group.example")
    reader = group.reader_acting(token, acting)
    assert (reader.party, reader.local, reader.clearance, reader.name) == (
        "group.example",
        False,
        TLP.AMBER,
        token.user,
    )
    assert rights_of(acting) == ("may:read", "may:write")
    # Nothing else of either party moved, and nobody's standing view became wider.
    assert group.reader_of_token(token).party == "operator.example" and widened(store) == []
    use, confirmed, recorded = lines(store)
    assert (use.actor, use.party, use.subject) == (token.user, "group.example", held.id)
    assert use.detail["to"] == "operator.example" and use.detail["because"] == "Board resolution 12"
    assert (recorded.actor, confirmed.actor) == (dara.id, "operator")
    assert recorded.detail["token"] == token.user and recorded.detail["party"] == "group.example"


def test_what_the_machine_recorded_a_person_confirms(group: People, token: Token, dara: Person) -> None:
    made = record(group, token)
    with pytest.raises(Forbidden):
        group.confirm_delegation(made.id, granter=None)
    assert group.confirm_delegation(made.id, granter=dara).state(group._clock()) is DelegationState.IN_FORCE


def test_all_that_gives_nothing_is_refused_in_the_same_words(
    group: People, token: Token, dara: Person, clock: Any
) -> None:
    said = {refused(group, token), refused(group, token, ""), refused(group, token, "nobody.example")}
    held = agreed(group, token, dara, starts=clock() + DAY, ends=clock() + 2 * DAY)
    said.add(refused(group, token))
    clock.pass_seconds(86_400)
    assert group.acting_for(token, "group.example").delegation == held.id
    said.add(refused(group, token, "cert.example"))
    said.add(refused(group, token, "operator.example"))
    stranger, _ = group.create_token("operator.example", Role.CONTRIBUTOR, TLP.AMBER, by="operator")
    said.add(refused(group, stranger))
    clock.pass_seconds(86_400)
    said.add(refused(group, token))
    assert len(said) == 1


def test_revoked_is_dead_at_once_and_so_is_a_revoked_token(group: People, token: Token, dara: Person) -> None:
    held = agreed(group, token, dara)
    off = group.change_token(token.user, by="operator", active=False)
    refused(group, off)
    on = group.change_token(token.user, by="operator", active=True)
    assert group.acting_for(on, "group.example")
    assert group.revoke_delegation(held.id, by=dara.id).revoked_by == dara.id
    refused(group, token)
    for again in (
        lambda: group.revoke_delegation(held.id, by=dara.id),
        lambda: group.confirm_delegation(held.id, granter=None),
    ):
        with pytest.raises(Refused) as failed:
            again()
        assert failed.value.code == "delegation-done"
    with pytest.raises(Unknown):
        group.revoke_delegation("dlg_none", by=dara.id)


def test_verbs_are_those_of_both(group: People, dara: Person) -> None:
    feed, _ = group.create_token("operator.example", Role.FEED, TLP.GREEN, by="operator")
    agreed(group, feed, dara, verbs=BOTH)
    assert rights_of(group.acting_for(feed, "group.example")) == ("may:read",)
    other, _ = group.create_token("operator.example", Role.FEED, TLP.GREEN, by="operator")
    agreed(group, other, dara, verbs=[Permission.WRITE])
    refused(group, other)
    for verbs in ((), [Permission.PUBLISH], [Permission.READ, Permission.PEOPLE]):
        with pytest.raises(Refused) as failed:
            record(group, other, dara, verbs=verbs)
        assert failed.value.code == "bad-scope"


def test_nobody_delegates_or_confirms_more_than_they_have(group: People, token: Token, dara: Person) -> None:
    low = group.save_person("Low", (Role.ADMINISTRATOR,), TLP.GREEN, by="operator")
    with pytest.raises(Forbidden):
        record(group, token, low, clearance=TLP.AMBER)
    made = record(group, token, dara, clearance=TLP.AMBER)
    with pytest.raises(Forbidden):
        group.confirm_delegation(made.id, granter=low)
    policy = group.save_person("Policy", (Role.POLICY,), TLP.RED, by="operator")
    with pytest.raises(Forbidden):
        group.confirm_delegation(made.id, granter=policy)
    refused(group, token)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"party": "operator.example"}, "own-party"),
        ({"party": "cert.example"}, "own-party"),
        ({"because": " "}, "no-ground"),
        ({"ends": 1}, "bad-times"),
        ({"starts": 2**60, "ends": 2**60}, "bad-times"),
        ({"starts": 0, "ends": 2**60}, "bad-times"),
    ],
)
def test_what_is_no_delegation(group: People, token: Token, more: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as failed:
        record(group, token, **more)
    assert failed.value.code == code
    assert group.list_delegations() == []


def test_unknown_parties_and_tokens(group: People, token: Token) -> None:
    with pytest.raises(Unknown):
        record(group, token, party="nobody.example")
    with pytest.raises(Unknown):
        record(group, msgspec.structs.replace(token, user="tok_none"))


def test_one_at_a_time_and_never_wider_than_one_before(group: People, token: Token, dara: Person, clock: Any) -> None:
    first = agreed(group, token, dara, clearance=TLP.GREEN)
    beside = {"starts": clock() + DAY // 2, "ends": clock() + 2 * DAY}
    with pytest.raises(Refused) as failed:
        record(group, token, dara, clearance=TLP.GREEN, **beside)
    assert failed.value.code == "delegated-already"
    group.revoke_delegation(first.id, by=dara.id)
    # Its program stands at some place of the view up to green; a wider one would leave gaps before it.
    with pytest.raises(Refused) as failed:
        record(group, token, dara, clearance=TLP.AMBER, **beside)
    assert failed.value.code == "above-earlier"
    one, two = (record(group, token, dara, clearance=TLP.GREEN, **beside) for _ in range(2))
    group.confirm_delegation(one.id, granter=None)
    with pytest.raises(Refused):
        group.confirm_delegation(two.id, granter=None)
    clock.pass_seconds(2 * 86_400)
    agreed(group, token, dara, clearance=TLP.CLEAR)


def test_unconfirmed_ones_forbid_nothing(group: People, token: Token, dara: Person) -> None:
    low = record(group, token, dara, clearance=TLP.GREEN)
    high = agreed(group, token, dara, clearance=TLP.AMBER)
    with pytest.raises(Refused):
        group.confirm_delegation(low.id, granter=None)
    assert group.acting_for(token, "group.example").delegation == high.id


def test_a_raised_token_is_told_as_whom_it_reads_more(group: People, token: Token, dara: Person, store: Store) -> None:
    """Else a client that goes on from its position would never be given what only the raised view shows it."""
    held = agreed(group, token, dara, clearance=TLP.AMBER)
    group.revoke_delegation(held.id, by=dara.id)
    group.change_token(token.user, by="operator", clearance=TLP.GREEN)
    group.change_token(token.user, by="operator", clearance=TLP.RED)
    green, amber, red = int(TLP.GREEN), int(TLP.AMBER), int(TLP.RED)
    assert widened(store) == [
        ("group.example", green, amber),
        ("group.example", amber, green),
        ("operator.example", green, red),
        ("operator.example", amber, green),
    ]


def test_uses_are_noted_by_the_hour(group: People, token: Token, dara: Person, store: Store, clock: Any) -> None:
    agreed(group, token, dara)
    for _ in range(3):
        group.acting_for(token, "group.example")
    clock.pass_seconds(3_700)
    group.acting_for(token, "group.example")
    assert [each.action for each in lines(store)].count("delegation.use") == 2
