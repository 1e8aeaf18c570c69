"""An unmodified taxii2-client over HTTP: it finds everything, and polling never misses anything."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
import requests

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

taxii2client = pytest.importorskip("taxii2client.v21", reason="taxii2-client is not installed")
as_pages, Server = taxii2client.as_pages, taxii2client.Server

House = Any
"""What conftest builds."""

LAST = "X-TAXII-Date-Added-Last"


def connect(origin: str, token: tuple[str, str]) -> Any:
    """The only collection, found from discovery on."""
    server = Server(f"{origin}/taxii2/", user=token[0], password=token[1])
    assert server.title == "Example CERT" and server.default is server.api_roots[0]
    assert server.default.versions == ["application/taxii+json;version=2.1"]
    (collection,) = server.default.collections
    return collection


def test_it_reads_everything(house: House) -> None:
    things = [house.thing(number) for number in range(25)]
    house.keep(*things, house.thing(3, version=1))
    with house.served() as origin:
        collection = connect(origin, house.token())
        assert (collection.can_read, collection.can_write) == (True, False)
        found = [each for page in as_pages(collection.get_objects, per_request=10) for each in page["objects"]]
        wanted = [each for each in things if each["id"] != things[3]["id"]]
        assert found == [*wanted, house.thing(3, version=1)]
        assert [len(page["objects"]) for page in as_pages(collection.get_manifest, per_request=20)] == [20, 5]
        assert next(as_pages(collection.get_objects))["objects"] == found
        one = things[3]["id"]
        assert collection.get_object(one)["objects"] == [house.thing(3, version=1)]
        assert collection.object_versions(one)["versions"] == [
            "2026-01-01T00:00:00.000Z",
            "2026-01-01T00:01:00.000Z",
        ]
        assert collection.get_object(one, version="first")["objects"] == [things[3]]
        assert [each["id"] for each in collection.get_objects(id=[one, things[4]["id"]])["objects"]] == [
            things[4]["id"],
            one,
        ]
        assert collection.get_objects(type="tool") == {}
        with pytest.raises(requests.HTTPError):
            collection.get_object("malware--00000000-0000-4000-8000-000000000000")
        with pytest.raises(requests.HTTPError):
            connect(origin, ("tok_nobody", "wrong"))
        # A browser's or a monitor's HEAD, and a connection that stays open.
        with requests.Session() as session:
            head = session.head(collection.objects_url, auth=house.token())
            assert (head.status_code, head.content) == (200, b"") and head.headers[LAST]


def test_it_writes_everything(house: House) -> None:
    things = [house.thing(number) for number in range(3)]
    with house.served() as origin:
        collection = connect(origin, house.token(role=Role.CONTRIBUTOR))
        assert (collection.can_read, collection.can_write) == (True, True)
        status = collection.add_objects({"objects": [*things, {"type": "malware"}]}, wait_for_completion=True)
        assert (status.status, status.success_count, status.failure_count) == ("complete", 3, 1)
        assert [each["id"] for each in status.successes] == [each["id"] for each in things]
        assert status.failures[0]["message"]
        status.refresh()
        assert status.total_count == 4 and collection.get_objects()["objects"] == things
        collection.delete_object(things[0]["id"])
        with pytest.raises(requests.HTTPError):
            collection.get_object(things[0]["id"])
        assert collection.get_objects()["objects"] == things[1:]
        with pytest.raises(taxii2client.AccessError):
            connect(origin, house.token()).add_objects({"objects": things})


def test_cytaxii2_reads_and_writes(house: House, certificate: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    cytaxii2 = pytest.importorskip("cytaxii2", reason="cytaxii2 is not installed").cytaxii2
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate["certificate"])
    things = [house.thing(number) for number in range(3)]
    user, secret = house.token(role=Role.CONTRIBUTOR)
    with house.served(**certificate) as origin:
        client = cytaxii2.cytaxii2(discovery_url=f"{origin}/taxii2/", username=user, password=secret)
        assert client.root_discovery()["response"]["title"] == "Example CERT"
        (main,) = client.collection_request()["response"]["collections"]
        assert client.collection_data_request(main["id"])["response"] == main
        sent = client.inbox_request(main["id"], json.dumps({"objects": things}))
        assert (sent["status_code"], sent["response"]["success_count"]) == (202, 3)
        first = client.poll_request(main["id"], limit=2, object_type="malware")["response"]
        rest = client.poll_request(main["id"], limit=2, next=first["next"])["response"]
        assert first["objects"] + rest["objects"] == things and rest["more"] is False


class Poller(threading.Thread):
    """Polls until told to stop, and then once more."""

    def __init__(self, origin: str, token: tuple[str, str]) -> None:
        super().__init__()
        self.collection = connect(origin, token)
        self.token = token
        self.seen: set[str] = set()
        self.manifested: set[str] = set()
        self.ending = threading.Event()
        self.polls = 0
        self.failure: Exception | None = None
        self._objects_after = self._manifest_after = "1970-01-01T00:00:00Z"

    def run(self) -> None:
        try:
            while not self.ending.wait(0.01):
                self.poll()
            self.poll()
        except Exception as error:
            self.failure = error

    def await_polls(self, more: int) -> None:
        """Until so many further polls have begun and ended."""
        until = self.polls + more
        while self.polls < until and self.is_alive():
            time.sleep(0.005)

    def poll(self) -> None:
        """By the header of the last page over objects, and by `date_added` over the manifest."""
        session = self.collection._conn.session
        params = {"added_after": self._objects_after, "limit": "50"}
        while True:
            answer = session.get(self.collection.objects_url, params=params)
            page = answer.json()
            self.seen.update(each["id"] for each in page.get("objects", []))
            self._objects_after = answer.headers[LAST]
            if not page.get("more"):
                break
            params = {"next": page["next"]}
        for page in as_pages(self.collection.get_manifest, per_request=50, added_after=self._manifest_after):
            for record in page.get("objects", []):
                assert record["date_added"] > self._manifest_after
                self._manifest_after = record["date_added"]
                self.manifested.add(record["id"])
        self.polls += 1


def test_polling_misses_nothing_while_writers_write_and_clearance_widens(
    build: Any, databases: tuple[str, str]
) -> None:
    house = build(databases=databases)
    clear = [house.thing(number) for number in range(300)]
    amber = [house.thing(number, kind="tool") for number in range(300)]
    house.keep(*amber[:100], tlp=TLP.AMBER)
    token = house.token(clearance=TLP.GREEN)

    def write(things: list[Any], tlp: TLP) -> None:
        for begin in range(0, len(things), 10):
            house.keep(*things[begin : begin + 10], tlp=tlp)

    with house.served() as origin:
        poller = Poller(origin, token)
        poller.start()
        writers = [
            threading.Thread(target=write, args=(clear[:150], TLP.GREEN)),
            threading.Thread(target=write, args=(clear[150:], TLP.GREEN)),
            threading.Thread(target=write, args=(amber[100:200], TLP.AMBER)),
        ]
        for writer in writers:
            writer.start()
        writers[2].join()
        poller.await_polls(2)
        assert not {each["id"] for each in amber} & (poller.seen | poller.manifested)
        late = threading.Thread(target=write, args=(amber[200:], TLP.AMBER))
        late.start()
        # Between two polls, while somebody writes.
        house.people.change_token(token[0], clearance=TLP.AMBER, by="op")
        for writer in (*writers, late):
            writer.join()
        poller.await_polls(1)
        house.settle()
        poller.ending.set()
        poller.join(timeout=60)
    wanted = {each["id"] for each in (*clear, *amber)}
    assert poller.failure is None
    assert wanted - poller.seen == set()
    assert wanted - poller.manifested == set()
