"""Signed requests between nodes: a strict profile of RFC 9421 with RFC 9530 digests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519

from kouprey.kernel.seal.keys import ALG_NOTE, SigningKey, VerifyKey, random_bytes
from kouprey.kernel.words.errors import Damaged, Unidentified
from kouprey.kernel.words.time import SECOND, Instant

TAG = "kouprey-link/1"
COMPONENTS = ("@method", "@authority", "@target-uri", "content-digest")
"""What a signature covers at least. Without the last three, a signed request could be sent elsewhere or refilled."""

MAX_SKEW = 300
"""Seconds a signature's `created` may lie from our clock, before or after."""

_LABEL = "kouprey"
_ONCE = ("signature", "signature-input", "content-digest")
# One label, no parameters, 64 bytes in their one spelling (the last letter carries two bits); the library requires the
# same labels in Signature-Input.
_ONE_SIGNATURE = re.compile(r"[a-z*][a-z0-9_.*-]{0,63}=:[A-Za-z0-9+/]{85}[AQgw]==:", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_MAX_KEY_ID = 512

Headers = Mapping[str, str] | Iterable[tuple[str, str]]
"""Header fields by name, or as pairs, which alone can show that a field came twice."""

Resolve = Callable[[str], VerifyKey | None]
"""The trusted key behind a key id, or None."""

NonceSeen = Callable[[str, Instant], bool]
"""`(nonce, forget_after)`: remember the nonce until that instant, in one step, and say whether it was known already."""


@dataclass
class _Request:
    """The shape the signature library reads and signs."""

    method: str
    url: str
    headers: dict[str, str]


class _Verifier(HTTPMessageVerifier):
    """The library's verifier, with our profile of signature parameters and our clock instead of its own."""

    def __init__(self, resolve: Resolve, now: Instant) -> None:
        super().__init__(signature_algorithm=ED25519, key_resolver=None)
        self._resolve = resolve
        self._now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """Called by the library for the one signature before it verifies; `max_age` is ours to decide."""
        params = sig_input.params
        key_id = params.get("keyid")
        if params.get("alg") != ED25519.algorithm_id:
            raise _refused('The signature must say `alg="ed25519"`.', "bad-signature")
        if not isinstance(key_id, str) or not 0 < len(key_id) <= _MAX_KEY_ID:
            raise _refused("The signature must name its key in `keyid`.", "bad-signature")
        if not isinstance(params.get("nonce"), str) or _NONCE.fullmatch(params["nonce"]) is None:
            raise _refused("The signature must have a `nonce` of 16 to 64 letters, digits, `-` or `_`.", "no-nonce")
        self._check_clock(params)
        key = self._resolve(key_id)
        # A receipt key makes another kind of statement, so it may not open a door.
        if key is None or key.alg != ALG_NOTE:
            raise Unidentified(
                "The request was refused.",
                "It is signed by a key that is not known here.",
                "Exchange cards with this node first.",
                code="unknown-key",
            )
        self.key_resolver = MappingKeyResolver(public_keys={key_id: key.load()}, private_keys={})

    def _check_clock(self, params: Mapping[str, object]) -> None:
        created, expires = params.get("created"), params.get("expires")
        if type(created) is not int or (expires is not None and type(expires) is not int):
            raise _refused("The signature must say when it was `created`, in whole seconds.", "bad-signature")
        skew = created - self._now / SECOND
        if abs(skew) > MAX_SKEW or (isinstance(expires, int) and expires * SECOND < self._now):
            raise Damaged(
                "The request was refused.",
                f"By our clock it was signed {abs(skew):.0f} s {'ahead of' if skew > 0 else 'before'} now; "
                f"at most {MAX_SKEW} s are accepted, and nothing past its `expires`.",
                "Set the clocks of both machines, then send it again.",
                code="clock-skew",
                detail={"skew_seconds": round(skew, 3), "max_seconds": MAX_SKEW, "now": self._now},
            )


def sign_request(
    method: str, url: str, headers: Headers, body: bytes, key_id: str, key: SigningKey, now: Instant
) -> dict[str, str]:
    """The headers with Content-Digest, Signature-Input and Signature added; earlier ones are replaced.

    `url` is absolute and exactly as the receiver knows itself (its configured origin, then path and query).
    ValueError when the method, the URL or the key id cannot be signed: they are our own.
    """
    kept = {name: value for name, value in _pairs(headers) if name.lower() not in _ONCE}
    request = _Request(method, url, kept)
    signer = HTTPMessageSigner(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={key_id: key.load()}),
    )
    try:
        signer.sign(
            request,
            key_id=key_id,
            created=datetime.fromtimestamp(now // SECOND, UTC),
            nonce=random_bytes(16).hex(),
            label=_LABEL,
            tag=TAG,
            covered_component_ids=COMPONENTS,
            body=bytes(body),
        )
    except HTTPMessageSignaturesException as refused:
        raise ValueError(f"cannot sign {method} {url}: {refused}") from refused
    return request.headers


def verify_request(
    method: str, url: str, headers: Headers, body: bytes, resolve: Resolve, now: Instant, nonce_seen: NonceSeen
) -> str:
    """The key id that signed this request.

    `url` is what this node is configured to be called (origin, then the path and query as received), never the Host
    header. Unidentified: `unsigned`, `unknown-key`. Damaged: `bad-signature`, `no-nonce`, `replayed`, and `clock-skew`
    with `skew_seconds` in the detail (positive when the sender's clock is ahead). The nonce is spent only when all
    else holds, so nobody can fill the table or burn another's nonce.
    """
    request = _Request(method, url, _single_fields(headers))
    try:
        results = _Verifier(resolve, now).verify(
            request, expect_tag=TAG, require_components=COMPONENTS, body=bytes(body)
        )
    except (HTTPMessageSignaturesException, ValueError) as refused:
        why = str(refused)[:200] or "The signature does not belong to this request."
        raise _refused(why, "bad-signature") from refused
    (result,) = results
    created, nonce = result.parameters["created"], result.nonce
    # One second more than the signature lives, because `created` has no fractions.
    forget_after = (int(created) + MAX_SKEW + 1) * SECOND
    key_id = str(result.parameters["keyid"])
    if nonce_seen(f"{key_id} {nonce}", forget_after):
        raise _refused("This very request was received before.", "replayed")
    return key_id


def _single_fields(headers: Headers) -> dict[str, str]:
    """Fields by lower-case name; the three that carry the proof must be there once."""
    fields: dict[str, str] = {}
    for name, value in _pairs(headers):
        lower = name.lower()
        if lower in fields and lower in _ONCE:
            raise _refused(f"The header {name} came more than once.", "bad-signature")
        fields[lower] = f"{fields[lower]}, {value}" if lower in fields else value
    if "signature" not in fields and "signature-input" not in fields:
        raise Unidentified(
            "The request was refused.",
            "It is not signed.",
            "Send it from a node that has a link here.",
            code="unsigned",
        )
    if _ONE_SIGNATURE.fullmatch(fields.get("signature", "").strip(" \t")) is None:
        raise _refused("The Signature header must hold exactly one Ed25519 signature.", "bad-signature")
    return fields


def _pairs(headers: Headers) -> Iterable[tuple[str, str]]:
    return headers.items() if isinstance(headers, Mapping) else headers


def _refused(why: str, code: str) -> Damaged:
    return Damaged("The request was refused.", why, "Sign it anew for this address and send it again.", code=code)
