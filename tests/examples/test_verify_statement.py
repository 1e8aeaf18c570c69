"""The independent verifier agrees with what a node publishes, and with nothing that was changed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from advisories.conftest import Bureau, content, ministry
from kouprey.advisories.model import Kind
from kouprey.advisories.service import export_statements
from kouprey.advisories.wire.statement import write_signed

__all__ = ["ministry"]

VERIFIER = Path(__file__).parents[2] / "examples" / "verify_statement.py"


def run(*words: object) -> tuple[int, str]:
    command = [sys.executable, "-I", str(VERIFIER), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def test_an_export_holds_and_any_change_shows(ministry: Bureau, tmp_path: Path) -> None:
    first = ministry.publish()
    drill = ministry.publish(content(exercise="Mekong"))
    second = ministry.publish(content(kind=Kind.CORRECTION, replaces=(first.id,)))
    key = first.signed.key
    packed = tmp_path / "statements.zip"
    packed.write_bytes(export_statements(ministry.statements))
    code, said = run(packed, "--key", key)
    assert code == 0 and "GOOD: 3 signed by ministry.example" in said
    assert f"replaced by {second.id}" in said and f"EXERCISE {drill.id}" in said
    assert "Compare" in run(packed)[1] and "Compare" not in said
    folder = tmp_path / "copy"
    with ZipFile(packed) as archive:
        archive.extractall(folder)
    assert run(folder, "--key", key)[0] == 0
    assert run(folder, "--key", key.replace("ministry", "other"))[0] == 1
    file = folder / "signed" / f"{first.id}.json"
    right = file.read_bytes()
    place = random.Random(3).randrange(len(right))
    file.write_bytes(right[:place] + bytes([right[place] ^ 1]) + right[place + 1 :])
    code, said = run(folder, "--key", key)
    assert code == 1 and said.startswith("WRONG")
    file.write_bytes(right)
    (folder / "signed" / f"{drill.id}.json").unlink()
    code, said = run(folder, "--key", key)
    assert code == 1 and "chain.json names other statements" in said


def test_one_file_needs_the_key_from_elsewhere(ministry: Bureau, tmp_path: Path) -> None:
    made = ministry.publish()
    file = tmp_path / "signed.json"
    file.write_bytes(write_signed(made.signed))
    assert run(file)[0] == 1
    assert run(file, "--key", made.signed.key)[0] == 0
    for change in ({"v": 2}, {"signature": "AAAA"}, {"statement": made.signed.raw.decode().replace("open", "shut")}):
        file.write_text(json.dumps(json.loads(write_signed(made.signed)) | change))
        code, said = run(file, "--key", made.signed.key)
        assert code == 1 and said.startswith("WRONG"), change
