"""The commands that pull from other TAXII servers, called as people call them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.cli import frame
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.taxii.capability import CAPABILITY
from kouprey.taxii.cli import PASSWORD, read_time

Call = Callable[..., str]


@pytest.fixture
def call(house: Any, capsys: pytest.CaptureFixture[str]) -> Call:
    root = frame.build([frame.Lazy(*line) for line in CAPABILITY.commands], version="0")

    @contextmanager
    def opened(_: frame.Invocation) -> Iterator[Services]:
        yield house.node.services

    def run(*args: str, code: int = 0) -> str:
        words: Sequence[str] = list(args)
        invocation = frame.Invocation(json="--json" in words, data=None, opener=opened)
        got = 0
        try:
            with root.make_context("kouprey", list(words), obj=invocation) as ctx:
                root.invoke(ctx)
        except click.exceptions.Exit as end:
            got = end.exit_code
        except KoupreyError as error:
            got = error.exit_code
        out = capsys.readouterr().out
        assert got == code, out
        return out

    return run


def test_pulled_listed_shown_paused_and_forgotten(
    call: Call, house: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.keep(*(house.thing(number) for number in range(5)))
    token, secret = house.people.create_token(house.people.home_id, Role.CONTRIBUTOR, TLP.RED, by="test")
    main = house.exchange.get_collection("main").id
    file = tmp_path / "token"
    file.write_text(secret)
    with house.served() as origin:
        where = ["--token-file", str(file), "--allow-private"]
        listed = json.loads(call("taxii", "discover", f"{origin}/taxii2/", *where, "--json"))
        assert main in {each["id"] for each in listed}
        pulled = ["pull", "--taxii", f"{origin}/taxii2/api/", "--collection", main, *where, "--name", "Own"]
        told = call(*pulled, "--every", "5m", "--tlp", "green", "--since", "2020-01-01", "--type", "malware")
        assert "5 objects in 1 pages: 0 new, 5 repeats" in told and "every 300 seconds" in told
        monkeypatch.setenv(PASSWORD, secret)
        call("pull", "--taxii", f"{origin}/taxii2/api/", "--collection", main, "--user", token.user)
        assert json.loads(call("pull", "Own", "--again", "--json"))["repeats"] == 5
        assert "Own" in call("taxii", "list") and "every 300 s" in call("taxii", "show", "Own")
        call("taxii", "pause", "Own")
        assert json.loads(call("taxii", "list", "--json"))[0]["next"] == "paused"
        call("taxii", "resume", "Own")
        call("taxii", "remove", "Own")
        call("pull", "Own", code=4)


@pytest.mark.parametrize(
    "args",
    [
        ["pull"],
        ["pull", "--taxii", "http://a.example/", "--collection", "x", "--every", "often"],
        ["pull", "--taxii", "http://a.example/", "--collection", "x", "--since", "yesterday"],
        ["pull", "--taxii", "http://a.example/", "--collection", "x", "--token-file", "nothing"],
    ],
)
def test_what_cannot_be_understood(call: Call, args: list[str]) -> None:
    call(*args, code=7)


@given(st.integers(0, 999_999), st.sampled_from("smhd"))
def test_lengths_of_time(count: int, unit: str) -> None:
    assert read_time(f"{count}{unit}") == count * {"s": 1, "m": 60, "h": 3_600, "d": 86_400}[unit] * 1_000_000
    assert read_time("0") == 0


@given(st.text(max_size=12))
def test_anything_else_is_no_length_of_time(text: str) -> None:
    try:
        assert read_time(text) >= 0
    except Damaged as damaged:
        assert damaged.remedy
