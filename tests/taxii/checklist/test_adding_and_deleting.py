"""Adding, status and deleting, request by request."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

House = Any
"""What conftest builds."""

API = "/taxii2/api/"
MAIN = f"{API}collections/main/"
OBJECTS = f"{MAIN}objects/"
TAXII = {"content-type": "application/taxii+json;version=2.1"}


def test_line_20_custom_properties_of_an_envelope_are_ignored(house: House) -> None:
    body = json.dumps({"x_foo": {"objects": []}, "objects": [house.thing(1)], "more": False}).encode()
    assert house.writer().post(OBJECTS, content=body, headers=TAXII).json()["success_count"] == 1


def test_lines_64_75_76_a_status_is_complete_and_adds_up(house: House) -> None:
    answer = house.post(house.writer(), house.thing(1), house.thing(2), {"type": "malware"})
    told = answer.json()
    assert (answer.status_code, told["status"]) == (202, "complete")
    assert told["total_count"] == told["success_count"] + told["failure_count"] + told["pending_count"] == 3
    assert (len(told["successes"]), len(told["failures"])) == (told["success_count"], told["failure_count"])
    assert all(each["id"] and each["version"] for name in ("successes", "failures") for each in told[name])


def test_lines_65_66_of_the_media_types_of_a_body(house: House) -> None:
    client = house.writer()
    for kind, status in (
        ("application/taxii+json;version=2.1", 202),
        ("application/taxii+json; version=2.1", 202),
        ("application/taxii+json", 202),
        ("application/json", 415),
        ("application/stix+json;version=2.1", 415),
        ("application/taxii+json;version=9.9", 415),
    ):
        assert house.post(client, house.thing(1), **{"content-type": kind}).status_code == status


def test_line_67_an_envelope_may_be_as_long_as_the_root_says(house: House) -> None:
    client = house.writer()
    most = client.get(API).json()["max_content_length"]
    full = b'{"objects":[' + json.dumps(house.thing(1)).encode() + b"]}"

    def chunks(body: bytes) -> Iterator[bytes]:
        yield from (body[begin : begin + 65536] for begin in range(0, len(body), 65536))

    for size, status in ((most, 202), (most + 1, 413)):
        body = full + b" " * (size - len(full))
        for content in (body, chunks(body)):
            answer = client.post(OBJECTS, content=content, headers=TAXII)
            assert answer.status_code == status
            assert answer.headers["content-type"] == TAXII["content-type"]


def test_line_68_what_is_no_envelope(house: House) -> None:
    client = house.writer()
    for body in (b"", b"{", b"null", b"{}", b'{"objects":[]}', json.dumps(house.thing(1)).encode()):
        answer = client.post(OBJECTS, content=body, headers=TAXII)
        assert answer.status_code == 400 and answer.json()["title"]
    assert client.get(OBJECTS).json() == {}


def test_line_69_a_repeat_is_a_success(house: House) -> None:
    client = house.writer()
    counts = [house.post(client, house.thing(1)).json()["success_count"] for _ in range(2)]
    assert counts == [1, 1] and len(client.get(OBJECTS).json()["objects"]) == 1


def test_lines_70_71_some_are_bad_and_the_answer_is_true(house: House) -> None:
    client = house.writer()
    told = house.post(client, house.thing(1), house.thing(2, spec_version="7.0"), {"id": "x"}, house.thing(3)).json()
    kept = [each["id"] for each in client.get(OBJECTS).json()["objects"]]
    assert [each["id"] for each in told["successes"]] == kept == [house.thing(1)["id"], house.thing(3)["id"]]
    assert "STIX 7.0" in told["failures"][0]["message"]


def test_lines_72_83_rights(house: House) -> None:
    house.keep(house.thing(1))
    one = f"{OBJECTS}{house.thing(1)['id']}/"
    reads, neither, both = house.client(), house.client(collection="other"), house.writer()
    assert [house.post(client, house.thing(2)).status_code for client in (reads, neither, both)] == [403, 404, 202]
    assert [client.delete(one).status_code for client in (reads, neither, both)] == [403, 404, 200]


def test_line_73_bytes_come_back_as_they_were_sent(house: House) -> None:
    raw = json.dumps(house.thing(1, x_n=0) | {"modified": "2026-01-01T00:00:00.000001Z"}, indent=1).encode()
    raw = raw.replace(b'"x_n": 0', b'"x_n": 1.10, "x_e": 1E+2, "x_s": "\\u00e9\\/ \xe1\x9e\x81"')
    client = house.writer()
    assert house.post(client, raw).status_code == 202
    assert client.get(OBJECTS).content == b'{"more":false,"objects":[' + raw + b"]}"


def test_line_74_another_body_for_a_version_is_told_and_replaces_nothing(house: House) -> None:
    client = house.writer()
    house.post(client, house.thing(1))
    told = house.post(client, house.thing(1, name="other")).json()
    assert told["success_count"] == 1 and told["successes"][0]["message"]
    assert client.get(OBJECTS).json()["objects"] == [house.thing(1)]


def test_lines_77_78_a_status_is_its_clients_own(house: House) -> None:
    client = house.writer()
    told = house.post(client, house.thing(1)).json()
    path = f"{API}status/{told['id']}/"
    assert client.get(path).json() == told
    for other in (house.writer(), house.writer(party="operator.example")):
        assert other.get(path).status_code == 404


def test_lines_81_82_84_deleting(house: House) -> None:
    client = house.writer()
    house.post(client, *(house.thing(1, version=version) for version in range(3)), house.thing(2))
    one = f"{OBJECTS}{house.thing(1)['id']}/"
    assert client.delete(one, params={"match[version]": house.thing(1, version=1)["modified"]}).status_code == 200
    left = [house.thing(1, version=version)["modified"] for version in (0, 2)]
    assert client.get(f"{one}versions/").json()["versions"] == left
    gone = client.delete(one)
    assert (gone.status_code, gone.headers["content-type"]) == (200, TAXII["content-type"])
    assert client.get(one).status_code == client.delete(one).status_code == 404
    for path in (OBJECTS, f"{MAIN}manifest/"):
        found = client.get(path, params={"match[version]": "all"}).json()["objects"]
        assert [each["id"] for each in found] == [house.thing(2)["id"]]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_line_18_over_tls(house: House, certificate: dict[str, str], version: ssl.TLSVersion) -> None:
    context = ssl.create_default_context(cafile=certificate["certificate"])
    context.minimum_version = context.maximum_version = version
    with house.served(**certificate) as origin, httpx.Client(base_url=origin, verify=context) as client:
        told = client.get("/taxii2/", auth=house.token()).json()
        # Line 23: an address of a root is whole, or begins with a slash.
        assert told["default"] == f"{origin}/taxii2/api/"
