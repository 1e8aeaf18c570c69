"""Documents of collectors, and real events of Windows where the material of others is there."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path

import pytest

from kouprey.kernel.words.time import SECOND
from kouprey.watch.model import Event, Format
from kouprey.watch.wire.reading import read_lines

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[4] / "shared"))
NOW = 1_795_000_000 * SECOND


def one(fields: dict[str, object]) -> Event:
    (event,) = read_lines(Format.ECS, json.dumps(fields).encode(), "s", NOW).events
    return event


def test_nested_and_dotted_say_the_same() -> None:
    nested = one(
        {
            "@timestamp": "2026-11-18T00:00:00Z",
            "host": {"name": "desk-1"},
            "source": {"ip": "10.0.0.2", "domain": None},
            "destination": {"ip": "192.0.2.1"},
            "dns": {"question": {"name": "Q.example"}},
            "url": {"full": "https://u.example/p?q"},
            "tls": {"client": {"server_name": "t.example"}},
            "file": {"hash": {"sha1": "b" * 40}},
            "process": "a text where others write an object",
        }
    )
    dotted = one(
        {
            "@timestamp": "2026-11-18T00:00:00Z",
            "host.name": "desk-1",
            "source.ip": "10.0.0.2",
            "destination.ip": "192.0.2.1",
            "dns.question.name": "q.example",
            "url.full": "https://u.example/p?q",
            "tls.client.server_name": "t.example",
            "file.hash.sha1": "B" * 40,
        }
    )
    assert (nested.at, nested.host, set(nested.values)) == (dotted.at, dotted.host, set(dotted.values))
    assert len(nested.values) == 7


def test_windows() -> None:
    flat = {"EventID": 22, "Hostname": "W1", "QueryName": "z.example", "UtcTime": "2026-11-18 00:00:00.000"}
    seen = one(flat | {"Hashes": f"SHA1={'A' * 40},MD5={'B' * 32},IMPHASH={'C' * 32}"})
    assert seen.host == "W1" and set(seen.values) == {
        ("domain-name", "z.example"),
        ("sha1", "a" * 40),
        ("md5", "b" * 32),
    }
    beat = one({"winlog": {"computer_name": "W2", "event_data": {"DestinationIp": "192.0.2.9", "SourceIp": "-"}}})
    assert beat.host == "W2" and beat.values == (("ipv4-addr", "192.0.2.9"),)


def test_real_events_of_windows_are_read() -> None:
    folder = SHARED / "data" / "hunt" / "otrf"
    if not folder.is_dir():
        pytest.skip("the recorded events of others are not here")
    archive = min(folder.rglob("*.zip"), key=lambda path: path.stat().st_size)
    with zipfile.ZipFile(archive) as opened:
        body = b"".join(opened.read(each) for each in opened.namelist() if each.endswith(".json"))
    found = read_lines(Format.ECS, body, "s", NOW)
    assert found.events and found.refused == 0 and any(event.host for event in found.events)
