"""The fiction: nobody and nothing in it is real, it hangs together, and exactly one thing in it is a secret."""

from __future__ import annotations

import io
import ipaddress
import re

import msgspec
import pytest

from kouprey.exchange.service import Exchange
from kouprey.node import fiction
from kouprey.node.assemble import Node

AUTHOR = "identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10"
DOCUMENTATION = [ipaddress.ip_network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]


@pytest.fixture(scope="module")
def everything() -> list[dict[str, object]]:
    return [*fiction.operator_findings(AUTHOR), *fiction.ministry_warnings(AUTHOR)]


def test_parties_and_names_are_reserved_for_fiction(everything: list[dict[str, object]]) -> None:
    text = msgspec.json.encode(everything).decode()
    for cast in fiction.CAST:
        assert cast.party.endswith(".example")
    names = re.findall(r"domain-name:value = '([^']+)'", text) + re.findall(r"https?://([^/'\"]+)", text)
    assert len(names) > 10
    assert not [name for name in names if not name.endswith(".example")]
    addresses = re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text)
    assert len(addresses) >= 15
    for address in addresses:
        assert any(ipaddress.ip_address(address) in network for network in DOCUMENTATION), address


def test_it_is_told_alike_every_time(everything: list[dict[str, object]]) -> None:
    assert [*fiction.operator_findings(AUTHOR), *fiction.ministry_warnings(AUTHOR)] == everything
    ids = [each["id"] for each in everything]
    assert len(ids) == len(set(ids))


def test_every_reference_leads_to_something_told(everything: list[dict[str, object]]) -> None:
    ids = {str(each["id"]) for each in everything}
    for each in everything:
        for name in ("source_ref", "target_ref"):
            assert each.get(name, next(iter(ids))) in ids
        assert set(map(str, each.get("object_refs", ()))) <= ids  # type: ignore[call-overload]  # a list or nothing


def test_the_secret_is_in_one_object_which_is_red(everything: list[dict[str, object]]) -> None:
    [witness] = [each for each in everything if fiction.CANARY in msgspec.json.encode(each).decode()]
    assert witness["id"] == fiction.stix_id("note", "witness")
    assert witness["object_marking_refs"] == ["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]
    red = [each for each in everything if each["object_marking_refs"] == witness["object_marking_refs"]]
    assert red == [witness], "everything else is there to be shared"
    [report] = [each for each in everything if each["type"] == "report"]
    assert witness["id"] in report["object_refs"], "what stays behind is missed in what travels"  # type: ignore[operator]  # a list


def test_all_of_it_is_valid_stix(node: Node, everything: list[dict[str, object]]) -> None:
    exchange = node.services.get(Exchange)
    report = exchange.import_stream(io.BytesIO(fiction.bundle(everything)), name="story", by="test")
    assert (report.new, report.refused) == (len(everything), 0)
    held = exchange.get_object(exchange.operator(), fiction.stix_id("indicator", "server-1"))
    assert held is not None
