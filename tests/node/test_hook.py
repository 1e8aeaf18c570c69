"""The address that is told of notices is set with a secret, or not at all."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from kouprey.node.hook import hook_of, hook_problems


def given(url: str, file: str = "") -> Any:
    return SimpleNamespace(notice_hook=url, notice_hook_secret_file=file)


def test_an_address_needs_a_secret(tmp_path: Path) -> None:
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_text("secret\n")
    long.write_text("0123456789abcdef\n")
    assert hook_of(given("")) is None and list(hook_problems(given(""))) == []
    assert [name for name, _ in hook_problems(given("ftp://x", str(long)))] == ["notice_hook"]
    for file in ("", str(short), str(tmp_path / "none")):
        assert [name for name, _ in hook_problems(given("https://x.example/", file))] == ["notice_hook_secret_file"]
    assert list(hook_problems(given("https://x.example/in", str(long)))) == []
    hook = hook_of(given("https://x.example/in", str(long)))
    assert hook is not None and hook.secret == b"0123456789abcdef" and "0123" not in repr(hook)
