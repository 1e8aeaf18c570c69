"""Commands of capacity, on a whole node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from capacity.pages.test_pages import times
from kouprey.capacity.cli import capacity
from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for


def test_from_the_programme_to_the_badge(
    offices: tuple[Any, Any, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, _, agreement = offices
    assert capacity.name == "capacity"
    data = str(a.folder)

    def command(*words: str, code: int = 0) -> Any:
        assert run(kouprey(), ["capacity", *words, "--data", data, "--json"], opener=open_for) == code, words
        out = capsys.readouterr().out
        return json.loads(out) if out else None

    programme = command("plan", agreement, "--theme", "Response", "--year", "2027")["id"]
    dates = times(a.now())
    when = [part for name, value in dates.items() for part in (f"--{name}", value)]
    rest = ["--zone", "Asia/Phnom_Penh", "--seats", "1", "--place", "Phnom Penh", "--kind", "exercise"]
    one = command("publish", programme, "--title", "Night", *when, *rest)["id"]
    people = tmp_path / "people.txt"
    people.write_text("Dara; analyst\nSok\n", "utf-8")
    assert command("nominate", one, str(people))["people"] == 2
    assert command("confirm", one)[a.party] == {"confirmed": 1, "waiting": 1}
    seats = command("seats", one)
    assert [each["state"] for each in seats] == ["confirmed", "waiting"]
    marks = tmp_path / "marks.csv"
    marks.write_text(f"code,day,at,marked_by\n{seats[0]['code']},{dates['starts'][:10]},2026-12-01T02:00:00Z,Maly\n")
    assert command("attendance", one, str(marks)) == {"new": 1, "known": 0}
    assert command("attendance", one, str(marks)) == {"new": 0, "known": 1}
    command("score", one, a.party, seats[0]["nominee"], "--pre", "40", "--post", "86")
    words = ["--description", "d", "--criteria", "c", "--times", "1", "--competency", "nice:PD-WRL-003"]
    achievement = command("achievement", "Night work", *words)["id"]
    given = command("badge", achievement, a.party, seats[0]["nominee"])
    file = tmp_path / "badge.json"
    file.write_text(given["badge"], "utf-8")
    assert command("verify", str(file))["answer"] == "valid"
    command("revoke", given["id"], "--why", "Wrong person")
    assert command("verify", str(file))["answer"] == "revoked"
    file.write_text(given["badge"].replace('"86"', '"87"'), "utf-8")
    assert run(kouprey(), ["capacity", "verify", str(file), "--data", data], opener=open_for) == 6
    assert "refused" in capsys.readouterr().out
    assert command("move", one, "--starts", dates["starts"], "--ends", dates["ends"])["version"] == 2
    command("close", one, code=6)
    command("accept", one, "nom_none", code=4)
    assert command("cancel", one, "--why", "Flooded")["state"] == "cancelled"
    assert [each["id"] for each in command("list")] == [one]
