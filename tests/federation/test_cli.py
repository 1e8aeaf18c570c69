"""Commands of federation, called as a person would, on nodes in this process."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kouprey.federation import cli
from kouprey.kernel.cli.frame import Group, Invocation, run

Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def call(actor: Any, *words: str, as_json: bool = True) -> tuple[int, Any]:
        root = Group("kouprey", example="kouprey")
        for each in (cli.link, cli.parcel, cli.ledger):
            root.add_command(each)

        @contextlib.contextmanager
        def opener(_: Invocation) -> Iterator[Any]:
            yield actor.services

        capsys.readouterr()
        code = run(root, [*words, *(["--json"] if as_json else [])], opener=opener)
        said = capsys.readouterr()
        return code, json.loads(said.out or said.err) if as_json else said.out + said.err

    return call


def test_links(world: Any, call: Call) -> None:
    a, b, agreement = world.pair()
    b.publish(agreement, [b"one"])
    added = call(a, "link", "add", b.party, b.origin, "--allow-private")
    assert added == (0, {"party": b.party, "url": b.origin, "allow_private": True})
    assert call(a, "link", "test", b.party)[1]["lanes"][0]["size"] == 2
    assert call(a, "link", "sync", b.party) == (0, {"party": b.party, "entries": 2})
    assert call(a, "link", "pause", b.party)[1]["paused"] is True
    assert call(a, "link", "list")[1][0]["state"] == "paused"
    assert call(a, "link", "resume", b.party)[1]["paused"] is False
    assert "Last exchange" in call(a, "link", "list", as_json=False)[1]
    assert call(a, "link", "sync", "nobody.example")[0] == 4


def test_parcels(world: Any, call: Call, tmp_path: Path) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"one", b"two"])
    file = tmp_path / "stick" / "parcel.kpx"
    assert call(a, "parcel", "make", b.party, "-o", str(file))[0] == 6, "there is no such folder"
    file.parent.mkdir()
    code, said = call(a, "parcel", "make", b.party, "-o", str(file))
    assert (code, said["entries"], said["bytes"]) == (0, 3, file.stat().st_size)
    assert file.stat().st_mode & 0o777 == 0o600 and list(file.parent.iterdir()) == [file]
    code, said = call(b, "parcel", "read", str(file))
    assert (code, said["entries"], said["problems"]) == (0, 3, [])
    assert call(b, "parcel", "read", str(file))[1]["entries"] == 0
    (slip,) = call(b, "parcel", "wants", a.party)[1]["slips"]
    tag = slip.split()[2]
    assert slip.endswith("from 3")
    again = tmp_path / "again.kpx"
    assert call(a, "parcel", "make", b.party, "-o", str(again), "--from", f"{tag}:0")[1]["entries"] == 3
    assert call(a, "parcel", "make", b.party, "-o", str(again), "--from", "zz:0")[0] == 4
    file.write_bytes(b"nonsense")
    assert call(b, "parcel", "read", str(file))[0] == 7


def test_ledger(world: Any, call: Call, tmp_path: Path) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"one", b"two"])
    code, said = call(a, "ledger", "show")
    assert code == 0 and said["lanes"][0]["signed"] == 3 and said["waiting"][0]["waiting"] == 2
    b.sync(a)
    assert call(a, "ledger", "show", "--party", b.party)[1]["waiting"][0]["waiting"] == 0
    assert b.party in call(a, "ledger", "show", as_json=False)[1]
    file = tmp_path / "ledger.jsonl"
    code, said = call(a, "ledger", "export", str(file), "--agreement", "An agr")
    assert code == 0 and said["bytes"] == file.stat().st_size and b'"type":"end"' in file.read_bytes()
    assert call(a, "ledger", "export", str(file), "--agreement", "nothing")[0] == 4
