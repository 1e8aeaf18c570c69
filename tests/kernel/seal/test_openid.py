"""Keys and tokens of a provider: what holds, what does not, and any bytes at all."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from kouprey.kernel.seal.openid import ProviderKeys, UnknownKey, challenge_of
from kouprey.kernel.words.errors import Damaged, Unidentified
from kouprey.kernel.words.time import SECOND

NOW = 1_800_000_000
KEY = ECKey.generate_key("P-256")
SET = msgspec.json.encode({"keys": [{**KEY.as_dict(private=False), "kid": "k"}]})
CLAIMS = {"iss": "https://id.example", "aud": "kouprey", "sub": "s", "nonce": "n", "iat": NOW, "exp": NOW + 60}


def check(token: str, *, nonce: str = "n", now: int = NOW) -> Any:
    return ProviderKeys(SET).check(
        token, issuer="https://id.example", client="kouprey", nonce=nonce, access_token="", now=now * SECOND
    )


def signed(claims: dict[str, object], **header: str) -> str:
    return jwt.encode({"alg": "ES256", "kid": "k", **header}, claims, KEY)


def test_a_token_that_holds_is_read() -> None:
    assert check(signed(CLAIMS))["sub"] == "s"
    assert check(jwt.encode({"alg": "ES256"}, CLAIMS, KEY))["sub"] == "s"  # a provider with one key need not name it
    assert check(signed(CLAIMS), now=NOW + 119)["sub"] == "s"  # clocks may be a minute apart


@pytest.mark.parametrize("change", [{"nonce": "m"}, {"iss": "https://id.example/"}, {"aud": []}, {"exp": NOW - 61}])
def test_a_token_that_does_not_hold_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Unidentified):
        check(signed({**CLAIMS, **change}))


def test_a_key_that_was_not_shown_is_told_apart() -> None:
    with pytest.raises(UnknownKey):
        check(signed(CLAIMS, kid="other"))


@given(st.text(max_size=200))
def test_no_text_is_taken_for_a_token(text: str) -> None:
    with pytest.raises(Unidentified):
        check(text)


@given(
    st.dictionaries(
        st.sampled_from([*CLAIMS, "azp", "nbf", "at_hash", "amr", "auth_time"]),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.text(max_size=5)
        | st.lists(st.text(max_size=3)),
    )
)
def test_claims_of_any_shape_are_refused_or_right(change: dict[str, object]) -> None:
    try:
        found = check(signed({**CLAIMS, **change}))
    except Unidentified:
        return
    assert found["sub"] and found["iss"] == CLAIMS["iss"] and found["nonce"] == "n"


@given(st.binary(max_size=200))
def test_no_bytes_are_taken_for_keys(raw: bytes) -> None:
    with pytest.raises(Damaged):
        ProviderKeys(raw)


def test_a_shared_secret_is_no_key_of_a_provider() -> None:
    for keys in ([], [OctKey.generate_key(256).as_dict(private=True)], [{"kty": "RSA"}], {"a": 1}, None):
        with pytest.raises(Damaged):
            ProviderKeys(msgspec.json.encode({"keys": keys}))


def test_the_challenge_is_the_hash_of_the_verifier() -> None:
    assert challenge_of("a" * 64) == urlsafe_b64encode(sha256(b"a" * 64).digest()).decode().rstrip("=")
