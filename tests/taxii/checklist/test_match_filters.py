"""The match filters: one by one, together, and in every form the standard knows."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.model import OBSERVABLE_TYPES

House = Any
"""What conftest builds."""

MAIN = "/taxii2/api/collections/main/"
OBJECTS, MANIFEST = MAIN + "objects/", MAIN + "manifest/"
STIX_TYPES = [
    *("attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident", "indicator"),
    *("infrastructure", "intrusion-set", "location", "malware", "malware-analysis", "note", "observed-data"),
    *("opinion", "report", "threat-actor", "tool", "vulnerability", "relationship", "sighting", "language-content"),
    *("marking-definition", "extension-definition", "x-custom", *sorted(OBSERVABLE_TYPES)),
]


def found(house: House, client: Any = None, path: str = OBJECTS, **match: str) -> list[tuple[str, str]]:
    """(type, minute of modified) of what matches; the keys are names of match fields."""
    params = {f"match[{name}]": value for name, value in match.items()}
    answers = house.pages(client or house.client(), path, **params)
    assert all(answer.status_code == 200 for answer in answers)
    several = [each for answer in answers for each in answer.json().get("objects", [])]
    return [(each["id"].partition("--")[0], each.get("modified", each.get("version", ""))[14:16]) for each in several]


@pytest.fixture
def filled(either: House) -> House:
    """Three versions of two kinds, and an observable."""
    for version in (1, 3, 2):
        either.keep(either.thing(1, version=version), either.thing(1, kind="tool", version=version))
    either.keep(either.thing(1, kind="ipv4-addr", value="192.0.2.1"))
    return either


def test_line_49_by_id(filled: House) -> None:
    ids = [filled.thing(1, kind=kind)["id"] for kind in ("malware", "tool", "ipv4-addr")]
    nobody = "malware--00000000-0000-4000-8000-000000000000"
    assert found(filled, id=ids[0]) == [("malware", "03")]
    assert [kind for kind, _ in found(filled, id=",".join([*ids, nobody]))] == ["malware", "tool", "ipv4-addr"]
    assert found(filled, id=nobody) == []


def test_line_50_by_every_type_there_is(filled: House) -> None:
    client = filled.client()
    assert {kind: found(filled, client, type=kind) for kind in STIX_TYPES if found(filled, client, type=kind)} == {
        "malware": [("malware", "03")],
        "tool": [("tool", "03")],
        "ipv4-addr": [("ipv4-addr", "")],
    }
    assert len(found(filled, client, type="malware,tool,x-custom")) == 2


def test_line_51_filters_are_joined(filled: House) -> None:
    one = filled.thing(1)["id"]
    assert found(filled, id=one, type="tool") == []
    assert found(filled, id=one, type="malware,tool", version="first") == [("malware", "01")]


@pytest.mark.parametrize(
    ("version", "minutes"),
    [
        ("", "03"),
        ("last", "03"),
        ("first", "01"),
        ("all", "01 03 02"),
        ("first,last", "01 03"),
        ("2026-01-01T00:02:00Z", "02"),
        ("2026-01-01T00:02:00.000000Z,first", "01 02"),
        ("last,2026-01-01T00:01:00.0Z", "01 03"),
        ("2020-01-01T00:00:00Z", ""),
    ],
)
def test_lines_52_53_55_by_version(filled: House, version: str, minutes: str) -> None:
    match = {"type": "malware"} | ({"version": version} if version else {})
    for path in (OBJECTS, MANIFEST):
        assert [minute for _, minute in found(filled, path=path, **match)] == minutes.split()


def test_line_56_what_has_no_version_has_the_same_one_everywhere(house: House) -> None:
    marking = {**house.thing(1, kind="marking-definition"), "definition_type": "statement"}
    del marking["modified"]
    address = house.thing(1, kind="ipv4-addr", value="192.0.2.1")
    client = house.writer()
    told = {each["id"]: each["version"] for each in house.post(client, marking, address).json()["successes"]}
    listed = {each["id"]: each["version"] for each in client.get(MANIFEST).json()["objects"]}
    assert told == listed == {marking["id"]: marking["created"], address["id"]: "1970-01-01T00:00:00.000000Z"}
    for each in (marking, address):
        versions = client.get(f"{OBJECTS}{each['id']}/versions/").json()["versions"]
        assert versions == [told[each["id"]]]
        assert client.get(OBJECTS, params={"match[version]": versions[0]}).json()["objects"] == [each]


def test_line_57_by_version_of_stix(house: House) -> None:
    old = {name: value for name, value in house.thing(1).items() if name != "spec_version"}
    house.keep(old, house.thing(2))
    for spec, wanted in (("2.0", [old]), ("2.1", [house.thing(2)]), ("2.0,2.1", [old, house.thing(2)]), ("9.9", None)):
        assert house.client().get(OBJECTS, params={"match[spec_version]": spec}).json().get("objects") == wanted


def test_line_57_last_is_the_last_of_the_spec_that_was_asked_for(house: House) -> None:
    versions = [house.thing(1, version=number) for number in range(4)]
    for old in (versions[0], versions[3]):
        del old["spec_version"]
    house.keep(*versions, house.thing(2))
    for spec, first, last in (("2.1", 1, 2), ("2.0", 0, 3), ("2.0,2.1", 0, 3)):
        match = {"type": "malware", "id": versions[0]["id"], "spec_version": spec}
        assert found(house, version="first", **match) == [("malware", f"{first:02}")]
        assert found(house, **match) == found(house, version="last", **match) == [("malware", f"{last:02}")]


def test_line_58_brackets_may_be_encoded_and_unknown_fields_are_ignored(filled: House) -> None:
    client = filled.client()
    plain, encoded = (client.get(f"{OBJECTS}?{name}=tool").content for name in ("match[type]", "match%5Btype%5D"))
    assert plain == encoded and b"tool--" in plain
    assert len(found(filled, client, colour="red")) == 3
