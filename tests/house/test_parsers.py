"""Every parser of what comes from outside has a property test that names it: whatever the bytes are, no other error."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from hypothesis import given  # so that a reader finds what `given` is here

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "kouprey"
READS = re.compile("(?:read|parse|open)_[a-z_]+|parse|from_bytes|decode|decode_exactly|load|stix_type|Unzstd")
PLACES = re.compile(r"(?:.*/wire(?:/.*)?|.*/wire|kernel/words/.*|kernel/seal/.*|node/settings|node/archive)\.py")
assert given

# Not from bytes of strangers, or judged where they are used: name it and say why.
OTHERS = {
    "open_window": "read_stream begins with it, and is tested on plain and compressed bytes",
    "read_end": "takes a document that parse_document has read",
    "open_stream": "backups are opened by it, from a key of our own; tests/node/test_archive.py cuts and flips them",
}


def parsers() -> Iterator[tuple[str, str]]:
    """File below src/kouprey and name, of all that reads."""
    for path in sorted(SRC.rglob("*.py")):
        place = path.relative_to(SRC).as_posix()
        if not PLACES.fullmatch(place):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and READS.fullmatch(node.name):
                yield place, node.name


def names_in(node: ast.AST) -> set[str]:
    found = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return found | {each.attr for each in ast.walk(node) if isinstance(each, ast.Attribute)}


def named_by(path: Path) -> set[str]:
    """The names that the property tests of a file use, by themselves or by what else the file defines."""
    defined: dict[str, set[str]] = {}
    waiting: list[str] = []
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined[node.name] = names_in(node)
            if any("given" in names_in(decorator) for decorator in node.decorator_list):
                waiting.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    defined[target.id] = names_in(node.value)
    used: set[str] = set()
    while waiting:
        for name in defined.pop(waiting.pop(), set()) - used:
            used.add(name)
            waiting.append(name)
    return used


def test_every_parser_has_a_property_test() -> None:
    by_capability: dict[str, set[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        by_capability.setdefault(path.relative_to(ROOT / "tests").parts[0], set()).update(named_by(path))
    found = list(parsers())
    assert len(found) > 40
    assert OTHERS.keys() <= {name for _, name in found}
    bare = [
        f"{place}: {name}"
        for place, name in found
        if name not in by_capability[place.split("/")[0]] and name not in OTHERS
    ]
    assert not bare, "parsers that no property test names:\n" + "\n".join(bare)
