"""Commands about duty and drills, as people call them."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.time import DAY, format_second
from kouprey.response.service import Drills
from response.cli.test_directory import caller


def test_duty_from_the_command_line(offices: Any, capsys: pytest.CaptureFixture[str]) -> None:
    a, _, _ = offices
    call = caller(a, capsys)
    starts, ends = format_second(a.now() - DAY), format_second(a.now() + DAY)
    made = call("roster", "add", "Dara", starts, ends, "--reach", "+855")
    rows = call("roster", "list")
    assert [row["person"] for row in rows] == ["Dara", "nobody"] and rows[0]["id"] == made["id"]
    call("roster", "withdraw", made["id"])
    assert [row["person"] for row in call("roster", "list")] == ["nobody"]
    call("roster", "withdraw", made["id"], code=6)
    call("roster", "add", "Dara", "tomorrow", ends, "--reach", "+855", code=7)


def test_drills_from_the_command_line(offices: Any, capsys: pytest.CaptureFixture[str]) -> None:
    a, b, _ = offices
    call, theirs = caller(a, capsys), caller(b, capsys)
    (sent,) = call("drill", "send", b.party)["drills"]
    call("drill", "send", b.party, code=6)
    a.parcel(b)
    assert [row["handoff"] for row in theirs("drill", "asked")] == [sent["handoff"]]
    assert theirs("handoff", "list") == []
    theirs("drill", "acknowledge", sent["handoff"][:12])
    theirs("drill", "acknowledge", "0000", code=4)
    b.parcel(a)
    a.node.services.get(Drills).turn()
    (row,) = call("drill", "list")
    assert row["over"] == "yes" and row["acknowledged_s"] is not None
    assert call("drill", "monthly", b.party) == {"monthly": [b.party]}
    assert call("drill", "monthly") == {"monthly": []}
