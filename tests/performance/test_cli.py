"""The quarter a command is given, and the papers on processing; the measures stand in test_api.py, as for programs."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import Invocation, Lazy, build, run
from kouprey.kernel.storage import audit
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.performance import cli
from kouprey.performance.cli import _quarter
from kouprey.performance.model import EDITABLE
from leaks.unpacking import texts_of
from performance.test_api import agreed

__all__ = ["agreed"]

ROOT = build([Lazy("processing", "kouprey.performance.cli:processing", "processing")], version="1")


def test_a_quarter_is_read_or_refused() -> None:
    assert _quarter("") is None and _quarter("2026-Q1") == 2026 * 4
    with pytest.raises(Damaged):
        _quarter("2026")
    assert callable(cli.processing)


def test_the_record_and_an_assessment_are_written(
    programs: Any, agreed: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def opener(_: Invocation) -> Iterator[Services]:
        yield programs.node.services

    def call(*words: str, plain: bool = False) -> Any:
        code = run(ROOT, ["processing", *words, *([] if plain else ["--json"])], opener=opener)
        out, err = capfd.readouterr()
        return json.loads(err)["code"] if code else out if plain else json.loads(out)

    rows = call("show")
    assert rows[0]["title"] == "Exchange" and rows[0]["kept"] == "730 days"
    assert call("show", "--csv", plain=True).startswith("activity,title,purposes,")
    for language, word in (("en", "Record of processing"), ("km", "Exchange")):
        made = call("print", "--language", language, "--into", str(tmp_path / "papers"))
        assert word in texts_of(Path(made["pdf"]).read_bytes())

    answers = tmp_path / "answers.toml"
    asked = call("impact", agreed, "--template", plain=True)
    assert tomllib.loads(asked).keys() == set(EDITABLE) and "# Exchange" not in asked.splitlines()
    answers.write_text(asked.replace('risks = """', 'risks = """Somebody is named wrongly.'), "utf-8")
    made = call("impact", agreed[:12], "--answers", str(answers), "--into", str(tmp_path))
    assert "Somebody is named wrongly." in texts_of(Path(made["pdf"]).read_bytes())
    with programs.node.store.read() as reader:
        assert len(audit.list_audit(reader, None, 10, action="performance.impact")) == 1

    for text, code in (("risk = 'x'", "bad-answers"), ("risks = 3", "bad-answers"), ("risks", "bad-answers")):
        answers.write_text(text, "utf-8")
        assert call("impact", agreed, "--answers", str(answers)) == code
    answers.write_text(f"risks = '{'x' * 10_001}'", "utf-8")
    assert call("impact", agreed, "--answers", str(answers)) == "bad-answers"
    answers.write_bytes(b"\xff")
    assert call("impact", agreed, "--answers", str(answers)) == "bad-answers"
    assert call("impact", agreed, "--answers", str(tmp_path / "none")) == "no-file"
    assert not list(Path().glob("impact-*.pdf")), "nothing is written when something is wrong"
