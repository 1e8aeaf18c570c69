"""Calling a provider: what it says of itself is believed for an hour, and a secret goes only to its token endpoint."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.words.errors import Damaged, KoupreyError, Unidentified, Unreachable
from kouprey.people.model import Provider
from kouprey.people.service.provider import ProviderClient


def client_of(provider: Any, clock: Any, **more: str) -> ProviderClient:
    held = Provider(issuer=provider.issuer, client="kouprey", **more)
    return ProviderClient(held, Fetcher(allow_private=True), clock)


def test_the_discovery_document_is_read_once_an_hour(provider: Any, clock: Any) -> None:
    client = client_of(provider, clock)
    assert client.metadata() == client.metadata()
    assert provider.calls == ["/.well-known/openid-configuration"]
    clock.pass_seconds(3601)
    client.metadata()
    assert len(provider.calls) == 2


def test_a_provider_that_fails_is_left_alone_for_a_moment(provider: Any, clock: Any) -> None:
    client = client_of(provider, clock)
    provider.metadata = lambda said: said.update(issuer="https://evil.example")
    for _ in range(5):
        with pytest.raises(Damaged):
            client.metadata()
    assert len(provider.calls) == 1
    provider.metadata = lambda said: None
    clock.pass_seconds(11)
    assert client.metadata().issuer == provider.issuer


def test_a_provider_that_is_not_there_is_said_to_be_so(provider: Any, clock: Any) -> None:
    client = client_of(provider, clock)
    provider.close()
    with pytest.raises(Unreachable):
        client.metadata()


def test_a_protected_provider_names_no_unprotected_place(provider: Any, clock: Any) -> None:
    provider.metadata = lambda said: said.update(token_endpoint="ftp://127.0.0.1/token")
    with pytest.raises(Damaged):
        client_of(provider, clock).metadata()


def test_a_code_that_is_not_known_gives_no_token(provider: Any, clock: Any) -> None:
    for secret in ("", provider.secret):
        with pytest.raises(Unidentified) as told:
            client_of(provider, clock, secret=secret).redeem("no code", "verifier", "https://node.example")
        assert secret == "" or secret not in str(told.value)


def test_an_address_that_is_none_is_said_to_be_so(clock: Any) -> None:
    broken = ProviderClient(Provider(issuer="http://[", client="kouprey"), Fetcher(allow_private=True), clock)
    with pytest.raises(KoupreyError):
        broken.metadata()
