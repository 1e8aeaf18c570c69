"""The commands of MISP, called as a person or a program calls them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli import frame
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.node import main
from kouprey.node.founding import found

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("KOUPREY_DATA", raising=False)

    def call(*args: object, node: bool = True) -> tuple[int, str]:
        if node and not (tmp_path / "node").exists():
            found(
                tmp_path / "node",
                party="cert.example",
                name="CERT",
                settings={},
                identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10",
                person="Dara",
            )
        more = ["--data", tmp_path / "node"] if node else []
        code = frame.run(main.kouprey(), [str(each) for each in (*args, *more)], opener=main.open_for)
        return code, capfd.readouterr().out

    return call


@pytest.fixture
def file(misp: Any, tmp_path: Path) -> Path:
    path = tmp_path / "event.json"
    wallet = misp.attribute("w", "btc", "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", detect=True)
    path.write_text(
        json.dumps({"Event": misp.event(misp.attribute("a", "domain", "host.example", detect=True), wallet)})
    )
    return path


def test_import_says_what_was_made_and_writes_the_losses_down(run: Run, file: Path, misp: Any) -> None:
    code, out = run("misp", "import", file, "--tlp", "green")
    assert code == 0 and "1 events, 2 attributes: 4 new versions" in out and "Losses: 1 (1 to_ids)" in out
    (line,) = (file.parent / "event.json.losses.ndjson").read_text().splitlines()
    loss = json.loads(line)
    assert loss["event"] == misp.uuid("event") and loss["attribute"] == misp.uuid("w")
    assert {"path", "what", "why"} < loss.keys()
    code, out = run("misp", "import", file, "--json")
    told = json.loads(out)
    assert (code, told["unchanged"], told["losses_file"]) == (0, 1, None)


def test_check_needs_no_node_and_keeps_nothing(run: Run, file: Path) -> None:
    code, out = run("misp", "import", file, "--check", "--json", node=False)
    told = json.loads(out)
    assert (code, told["events"], told["losses"], told["losses_by_kind"]) == (0, 1, 1, {"to_ids": 1})
    assert "4 objects would be made" in run("misp", "import", file, "--check", node=False)[1]


def test_what_is_refused_ends_with_7_and_never_stops_the_rest(run: Run, file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text('[{"type": "bundle"}]')
    code, out = run("misp", "import", bad, file)
    assert code == 7 and "Refused with their reasons: 1 events, 0 objects" in out and "4 new versions" in out
    (line,) = (tmp_path / "bad.json.refusals.ndjson").read_text().splitlines()
    assert json.loads(line)["code"] == "no-event"
    assert run("misp", "import", tmp_path, "--json")[0] == 7
    assert run("misp", "import", file, "--tlp", "pink", "--json")[0] == 7


def test_an_original_comes_back_as_it_was(run: Run, file: Path, misp: Any) -> None:
    run("misp", "import", file)
    assert run("misp", "original", misp.uuid("event")) == (0, file.read_text())
    assert run("misp", "original", misp.uuid("other"), "--json")[0] == 4


def test_doctor_finds_an_original_that_changed(run: Run, file: Path, tmp_path: Path) -> None:
    run("misp", "import", file)
    store = open_sqlite(tmp_path / "node" / "kouprey.db")
    store.write(lambda tx: tx.execute("UPDATE misp_event SET bytes = sha256"))
    store.close()
    code, out = run("doctor", "--json")
    assert code != 0 and "The original of the MISP event" in out
