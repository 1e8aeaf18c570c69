"""Tokens let programs in up to a clearance, and die at the next request."""

from __future__ import annotations

import base64

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Forbidden, Unknown
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.facts import ReaderWidened
from kouprey.people.model import Role
from kouprey.people.service import People


def basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


def widened(store: Store) -> int:
    with store.read() as reader:
        return int(reader.value("SELECT count(*) FROM outbox WHERE name = ?", (outbox.fact_name(ReaderWidened),)))


def test_both_schemes_and_nothing_else(people: People) -> None:
    token, secret = people.create_token("cert.example", Role.FEED, TLP.GREEN, by="operator", collection="c")
    assert people.find_token(basic(token.user, secret)) == token
    assert people.find_token(f"bearer {secret}") == token
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
    assert people.find_token(f"Bearer {secret}") == token
    assert people.list_tokens() == [token]
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
