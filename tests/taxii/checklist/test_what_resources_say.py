"""Discovery, API root, collections: what each resource says, and to whom."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

House = Any
"""What conftest builds."""

MEDIA_TYPE = "application/taxii+json;version=2.1"
API = "/taxii2/api/"
LISTED = f"{API}collections/"
MAIN = f"{LISTED}main/"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def walk(house: House) -> list[Any]:
    """One good answer of every resource, an envelope's included."""
    client = house.writer()
    posted = house.post(client, house.thing(1), house.thing(1, kind="file", name="a"), {"type": "x"})
    one = f"{MAIN}objects/{house.thing(1)['id']}/"
    paths = ["/taxii2/", API, LISTED, MAIN, f"{MAIN}objects/", f"{MAIN}manifest/", one, f"{one}versions/"]
    return [posted, *(client.get(path) for path in [*paths, f"{API}status/{posted.json()['id']}/"])]


def test_lines_13_16_30_timestamps_integers_and_identifiers_have_their_form(house: House) -> None:
    for answer in walk(house):
        told = answer.json()
        stamps = [each["date_added"] for each in told.get("objects", []) if "date_added" in each]
        stamps += [text for name, text in answer.headers.items() if name.startswith("x-taxii")]
        stamps += [told["request_timestamp"]] if "request_timestamp" in told else []
        assert all(STAMP.fullmatch(stamp) for stamp in stamps)
        for name, value in told.items():
            if name.endswith("_count") or name == "max_content_length":
                assert type(value) is int and 0 <= value < 2**53
            if name in ("more", "can_read", "can_write"):
                assert type(value) is bool
        if "media_types" in told:
            assert told["media_types"] == ["application/stix+json;version=2.1", "application/stix+json;version=2.0"]
            assert UUID(told["id"]).version == 4


def test_line_15_no_list_is_empty(house: House) -> None:
    empty = house.client()
    answers = [empty.get(path) for path in (LISTED, f"{MAIN}objects/", f"{MAIN}manifest/")]
    assert not any("[]" in answer.text for answer in [*answers, *walk(house)])


def test_lines_21_22_23_24_discovery_names_the_roots_a_client_may_use(house: House) -> None:
    for client in (house.client(), house.client(party="operator.example"), house.client(collection="gone")):
        told = client.get("/taxii2/").json()
        assert told["title"] and told["default"] in told["api_roots"]
        for root in told["api_roots"]:
            assert re.fullmatch(r"/[^/?#][^?#]*/", root) and client.get(root).status_code == 200


def test_line_25_the_root_says_what_it_speaks_and_takes(house: House) -> None:
    root = house.client().get(API).json()
    assert root["title"] and MEDIA_TYPE in root["versions"] and root["max_content_length"] > 0


def test_line_27_without_collections_there_is_no_list(house: House) -> None:
    assert house.client(collection="gone").get(LISTED).json() == {}


def test_line_28_collections_are_always_in_the_same_order(house: House) -> None:
    for name in ("b", "a", "c"):
        house.exchange.create_collection(name, by="op")
    client = house.client()
    assert len({client.get(LISTED).text for _ in range(5)}) == 1


def test_lines_29_32_a_collection_says_what_this_client_may_do_under_both_its_names(house: House) -> None:
    house.exchange.create_collection("feed", title="A feed", by="op")
    for client, writes in ((house.client(), False), (house.writer(), True)):
        listed = client.get(LISTED).json()["collections"]
        assert {each["alias"] for each in listed} == {"main", "feed"}
        for one in listed:
            assert (one["can_read"], one["can_write"]) == (True, writes) and one["title"]
            by_id, by_alias = (client.get(f"{LISTED}{one[name]}/") for name in ("id", "alias"))
            assert by_id.json() == by_alias.json() == one


def test_line_87_what_is_hidden_is_refused_in_the_words_of_what_is_not(house: House) -> None:
    agreement = house.agree()
    hidden = house.node.store.write(lambda tx: house.exchange._of_agreement(tx, agreement))
    client = house.client(collection="main")
    answers = []
    for name in (hidden.id, hidden.name, "nowhere"):
        for path in ("", "objects/", "manifest/", f"objects/{house.thing(1)['id']}/"):
            answer = client.get(f"{LISTED}{name}/{path}")
            told = {key: text for key, text in answer.json().items() if key != "error_id"}
            answers.append((answer.status_code, json.dumps(told)))
    assert len(set(answers)) == 1 and answers[0][0] == 404
