"""Documents are held to the code: links, words, commands, decisions and reference pages cannot go stale."""

from __future__ import annotations

import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")


def documents() -> Iterator[Path]:
    yield from sorted(ROOT.glob("*.md"))
    yield from sorted(DOCS.rglob("*.md"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def reference() -> ModuleType:
    """The generator behind scripts/docs."""
    spec = importlib.util.spec_from_file_location("write_reference", ROOT / "scripts" / "write_reference.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def anchors(text: str) -> set[str]:
    """Anchors as renderers make them of headings: lower case, punctuation out, spaces to hyphens."""
    titles = re.findall(r"^#+ +(.+)$", BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_links_resolve() -> None:
    found = []
    for path in documents():
        for target in LINK.findall(BLOCK.sub("", path.read_text("utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            aim = (path.parent / file).resolve() if file else path
            if not aim.exists() or (anchor and anchor not in anchors(aim.read_text("utf-8"))):
                found.append(f"{name_of(path)} -> {target}")
    assert not found, found


def test_every_page_is_reachable_from_the_index() -> None:
    seen: set[Path] = set()
    # The index names the specification as a folder; its pages stand for themselves.
    waiting = [DOCS / "index.md", *DOCS.glob("spec/*.md")]
    while waiting:
        path = waiting.pop()
        if path in seen or path.suffix != ".md" or not path.exists():
            continue
        seen.add(path)
        targets = [target.partition("#")[0] for target in LINK.findall(path.read_text("utf-8"))]
        waiting.extend((path.parent / target).resolve() for target in targets if target and ":" not in target)
    assert not [name_of(path) for path in sorted(DOCS.rglob("*.md")) if path.resolve() not in seen]


def test_glossary_defines_each_word_once_and_in_one_line() -> None:
    lines = (DOCS / "glossary.md").read_text("utf-8").splitlines()
    entries = [line for line in lines if line.startswith("- ")]
    words = [re.match(r"- \*\*([^*]+)\*\*: \S.*\.$", line) for line in entries]
    assert not [line for line, found in zip(entries, words, strict=True) if found is None]
    names = [found.group(1).casefold() for found in words if found is not None]
    assert len(names) > 50
    assert not {name for name in names if names.count(name) > 1}


def test_readme_begins_with_the_two_commands() -> None:
    blocks = BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
    commands = [line.split()[0] for line in blocks[0][1].splitlines() if line.strip()]
    assert commands == ["scripts/run", "scripts/test"]


def test_decisions_are_numbered_and_complete() -> None:
    paths = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [path.name[:4] for path in paths] == [f"{number:04}" for number in range(1, len(paths) + 1)]
    for path in paths:
        text = path.read_text("utf-8")
        assert text.startswith(f"# {path.name[:4]} "), name_of(path)
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Options", "Decision", "Consequences"], (
            path.name
        )


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for group in project["optional-dependencies"].values() for one in group)]
    text = (DOCS / "decisions" / "0003-dependencies.md").read_text("utf-8")
    reasoned = set(re.findall(r"^\| ([\w.-]+) \|", text, re.MULTILINE))
    names = {re.split(r"[\[><=;~! ]", one)[0] for one in wanted}
    assert names - reasoned == set(), "dependencies without a reason"
    assert reasoned - names - {"package"} == set(), "reasons for what is no dependency any more"


def test_lock_files_agree_and_name_no_place() -> None:
    pins = []
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        assert "://" not in text and "--index" not in text and "--find-links" not in text
        pins.append(dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)))
    assert pins[0].items() <= pins[1].items(), "an environment must grow from run to dev without changing a version"


def test_reference_is_what_the_code_says() -> None:
    stale = [
        name_of(path) for path, text in reference().pages() if not path.exists() or path.read_text("utf-8") != text
    ]
    assert not stale, f"run scripts/docs: {stale}"


def shown_commands() -> Iterator[tuple[str, list[str]]]:
    """Every `kouprey ...` line of every code block, with its place; comments and pipes cut off."""
    for path in documents():
        for _, block in BLOCK.findall(path.read_text("utf-8")):
            for line in map(str.strip, block.replace("\\\n", " ").splitlines()):
                if line.startswith("kouprey "):
                    for part in re.split(r" (?:\||;|>|<|&&) ?", line.partition(" #")[0]):
                        if part.startswith("kouprey "):
                            yield f"{name_of(path)}: {line}", shlex.split(part)[1:]


def wrong_in(words: list[str], command: click.Command) -> str | None:
    """What the command line would not understand of these words, or None."""
    context = click.Context(command, info_name="kouprey")
    everywhere = {"--data", "--json", "--debug", "--help"}
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-"):
            found = command.get_command(context, word)
            if found is None:
                return word
            command, context = found, click.Context(found, info_name=word, parent=context)
        elif word.startswith("--"):
            options = {one for p in command.get_params(context) for one in [*p.opts, *p.secondary_opts]}
            if word.partition("=")[0] not in options | everywhere:
                return word
    return word if isinstance(command, click.Group) and "--help" not in words else None


def test_documents_show_only_commands_that_exist() -> None:
    commands = reference().find_commands()
    if commands is None:
        pytest.skip("the command line is not assembled yet")
    found = [f"{place}  ({wrong})" for place, words in shown_commands() if (wrong := wrong_in(words, commands))]
    assert not found, "\n".join(found)
