"""Whatever stands beside a deed in the trail has a word on its page."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import kouprey
from kouprey.audit.pages.details import DETAILS

SRC = Path(kouprey.__file__).parent
WRITERS = {"_note", "_audit"}
"""Methods of services that write a line of the trail; their dictionaries are its detail."""


def written(tree: ast.AST) -> Iterator[str]:
    """The keys of every dictionary that becomes the detail of a line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "detail":
            yield from keys(node.value)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id == "detail" and node.value is not None:
                yield from keys(node.value)
            if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == "detail":
                yield from (each.value for each in ast.walk(target.slice) if isinstance(each, ast.Constant))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS:
            yield from (key for each in node.args if isinstance(each, ast.Dict) for key in keys(each))


def keys(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Dict):
            yield from (key.value for key in each.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def test_every_detail_has_a_word() -> None:
    found: set[str] = set()
    for path in SRC.rglob("*.py"):
        text = path.read_text("utf-8")
        if "storage import audit" in text or "storage.audit" in text:
            found |= set(written(ast.parse(text)))
    assert {"tlp", "collection", "sessions_ended", "insists", "score"} <= found
    assert sorted(found - set(DETAILS)) == []
