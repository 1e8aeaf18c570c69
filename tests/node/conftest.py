"""Nodes that were founded once and are copied for each test, and their server processes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.node.assemble import Node, open_node
from kouprey.node.founding import Founded, found

PARTY = "cert.sovan.example"
LISTEN = "127.0.0.1:8420"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment of whoever runs the tests says would otherwise go before a node's own settings."""
    for name in list(os.environ):
        if name.startswith("KOUPREY_") and name != "KOUPREY_SHARED":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def founding(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Founded]:
    """A founded node that nobody changes, and what its operator was told."""
    folder = tmp_path_factory.mktemp("founded") / "node"
    told = found(
        folder,
        party=PARTY,
        name="Ministry of Sovan",
        settings={"listen": LISTEN, "url": "", "database": "", "guard_database": ""},
        identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10",
        person="Sophea",
    )
    return folder, told


@pytest.fixture
def folder(founding: tuple[Path, Founded], tmp_path: Path) -> Path:
    """The folder of a node of one's own."""
    copied = tmp_path / "node"
    shutil.copytree(founding[0], copied)
    return copied


@pytest.fixture
def told(founding: tuple[Path, Founded]) -> Founded:
    return founding[1]


@pytest.fixture
def opened(folder: Path) -> Iterator[Callable[[], Node]]:
    """Open the node in `folder`, once or beside itself, as another process would."""
    nodes: list[Node] = []

    def open_it() -> Node:
        nodes.append(open_node(folder))
        return nodes[-1]

    yield open_it
    for node in nodes:
        node.close()


@pytest.fixture
def node(opened: Callable[[], Node]) -> Node:
    return opened()


@pytest.fixture
def port() -> int:
    """A port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


@pytest.fixture
def make_older() -> Callable[[Path], None]:
    """Make the data of a node that of a version without saved searches: neither their tables nor their migration."""

    def undo(folder: Path) -> None:
        store = open_sqlite(folder / "kouprey.db")

        def work(tx: Tx) -> None:
            tx.execute("DELETE FROM migration WHERE capability = 'exchange' AND number = 6")
            for table in ("saved_search_look", "saved_search"):
                tx.execute(f"DROP TABLE {table}")

        store.write(work)
        store.close()

    return undo


class Server:
    """A server process: what it says, and how it ends."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "kouprey", "serve", "--data", str(folder), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def first_line(self) -> str:
        """What it says when it is ready, "" when it ends without that."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def end(self, signum: int) -> tuple[int, str, float]:
        """(exit code, stderr, seconds) after a signal."""
        begun = time.monotonic()
        self.process.send_signal(signum)
        return (*self.wait(), time.monotonic() - begun)

    def wait(self) -> tuple[int, str]:
        """(exit code, stderr) when it has ended."""
        _, err = self.process.communicate(timeout=30)
        return self.process.returncode, err


@pytest.fixture
def start(folder: Path) -> Iterator[Callable[..., Server]]:
    """Start the server of the node in `folder`."""
    servers: list[Server] = []

    def begin(*words: str) -> Server:
        servers.append(Server(folder, *words))
        return servers[-1]

    yield begin
    for server in servers:
        if server.process.poll() is None:
            server.process.kill()
            server.process.communicate()


@pytest.fixture
def health_at() -> Callable[[int], dict[str, object]]:
    """What /healthz says at a port of this machine."""

    def ask(port: int) -> dict[str, object]:
        answer = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return ask


@pytest.fixture
def until() -> Callable[..., None]:
    """Wait for what another thread or process does."""

    def wait(holds: Callable[[], object], seconds: float = 15.0) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.02)

    return wait
