"""Duties from the command line."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for


def test_everything_from_the_command_line(offices: Any, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    a, _, _ = offices

    def call(*words: str, code: int = 0, raw: bool = False) -> Any:
        capfdbinary.readouterr()
        how = [] if raw else ["--json"]
        done = run(kouprey(), [*words, "--data", str(a.folder), *how], opener=open_for)
        out = capfdbinary.readouterr()
        assert done == code, out.err
        return out.out if raw else json.loads(out.out) if out.out.strip() else None

    case = str(call("case", "open", "A page shows another text")["number"])
    assert call("duty", "list") == []
    assert {"malaysia-act-854", "eu-nis2"} <= {each["regime"] for each in call("duty", "regimes")}
    known = ("--known", "2026-10-01 23:50", "--offset", "+07:00", "--by", "The duty officer", "--why", "NCII entity")
    made = call("duty", "start", case, "malaysia-act-854", *known)
    duty = made["id"]
    assert [each["due"] for each in made["reports"]][1] == "2026-10-01T22:50:00Z"
    assert len(call("duty", "list", "--state", "overdue")) == len(call("duty", "list", "--regime", "malaysia-act-854"))
    assert call("duty", "write", duty, "supplementary", "--line", "hosts=web-1")["fields"]["actor"] == "unknown"
    call("duty", "write", duty, "supplementary", "--line", "hosts", code=7)
    sent = call("duty", "send", duty, "supplementary", "portal", "--at", "2026-10-10 09:00", "--reference", "NC4-17")
    text = call("duty", "text", duty, "supplementary", sent["id"], raw=True)
    assert sha256(text).hexdigest() == sent["sha256"] and b"Hosts concerned: web-1\n" in text
    table = call("duty", "quarter", "2026-Q4", raw=True)
    assert sent["sha256"].encode() in table and b",yes,," in table
    call("duty", "answer", duty, "supplementary", sent["id"], "revision-required", "--words", "More")
    shown = call("duty", "show", duty, "supplementary")
    assert shown["sent"][0]["verdict"] == "revision-required" and shown["text"].encode() == text
    assert b"revision-required" in call("duty", "quarter", "2026-Q4", raw=True)
    assert call("duty", "stop", duty, "Not ours")["stopped"] and not call("duty", "resume", duty, "Ours")["stopped"]
    call("duty", "quarter", "soon", code=7)
    call("duty", "show", "duty_0", "initial", code=4)
