"""One OpenID provider as this node calls it: what it says of itself, its keys, and tokens for a code."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.seal import openid
from kouprey.kernel.words.errors import Damaged, KoupreyError, Unidentified, Unreachable
from kouprey.kernel.words.time import SECOND, Clock, Instant
from kouprey.people.model import Provider

_KNOWN_FOR: Instant = 3600 * SECOND
"""How long what a provider says of itself is believed without asking again."""
_AWAY_FOR: Instant = 10 * SECOND
"""How long one that does not answer is left alone, so that those who wait for it do not take all threads."""
_KEYS_AT_MOST_EVERY: Instant = 30 * SECOND
_ANSWER_MAX = 1 << 20


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """OpenID Connect Discovery 1.0, section 3: the part we need."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: list[str] = msgspec.field(default_factory=lambda: ["client_secret_basic"])
    authorization_response_iss_parameter_supported: bool = False


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider gives for a code; the access token only proves the other, and is not used."""

    id_token: str
    access_token: str = ""


class ProviderClient:
    """Calls one provider, and remembers what it says of itself for an hour."""

    def __init__(self, provider: Provider, fetcher: Fetcher, clock: Clock) -> None:
        self.provider = provider
        self._fetcher = fetcher
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: tuple[Instant, Metadata] | None = None
        self._failed: tuple[Instant, KoupreyError] | None = None
        self._keys: tuple[Instant, openid.ProviderKeys] | None = None

    def metadata(self) -> Metadata:
        """Of the discovery document; Unreachable or Damaged when there is none that holds."""
        with self._lock:
            if self._metadata is not None and self._clock() - self._metadata[0] < _KNOWN_FOR:
                return self._metadata[1]
            if self._failed is not None and self._clock() - self._failed[0] < _AWAY_FOR:
                raise self._failed[1]
        try:
            found = self._discover()
        except KoupreyError as error:
            with self._lock:
                self._failed = (self._clock(), error)
            raise
        with self._lock:
            self._metadata, self._failed = (self._clock(), found), None
        return found

    def _discover(self) -> Metadata:
        address = self.provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            found = msgspec.json.decode(self._get(address), type=Metadata)
        except msgspec.DecodeError as error:
            raise _bad_provider(f"Its discovery document cannot be read: {error}.") from error
        if found.issuer != self.provider.issuer:
            raise _bad_provider(f"It calls itself {found.issuer[:100]!r}.")
        for each in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.end_session_endpoint):
            if each and not _no_weaker(each, self.provider.issuer):
                raise _bad_provider(f"It names {each[:100]!r}, which is not protected as the provider itself is.")
        return found

    def redeem(self, code: str, verifier: str, back: str) -> Tokens:
        """The tokens for a code; Unidentified when the provider gives none."""
        metadata, provider = self.metadata(), self.provider
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        if provider.secret and "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            pair = f"{quote(provider.client, safe='')}:{quote(provider.secret, safe='')}"
            headers["authorization"] = "Basic " + b64encode(pair.encode()).decode()
        else:
            form["client_id"] = provider.client
            if provider.secret:
                form["client_secret"] = provider.secret
        answer = self._fetcher.request(
            "POST", metadata.token_endpoint, headers, urlencode(form).encode(), cap=_ANSWER_MAX
        )
        if answer.status != 200:
            # Its text is not told: it comes from elsewhere, and may repeat what was sent.
            raise not_accepted(f"It did not take the code: its answer was {answer.status}.")
        try:
            return msgspec.json.decode(answer.body, type=Tokens)
        except msgspec.DecodeError as error:
            raise not_accepted("Its answer holds no identity token.") from error

    def check(self, tokens: Tokens, nonce: str) -> Mapping[str, Any]:
        """The claims of an identity token that holds; keys are fetched anew when it names one we have not seen."""
        try:
            return self._check(self._known_keys(fresh=False), tokens, nonce)
        except openid.UnknownKey:
            return self._check(self._known_keys(fresh=True), tokens, nonce)

    def _check(self, known: openid.ProviderKeys, tokens: Tokens, nonce: str) -> Mapping[str, Any]:
        return known.check(
            tokens.id_token,
            issuer=self.provider.issuer,
            client=self.provider.client,
            nonce=nonce,
            access_token=tokens.access_token,
            now=self._clock(),
        )

    def _known_keys(self, *, fresh: bool) -> openid.ProviderKeys:
        now = self._clock()
        with self._lock:
            held = self._keys
        # A stranger who names keys that do not exist shall not make us call the provider again and again.
        if held is not None and now - held[0] < (_KEYS_AT_MOST_EVERY if fresh else _KNOWN_FOR):
            return held[1]
        read = openid.ProviderKeys(self._get(self.metadata().jwks_uri))
        with self._lock:
            self._keys = (now, read)
        return read

    def _get(self, address: str) -> bytes:
        answer = self._fetcher.request("GET", address, {"accept": "application/json"}, cap=_ANSWER_MAX)
        if answer.status != 200:
            raise Unreachable(
                "The sign-in provider does not answer as it should.",
                f"{address[:200]} gave {answer.status}.",
                "Check `oidc_issuer`; people can sign in by a password, a passkey or a link meanwhile.",
                code="openid-provider",
            )
        return answer.body


def _no_weaker(address: str, issuer: str) -> bool:
    allowed = ("https",) if issuer.startswith("https:") else ("https", "http")
    return urlsplit(address).scheme in allowed


def not_accepted(why: str) -> Unidentified:
    """The provider let nobody in, or not in a way that holds."""
    return Unidentified(
        "The sign-in provider's answer was not accepted.",
        why,
        "Try again, or sign in by a password, a passkey or a link.",
        code="openid-refused",
    )


def _bad_provider(why: str) -> Damaged:
    return Damaged(
        "The sign-in provider cannot be used.",
        why,
        "Compare `oidc_issuer` with what the provider says, letter by letter.",
        code="openid-provider",
    )
