"""Translations: what a text fills in, its translation fills in too, else a page would fall in that language only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kouprey.kernel.web.catalogue import read_po

SRC = Path(__file__).parents[2] / "src" / "kouprey"
FILES = sorted(SRC.rglob("*.po"))


@pytest.mark.parametrize("file", FILES, ids=[file.relative_to(SRC).as_posix() for file in FILES])
def test_translations_fill_in_the_same_values(file: Path) -> None:
    catalogue = read_po(file.read_text("utf-8"), file.parts[-3])
    assert catalogue.messages
    for (_, message), forms in catalogue.messages.items():
        wanted = sorted(re.findall(r"%\(\w+\)s", message))
        for form in forms:
            assert sorted(re.findall(r"%\(\w+\)s", form)) == wanted, message
            assert "%" not in re.sub(r"%\(\w+\)s|%%", "", form) or "%" in re.sub(r"%\(\w+\)s", "", message), message
