"""The commands of care on a real folder: what they answer, and what they leave behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.founding import found
from kouprey.node.main import kouprey, open_for

Answer = Callable[..., tuple[int, Any]]


@pytest.fixture
def answer(capsys: pytest.CaptureFixture[str]) -> Answer:
    """Runs a command and gives its exit code and its JSON."""

    def called(*words: str) -> tuple[int, Any]:
        code = run(kouprey(), [*words, "--json"], opener=open_for)
        out, err = capsys.readouterr()
        return code, json.loads(out or err)

    return called


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    identity = "identity--0f1e2d3c-0000-4000-8000-000000000001"
    found(tmp_path / "node", party="cert.example", name="CERT", settings={}, identity=identity, person="A")
    return tmp_path / "node"


def test_backup_and_restore(answer: Answer, folder: Path, tmp_path: Path) -> None:
    kept, identity, again = (str(tmp_path / name) for name in ("kept", "identity", "again"))
    assert answer("backup", kept, "--data", str(folder))[1]["code"] == "no-recipient"
    code, made = answer("backup", kept, "--new-identity", identity, "--data", str(folder))
    assert code == 0 and made["root_key"] and made["recipients"][0].startswith("age1")
    code, restored = answer("restore", kept, again, "--identity", identity)
    assert code == 0 and restored["party"] == "cert.example"
    assert answer("restore", kept, again, "--identity", identity)[0] == 6


def test_doctor_tells_programs_and_ends_with_its_code(answer: Answer, folder: Path) -> None:
    code, told = answer("doctor", "--data", str(folder))
    assert code == 0 and told["bad"] == 0
    assert {"files", "keys", "database", "lanes", "bodies", "tally"} <= {each["check"] for each in told["checks"]}
    (folder / "keys" / "node.key").chmod(0o644)
    code, told = answer("doctor", "--data", str(folder))
    assert code == 7 and told["bad"] == 1
    code, told = answer("doctor", "--repair", "--data", str(folder))
    assert code == 0 and told["mended"] == 1
