"""Shields: one in force with devices and a list that waits, one that was gone back, one never released, one empty."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from browser.stage import Stage

NAMES = ("update-cdn.example", "login-ministry.example", "files-share.example", "invoice-portal.example")


def furnish_shields(stage: Stage) -> None:
    """What a duty officer finds in the morning. Comes after the watch, whose events are asked."""
    at = stage.actors["ministry"].command
    at("protect", "allow", "gov.example", "Names of the state")
    at("protect", "allow", "hospital.example", "Lives depend on it")
    at("protect", "allow", "github.com", "A page of it asks for passwords; agreed with the press office", "--insist")
    _bring(at, NAMES, "a")
    for name, title in (
        ("branches", "Name servers of the branches"),
        ("border", "Firewalls at the border"),
        ("sensors", "Suricata in the data centre"),
        ("guests", ""),
    ):
        at("protect", "add", name, "--title", title, "--tlp", "amber")
    for name in ("branches", "border"):
        at("protect", "approve", name, str(at("protect", "compile", name)["serial"]))
    at("protect", "outlet", "branches", "First name server")
    old = at("protect", "outlet", "branches", "Second name server, replaced")
    at("protect", "shut", "branches", old["id"])
    first = at("protect", "show", "border")[0]["serial"]
    poison = ("8.8.8.8", "10.20.0.53", "0.0.0.0/0", "203.0.112.0/22")
    _bring(at, (*(f"c2-{n}.botnet.example" for n in range(40)), "tax.gov.example", "com", "github.com"), "b", poison)
    at("protect", "compile", "branches")
    at("protect", "compile", "sensors")
    waiting = at("protect", "compile", "border")["serial"]
    at("protect", "approve", "border", str(waiting))
    at("protect", "rollback", "border", str(first), "The mail gateway lost its updates")


def _bring(at: object, names: tuple[str, ...], key: str, addresses: tuple[str, ...] = ()) -> None:
    patterns = [f"[domain-name:value = '{each}']" for each in names]
    patterns += [f"[ipv4-addr:value = '{each}']" for each in addresses]
    objects = [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{key}{place:07x}-3333-4333-8333-333333333333",
            "created": "2026-11-20T00:00:00.000Z",
            "modified": "2026-11-20T00:00:00.000Z",
            "name": f"Warning {place + 1}",
            "pattern": pattern,
            "pattern_type": "stix",
            "valid_from": "2026-11-20T00:00:00Z",
            "indicator_types": ["malicious-activity"],
        }
        for place, pattern in enumerate(patterns)
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "indicators.json"
        bundle = {"type": "bundle", "id": f"bundle--{key}a1d0c5e-2f4b-4f7e-9a57-1f7a0f6b9d22", "objects": objects}
        file.write_text(json.dumps(bundle))
        at("import", str(file), "--tlp", "green")  # type: ignore[operator]  # a method of an actor
