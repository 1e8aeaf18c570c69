"""A node of its own process, as people run it, and its command line."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def command(*words: str) -> None:
    """Run `kouprey WORDS`; raises CalledProcessError when it fails."""
    subprocess.run([sys.executable, "-m", "kouprey", *words], check=True, stdout=subprocess.DEVNULL)


@contextmanager
def served(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The server of a node, ended when the block is left."""
    words = [sys.executable, "-m", "kouprey", "serve", "--data", str(folder), "--listen", f"127.0.0.1:{port}"]
    server = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert server.stdout is not None
    server.stdout.readline()
    try:
        yield server
    finally:
        server.terminate()
        server.wait()
        server.stdout.close()


def free_port() -> int:
    """A port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])
