"""The independent verifier of reports agrees with what a node prints, and with no wrong one of the vectors."""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from kouprey.exchange.service import Exchange
from kouprey.people.service import People
from kouprey.performance.service import Performance
from kouprey.performance.wire.paper import draw
from performance.test_api import agreed

__all__ = ["agreed"]

ROOT = Path(__file__).parents[2]
VERIFIER = ROOT / "examples" / "verify_report.py"
VECTORS = json.loads((ROOT / "tests" / "conformance" / "lane" / "report.json").read_text("utf-8"))
CARD = VECTORS["cards"][0].encode()


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_report", VERIFIER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(folder: Path, pdf: bytes, note: bytes, card: bytes, *more: str) -> tuple[int, str]:
    files = {"report.pdf": pdf, "report.note": note, "party.card": card}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    words = [sys.executable, "-I", str(VERIFIER), *(str(folder / name) for name in files), *more]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def test_the_published_report_holds(tmp_path: Path) -> None:
    code, said = run(tmp_path, b64decode(VECTORS["pdf"]), VECTORS["note"].encode(), CARD)
    assert code == 0 and "2026-Q4" in said and "context: 0.00001 over 100000" in said
    assert "false-positives: - over fewer than five" in said and "--trust" in said
    root = next(line.split(" ", 1)[1] for line in CARD.decode().splitlines() if line.startswith("root "))
    code, said = run(
        tmp_path, b64decode(VECTORS["pdf"]), VECTORS["note"].encode(), CARD, "--trust", f"ministry.example={root}"
    )
    assert code == 0 and "--trust" not in said
    code, said = run(
        tmp_path, b64decode(VECTORS["pdf"]), VECTORS["note"].encode(), CARD, "--trust", "ministry.example=other"
    )
    assert code == 1 and "another root key" in said


@pytest.mark.parametrize("case", VECTORS["wrong"], ids=lambda case: str(case["why"]))
def test_what_must_be_refused_is(verifier: ModuleType, case: dict[str, str]) -> None:
    with pytest.raises(Exception):  # noqa: B017 - whatever stops the reading: nothing is proven
        verifier.verify(b64decode(case["pdf"]), case["note"].encode(), CARD, {})


def test_a_report_that_a_node_prints_holds_and_no_other(programs: Any, agreed: str, tmp_path: Path) -> None:
    services = programs.node.services
    people, home = services.get(People), programs.home
    printed = services.get(Performance).print_report(
        agreed,
        services.get(Exchange).operator(),
        None,
        "km",
        lambda report, hashed: draw(report, hashed, language="km", names={}, home=home),
        by="test",
    )
    card = people.home().note
    code, said = run(tmp_path, printed.pdf, printed.note, card)
    assert code == 0 and home in said, said
    code, said = run(tmp_path, printed.pdf + b" ", printed.note, card)
    assert code == 1 and "the PDF is not the one" in said
    code, said = run(tmp_path, printed.pdf, printed.note, CARD)
    assert code == 1 and said.startswith("WRONG")


def test_numbers_are_written_as_nodes_write_them(verifier: ModuleType) -> None:
    luck = random.Random(7)
    values = [10.0**power * luck.random() for power in range(-12, 22) for _ in range(20)]
    values += [10.0**power for power in range(-12, 22)] + [0.0, 1.0, -0.5, -1.5e-5, 1 / 3]
    for value in values:
        assert verifier.number(value) == msgspec.json.encode(value).decode()
