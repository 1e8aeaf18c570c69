"""What is printed: text stays text, nothing else is read, the same again and again."""

from __future__ import annotations

import re
import zlib
from importlib.resources import files as real_files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.kernel import paper
from kouprey.kernel.paper.fonts import font_folders
from kouprey.kernel.words.time import parse_instant

AT = parse_instant("2026-11-26T00:00:00Z")
SRC = Path(str(real_files("kouprey")))
HOSTILE = '# $x$ ] ) *b* _i_ \\ <a> @x #read("/etc/passwd") `raw` // gone /* gone */ = h'
KHMER = "ភាគីនីមួយៗអាចផ្អាកការផ្លាស់ប្តូរសម្រាប់ផ្នែករបស់ខ្លួន ស្ត្រី ខ្ញុំ ក្រសួង"


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A capability named `trial` whose templates a test writes."""
    own = tmp_path / "templates"
    own.mkdir()
    (own / "one.typ").write_text("#values.text")
    monkeypatch.setattr(paper, "files", lambda name: tmp_path if name == "kouprey.trial" else real_files(name))
    return own


def pdf(values: dict[str, object], title: str = "A paper", language: str = "en") -> bytes:
    return paper.render("trial/one.typ", values, title=title, language=language, at=AT)


def picture(values: dict[str, object]) -> list[bytes]:
    return paper.picture("trial/one.typ", values, title="A paper", language="en", at=AT)


def inside(raw: bytes) -> bytes:
    """The bytes of a PDF with every stream unpacked."""
    found = raw
    for start in re.finditer(rb"stream\r?\n", raw):
        try:
            found += zlib.decompressobj().decompress(raw[start.end() :])
        except zlib.error:
            continue
    return found


def test_is_tagged_with_title_language_and_our_fonts(templates: Path) -> None:
    made = inside(pdf({"text": f"Words {KHMER}"}, "Exchange", "km"))
    assert made.startswith(b"%PDF-")
    assert b"/StructTreeRoot" in made and b"/Marked true" in made
    assert b"/Lang" in made and b"km" in made and b"Exchange" in made
    assert set(re.findall(rb"/BaseFont\s*/[A-Z]{6}\+([A-Za-z]+)", made)) == {b"Inter", b"NotoSansKhmer"}


def test_equal_values_give_equal_bytes(templates: Path) -> None:
    assert pdf({"text": KHMER}) == pdf({"text": KHMER})
    assert pdf({"text": KHMER}) != pdf({"text": "other"})


@pytest.mark.parametrize("text", [HOSTILE, KHMER, "עברית عربي", "a\nb", "]#panic()["])
def test_values_are_text_whatever_they_hold(templates: Path, text: str) -> None:
    shown = picture({"text": text})
    # The same text written into the source as a literal: nothing of it was taken for markup.
    literal = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    (templates / "one.typ").write_text(f'#"{literal}"')
    assert shown == picture({})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_can_be_printed(templates: Path, text: str, title: str) -> None:
    assert pdf({"text": text}, title).startswith(b"%PDF-")


def test_marks_that_turn_what_follows_are_left_out(templates: Path) -> None:
    assert picture({"text": "abc\u202edef\u2066\x00"}) == picture({"text": "abcdef"})


def test_nothing_outside_of_the_folder_is_read(templates: Path) -> None:
    (templates.parent / "secret.txt").write_text("secret")
    (templates / "one.typ").write_text('#read("../secret.txt")')
    with pytest.raises(RuntimeError):
        pdf({})
    (templates / "one.typ").write_text('#read("/etc/hostname")')
    with pytest.raises(RuntimeError):
        pdf({})


def test_no_template_evaluates_or_fetches() -> None:
    found = [SRC / "kernel" / "paper" / "sheet.typ", *SRC.glob("*/templates/*.typ")]
    for template in found:
        source = template.read_text("utf-8")
        assert not re.search(r"\beval\s*\(|@preview|@local|plugin\s*\(", source), template


def test_only_our_fonts_are_known(templates: Path) -> None:
    families = {font.path for font in paper._fonts().fonts()}
    assert families and all(
        any(str(path).startswith(str(folder)) for folder in font_folders().values()) for path in families
    )
