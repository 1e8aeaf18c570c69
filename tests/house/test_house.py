"""Rules of the house: what a reader may rely on in every file, one loop per rule."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "kouprey"
TESTS = ROOT / "tests"

FILE_LINES = 400
FUNCTION_LINES = 60

# Each allowance is a price we pay knowingly: name it, say why, and let the table shrink.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}
UNMIRRORED = {
    "exchange/cli/weighing.py": ("exchange/test_cli.py", "commands are called through the tree, as people call them"),
    "exchange/cli/exporting.py": ("exchange/test_cli.py", "commands are called through the tree, as people call them"),
    "exchange/cli/searching.py": ("exchange/test_cli.py", "commands are called through the tree, as people call them"),
    "exchange/cli/tables.py": ("exchange/test_cli.py", "commands are called through the tree, as people call them"),
    "exchange/cli/erasing.py": ("node/test_erasures.py", "they need a node with a guard, and its files"),
    "exchange/cli/retaining.py": ("exchange/test_cli.py", "commands are called through the tree, as people call them"),
    "exchange/cli/publishing.py": ("exchange/test_cli.py", "commands are called through the tree, as people call them"),
    "exchange/cli/rights.py": ("exchange/test_cli.py", "commands are called through the tree, as people call them"),
    "exchange/cli/texts.py": ("exchange/test_cli.py", "commands are called through the tree, as people call them"),
    "exchange/cli/validating.py": ("exchange/test_cli.py", "commands are called through the tree, as people call them"),
    "federation/wire/ledger.py": ("examples/test_verify_ledger.py", "an export is right when the verifier says so"),
    "kernel/cli/failure.py": ("kernel/cli/test_frame.py", "a failure is told when a command fails"),
    "kernel/net/pinned.py": ("kernel/net/test_fetch.py", "a pinned connection is made by whoever fetches"),
    "kernel/storage/pool.py": ("kernel/storage/test_engine.py", "readers of both stores are lent by it"),
    "kernel/storage/positions.py": ("kernel/storage/test_engine.py", "both stores give their positions by it"),
    "kernel/storage/writer.py": ("kernel/storage/test_engine.py", "every write of both stores goes through it"),
    "kernel/web/site.py": ("kernel/web/test_app.py", "a site is what an application is built from"),
    "node/cuts.py": ("journeys/test_mou_walk.py", "a cut needs a link to cut"),
    "node/banner.py": ("node/test_pages.py", "the bar of the tour stands above pages"),
    "node/hands.py": ("journeys/test_by_hand.py", "what is done by hand is seen at real nodes"),
    "node/living.py": ("journeys/test_mou_walk.py", "its chapters check themselves while they are played"),
    "node/pillars.py": ("journeys/test_mou_walk.py", "its chapters check themselves while they are played"),
    "node/sealing.py": ("journeys/test_mou_walk.py", "its chapter checks itself while it is played"),
    "node/story.py": ("journeys/test_mou_walk.py", "the story checks itself while it is played"),
    "node/watching.py": ("journeys/test_by_hand.py", "what nodes hold is watched while they run"),
}
"""Source -> the test below tests/ that stands in for its mirror, and why."""

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "core", "misc", "base", "manager", "stuff", "tools"}
FILE_WORDS = {"__init__", "model", "facts", "rules", "store", "wire", "service", "api", "pages", "cli", "capability"}
DATA_FOLDERS = {"migrations", "templates", "static", "locale", "__pycache__"}
FLOORLESS = {"kernel", "node"}
"""Children of kouprey that are not capabilities: what all stand on, and what assembles them."""


@functools.cache
def sources() -> tuple[Path, ...]:
    return tuple(sorted(SRC.rglob("*.py")))


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def python_files() -> Iterator[Path]:
    yield from sources()
    for folder in ("tests", "scripts", "bench", "docs", "examples"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def capabilities() -> list[Path]:
    return [path.parent for path in sorted(SRC.glob("*/__init__.py")) if path.parent.name not in FLOORLESS]


def name_of(path: Path) -> str:
    return path.relative_to(SRC if path.is_relative_to(SRC) else ROOT).as_posix()


def report(rule: str, found: list[str]) -> None:
    assert not found, f"{rule}\n  " + "\n  ".join(found)


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Every absolute dotted name a file imports, `from a import b` both as `a` and as `a.b`."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.lineno, node.module
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def test_files_begin_with_a_sentence() -> None:
    found = []
    for path in python_files():
        words = ast.get_docstring(tree(path)) or ""
        if not words.split("\n\n")[0].rstrip().endswith((".", "?", "!", ":")):
            found.append(name_of(path))
    report("A file begins with one sentence that says what it is:", found)


def test_files_and_functions_stay_short() -> None:
    found = []
    for path in python_files():
        lines = path.read_text("utf-8").count("\n")
        if lines > FILE_LINES and name_of(path) not in LONG_FILES:
            found.append(f"{name_of(path)}: {lines} lines, {FILE_LINES} allowed: make it a folder of the same name")
    for path in sources():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES and f"{name_of(path)}:{node.name}" not in LONG_FUNCTIONS:
                    found.append(f"{name_of(path)}:{node.name}: {lines} lines, {FUNCTION_LINES} allowed")
    report("Too long to be read at one sitting:", found)


def test_no_empty_words() -> None:
    found = [name_of(path) for path in python_files() if {path.stem, path.parent.name} & EMPTY_WORDS]
    report("A name that fits everything says nothing; name what it does:", found)


def test_capabilities_use_the_same_few_file_words() -> None:
    found = []
    for folder in capabilities():
        for path in sorted(folder.iterdir()):
            known = path.name in DATA_FOLDERS | FILE_WORDS if path.is_dir() else path.stem in FILE_WORDS
            if not known:
                found.append(name_of(path))
    report(f"Only these files and folders in a capability: {', '.join(sorted(FILE_WORDS | DATA_FOLDERS))}:", found)


FRONT = {"service", "model", "facts"}
"""What others may import of a capability: its verbs, its nouns, and what has happened in it."""


def test_others_come_by_the_front_door() -> None:
    names = {folder.name for folder in capabilities()}
    found = []
    for path in sources():
        own = path.relative_to(SRC).parts[0]
        if own == "node":
            continue
        for line, dotted in imports(path):
            parts = dotted.split(".")
            if parts[0] != "kouprey" or len(parts) < 2 or parts[1] == own or parts[1] not in names:
                continue
            if parts[1] == "proceedings":
                found.append(f"{name_of(path)}:{line}: only node opens proceedings")
            elif len(parts) > 2 and parts[2] in FILE_WORDS - FRONT:
                found.append(f"{name_of(path)}:{line}: {dotted}")
    report("Other capabilities are reached by their front door or their facts:", sorted(set(found)))


def behaves(path: Path) -> bool:
    """False for nouns, facts and protocols: nothing in them can go wrong that the type checker does not see."""
    functions = (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    lines = (line for function in functions for line in function.body)
    # A docstring and `...` are constants; anything else is something to test.
    return any(not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)) for line in lines)


def test_every_source_has_its_mirrored_test() -> None:
    found = []
    for path in sources():
        if path.stem in {"__init__", "__main__", "capability"} or name_of(path) in UNMIRRORED or not behaves(path):
            continue
        wanted = TESTS / path.relative_to(SRC).with_name(f"test_{path.name}")
        if not wanted.exists() and not any(parts_tests(path)):
            found.append(f"{name_of(path)}: no {wanted.relative_to(ROOT).as_posix()}")
    report("Tests mirror the source, path for path:", found)


def parts_tests(path: Path) -> Iterator[Path]:
    """Tests of a part of a word that grew into a folder (service/, store/, wire/, pages/).

    Others see the folder as one thing, so its tests may too: those in the mirrored folder, or the one file of that
    word, which import the part or the folder itself.
    """
    folder = path.parent
    if folder.name not in FILE_WORDS:
        return
    word = ".".join(folder.relative_to(SRC.parent).parts)
    mirrored = TESTS / folder.relative_to(SRC)
    for test in [mirrored.with_name(f"test_{folder.name}.py"), *sorted(mirrored.glob("test_*.py"))]:
        if test.exists() and {dotted for _, dotted in imports(test)} & {word, f"{word}.{path.stem}"}:
            yield test


def test_allowances_are_still_needed() -> None:
    found = [name for name in [*LONG_FILES, *UNMIRRORED] if not (SRC / name).exists() and not (ROOT / name).exists()]
    for name, (instead, _) in UNMIRRORED.items():
        path = Path(name)
        if not (TESTS / instead).exists():
            found.append(f"{name}: there is no tests/{instead}")
        if (TESTS / path.with_name(f"test_{path.name}")).exists():
            found.append(f"{name}: has its test")
    functions = {
        f"{name_of(path)}:{node.name}"
        for path in sources()
        if any(key.startswith(name_of(path)) for key in LONG_FUNCTIONS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    found += [name for name in LONG_FUNCTIONS if name not in functions]
    report("Allowances that nobody needs any more:", found)


def test_capabilities_are_listed_and_described() -> None:
    listing = SRC / "node" / "capabilities.py"
    listed = listing.read_text("utf-8") if listing.exists() else None
    found = []
    for folder in capabilities():
        if not (ROOT / "docs" / "capabilities" / f"{folder.name}.md").exists():
            found.append(f"{folder.name}: no docs/capabilities/{folder.name}.md")
        # Before there is an assembly there is no list either.
        if listed is not None and not re.search(rf"\b{folder.name}\b", listed):
            found.append(f"{folder.name}: not in node/capabilities.py")
    report("Each capability is listed once and has its page:", found)


def test_verbs_are_explained() -> None:
    found = []
    for folder in capabilities():
        for path in [*folder.glob("service.py"), *folder.glob("service/*.py")]:
            for node in tree(path).body:
                named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                if named and not node.name.startswith("_") and not ast.get_docstring(node):
                    found.append(f"{name_of(path)}:{node.lineno}: {node.name}")
    report("Every public verb of a service has a docstring:", found)


def test_files_name_no_machine() -> None:
    # Written in pieces, so that this file passes its own rule.
    machine = re.compile(r"(?<![\w.$}])/(?:wo" r"rk|ro" r"ot|ho" r"me/[a-z])[/\w]")
    registry = re.compile(r"py" r"pi\.org|files\.python" r"hosted\.org|registry\.np" r"mjs\.org|index-url[ =]+\S*://")
    found = []
    for path in text_files():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if machine.search(line) or registry.search(line):
                found.append(f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()[:80]}")
    report("No path of somebody's machine and no address of a package registry:", found)


def test_no_possessive_or_atomic_groups() -> None:
    # Python 3.11.2, that of Debian 12, goes on from the wrong place after a possessive group whose last repetition
    # failed half way; single characters and classes are safe. What is interpolated may be a group and counts as one.
    group = re.compile(r"(?<![\\(])[)}](?:[*+?]|\{+[0-9,]+\}+)\+|\(\?>")
    found = []
    for path in python_files():
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if group.search(line):
                found.append(f"{name_of(path)}:{number}: {line.strip()[:80]}")
    report("No possessive quantifier after a group and no atomic group in a regular expression:", found)


def text_files() -> Iterator[Path]:
    suffixes = {".py", ".md", ".toml", ".txt", ".in", ".sql", ".html", ".js", ".css", ".json", ".po", ".cfg", ""}
    yield from (
        path for path in sorted(ROOT.iterdir()) if path.is_file() and path.suffix in suffixes and path.name != ".git"
    )
    for folder in ("src", "tests", "scripts", "bench", "docs", "requirements", "examples", ".ci"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in suffixes and "__pycache__" not in path.parts:
                yield path
