"""Signing in by a provider: the right answer lets the right person in, and every wrong one nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unidentified, Unreachable
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Provider, Role, Session, Way
from kouprey.people.service import People

ORIGIN = "https://node.cert.example"


@pytest.fixture
def people(people: People, provider: Any) -> People:
    people.use_provider(
        Provider(
            issuer=provider.issuer,
            client=provider.client,
            secret=provider.secret,
            name="Ministry",
            create="staff",
            roles=(("soc", Role.ANALYST), ("chiefs", Role.LEAD)),
            clearance=TLP.GREEN,
        ),
        allow_private=True,
    )
    return people


def signed_in(people: People, name: str = "Dara", *roles: Role) -> Session:
    person = people.save_person(name, roles or (Role.ANALYST,), TLP.AMBER, by="operator")
    outcome = people.sign_in(people.make_sign_in_link(person, by="operator"))
    assert isinstance(outcome, tuple)
    session = people.find_session(outcome[0])
    assert session is not None
    return session


def linked(people: People, provider: Any) -> Session:
    session = signed_in(people)
    departure = people.depart(ORIGIN, session=session)
    cookie, person, _ = people.arrive(provider.come_back(departure.address), departure.seed, ORIGIN, session=session)
    assert cookie == "" and person.id == session.person.id
    return session


def enter(people: People, provider: Any) -> tuple[str, Any, str]:
    departure = people.depart(ORIGIN, after="/ledger")
    return people.arrive(provider.come_back(departure.address), departure.seed, ORIGIN, agent="Firefox")


def test_a_linked_person_comes_in_and_nothing_secret_is_in_the_address(people: People, provider: Any) -> None:
    session = linked(people, provider)
    cookie, person, after = enter(people, provider)
    found = people.find_session(cookie)
    assert found is not None and (found.person.id, found.way, after) == (session.person.id, Way.OPENID, "/ledger")
    assert person.roles == (Role.ANALYST,) and people.is_linked(person)
    departure = people.depart(ORIGIN)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(departure.address).query).items()}
    assert asked["code_challenge_method"] == "S256" and asked["scope"] == "openid profile"
    assert asked["redirect_uri"] == f"{ORIGIN}/sign-in/openid/return" and asked["nonce"] != asked["state"]
    assert departure.seed not in departure.address and provider.secret not in departure.address


@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_keys_may_change_between_two_sign_ins(people: People, provider: Any, clock: Any, kind: str) -> None:
    linked(people, provider)
    clock.pass_seconds(60)
    provider.rotate("second", kind)
    assert enter(people, provider)[0]
    # A key that nobody showed is looked for once, not at every attempt.
    provider.header = lambda header: header.update(kid="never shown")
    before = provider.calls.count("/keys")
    for _ in range(3):
        with pytest.raises(Unidentified):
            enter(people, provider)
    assert provider.calls.count("/keys") <= before + 1


WRONG: dict[str, Callable[[Any], object]] = {
    "another nonce": lambda it: setattr(it, "claims", lambda claims: claims.update(nonce="another")),
    "no nonce": lambda it: setattr(it, "claims", lambda claims: claims.pop("nonce")),
    "another audience": lambda it: setattr(it, "claims", lambda claims: claims.update(aud="other")),
    "many audiences and no azp": lambda it: setattr(it, "claims", lambda c: c.update(aud=["kouprey", "other"])),
    "another azp": lambda it: setattr(it, "claims", lambda claims: claims.update(azp="other")),
    "another issuer": lambda it: setattr(it, "claims", lambda claims: claims.update(iss="https://evil.example")),
    "expired": lambda it: setattr(it, "claims", lambda claims: claims.update(exp=it.now() - 120)),
    "from the future": lambda it: setattr(it, "claims", lambda claims: claims.update(iat=it.now() + 3600)),
    "not yet": lambda it: setattr(it, "claims", lambda claims: claims.update(nbf=it.now() + 3600)),
    "no expiry": lambda it: setattr(it, "claims", lambda claims: claims.pop("exp")),
    "another access token": lambda it: setattr(it, "claims", lambda claims: claims.update(at_hash="AAAA")),
    "no access token": lambda it: setattr(it, "answer", lambda answer: answer.pop("access_token")),
    "no subject": lambda it: setattr(it, "claims", lambda claims: claims.pop("sub")),
    "a subject that is a list": lambda it: setattr(it, "claims", lambda claims: claims.update(sub=["a1b2"])),
    "claims of odd shapes": lambda it: setattr(it, "claims", lambda claims: claims.update(exp=[1], aud={"a": 1})),
    "alg none": lambda it: setattr(it, "header", lambda header: header.update(alg="none")),
    "no token": lambda it: setattr(it, "answer", lambda answer: answer.pop("id_token")),
    "a token that is none": lambda it: setattr(it, "answer", lambda answer: answer.update(id_token="a.b.c")),
    "a long token": lambda it: setattr(it, "answer", lambda answer: answer.update(id_token="a" * 70_000)),
    "a stranger's key": lambda it: setattr(it, "signing", ECKey.generate_key("P-256")),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_answer_lets_nobody_in(people: People, provider: Any, what: str) -> None:
    session = linked(people, provider)
    WRONG[what](provider)
    with pytest.raises(Unidentified) as told:
        enter(people, provider)
    assert told.value.remedy and len(people.list_sessions(session.person)) == 1


def test_a_public_key_is_no_shared_secret_and_a_key_in_the_header_is_none(people: People, provider: Any) -> None:
    linked(people, provider)
    strange = ECKey.generate_key("P-256")
    provider.header = lambda header: header.update(jwk=strange.as_dict(private=False))
    provider.signing = strange
    with pytest.raises(Unidentified):
        enter(people, provider)
    provider.header = lambda header: header.update(alg="HS256")
    with pytest.raises(Unidentified):
        enter(people, provider)


def test_an_answer_is_taken_once_in_the_browser_that_asked_and_in_time(
    people: People, provider: Any, clock: Any
) -> None:
    linked(people, provider)
    departure = people.depart(ORIGIN)
    query = provider.come_back(departure.address)
    for seed in ("", "x" * 32, people.depart(ORIGIN).seed):
        with pytest.raises(Unidentified) as told:
            people.arrive(query, seed, ORIGIN)
        assert told.value.code == "openid-stale"
    assert people.arrive(query, departure.seed, ORIGIN)[0]
    with pytest.raises(Unidentified):
        people.arrive(query, departure.seed, ORIGIN)
    late = people.depart(ORIGIN)
    query = provider.come_back(late.address)
    clock.pass_seconds(601)
    with pytest.raises(Unidentified):
        people.arrive(query, late.seed, ORIGIN)


def test_a_code_of_another_sign_in_is_not_taken(people: People, provider: Any) -> None:
    linked(people, provider)
    mine, stolen = people.depart(ORIGIN), people.depart(ORIGIN)
    code = parse_qs(provider.come_back(stolen.address))["code"][0]
    own = provider.come_back(mine.address)
    mixed = own.replace(parse_qs(own)["code"][0], code)
    with pytest.raises(Unidentified):
        people.arrive(mixed, mine.seed, ORIGIN)  # PKCE: the verifier is of another sign-in


@pytest.mark.parametrize("issuer", ["https://evil.example", None])
def test_another_provider_cannot_answer_for_this_one(people: People, provider: Any, issuer: str | None) -> None:
    linked(people, provider)
    departure = people.depart(ORIGIN)
    query = provider.come_back(departure.address)
    head, _, _ = query.partition("&iss=")
    calls = list(provider.calls)
    with pytest.raises(Unidentified):
        people.arrive(head + (f"&iss={issuer}" if issuer else ""), departure.seed, ORIGIN)
    assert provider.calls == calls  # the code went nowhere


@pytest.mark.parametrize("query", ["error=access_denied&state={state}&iss={iss}", "state={state}&iss={iss}"])
def test_a_provider_that_says_no_lets_nobody_in(people: People, provider: Any, query: str) -> None:
    departure = people.depart(ORIGIN)
    state = parse_qs(urlsplit(departure.address).query)["state"][0]
    with pytest.raises(Unidentified) as told:
        people.arrive(query.format(state=state, iss=provider.issuer), departure.seed, ORIGIN)
    assert told.value.code == "openid-refused"


def test_nobody_is_taken_for_somebody_by_name_or_mail(people: People, provider: Any) -> None:
    dara = signed_in(people, "Dara Sok").person
    for groups in ([], ["staff"]):
        provider.person = {"sub": "other", "name": "Dara Sok", "email": "dara@cert.example", "groups": groups}
        with pytest.raises(Forbidden):
            enter(people, provider)
    assert not people.is_linked(dara) and [each.name for each in people.list_persons()] == ["Dara Sok"]


def test_a_group_may_make_persons_with_the_least_role(people: People, provider: Any) -> None:
    provider.person = {"sub": "s1", "name": "Vanna", "groups": ["staff", "unheard of"]}
    _, vanna, _ = enter(people, provider)
    assert (vanna.name, vanna.roles, vanna.clearance) == ("Vanna", (Role.POLICY,), TLP.GREEN)
    provider.person = {"sub": "s2", "name": "Sophea", "groups": ["staff", "soc"]}
    assert enter(people, provider)[1].roles == (Role.ANALYST,)
    # What people changed here stays: groups count once.
    people.save_person("Sophea", (Role.TRAINER,), TLP.CLEAR, by="operator")
    assert enter(people, provider)[1].roles == (Role.TRAINER,)
    for strange in ({"groups": "soc"}, {"groups": {"staff": 1}}, {"groups": ["staff"], "name": ""}, {}):
        provider.person = {"sub": "s3", "name": "Bopha", **strange}
        with pytest.raises(Forbidden):
            enter(people, provider)
    provider.person = {"sub": "s4", "name": "psn_1", "groups": "staff"}
    with pytest.raises(Forbidden):
        enter(people, provider)


def test_whoever_is_deactivated_here_stays_outside(people: People, provider: Any, clock: Any) -> None:
    session = linked(people, provider)
    provider.person["groups"] = ["staff"]
    departure = people.depart(ORIGIN)
    people.set_active(session.person, False, by="operator")
    with pytest.raises(Forbidden) as told:
        people.arrive(provider.come_back(departure.address), departure.seed, ORIGIN)
    assert told.value.code == "inactive-person" and len(people.list_persons()) == 1


def test_a_link_is_of_one_person_and_made_from_their_own_fresh_session(
    people: People, provider: Any, clock: Any
) -> None:
    dara = linked(people, provider)
    vanna = signed_in(people, "Vanna")
    departure = people.depart(ORIGIN, session=vanna)
    with pytest.raises(Refused):  # the account is Dara's
        people.arrive(provider.come_back(departure.address), departure.seed, ORIGIN, session=vanna)
    provider.person = {"sub": "v"}
    for session in (None, dara):
        departure = people.depart(ORIGIN, session=vanna)
        with pytest.raises(Unidentified):
            people.arrive(provider.come_back(departure.address), departure.seed, ORIGIN, session=session)
    assert not people.is_linked(vanna.person)
    clock.pass_seconds(1801)
    for act in (lambda: people.depart(ORIGIN, session=dara), lambda: people.unlink(dara)):
        with pytest.raises(Forbidden):
            act()


def test_an_unlinked_account_signs_nobody_in(people: People, provider: Any) -> None:
    session = linked(people, provider)
    people.unlink(session)
    with pytest.raises(Forbidden):
        enter(people, provider)


BAD_METADATA: dict[str, Callable[[dict[str, Any]], object]] = {
    "another issuer": lambda said: said.update(issuer="https://evil.example"),
    "no token endpoint": lambda said: said.pop("token_endpoint"),
    "a place that is not called": lambda said: said.update(token_endpoint="file:///etc/passwd"),
    "a shape that is none": lambda said: said.update(jwks_uri=7),
}


@pytest.mark.parametrize("what", BAD_METADATA)
def test_a_provider_that_describes_itself_wrongly_is_not_used(people: People, provider: Any, what: str) -> None:
    provider.metadata = BAD_METADATA[what]
    with pytest.raises(Damaged) as told:
        people.depart(ORIGIN)
    assert told.value.remedy and people.leave_address(ORIGIN) == ""


def test_a_private_address_is_called_only_when_allowed(people: People, provider: Any) -> None:
    people.use_provider(Provider(issuer=provider.issuer, client="kouprey"))
    with pytest.raises(Unreachable) as told:
        people.depart(ORIGIN)
    assert told.value.code == "private-address" and provider.calls == []


def test_without_a_provider_there_is_none(people: People) -> None:
    people.openid = None
    with pytest.raises(Refused):
        people.depart(ORIGIN)
    assert people.provider_name == "" and people.leave_address(ORIGIN) == ""


def test_signing_out_there_is_offered_with_an_address_back(people: People, provider: Any) -> None:
    address = people.leave_address(ORIGIN)
    assert address.startswith(f"{provider.issuer}/leave?") and "post_logout_redirect_uri=https%3A%2F%2Fnode" in address


def test_what_was_done_is_written_down_without_secrets(people: People, provider: Any, store: Store) -> None:
    linked(people, provider)
    enter(people, provider)
    with store.read() as reader:
        rows = [" ".join(map(str, row)) for row in reader.all("SELECT action, actor, subject, detail FROM audit")]
    assert any("openid.link" in row for row in rows) and any('"way":"openid"' in row for row in rows)
    assert not any(word in row for row in rows for word in (provider.secret, "a1b2"))
    assert provider.secret not in repr(people.openid.provider if people.openid else "")
