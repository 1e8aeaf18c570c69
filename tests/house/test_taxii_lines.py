"""The checklist of TAXII 2.1 has 90 lines; each has a test that carries its number, or a reason why it has none."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1] / "taxii"
LINES = range(1, 91)
WITHOUT = {
    89: "DNS SRV records are the operator's; client certificates are a limitation (docs/limitations.md)",
}
_NAMED = re.compile(r"def test_lines?_((?:\d\d_)+)")
_ROW = re.compile(r"^\s+yield (\d+), ", re.MULTILINE)


def _tested() -> set[int]:
    """The numbers that tests carry in their names, or rows of the table of answers."""
    found: set[int] = set()
    for file in TESTS.rglob("test_*.py"):
        text = file.read_text()
        found.update(int(number) for names in _NAMED.findall(text) for number in names.strip("_").split("_"))
        if file.name == "test_every_answer.py":
            found.update(int(number) for number in _ROW.findall(text))
    return found


def test_every_line_has_a_test_or_a_reason() -> None:
    missing = sorted(set(LINES) - _tested() - WITHOUT.keys())
    assert not missing, f"lines of the TAXII checklist without a test: {missing}"


def test_no_reason_outlives_its_test() -> None:
    assert not _tested() & WITHOUT.keys() and _tested() <= set(LINES)
