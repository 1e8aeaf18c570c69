"""Translations: what a text fills in, its translation fills in too, else a page would fall in that language only."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kouprey.kernel.web.catalogue import read_po
from kouprey.kernel.web.language import LANGUAGES

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "kouprey"
FILES = sorted(SRC.rglob("*.po"))


@pytest.mark.parametrize("file", FILES, ids=[file.relative_to(SRC).as_posix() for file in FILES])
def test_translations_fill_in_the_same_values(file: Path) -> None:
    catalogue = read_po(file.read_text("utf-8"), file.parts[-3])
    assert catalogue.messages
    for (context, message), forms in catalogue.messages.items():
        # Only entries of this context are matched against what was filled in; others would never be told.
        assert context == "told" or not re.search(r"\{\d\}", message), message
        wanted = sorted(re.findall(r"%\(\w+\)s", message))
        for form in forms:
            assert sorted(re.findall(r"%\(\w+\)s", form)) == wanted, message
            assert "%" not in re.sub(r"%\(\w+\)s|%%", "", form) or "%" in re.sub(r"%\(\w+\)s", "", message), message


def catalogues() -> ModuleType:
    """The collector behind scripts/translate."""
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "scripts" / "catalogues.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["catalogues"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def found() -> tuple[ModuleType, list[Any]]:
    module = catalogues()
    return module, module.collect()


def test_every_text_is_found_in_code_and_templates(found: tuple[ModuleType, list[Any]]) -> None:
    by_message = {each.message: each for each in found[1]}
    assert len(by_message) > 1500
    # One of each kind: a template, a function's, one that is marked, one that counts, a place of the navigation.
    assert by_message["Skip to the content"].folder == "kernel/web"
    assert by_message["Waits for you"].folder == "exchange"
    assert by_message["It was not sent from a page of this node."].places[0].startswith("kernel/web/session.py:")
    assert by_message["seen %(n)s time"].many == "seen %(n)s times"
    assert any("capability.py" in place for place in by_message["Retention"].places)


def test_khmer_is_complete(found: tuple[ModuleType, list[Any]]) -> None:
    module, texts = found
    lacking = [f"{each.places[0]}: {each.message}" for each in module.missing("km", texts)]
    assert not lacking, "Translate these (scripts/translate adds them, empty):\n" + "\n".join(lacking)


def test_no_text_has_two_translations(found: tuple[ModuleType, list[Any]]) -> None:
    module, _ = found
    # All catalogues are read as one: of two forms one would win, everywhere. What means two things needs a context.
    for code in LANGUAGES:
        said: dict[tuple[str, str], set[tuple[str, ...]]] = {}
        for folder in module.folders():
            for key, forms in module.translated(code, [folder]).items():
                said.setdefault(key, set()).add(forms)
        assert {key: forms for key, forms in said.items() if len(forms) > 1} == {}, code


def test_other_languages_tell_what_is_missing(found: tuple[ModuleType, list[Any]]) -> None:
    module, texts = found
    for code in LANGUAGES:
        if code not in ("en", "km"):
            print(f"{code}: {len(module.missing(code, texts))} of {len(texts)} texts are missing")


def test_a_language_begins_with_one_command_and_is_filled_in(
    found: tuple[ModuleType, list[Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, texts = found
    for folder in module.folders():
        (tmp_path / folder.relative_to(SRC)).mkdir(parents=True)
    monkeypatch.setattr(module, "SRC", tmp_path)
    assert module.add("fr", texts) == len(texts)
    file = tmp_path / "kernel/web/locale/fr" / module.PLACE
    text = file.read_text("utf-8")
    assert "Français messages of kernel/web." in text and "nplurals=2; plural=(n > 1);" in text
    # Empty entries are read as missing, and are not added twice.
    assert read_po(text, "fr").messages == {}
    assert module.add("fr", texts) == 0 and len(module.missing("fr", texts)) == len(texts)
    file.write_text(text.replace('msgid "Search"\nmsgstr ""', 'msgid "Search"\nmsgstr "Chercher"'), "utf-8")
    assert "Search" not in {each.message for each in module.missing("fr", texts)}


def test_every_error_and_every_ground_of_a_decision_is_told_in_khmer(found: tuple[ModuleType, list[Any]]) -> None:
    module, _ = found
    known = module.translated("km", module.folders())
    sentences = module.collect_told()
    assert len(sentences) > 800
    grounds = [each for each in sentences if any("agreements/rules/" in place for place in each.places)]
    assert len(grounds) > 20
    assert [each.message for each in sentences if not module.forms_of(each, known)] == []
    for each in sentences:
        for form in module.forms_of(each, known):
            filled = [blank[:2] + "}" for blank in re.findall(r"\{\d(?::[a-z]+)?\}", form)]
            assert sorted(filled) == sorted(re.findall(r"\{\d\}", each.message)), each.message
