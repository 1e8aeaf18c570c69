"""Serving: ready when it says so, one signer per data directory, and an end within seconds."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.storage import outbox
from kouprey.kernel.words.capability import Job
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.node.assemble import Node
from kouprey.node.serve import background, serve
from kouprey.people.facts import ReaderWidened

Until = Callable[..., None]
Health = Callable[[int], dict[str, object]]
SECONDS = 5.0
"""What "within seconds" means here; it is below the time a graceful end of open requests may take."""


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_it_says_when_it_is_ready_and_ends_when_told(
    start: Callable[..., Any], port: int, health_at: Health, signum: int, code: int
) -> None:
    server = start("--listen", f"127.0.0.1:{port}")
    assert server.first_line() == f"Ready at http://127.0.0.1:{port}"
    assert health_at(port)["status"] == "ok"
    with socket.create_connection(("127.0.0.1", port)) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\n")
        ended, err, seconds = server.end(signum)
    assert ended == code and seconds < SECONDS
    assert err.strip() == "", "an end that was asked for is not an error"


def test_an_address_in_use_is_told(start: Callable[..., Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        server = start("--listen", f"127.0.0.1:{port}", "--json")
        code, err = server.wait()
    assert code == Refused.exit_code
    assert '"code":"address-in-use"' in err and f"127.0.0.1:{port}" in err and "--listen" in err


def test_a_second_server_on_the_same_data_serves_and_waits_to_sign(
    start: Callable[..., Any], port: int, health_at: Health, until: Until
) -> None:
    first = start("--listen", f"127.0.0.1:{port}")
    assert first.first_line()
    until(lambda: health_at(port)["signing"])
    with socket.create_server(("127.0.0.1", 0)) as free:
        other = free.getsockname()[1]
    second = start("--listen", f"127.0.0.1:{other}")
    assert second.first_line()
    for _ in range(5):
        assert health_at(other)["signing"] is False
    first.end(signal.SIGKILL)
    until(lambda: health_at(other)["signing"])
    assert second.end(signal.SIGTERM)[0] == 0


def test_a_certificate_that_cannot_be_used_is_named(
    node: Node, folder: Path, port: int, monkeypatch: pytest.MonkeyPatch, opened: Callable[[], Node]
) -> None:
    for name, content in (("missing.pem", None), ("text.pem", "not a certificate")):
        if content is not None:
            (folder / name).write_text(content, "utf-8")
        monkeypatch.setenv("KOUPREY_TLS_CERTIFICATE", str(folder / name))
        with pytest.raises(Damaged) as caught:
            serve(opened(), announce=pytest.fail)
        assert caught.value.code == "bad-setting" and name in caught.value.remedy


def test_in_the_background_it_signs_delivers_and_repeats(
    node: Node, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    heard: list[int] = []
    turns: list[int] = []
    appended: list[int] = []
    hear = outbox.Listener("test", outbox.fact_name(ReaderWidened), lambda store, fact, number: heard.append(number))
    monkeypatch.setattr(node, "listeners", lambda: [hear])
    monkeypatch.setattr(node, "jobs", lambda: [Job("tick", 0.02, lambda: _fail_at_first(turns))])
    monkeypatch.setattr(node.lanes, "append_waiting", lambda: _fail_at_first(appended))
    monkeypatch.setattr("kouprey.node.serve.TICK", 0.01)
    before = set(threading.enumerate())
    with background(node):
        node.store.write(lambda tx: outbox.record(tx, ReaderWidened(before={}, after={})))
        until(lambda: heard and len(turns) > 3)
        assert node.lanes.ready
    left = {each.name for each in threading.enumerate() if each not in before}
    assert not left & {"lanes", "outbox", "tick"}
    assert appended, "what was queued is appended"


def test_a_start_that_fails_is_tried_again(node: Node, monkeypatch: pytest.MonkeyPatch, until: Until) -> None:
    own, tries = node.lanes.start, list[int]()

    def fails_once(*asked: Any) -> bool:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("the disk is away for a moment")
        return own(*asked)

    monkeypatch.setattr(node.lanes, "start", fails_once)
    with background(node):
        until(lambda: node.lanes.ready)
    assert len(tries) == 2


def _fail_at_first(turns: list[int]) -> None:
    """A job or step that fails once and is tried again."""
    turns.append(1)
    if len(turns) == 1:
        raise RuntimeError("once")
