"""The fiction of the pillars: programs read of it what the story says of it, and nothing in it is real."""

from __future__ import annotations

import inspect
import ipaddress
import json
import re
from typing import Any

import msgspec

from kouprey.advisories.model import Content
from kouprey.advisories.rules.standing import check_content
from kouprey.hunt.service import Hunts
from kouprey.kernel.words.time import SECOND
from kouprey.node import fiction, scenes
from kouprey.watch.model import Format
from kouprey.watch.wire.reading import read_lines

NOW = 1_795_000_000 * SECOND
DOCUMENTATION = [ipaddress.ip_network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")]
INSIDE = ipaddress.ip_network("10.20.0.0/24")


def test_names_and_addresses_are_reserved_for_fiction() -> None:
    text = inspect.getsource(scenes) + scenes.sensor_log(NOW).decode()
    assert scenes.PORTAL.endswith(".example") and scenes.PORTAL in str(scenes.hasty_warning("identity--x"))
    names = [name for _, name in re.findall(r"(https?://|@)([a-z0-9.-]+\.[a-z]+)", text)]
    assert names and all(name.endswith(".example") for name in names), names
    addresses = set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", text))
    assert len(addresses) > 8
    for each in map(ipaddress.ip_address, addresses):
        assert each in INSIDE or any(each in network for network in DOCUMENTATION), each


def test_one_line_of_the_log_goes_to_the_first_server() -> None:
    lines = read_lines(Format.ZEEK, scenes.sensor_log(NOW), scenes.SENSOR, NOW)
    assert len(lines.events) == scenes.LOG_LINES and not lines.refused
    server = fiction.operator_findings("identity--x")[3]
    assert server["id"] == fiction.SERVER
    found = [each for each in lines.events for kind, value in each.values if f"'{value}'" in str(server["pattern"])]
    assert len(found) == 1 and all(NOW - 600 * SECOND < each.at <= NOW for each in lines.events)


def test_the_rule_finds_the_loader_and_nothing_else(programs: Any, tmp_path: Any) -> None:
    hunts: Hunts = programs.node.services.get(Hunts)
    who = hunts.operator()
    kept = hunts.keep_rules(who, "loader.yml", scenes.SIGMA.encode())
    assert (kept.new, kept.unrunnable, kept.refused) == (1, (), ())
    file = tmp_path / "week.ndjson"
    file.write_bytes(scenes.records())
    (found,) = hunts.outcomes(who, hunts.run(who, file).id)
    loaders = [each for each in map(json.loads, scenes.records().splitlines()) if each["Image"].endswith(".ics.exe")]
    assert found.hits == len(loaders) == scenes.INFECTIONS


def test_the_answer_can_be_published_and_secrets_stand_where_they_belong() -> None:
    check_content(msgspec.convert(scenes.ANSWER, type=Content))
    assert scenes.ANSWER["claims"] == [{"text": scenes.RUMOUR}]
    assert scenes.EVIDENCE_CANARY.encode() in scenes.EVIDENCE
    assert len(scenes.TRAINEES) == scenes.SEATS + 1
    assert sum(scenes.TRAINEE_CANARY in each for each in scenes.TRAINEES) == 1
