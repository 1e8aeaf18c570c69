"""A running demo, and a browser before it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

from browser.story.touring import Demo


@pytest.fixture
def demo(chromium: Browser, tmp_path: Path) -> Iterator[Demo]:
    """`kouprey demo` as people start it, on three free ports."""
    port = _three_ports()
    folder = tmp_path / "story"
    words = [sys.executable, "-m", "kouprey", "demo", "--folder", str(folder), "--port", str(port)]
    with (tmp_path / "demo.log").open("wb") as log:
        running = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            told = Demo(folder, port)
            told.wait("the three nodes stand", lambda book: book.told() == 1)
            yield told
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)
    assert running.returncode == 0, (tmp_path / "demo.log").read_text("utf-8")[-2000:]


def _three_ports() -> int:
    """The first of three neighbouring ports that are free now."""
    for first in range(20000 + os.getpid() % 10000, 40000, 3):
        try:
            for port in range(first, first + 3):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first
    raise OSError("no three free ports")


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    """A browser that complains of what pages complain of, and of every request that leaves the three nodes."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    wrong: list[str] = []
    opened = context.new_page()

    def watch(request: Any) -> None:
        if not request.url.startswith((*demo.ours, "data:", "blob:", "about:")):
            wrong.append(f"asked for {request.url}")

    opened.on("request", watch)
    opened.on("pageerror", lambda error: wrong.append(f"script failed: {error}"))
    # While a story begins again its nodes are away, and the page that waits for them is told so.
    away = "net::ERR_CONNECTION_REFUSED"
    opened.on(
        "console", lambda said: wrong.append(said.text) if said.type == "error" and away not in said.text else None
    )
    yield opened
    context.close()
    assert not wrong, wrong
