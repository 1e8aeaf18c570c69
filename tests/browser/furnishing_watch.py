"""The watch: sensors that send, one that is silent, alerts of every kind, and what was found in the kept past."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from browser.stage import Stage

NOW = 1_795_850_000


def furnish_watch(stage: Stage) -> None:
    """What an analyst finds in the morning."""
    at = stage.actors["ministry"].command
    patterns = {
        "Control server of a loader": "[domain-name:value = 'update-cdn.example']",
        "Network of a scanner": "[ipv4-addr:value = '203.0.113.0/24']",
        "Page that asks for passwords": "[url:value = 'http://login-ministry.example/verify/account']",
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "indicators.json"
        file.write_text(json.dumps(_bundle(patterns)), "utf-8")
        for name, words in {
            "zeek-inside": ("--format", "zeek-json"),
            "resolver": ("--format", "plain"),
            "desk-endpoints": ("--format", "ecs", "--tells"),
        }.items():
            at("watch", "add", name, *words)
        past = Path(folder) / "past.log"
        past.write_bytes(_lines("mail.update-cdn.example", "www.gov.example"))
        at("watch", "send", "zeek-inside", str(past))
        at("import", str(file), "--tlp", "green")
        at("watch", "recall")
        new = Path(folder) / "new.log"
        new.write_bytes(
            _lines(*(f"host-{n}.update-cdn.example" for n in range(3)), client="10.20.0.17") + _rest() + b"{\n"
        )
        at("watch", "send", "zeek-inside", str(new))
        text = Path(folder) / "queries.log"
        text.write_text("Nov 28 10:00:00 ns1 named[7]: client 10.20.0.9#53: query: mail.example IN A +\n", "utf-8")
        at("watch", "send", "resolver", str(text))
        alerts = at("watch", "alerts")
        at("watch", "dismiss", alerts[-1]["id"], "A test of our own, agreed with the team of the border")


def _bundle(patterns: dict[str, str]) -> dict[str, object]:
    objects = [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--7{place}111111-2222-4222-8222-222222222222",
            "created": "2026-11-20T00:00:00.000Z",
            "modified": "2026-11-20T00:00:00.000Z",
            "name": name,
            "pattern": pattern,
            "pattern_type": "stix",
            "valid_from": "2026-11-20T00:00:00Z",
            "indicator_types": ["malicious-activity"],
        }
        for place, (name, pattern) in enumerate(patterns.items())
    ]
    return {"type": "bundle", "id": "bundle--7a1d0c5e-2f4b-4f7e-9a57-1f7a0f6b9d21", "objects": objects}


def _lines(*names: str, client: str = "10.20.0.4") -> bytes:
    seen = [
        {"uid": f"C{n}", "id.orig_h": client, "id.resp_h": "10.20.0.53", "query": each} for n, each in enumerate(names)
    ]
    return b"".join(json.dumps(each | {"ts": 0.0}).encode() + b"\n" for each in seen)


def _rest() -> bytes:
    web = {"ts": 0.0, "uid": "W1", "id.orig_h": "10.20.0.31", "id.resp_h": "198.51.100.9"}
    web |= {"host": "login-ministry.example", "uri": "/verify/account"}
    scan = {"ts": 0.0, "uid": "S1", "id.orig_h": "203.0.113.77", "id.resp_h": "10.20.0.80"}
    return b"".join(json.dumps(each).encode() + b"\n" for each in (web, scan))
