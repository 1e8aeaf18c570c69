"""RTIR is named with a token and a queue, or not at all; what two persons accept is of a known kind."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.node.rtir import desk_of, eyed_of, ticket_problems


def given(**changed: Any) -> Any:
    held = {"four_eyes": "", "rtir_url": "", "rtir_token_file": "", "rtir_queue": "Incidents"}
    held |= {"rtir_ceiling": "amber+strict", "rtir_title": ""}
    return SimpleNamespace(**({**held, "rtir_subjects": False} | changed))


def test_a_desk_needs_a_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("1-14-secret\n")
    assert desk_of(given()) is None and list(ticket_problems(given())) == []
    settings = given(rtir_url="https://rt.example/", rtir_token_file=str(file), rtir_title="green")
    assert list(ticket_problems(settings)) == []
    desk = desk_of(settings)
    assert desk is not None and (desk.url, desk.token, desk.title) == ("https://rt.example", "1-14-secret", TLP.GREEN)
    assert "secret" not in repr(desk) and desk.ceiling is TLP.AMBER_STRICT


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"rtir_url": "ftp://x"}, "rtir_url"),
        ({"rtir_token_file": ""}, "rtir_token_file"),
        ({"rtir_token_file": "/nowhere/at/all"}, "rtir_token_file"),
        ({"rtir_queue": "a'b"}, "rtir_queue"),
        ({"rtir_queue": ""}, "rtir_queue"),
        ({"rtir_ceiling": "blue"}, "rtir_ceiling"),
        ({"rtir_ceiling": ""}, "rtir_ceiling"),
        ({"rtir_title": "blue"}, "rtir_title"),
        ({"four_eyes": "act, inform"}, "four_eyes"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changed: dict[str, str], named: str) -> None:
    file = tmp_path / "token"
    file.write_text("1-14-secret")
    held = {"rtir_url": "https://rt.example", "rtir_token_file": str(file)}
    assert [name for name, _ in ticket_problems(given(**(held | changed)))] == [named]


def test_kinds_that_two_accept() -> None:
    assert eyed_of(given(four_eyes=" act ,transfer,")) == ("act", "transfer") and eyed_of(given()) == ()
