"""Passkeys hold for one challenge, one place and one owner; anything else a browser may send is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.seal import passkeys
from kouprey.kernel.seal.passkeys import Place
from kouprey.kernel.words.errors import Unidentified

HERE = Place("node.example", "Ministry of Examples", ("https://node.example",))
Make = Callable[[str, str], Any]


@pytest.fixture
def phone(make_authenticator: Make) -> Any:
    return make_authenticator("node.example", "https://node.example")


def made(phone: Any, challenge: bytes = b"c" * 40) -> passkeys.Passkey:
    options = passkeys.ask_for_new(HERE, challenge, b"psn_1", "Dara", ())
    return passkeys.check_new(HERE, challenge, phone.make(options))


def test_a_passkey_is_made_and_proves_itself(phone: Any) -> None:
    passkey = made(phone)
    assert passkey.id == phone.id and passkey.uses == 0
    answer = phone.prove(passkeys.ask_for_proof(HERE, b"other"))
    assert passkeys.read_claim(answer) == (phone.id, b"other")
    assert passkeys.check_proof(HERE, b"other", passkey, answer) == 1


def test_known_passkeys_are_not_made_twice_and_the_person_must_unlock() -> None:
    asked = json.loads(passkeys.ask_for_new(HERE, b"c", b"psn_1", "Dara", (b"known",)))
    assert [each["id"] for each in asked["excludeCredentials"]] == ["a25vd24"]
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert json.loads(passkeys.ask_for_proof(HERE, b"c"))["userVerification"] == "required"


def test_what_does_not_hold_is_refused(phone: Any, make_authenticator: Make) -> None:
    passkey = made(phone)
    asked = passkeys.ask_for_proof(HERE, b"challenge")
    stranger = make_authenticator("node.example", "https://node.example")
    elsewhere = make_authenticator("node.example", "https://evil.example")
    other_host = make_authenticator("evil.example", "https://node.example")
    locked = make_authenticator("node.example", "https://node.example")
    locked.flags = 0x01
    for bad in (stranger, elsewhere, other_host, locked):
        with pytest.raises(Unidentified):
            passkeys.check_proof(HERE, b"challenge", passkey, bad.prove(asked))
    with pytest.raises(Unidentified):
        passkeys.check_proof(HERE, b"another", passkey, phone.prove(asked))
    for bad in (elsewhere, other_host, locked):
        with pytest.raises(Unidentified):
            made(bad)


def test_a_copy_is_noticed_by_its_count(phone: Any) -> None:
    passkey = made(phone)
    answer = phone.prove(passkeys.ask_for_proof(HERE, b"c"))
    ahead = passkey._replace(uses=5)
    with pytest.raises(Unidentified):
        passkeys.check_proof(HERE, b"c", ahead, answer)


@given(
    st.text()
    | st.recursive(st.none() | st.text() | st.integers(), lambda inner: st.dictionaries(st.text(), inner)).map(
        json.dumps
    )
    | st.fixed_dictionaries(
        {"id": st.just("YQ"), "rawId": st.just("YQ"), "type": st.just("public-key")},
        optional={"response": st.dictionaries(st.sampled_from(["clientDataJSON", "attestationObject"]), st.text())},
    ).map(json.dumps)
)
def test_whatever_a_browser_sends_is_refused_and_no_more(answer: str) -> None:
    for read in (passkeys.read_claim, passkeys.read_new_challenge, lambda text: passkeys.check_new(HERE, b"c", text)):
        with pytest.raises(Unidentified):
            read(answer)
