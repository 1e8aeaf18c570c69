"""Writing: kept or refused object by object, told truly, under the right label, and taken out again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.kernel.storage import audit
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.taxii.service import Taxii, jobs

House = Any
"""What conftest builds."""

API = "/taxii2/api/"
OBJECTS = f"{API}collections/main/objects/"
PARTNER = "operator.example"


@pytest.fixture
def hours(house: House) -> Iterator[Any]:
    """How to let hours pass for the door."""
    taxii = house.node.services.get(Taxii)
    before, passed = taxii._clock, [0]
    taxii._clock = lambda: before() + passed[0] * 3600 * SECOND
    yield lambda count: passed.__setitem__(0, count)
    taxii._clock = before


def test_what_is_added_comes_back_as_it_was_sent(either: House) -> None:
    identity = either.thing(1)["id"]
    odd = (
        f'{{ "id": "{identity}", "type":"malware",\t"spec_version": "2.1", "created":"2026-01-01T00:00:00Z",'
        ' "modified":"2026-01-01T00:00:00.000001Z", "name":"\\u1781 ខ", "x_n": 1.10, "x_e": 1E2 }'
    ).encode()
    address = either.thing(1, kind="ipv4-addr", value="192.0.2.1")
    client = either.writer()
    answer = either.post(client, odd, address)
    told = answer.json()
    assert answer.status_code == 202 and answer.headers["content-type"] == "application/taxii+json;version=2.1"
    assert UUID(told["id"]).version == 4 and told["status"] == "complete"
    assert [told[f"{name}_count"] for name in ("total", "success", "failure", "pending")] == [2, 2, 0, 0]
    assert told["successes"] == [
        {"id": identity, "version": "2026-01-01T00:00:00.000001Z"},
        {"id": address["id"], "version": "1970-01-01T00:00:00.000000Z"},
    ]
    assert client.get(f"{API}status/{told['id']}/").json() == told
    assert client.get(f"{OBJECTS}{identity}/").content == b'{"more":false,"objects":[' + odd + b"]}"
    with either.node.store.read() as reader:
        (said,) = audit.list_audit(reader, action="collection.contribute")
    assert said.detail == {"kept": 2, "refused": 0} and said.actor.startswith("tok_")


def test_each_object_is_judged_and_the_status_tells_the_truth(either: House) -> None:
    client = either.writer()
    good, newer = either.thing(1), either.thing(1, version=1)
    told = either.post(
        client,
        good,
        {"type": "malware"},
        {**either.thing(2), "id": "nonsense"},
        either.thing(3) | {"modified": "yesterday"},
        either.thing(4, spec_version="9.9"),
        b"[]",
        b'{"id":"malware--1","id":"malware--2"}',
        newer,
    ).json()
    assert (told["total_count"], told["success_count"], told["failure_count"]) == (8, 2, 6)
    assert [each["version"] for each in told["successes"]] == [good["modified"], newer["modified"]]
    assert [each["id"] for each in told["failures"]] == [
        "objects[1]",
        "nonsense",
        either.thing(3)["id"],
        either.thing(4)["id"],
        "objects[5]",
        "malware--2",
    ]
    assert all(each["message"] and each["version"] for each in told["failures"])
    found = client.get(OBJECTS, params={"match[version]": "all"}).json()["objects"]
    assert found == [good, newer]


def test_what_is_no_envelope_leaves_nothing_behind(house: House) -> None:
    client = house.writer()
    kind = {"content-type": "application/taxii+json;version=2.1"}
    for content in (b"", b"{", b"{}", b'{"objects":[]}', b'{"objects":[{}],}', b"[]"):
        answer = client.post(OBJECTS, content=content, headers=kind)
        assert (answer.status_code, answer.json()["error_code"]) == (400, "bad-envelope")
    for other in ("application/json", "", "application/taxii+json;version=2.0", "multipart/form-data"):
        assert house.post(client, house.thing(1), **{"content-type": other}).status_code == 415
    for same in ("application/taxii+json", "application/taxii+json; version=2.1"):
        assert house.post(client, house.thing(1), **{"content-type": same}).status_code == 202


def test_repeats_succeed_and_conflicts_are_kept_and_told(either: House) -> None:
    client = either.writer()
    one, other = either.thing(1), either.thing(1, name="another name")
    for _ in range(2):
        assert either.post(client, one).json()["successes"] == [{"id": one["id"], "version": one["modified"]}]
    told = either.post(client, other).json()
    assert told["success_count"] == 1 and "Both are kept" in told["successes"][0]["message"]
    # Whoever came first is served still.
    assert client.get(OBJECTS).json()["objects"] == [one]
    assert len(either.exchange.get_object(either.exchange.operator(), one["id"]).newest.bodies) == 2


def test_a_conflict_with_what_a_client_may_not_see_is_told_to_nobody(either: House) -> None:
    either.keep(either.thing(1, name="secret"), tlp=TLP.RED)
    client = either.writer(clearance=TLP.AMBER_STRICT)
    fresh = either.post(client, either.thing(2)).json()
    hidden = either.post(client, either.thing(1)).json()
    for each in (fresh, hidden):
        assert each["success_count"] == 1 and set(each["successes"][0]) == {"id", "version"}
    assert client.get(f"{OBJECTS}{either.thing(1)['id']}/").json()["objects"] == [either.thing(1)]


def test_a_status_is_its_clients_and_lasts_a_day(house: House, hours: Any) -> None:
    client = house.writer()
    mine = f"{API}status/{house.post(client, house.thing(1)).json()['id']}/"
    others = [house.writer(), house.client(), house.client(party=PARTNER)]
    nowhere = client.get(f"{API}status/2d086da7-4bdc-4f91-900e-d77486753710/")
    for other in others:
        hidden = other.get(mine)
        assert hidden.status_code == nowhere.status_code == 404
        assert hidden.json()["description"] == nowhere.json()["description"]
    job = next(each for each in jobs(house.node.services) if each.name == "taxii statuses")
    hours(23)
    assert job.call() == 0 and client.get(mine).status_code == 200
    hours(25)
    assert client.get(mine).status_code == 404
    assert job.call() == 1


def test_unmarked_objects_stay_in_the_house_and_markings_count(house: House) -> None:
    client = house.writer()
    green = {"object_marking_refs": ["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"]}
    house.post(client, house.thing(1), house.thing(2, **green))
    low = house.client(clearance=TLP.AMBER)
    assert [each["id"] for each in low.get(OBJECTS).json()["objects"]] == [house.thing(2)["id"]]
    assert len(house.client(clearance=TLP.AMBER_STRICT).get(OBJECTS).json()["objects"]) == 2


def test_a_collection_of_an_agreement_is_written_by_its_parties_only(either: House) -> None:
    agreement = either.agree("amber")
    where = either.node.store.write(lambda tx: either.exchange._of_agreement(tx, agreement)).name
    ours, theirs = either.writer(), either.writer(party=PARTNER)
    listed = {each["alias"]: each["can_write"] for each in theirs.get(f"{API}collections/").json()["collections"]}
    assert listed == {"main": False, where: True}
    assert either.client(party=PARTNER).get(f"{API}collections/{where}/").json()["can_write"] is False
    red = {"object_marking_refs": ["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"]}
    told = either.post(theirs, either.thing(1), either.thing(2, **red), path=where).json()
    assert [each["id"] for each in told["successes"]] == [either.thing(1)["id"]]
    assert "ceiling" in told["failures"][0]["message"]
    (said,) = either.exchange.get_object(either.exchange.operator(), either.thing(1)["id"]).newest.served.assertions
    assert (said.label.owner, said.label.agreement, said.label.tlp) == (PARTNER, agreement, TLP.AMBER)
    assert said.source.party == PARTNER
    # Not into any other, not ours into theirs, and nothing while it is suspended.
    assert either.post(theirs, either.thing(3)).status_code == 403
    assert either.post(ours, either.thing(3), path=where).status_code == 403
    assert theirs.delete(f"{API}collections/{where}/objects/{either.thing(1)['id']}/").status_code == 403
    either.agreements.suspend(agreement, suspended=True, by="op")
    assert either.post(theirs, either.thing(3), path=where).status_code == 403
    assert theirs.get(f"{API}collections/{where}/").json()["can_write"] is False


def test_a_strict_collection_refuses_what_breaks_the_standard(house: House) -> None:
    house.exchange.create_collection("strict", strict=True, by="op")
    told = house.post(house.writer(), house.thing(1, is_family="no"), house.thing(2, is_family=False), path="strict")
    assert [each["id"] for each in told.json()["failures"]] == [house.thing(1)["id"]]


def test_taking_out(either: House) -> None:
    client = either.writer()
    things = [either.thing(1, version=version) for version in range(4)]
    either.post(client, *things, either.thing(2))
    one = f"{OBJECTS}{things[0]['id']}/"

    def listed() -> list[str]:
        versions: list[str] = client.get(f"{one}versions/").json()["versions"]
        return versions

    assert client.delete(one, params={"match[version]": things[1]["modified"]}).status_code == 200
    assert listed() == [things[version]["modified"] for version in (0, 2, 3)]
    assert client.delete(one, params={"match[version]": "first,last"}).json() == {}
    assert listed() == [things[2]["modified"]]
    assert client.delete(one, params={"match[spec_version]": "2.0"}).status_code == 404
    assert client.delete(one).status_code == 200
    assert client.get(one).status_code == client.get(f"{one}versions/").status_code == 404
    assert client.delete(one).status_code == 404
    assert [each["id"] for each in client.get(OBJECTS).json()["objects"]] == [either.thing(2)["id"]]
    # It is held still, and comes back above everything when it is given again.
    polled = client.get(OBJECTS).headers["X-TAXII-Date-Added-Last"]
    either.post(client, things[3])
    assert client.get(OBJECTS, params={"added_after": polled}).json()["objects"] == [things[3]]


def test_only_what_is_seen_is_taken_out(either: House) -> None:
    either.keep(either.thing(1, version=1), tlp=TLP.GREEN)
    either.keep(either.thing(1, version=2), tlp=TLP.RED)
    one = f"{OBJECTS}{either.thing(1)['id']}/"
    assert either.writer(clearance=TLP.GREEN).delete(one).status_code == 200
    assert either.writer(clearance=TLP.GREEN).delete(one).status_code == 404
    assert either.client().get(f"{one}versions/").json()["versions"] == [either.thing(1, version=2)["modified"]]


def test_only_tokens_write(house: House) -> None:
    house.keep(house.thing(1))
    one = f"{OBJECTS}{house.thing(1)['id']}/"
    reading = house.client()
    assert house.post(reading, house.thing(2)).status_code == reading.delete(one).status_code == 403
    bound = house.writer(collection="other")
    assert house.post(bound, house.thing(2)).status_code == bound.delete(one).status_code == 404
    token = house.token(role=Role.CONTRIBUTOR)
    client = house.client(token)
    assert house.post(client, house.thing(2)).status_code == 202
    house.people.change_token(token[0], role=Role.FEED, by="op")
    assert house.post(client, house.thing(3)).status_code == 403
    house.people.change_token(token[0], active=False, by="op")
    assert house.post(client, house.thing(3)).status_code == 401


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["type", "id", "spec_version", "created", "modified", "created_by_ref", "object_marking_refs", "\0"]


def test_whatever_is_sent_the_answer_adds_up(either: House) -> None:
    client = either.writer()
    values = st.one_of(ODD, st.sampled_from([either.thing(1)["id"], "malware", "2.1", "2026-01-01T00:00:00Z"]))
    members = st.one_of(ODD, st.dictionaries(st.sampled_from(NAMES), values, max_size=8))

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(members, min_size=1, max_size=4))
    def send(several: list[object]) -> None:
        answer = either.post(client, *(json.dumps(each).encode() for each in several))
        told = answer.json()
        assert answer.status_code in (202, 400), told
        if answer.status_code == 202:
            assert told["success_count"] + told["failure_count"] == told["total_count"] == len(several)
            assert client.get(f"{API}status/{told['id']}/").json() == told

    send()
    for odd in ("%00", "x", "..%2f", "2D086DA7-4BDC-4F91-900E-D77486753710"):
        assert client.get(f"{API}status/{odd}/").status_code == 404
