"""Commands about the watch, on a whole node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
from watch.conftest import Indicate
from watch.lines import dns


def test_add_send_follow_and_tell(
    programs: Any, indicate: Indicate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def command(*words: str) -> Any:
        data = ("--data", str(programs.node.data), "--json")
        assert run(kouprey(), ["watch", *words, *data], opener=open_for) == 0, words
        return json.loads(capsys.readouterr().out)

    file = tmp_path / "dns.log"
    file.write_bytes(dns("www.evil.example", "fine.example") + b"{no\n")
    made = command("add", "zeek", "--token")
    assert made["format"] == "auto" and made["user"] and made["token"]
    assert command("detect", str(file))["format"] == "zeek-json"
    assert command("send", "zeek", str(file), "--batch", "1")["taken"] == 2
    assert command("send", "zeek", str(file), "--batch", "1")["repeated"]
    indicate("[domain-name:value = 'evil.example']")
    assert command("recall") == {"hits": 1}
    (alert,) = command("alerts")
    assert alert["past"] and alert["value"] == "www.evil.example"
    assert command("follow", "zeek", str(file), "--once") == {"taken": 2, "refused": 1, "hits": 1, "lost": False}
    assert command("follow", "zeek", str(file), "--once")["taken"] == 0
    assert command("dismiss", alert["id"], "A test")["dismissed"] and command("alerts", "--state", "open") == []
    assert not command("reopen", alert["id"])["dismissed"]
    assert command("tell", alert["id"])["id"].startswith("sighting--")
    assert command("change", "zeek", "--tells", "--retire") == {"name": "zeek", "tells": True, "retired": True}
    assert command("list")[0]["stands"] == "retired"
