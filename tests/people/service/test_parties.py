"""Parties are trusted deliberately, renewed by machine, and never replaced."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Refused, Unknown, Unreachable
from kouprey.people.service import People, fetch_card, policy_epoch


def audited(store: Store, action: str) -> int:
    with store.read() as reader:
        return int(reader.value("SELECT count(*) FROM audit WHERE action = ?", (action,)))


def test_a_node_speaks_for_one_party(people: People, store: Store, ring: keyring.Keyring) -> None:
    home = people.home()
    assert (home.id, home.home, people.home_id) == ("cert.example", True, "cert.example")
    assert people.list_identities() == {home.card.identities[0]: "cert.example"}
    with pytest.raises(Refused) as refused:
        people.found("other.example", "Other", identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10")
    assert refused.value.code == "home-exists"
    assert People(store, ring).home_id == "cert.example"


def test_before_it_is_founded_a_node_is_nobody(store: Store, ring: keyring.Keyring) -> None:
    nobody = People(store, ring)
    with pytest.raises(Unknown):
        nobody.home()
    with pytest.raises(Refused) as refused:
        nobody.found("Not An Id", "Nobody", identity="")
    assert refused.value.code == "bad-party-id"


def test_trust_and_renewal(people: People, other: People, store: Store) -> None:
    first = other.home().note
    card, words = people.read_card(first)
    assert card.party == "operator.example"
    assert people.find_party("operator.example") is None
    with pytest.raises(Refused) as refused:
        people.receive_card(first, by="operator.example")
    assert refused.value.code == "untrusted-party"
    assert people.trust(first, by="operator").card == card
    assert people.fingerprint("operator.example") == words == other.fingerprint("operator.example")
    renewed = other.renew_card(urls=())
    assert renewed.card.serial > card.serial
    people.receive_card(renewed.note, by="operator.example")
    assert people.get_party("operator.example").card.urls == ()
    for road in (people.trust, people.receive_card):
        with pytest.raises(Refused) as refused:
            road(first, by="operator")
        assert refused.value.code == "old-card"
    assert audited(store, "party.trust") == 2


def test_the_same_card_again_changes_nothing(people: People, other: People, store: Store) -> None:
    people.trust(other.home().note, by="operator")
    with store.read() as reader:
        before = policy_epoch(reader)
    for _ in range(3):
        people.receive_card(other.home().note, by="operator.example")
    people.receive_card(people.home().note, by="operator.example")
    with store.read() as reader:
        assert policy_epoch(reader) == before
    assert audited(store, "party.trust") == 1


def test_another_root_key_is_never_accepted(
    people: People, other: People, make_store: Callable[[], Store], tmp_path: Path
) -> None:
    people.trust(other.home().note, by="operator")
    thief = People(make_store(), keyring.create(tmp_path / "thief"))
    thief.found("operator.example", "Example Operator", identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a11")
    for road in (people.trust, people.receive_card):
        with pytest.raises(Refused) as refused:
            road(thief.home().note, by="operator")
        assert refused.value.code == "other-root"
    assert people.fingerprint("operator.example") == other.fingerprint("operator.example")


def test_a_copy_of_us_cannot_renew_our_card(
    people: People, ring: keyring.Keyring, make_store: Callable[[], Store]
) -> None:
    copy = People(make_store(), ring)
    copy.found("cert.example", "Copy", identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10")
    before = people.home()
    with pytest.raises(Refused) as refused:
        people.receive_card(copy.home().note, by="operator.example")
    assert refused.value.code == "own-card"
    assert people.home() == before


def test_a_restored_node_does_not_reuse_a_serial(
    people: People, ring: keyring.Keyring, make_store: Callable[[], Store], clock: Any
) -> None:
    restored = People(make_store(), ring, clock)
    restored.found("cert.example", "Example CERT", identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10")
    serial = people.renew_card(urls=("https://a.example",)).card.serial
    clock.pass_seconds(5)
    assert restored.renew_card(urls=("https://b.example",)).card.serial > serial


def test_unknown_parties(people: People) -> None:
    with pytest.raises(Unknown) as unknown:
        people.get_party("nobody.example")
    assert unknown.value.code == "unknown-party"
    assert [party.id for party in people.list_parties()] == ["cert.example"]


@pytest.fixture
def origin(other: People) -> Iterator[str]:
    """A web server that hands out a card at its place, and nothing anywhere else."""
    note = other.home().note

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = self.path == "/link/v1/card"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(note if found else b"")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_card_is_fetched_from_an_address(other: People, origin: str) -> None:
    fetcher = Fetcher(allow_private=True)
    try:
        assert fetch_card(f"{origin}/", fetcher) == other.home().note
        with pytest.raises(Unreachable) as unreachable:
            fetch_card(f"{origin}/elsewhere", fetcher)
        assert unreachable.value.code == "no-card"
    finally:
        fetcher.close()
    with pytest.raises(Unreachable) as unreachable:
        fetch_card(origin, Fetcher())
    assert unreachable.value.code == "private-address"
