"""Commands about constituents, as people call them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.kernel.words.tlp import TLP
from kouprey.node.main import kouprey, open_for


def test_everything_from_the_command_line(desk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def call(*words: str, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), ["constituent", *words, "--data", str(desk.folder), "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else None

    made = call("add", "shop.example", "Example Shop", "--clearance", "amber", "--network", "192.0.2.0/24")
    assert (made["id"], made["clearance"], made["rhythm"]) == ("shop.example", "amber", "off")
    assert call("networks", "shop.example") == ["192.0.2.0/24"]
    assert call("networks", "shop.example", "shop.example", "192.0.2.0/25") == ["shop.example", "192.0.2.0/25"]
    assert call("change", "shop.example", "--rhythm", "daily", "--content", "amber", "--hour", "3")["hour"] == 3
    call("change", "shop.example", code=6)
    assert call("contact", "shop.example", "Sok", "s@shop.example")["address"] == "s@shop.example"
    assert call("write", "shop.example") == {"letters": 1}
    assert "/sign-in/" in call("invite", "shop.example", "Sok Dara", "--url", "https://node.example")["link"]
    token = call("token", "shop.example", "SIEM")
    assert desk.people.find_token(f"Bearer {token['token']}").clearance is TLP.AMBER
    assert call("archive", "shop.example")["archived"] and not call("restore", "shop.example")["archived"]
    table = tmp_path / "banks.csv"
    table.write_text("id,name\nnew.example,New\ncert.example,Us\n")
    assert [row["becomes"] for row in call("import", str(table), "--dry-run")] == ["new", "stays out"]
    call("import", str(table))
    assert "new.example" in {row["id"] for row in call("list")}


def test_what_is_taken_in_for_one_is_seen_by_no_other(
    desk: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "infected.json"
    both = "[ipv4-addr:value = '203.0.113.9' OR ipv4-addr:value = '198.51.100.9']"
    file.write_text(json.dumps(desk.indicator("infected", both)))
    words = ["import", str(file), "--tlp", "green", "--data", str(desk.folder)]
    assert run(kouprey(), [*words, "--concerned", "No Domain"], opener=open_for) == 7
    assert run(kouprey(), [*words, "--concerned", desk.bank], opener=open_for) == 0
    assert desk.inside() == ["infected"] and desk.inside(desk.news) == []
