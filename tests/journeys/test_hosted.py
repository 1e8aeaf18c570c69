"""A constituent on a real node: a digest by a real relay, a node killed while it hands it over, and a list by token."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.words.errors import KoupreyError
from kouprey.node.actors import wait_until


class Relay:
    """Takes mail; while `slow` is set it keeps it, and answers only when it is let go."""

    def __init__(self) -> None:
        self.came: list[Any] = []
        self.slow = False
        self.go = threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        import asyncio

        self.came.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.slow:
            await asyncio.to_thread(self.go.wait)
        return "250 OK"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


class Node:
    """A data directory, its commands and its server process."""

    def __init__(self, folder: Path, relay: int) -> None:
        self.folder, self.port = folder, free_port()
        self.environment = {
            **os.environ,
            "KOUPREY_LISTEN": f"127.0.0.1:{self.port}",
            "KOUPREY_URL": f"http://127.0.0.1:{self.port}",
            "KOUPREY_SMTP_HOST": "127.0.0.1",
            "KOUPREY_SMTP_PORT": str(relay),
            "KOUPREY_SMTP_SECURITY": "none",
            "KOUPREY_SMTP_FROM": "kouprey@cert.example",
        }
        self.server: subprocess.Popen[bytes] | None = None

    def call(self, *words: str, data: bool = True) -> Any:
        command = [sys.executable, "-m", "kouprey", *words, "--json", *(["--data", str(self.folder)] if data else [])]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    @contextmanager
    def serving(self) -> Iterator[None]:
        log = (self.folder / "server.log").open("ab")
        command = [sys.executable, "-m", "kouprey", "serve", "--data", str(self.folder)]
        self.server = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        try:
            wait_until("the node answers", self.answers)
            yield
        finally:
            self.server.kill()
            self.server.wait()
            log.close()

    def answers(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except KoupreyError:
            return False

    def get(self, path: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
        answer = Fetcher(allow_private=True).request("GET", f"http://127.0.0.1:{self.port}{path}", headers)
        return answer.status, answer.body, answer.headers


@pytest.fixture
def relay() -> Iterator[tuple[Relay, int]]:
    kept, port = Relay(), free_port()
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    kept.go.set()
    controller.stop()


def indicator(number: int) -> dict[str, Any]:
    at = "2026-11-19T09:00:00.000Z"
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--5e1f5e1f-0000-4000-8000-{number:012}",
        "created": at,
        "modified": at,
        "name": f"Beacon {number}",
        "pattern": f"[ipv4-addr:value = '203.0.113.{number}']",
        "pattern_type": "stix",
        "valid_from": at,
    }


def test_a_bank_is_hosted_written_to_and_never_written_to_twice(tmp_path: Path, relay: tuple[Relay, int]) -> None:
    kept, port = relay
    node = Node(tmp_path / "node", port)
    node.call("init", str(node.folder), "--party", "cert.example", "--name", "CERT", data=False)
    node.call("constituent", "add", "bank.example", "Example Bank", "--language", "km", "--network", "203.0.113.0/24")
    node.call("constituent", "contact", "bank.example", "Sok Dara", "security@bank.example")
    secret = node.call("constituent", "token", "bank.example", "SIEM")["token"]

    def take(number: int, tlp: str) -> None:
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(indicator(number)))
        node.call("import", str(file), "--tlp", tlp)

    def written(count: int) -> Callable[[], bool]:
        return lambda: len(kept.came) == count

    with node.serving():
        take(1, "green")
        take(2, "red")
        assert node.call("constituent", "write", "bank.example") == {"letters": 1}
        wait_until("the first mail comes", written(1))
        said = kept.came[0]
        text = said.get_body(("plain",)).get_content()
        assert said["Subject"].startswith("[TLP:GREEN] ") and said["To"] == "Sok Dara <security@bank.example>"
        assert "Beacon 1" in text and "Beacon 2" not in text and "គោរពជូន" in text
        bearer = {"Authorization": f"Bearer {secret}"}
        status, body, headers = node.get("/lists/indicators.txt", **bearer)
        # All they may see is their own, and nobody blocks their own.
        assert (status, body) == (200, b"")
        assert node.get("/lists/indicators.txt", **bearer, **{"If-None-Match": headers["etag"]})[0] == 304
        assert node.get("/api/v1/yours", **bearer)[1].count(b"Beacon 1") == 1
        leave = said["List-Unsubscribe"].strip("<>").partition(str(node.port))[2]
        assert node.get(leave)[0] == 200

        kept.slow = True
        take(3, "green")
        node.call("constituent", "write", "bank.example")
        wait_until("the second mail is handed over", written(2))
        assert node.server is not None
        node.server.send_signal(signal.SIGKILL)
        node.server.wait()
    kept.slow = False
    with node.serving():
        take(4, "green")
        node.call("constituent", "write", "bank.example")
        wait_until("the third mail comes", written(3))
    numbers = [
        [n for n in range(1, 5) if f"Beacon {n}" in each.get_body(("plain",)).get_content()] for each in kept.came
    ]
    assert numbers == [[1], [3], [4]], "each thing once"
