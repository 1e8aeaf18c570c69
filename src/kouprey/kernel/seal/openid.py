"""Identity tokens of an OpenID provider: its keys, and whether a token is meant for us (OpenID Connect Core 1.0)."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import msgspec

from kouprey.kernel.words.errors import Damaged, Unidentified
from kouprey.kernel.words.time import SECOND, Instant

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""What a token may be signed with. None that knows a shared secret: our own would then be a key of the provider."""
SKEW_SECONDS = 60
"""By which the clocks of provider and node may be apart."""
_TOKEN_MAX = 64 * 1024
_KEYS_MAX = 64


class UnknownKey(Unidentified):
    """The token names a key that the provider has not shown us: it may have changed its keys since."""

    code = "openid-unknown-key"


class ProviderKeys:
    """The public keys of a provider, from its JWK set (RFC 7517); Damaged when none of them can be used."""

    def __init__(self, document: bytes) -> None:
        from joserfc.errors import JoseError
        from joserfc.jwk import JWKRegistry, KeySet

        try:
            listed = msgspec.json.decode(document, type=dict[str, Any])["keys"]
            entries = [each for each in listed if _signs(each)][:_KEYS_MAX]
        except (msgspec.DecodeError, KeyError, TypeError) as error:
            raise _bad_keys(str(error)) from error
        keys = []
        for each in entries:
            try:
                keys.append(JWKRegistry.import_key(each))
            except (JoseError, ValueError, TypeError):
                continue  # One that we do not understand does not spoil the others (RFC 7517, section 5).
        if not keys:
            raise _bad_keys("It holds no key that signs.")
        self._keys = KeySet(keys)
        self.names = frozenset(str(each["kid"]) for each in entries if "kid" in each)

    def check(
        self, token: str, *, issuer: str, client: str, nonce: str, access_token: str, now: Instant
    ) -> Mapping[str, Any]:
        """The claims of a token that is signed by these keys, by this issuer, for this client, now and for this nonce.

        Section 3.1.3.7 of OpenID Connect Core: signature, `iss`, `aud`, `azp`, `exp`, `iat`, `nbf`, `nonce`, and
        `at_hash` when given. UnknownKey when another key is named; else Unidentified (`openid-bad-token`).
        """
        from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # it brings no types
        from joserfc import jwt
        from joserfc.errors import JoseError

        header = _header(token)
        name = header.get("kid")
        if name is not None and name not in self.names:
            raise UnknownKey("The sign-in cannot be checked.", "It is signed by a key we have not seen.", "Try again.")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                read = jwt.decode(token, self._keys, algorithms=list(ALGORITHMS))
            wanted = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client}}
            params = {"nonce": nonce, "client_id": client, "access_token": access_token}
            claims = CodeIDToken(read.claims, read.header, wanted, params)
            claims.validate(now=now // SECOND, leeway=SKEW_SECONDS)
        # Claims of any shape come in here; what a library stumbles over is not right either.
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise _bad_token(f"{type(error).__name__}: {str(error)[:120]}") from error
        subject = claims.get("sub")
        if not (isinstance(subject, str) and 0 < len(subject) <= 255 and "\0" not in subject):
            raise _bad_token("it does not say for whom it is")
        if claims.get("nonce") != nonce or claims.get("iss") != issuer:
            raise _bad_token("it is an answer to another question")
        if claims.get("at_hash") and not access_token:
            raise _bad_token("it speaks of an access token that was not given")
        return dict(claims)


def challenge_of(verifier: str) -> str:
    """What is shown first of a secret that is told later (PKCE, RFC 7636, S256)."""
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # it brings no types

    return str(create_s256_code_challenge(verifier))


def _signs(key: object) -> bool:
    if not isinstance(key, dict) or key.get("kty") not in ("RSA", "EC"):
        return False
    return key.get("use", "sig") == "sig" and key.get("alg", "RS256") in ALGORITHMS


def _header(token: str) -> dict[str, Any]:
    from joserfc.errors import JoseError
    from joserfc.jws import extract_compact

    try:
        if len(token) > _TOKEN_MAX:
            raise _bad_token("it is too long")
        return dict(extract_compact(token.encode("ascii")).headers())
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _bad_token("it cannot be read") from error


def _bad_token(why: str) -> Unidentified:
    return Unidentified(
        "The sign-in provider's answer was not accepted.",
        f"Its identity token does not hold: {why}.",
        "Try again; if it lasts, sign in by a password or link, and let the operator compare clocks and settings.",
        code="openid-bad-token",
    )


def _bad_keys(why: str) -> Damaged:
    return Damaged(
        "The keys of the sign-in provider cannot be read.",
        why,
        "Check `oidc_issuer`, or ask whoever runs the provider.",
        code="openid-bad-keys",
    )
