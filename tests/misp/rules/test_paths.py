"""Paths lead both ways: a pattern compares what the observable built from the same path has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.service import findings_of, observable_id
from kouprey.misp.rules.paths import Observation, comparison, literal, moment, path_of

SPARE = "5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10"


def built(*pairs: tuple[str, Any]) -> list[dict[str, Any]]:
    observation = Observation()
    assert all(observation.put(path_of(text), value) for text, value in pairs)
    return observation.finish(observable_id, SPARE)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_a_literal_says_what_was_given(text: str) -> None:
    pattern = f"[mutex:name = {literal(text)}]"
    value = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{SPARE}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "valid_from": "2026-01-01T00:00:00.000Z",
        "pattern": pattern,
        "pattern_type": "stix",
        "pattern_version": "2.1",
    }
    assert not [each for each in findings_of(value, "indicator") if each.severity == "must"]
    assert literal(text)[1:-1].replace("\\'", "'").replace("\\\\", "\\") == text


def test_quotes_and_backslashes_are_escaped() -> None:
    path = path_of("file:name")
    assert comparison(path, "C:\\it's") == "file:name = 'C:\\\\it\\'s'"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("198.51.100.7", "ipv4-addr:value = '198.51.100.7'"),
        ("2001:db8::1", "ipv6-addr:value = '2001:db8::1'"),
        ("198.51.100.0/24", "ipv4-addr:value ISSUBSET '198.51.100.0/24'"),
    ],
)
def test_addresses_know_their_kind_and_networks_hold_others(value: str, wanted: str) -> None:
    assert comparison(path_of("ip-addr:value"), value) == wanted


def test_what_is_referred_to_comes_first_and_is_named_by_its_id() -> None:
    address, traffic = built(("network-traffic:dst_ref.value", "198.51.100.7"), ("network-traffic:dst_port", 443))
    assert address["value"] == "198.51.100.7" and traffic["dst_ref"] == address["id"]
    assert traffic["protocols"] == ["ipv4"] and traffic["id"] == observable_id(traffic)
    first, second, domain = built(
        ("domain-name:value", "host.example"),
        ("domain-name:resolves_to_refs[*].value", "198.51.100.7"),
        ("domain-name:resolves_to_refs[*].value", "2001:db8::1"),
    )
    assert domain["resolves_to_refs"] == [first["id"], second["id"]] and second["type"] == "ipv6-addr"


def test_records_and_extensions_are_built_inwards() -> None:
    (key,) = built(("windows-registry-key:key", "K"), ("windows-registry-key:values[*].data", "D"))
    assert key["values"] == [{"data": "D"}]
    (process,) = built(("process:extensions.'windows-service-ext'.service_name", "S"))
    assert process["extensions"] == {"windows-service-ext": {"service_name": "S"}}
    assert process["id"] == f"process--{SPARE}"


def test_a_place_is_taken_once() -> None:
    observation = Observation()
    assert observation.put(path_of("file:name"), "a") and observation.put(path_of("file:name"), "a")
    assert not observation.put(path_of("file:name"), "b")
    assert not observation.put(path_of("url:value"), "b")


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("autonomous-system:number", "AS64500", 64500),
        ("autonomous-system:number", "ASX", None),
        ("file:size", "12", 12),
        ("file:size", "²", None),
        ("ip-addr:value", "host.example", None),
        ("windows-registry-key:key", "hklm\\A", "HKEY_LOCAL_MACHINE\\A"),
        ("mac-addr:value", "02-00-5E-10-00-0A", "02:00:5e:10:00:0a"),
        ("process:is_hidden", "True", True),
        ("file:ctime", "soon", None),
    ],
)
def test_values_are_read_as_their_place_wants_them(path: str, text: str, value: object) -> None:
    assert path_of(path).read(text) == value


def test_moments_of_any_usual_form() -> None:
    wanted = "2026-01-02T03:04:05.000000Z"
    assert {moment(text) for text in ("2026-01-02T03:04:05", "2026-01-02 03:04:05", "2026-01-02T04:04:05+01:00")} == {
        wanted
    }
    assert moment("2026-01-02") == "2026-01-02T00:00:00.000000Z" and moment("") is None
