"""Browser tests use the keyboard alone: what is about the mouse says so, and why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FILES = sorted((TESTS / "browser").glob("*.py"))

# What Playwright does for somebody with a mouse, or for nobody at all: a person cannot set the focus from outside.
_CLICKS = {"click", "dblclick", "tap", "hover", "check", "uncheck", "set_checked", "drag_to", "drag_and_drop"}
_FILLS = {"select_option", "fill", "type", "press", "focus", "clear", "dispatch_event", "set_input_files"}
_MOUSE = {"move", "down", "up", "wheel"}
OTHER_WAYS = _CLICKS | _FILLS | _MOUSE
SCRIPTED = (".click()", ".focus()", ".submit()", ".requestSubmit()")


def _other_ways(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, what) of everything in a piece of code that is no key."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of, way = ast.unparse(node.func.value).rpartition(".")[2], node.func.attr
            if way in OTHER_WAYS and of not in ("keyboard", "hands", "mark"):
                yield node.lineno, f".{way}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from ((node.lineno, word) for word in SCRIPTED if word in node.value)


def _reason(function: ast.AST) -> str:
    """What the marker of a test says about its mouse; empty without one."""
    for each in getattr(function, "decorator_list", ()):
        if isinstance(each, ast.Call) and ast.unparse(each.func) == "pytest.mark.mouse" and each.args:
            return str(ast.literal_eval(each.args[0]))
    return ""


def _found(source: str) -> list[str]:
    tree = ast.parse(source)
    marked = {id(inner) for node in ast.walk(tree) if _reason(node) for inner in ast.walk(node)}
    whole = ast.Module([node for node in tree.body if id(node) not in marked], [])
    return [f"line {line} uses {what}" for line, what in _other_ways(whole)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_browser_tests_use_keys(file: Path) -> None:
    assert _found(file.read_text("utf-8")) == [], "use browser.hands, or mark the test mouse(why)"


@pytest.mark.parametrize(
    "wrong",
    [
        "page.click('main form button')",
        "page.get_by_role('button').click()",
        "page.mouse.move(1, 2)",
        "field.fill('x')",
        "link.focus()",
        "button.press('Enter')",
        "page.evaluate('document.querySelector(\"a\").click()')",
        "@pytest.mark.mouse()\ndef test_it(page):\n    page.click('a')",
    ],
)
def test_other_ways_are_seen(wrong: str) -> None:
    assert _found(wrong)


def test_keys_and_what_is_marked_are_let_through() -> None:
    assert not _found("page.keyboard.press('Tab')\nhands.press(link)\npress(link)\nkeyboard.type('x')")
    assert not _found("@pytest.mark.mouse('Dragging.')\ndef test_it(page):\n    page.mouse.down()")
