"""Hunts: rules of every kind, a record that was asked, and one whose rule cannot be run."""

from __future__ import annotations

import tempfile
from pathlib import Path

from browser.stage import Stage
from hunt.sigma import lines, rule


def furnish_hunts(stage: Stage) -> None:
    """What an analyst has after a night."""
    at = stage.actors["ministry"].command
    detections = {
        "A loader that asks a control server": ("high", "s:\n    Image|endswith: 'loader.exe'\ncondition: s"),
        "A shell of a web server": ("critical", "s:\n    Parent|endswith: 'httpd'\n    Image: '/bin/sh'\ncondition: s"),
        "A hash that no record has": ("medium", "s:\n    Hashes|contains: 'IMPHASH=1'\ncondition: s"),
        "A word anywhere": ("low", "k:\n    - 'sekurlsa'\ncondition: k"),
    }
    rules = "---\n".join(
        rule(text, title=title, level=level, id=f"4444444{place}-4444-4444-8444-444444444444")
        for place, (title, (level, text)) in enumerate(detections.items())
    )
    events = [{"Image": "/opt/loader.exe", "Host": f"desk-{n}", "At": "2026-11-20T03:00:00Z"} for n in range(7)]
    events += [{"Image": "/bin/sh", "Parent": "/usr/sbin/httpd", "Host": "web-1"}, {"Image": "/bin/ls"}]
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder) / "rules.yml", Path(folder) / "night-of-20-november.ndjson"
        files[0].write_text(rules, "utf-8")
        files[1].write_bytes(lines(*events))
        at("hunt", "rules", str(files[0]))
        at("hunt", "run", str(files[1]))
