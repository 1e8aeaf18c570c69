"""Commands of federation, called as a person would, on nodes in this process."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from kouprey.federation import cli
from kouprey.federation.cli import parcels
from kouprey.federation.cli.ledger import ledger
from kouprey.federation.cli.parcels import parcel
from kouprey.kernel.cli.frame import Group, Invocation, run

Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def call(actor: Any, *words: str, as_json: bool = True) -> tuple[int, Any]:
        root = Group("kouprey", example="kouprey")
        for each in (cli.link, parcel, ledger):
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


def test_how_a_link_has_done(world: Any, call: Call) -> None:
    a, b, agreement = world.pair()
    b.publish(agreement, [b"one"])
    assert "never" in call(a, "link", "status", b.party, as_json=False)[1]
    call(a, "link", "sync", b.party)
    code, said = call(a, "link", "status", b.party)
    assert (code, said["state"], said["together"]["good"], said["together"]["came"]) == (0, "reached", 1, 2)
    world.wire.down.add(b.origin)
    assert call(a, "link", "sync", b.party)[0] == 8
    told = call(a, "link", "status", b.party, as_json=False)[1]
    assert "not reached; last reached" in told and f"because: {b.origin} could not be reached" in told
    for grain in ("day", "hour"):
        (line,) = call(a, "link", "status", b.party, "--history", "--by", grain)[1]
        assert (line["good"], line["failed"], line["came"]) == (1, 1, 2)
    assert call(a, "link", "status", "nobody.example")[0] == 4


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


def test_a_parcel_waits_for_what_is_being_signed_and_says_what_is_not(
    world: Any, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, agreement = world.pair()
    a.queue(agreement, [b"one"])
    monkeypatch.setattr(parcels, "PATIENCE", 0.2)
    code, said = call(a, "parcel", "make", b.party, "-o", str(tmp_path / "early.kpx"))
    assert (code, said["entries"], said["unsigned"]) == (0, 0, 1)
    told = call(a, "parcel", "make", b.party, "-o", str(tmp_path / "told.kpx"), as_json=False)[1]
    assert "1 entries are not signed yet and not in it" in told
    monkeypatch.setattr(parcels, "PATIENCE", 60.0)
    with ThreadPoolExecutor(1) as beside:
        beside.submit(lambda: (time.sleep(0.3), a.lanes.append_waiting()))
        code, said = call(a, "parcel", "make", b.party, "-o", str(tmp_path / "whole.kpx"))
    assert (code, said["unsigned"]) == (0, 0) and said["entries"] >= 1


def test_parcels_that_follow_one_another_and_slips(world: Any, call: Call, tmp_path: Path) -> None:
    a, b, agreement = world.pair()
    files = [tmp_path / f"{number}.kpx" for number in range(3)]
    for file in files:
        a.publish(agreement, [b"one", b"two"])
        assert call(a, "parcel", "make", b.party, "--new", "-o", str(file))[1]["uncarried"] == 0
    call(b, "parcel", "read", str(files[0]))
    code, said = call(b, "parcel", "read", str(files[2]), as_json=False)
    (slip,) = call(b, "parcel", "wants", a.party)[1]["slips"]
    assert code == 0 and "2 entries are kept" in said and slip in said
    answer = tmp_path / "answer.kpx"
    code, said = call(a, "parcel", "make", b.party, "--wants", slip.upper(), "-o", str(answer))
    assert (code, said["entries"]) == (0, 2)
    assert call(b, "parcel", "read", str(answer))[1]["entries"] == 4
    assert call(a, "parcel", "make", b.party, "--wants", "please help", "-o", str(answer))[0] == 7
    code, drawn = call(b, "parcel", "wants", a.party, "--qr", as_json=False)
    assert code == 0 and len(drawn.splitlines()) > 15 and "from 7" in drawn
    code, said = call(a, "parcel", "make", b.party, "--at-most", "1", "-o", str(answer), as_json=False)
    assert code == 0 and "sealed to" in said


def test_a_parcel_without_a_place_has_a_name_that_says_nothing(
    world: Any, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"one"])
    monkeypatch.chdir(tmp_path)
    said = call(a, "parcel", "make", b.party, "--qr")[1]
    assert said["file"] == f"{said['parcel']}.kpx" and (tmp_path / said["file"]).stat().st_size == said["bytes"]
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(said["pictures"]))
    assert call(b, "parcel", "read", "--pictures", str(texts))[1]["entries"] == 2
    texts.write_text(said["pictures"][0])
    assert call(b, "parcel", "read", "--pictures", str(texts))[0] == 7


def test_the_spool_folder(world: Any, call: Call, tmp_path: Path) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"one"])
    assert "Nothing lies in" in call(a, "parcel", "spool", as_json=False)[1]
    code, said = call(a, "parcel", "make", b.party, "--spool", "--new")
    assert code == 0 and Path(said["file"]).parent == a.folder / "spool" / "out" / b.party and said["uncarried"] == 0
    (lying,) = call(a, "parcel", "spool")[1]
    assert (lying["state"], lying["party"], lying["bytes"]) == ("to carry", b.party, said["bytes"])
    assert call(a, "parcel", "make", b.party, "--spool", "-o", str(tmp_path / "x"))[0] == 7


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
