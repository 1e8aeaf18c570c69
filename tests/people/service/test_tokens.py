"""Tokens let programs in up to a clearance, and die at the next request."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Forbidden, Refused, Unknown
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.facts import ReaderWidened
from kouprey.people.model import Permission, Role, Token, rights_of, roles_with
from kouprey.people.service import People


def used(token: Token | None) -> Token | None:
    """As it was made, whenever it was used since."""
    return None if token is None else msgspec.structs.replace(token, used=0)


def basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


def widened(store: Store) -> int:
    with store.read() as reader:
        return int(reader.value("SELECT count(*) FROM outbox WHERE name = ?", (outbox.fact_name(ReaderWidened),)))


def test_both_schemes_and_nothing_else(people: People) -> None:
    token, secret = people.create_token("cert.example", Role.FEED, TLP.GREEN, by="operator", collections=("c",))
    assert people.find_token(basic(token.user, secret)) == token
    assert used(people.find_token(f"bearer {secret}")) == token
    for wrong in (
        "",
        secret,
        "Basic",
        "Bearer ",
        "Basic %%%",
        "Basic " + base64.b64encode(b"\xff\xfe").decode(),
        basic("", secret),
        basic("tok_other", secret),
        basic(token.user, secret + "x"),
        basic(token.user, ""),
        f"Digest {secret}",
        f"Bearer {token.user}:{secret}",
    ):
        assert people.find_token(wrong) is None


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80))
def test_no_header_is_more_than_nobody(people: People, header: str) -> None:
    for scheme in ("", "Basic ", "Bearer "):
        assert people.find_token(scheme + header) is None


def test_a_token_ends(people: People, clock: object) -> None:
    token, secret = people.create_token("cert.example", Role.FEED, TLP.GREEN, by="operator", life=10 * SECOND)
    assert people.find_token(f"Bearer {secret}") == token
    clock.pass_seconds(10)  # type: ignore[attr-defined]  # the test clock
    assert people.find_token(f"Bearer {secret}") is None


def test_a_revoked_token_is_dead_at_once_and_may_live_again(people: People, store: Store) -> None:
    token, secret = people.create_token("cert.example", Role.FEED, TLP.GREEN, by="operator")
    assert not people.change_token(token.user, by="operator", active=False).active
    assert people.find_token(f"Bearer {secret}") is None
    people.change_token(token.user, by="operator", active=True)
    assert used(people.find_token(f"Bearer {secret}")) == token
    assert [used(each) for each in people.list_tokens()] == [token]
    assert widened(store) == 0


def test_a_changed_clearance_is_told(people: People, store: Store) -> None:
    token, secret = people.create_token("cert.example", Role.FEED, TLP.GREEN, by="operator")
    changed = people.change_token(token.user, by="operator", clearance=TLP.RED, role=Role.ANALYST)
    assert people.find_token(f"Bearer {secret}") == changed
    assert (changed.clearance, changed.role) == (TLP.RED, Role.ANALYST)
    assert widened(store) == 1


def test_whom_a_token_reads_for(people: People, other: People) -> None:
    people.trust(other.home().note, by="operator")
    ours, _ = people.create_token("cert.example", Role.FEED, TLP.GREEN, by="operator")
    theirs, _ = people.create_token("operator.example", Role.FEED, TLP.AMBER, by="operator")
    assert people.reader_of_token(ours).local
    reader = people.reader_of_token(theirs)
    assert (reader.party, reader.local, reader.clearance) == ("operator.example", False, TLP.AMBER)
    with pytest.raises(Unknown):
        people.create_token("nobody.example", Role.FEED, TLP.GREEN, by="operator")
    with pytest.raises(Unknown):
        people.change_token("tok_0", by="operator", active=False)


def test_nobody_grants_a_token_more_than_they_have(people: People) -> None:
    keo = people.save_person("Keo", (Role.ADMINISTRATOR,), TLP.GREEN, by="operator")
    with pytest.raises(Forbidden):
        people.create_token("cert.example", Role.FEED, TLP.AMBER, by="keo", granter=keo)
    token, _ = people.create_token("cert.example", Role.FEED, TLP.GREEN, by="keo", granter=keo)
    with pytest.raises(Forbidden):
        people.change_token(token.user, by="keo", clearance=TLP.AMBER, granter=keo)
    assert people.list_tokens() == [token]


def test_a_new_secret_ends_the_one_before_at_once(people: People) -> None:
    token, before = people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="operator")
    rotated, after = people.rotate_token(token.user, by="operator")
    assert rotated.user == token.user and before != after
    assert people.find_token(f"Bearer {before}") is None
    found = people.find_token(f"Bearer {after}")
    assert found is not None and found.user == token.user
    with pytest.raises(Unknown):
        people.rotate_token("tok_none", by="operator")
    junior = people.save_person("Junior", (Role.ANALYST,), TLP.CLEAR, by="operator")
    with pytest.raises(Forbidden):
        people.rotate_token(token.user, by=junior.id, granter=junior)


def test_the_last_use_is_kept_by_the_hour(people: People, clock: Any) -> None:
    token, secret = people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="operator")
    assert people.list_tokens()[0].used == 0
    people.find_token(f"Bearer {secret}")
    first = people.list_tokens()[0].used
    assert first > 0
    clock.pass_seconds(3000)
    people.find_token(f"Bearer {secret}")
    assert people.list_tokens()[0].used == first
    clock.pass_seconds(700)
    people.find_token(f"Bearer {secret}")
    assert people.list_tokens()[0].used > first
    assert people.find_token("Bearer wrong") is None and people.find_token(f"Basic {token.user}") is None


def test_a_token_is_narrowed_to_verbs_and_collections(people: People) -> None:
    made, secret = people.create_token(
        people.home_id,
        Role.LEAD,
        TLP.GREEN,
        by="operator",
        verbs=[Permission.WRITE, Permission.READ],
        collections=["main", "main", " other "],
    )
    assert made.verbs == (Permission.READ, Permission.WRITE) and made.collections == ("main", "other")
    assert used(people.find_token(f"Bearer {secret}")) == made
    assert rights_of(made) == ("may:read", "may:write")
    for permission in Permission:
        assert bool(set(rights_of(made)) & set(roles_with(permission))) is (permission in made.verbs)
    changed = people.change_token(made.user, by="operator", verbs=[Permission.READ], collections=[])
    assert used(people.find_token(f"Bearer {secret}")) == used(changed)
    assert (changed.verbs, changed.collections) == ((Permission.READ,), ())
    # Another role forgets the verbs of the one before.
    again = people.change_token(made.user, by="operator", role=Role.FEED)
    assert again.verbs == () and rights_of(again) == ("feed",)


def test_a_token_cannot_be_widened_beyond_its_role_or_its_maker(people: People) -> None:
    with pytest.raises(Refused):
        people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="operator", verbs=[Permission.WRITE])
    for bad in ("a b", "../x", "x" * 200):
        with pytest.raises(Refused):
            people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="operator", collections=[bad])
    with pytest.raises(Refused):
        people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="operator", collections=map(str, range(51)))
    # Somebody without a right cannot take it back from a token either, and may give a narrowed one they have.
    lead = people.save_person("Lead", (Role.LEAD,), TLP.RED, by="operator")
    boss, _ = people.create_token(people.home_id, Role.ADMINISTRATOR, TLP.GREEN, by="operator")
    with pytest.raises(Forbidden):
        people.change_token(boss.user, by=lead.id, verbs=[Permission.READ], granter=lead)
    made, _ = people.create_token(
        people.home_id, Role.ADMINISTRATOR, TLP.GREEN, by=lead.id, verbs=[Permission.READ], granter=lead
    )
    with pytest.raises(Forbidden):
        people.change_token(made.user, by=lead.id, verbs=[], granter=lead)


def test_a_token_of_before_keeps_what_it_had(people: People, store: Store) -> None:
    store.write(
        lambda tx: tx.execute(
            "INSERT INTO token (username, secret_hash, party, role, clearance, collection, created_at, expires, active)"
            " VALUES ('tok_old', ?, 'cert.example', 'feed', 1, '5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10', 1, 9, 1)",
            (b"hash",),
        )
    )
    (old,) = people.list_tokens()
    assert old.collections == ("5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10",) and old.verbs == () and not old.used
    assert rights_of(old) == ("feed",)
