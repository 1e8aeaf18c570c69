"""Commands about readiness, on a whole node."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for


def test_from_the_country_to_the_paper(programs: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = str(programs.node.data)

    def command(*words: str) -> Any:
        assert run(kouprey(), ["readiness", *words, "--data", data, "--json"], opener=open_for) == 0, words
        return json.loads(capsys.readouterr().out)

    command("country", "khm")
    shown = {each["framework"]: each for each in command("show")}
    assert (shown["gci-2024"]["value"], shown["gci-2024"]["tier"], shown["gci-2024"]["gap"]) == (37.09, "T4", 17.91)
    command("claim", "ncsi-3", "1.4", "3", "--evidence", "https://gov.example/strategy")
    assert {each["framework"]: each["value"] for each in command("show")}["ncsi-3"] == 3
    assert command("proposed") == []
    assert all(each["measure"] for each in command("plan", "ncsi-3", "--target", "30"))
    file = command("print", "--into", str(tmp_path / "papers"))["file"]
    assert Path(file).read_bytes().startswith(b"%PDF")
    for words in (("confirm", "ncsi-3", "9.5"), ("publish", "ncsi-3", "9.5"), ("withdraw", "evidence_0")):
        assert run(kouprey(), ["readiness", *words, "--data", data], opener=open_for) != 0
