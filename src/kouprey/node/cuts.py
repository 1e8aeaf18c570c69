"""Ways to cut the link between two parties: the process stops, the address is a black hole, the network goes away."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Sequence
from typing import Protocol

from kouprey.kernel.words.errors import Unreachable
from kouprey.node import watching
from kouprey.node.actors import Actor, wait_until


class Cut(Protocol):
    """A way to cut the neighbour off from the others, and to heal it."""

    name: str

    def cut(self, away: Actor, others: Sequence[Actor]) -> None: ...

    def heal(self, away: Actor, others: Sequence[Actor]) -> None: ...


class ProcessCut:
    """The neighbour's server is stopped; its people go on with commands."""

    name = "process"

    def cut(self, away: Actor, others: Sequence[Actor]) -> None:
        """Stop the server."""
        away.stop()

    def heal(self, away: Actor, others: Sequence[Actor]) -> None:
        """Start it again."""
        away.start()


class BlackholeCut:
    """Packets go out and nothing ever comes back: all addresses lead to a socket that nobody reads."""

    name = "blackhole"

    def __init__(self) -> None:
        self._hole: socket.socket | None = None

    def cut(self, away: Actor, others: Sequence[Actor]) -> None:
        """Point every link over the border at the hole."""
        self._hole = self._make_hole()
        address = f"http://127.0.0.1:{self._hole.getsockname()[1]}"
        for other in others:
            other.command("link", "add", away.party, address, "--allow-private")
            away.command("link", "add", other.party, address, "--allow-private")

    def _make_hole(self) -> socket.socket:
        return socket.create_server(("127.0.0.1", 0), backlog=64)

    def heal(self, away: Actor, others: Sequence[Actor]) -> None:
        """Point the links at the nodes again."""
        for other in others:
            other.command("link", "add", away.party, away.link_url, "--allow-private")
            away.command("link", "add", other.party, other.link_url, "--allow-private")
        if self._hole is not None:
            self._hole.close()
            self._hole = None


class DeadLineCut(BlackholeCut):
    """Nobody answers: every call over the border is refused at once, so that both sides know within one interval."""

    name = "dead"

    def cut(self, away: Actor, others: Sequence[Actor]) -> None:
        """Point every link over the border at nothing, and wait until each node has noticed."""
        super().cut(away, others)
        for one, other in [(other, away) for other in others] + [(away, other) for other in others]:
            what = f"{one.party} notices that {other.party} is away"
            wait_until(what, lambda one=one, other=other: watching.link(one, other.party)[0] == "cut")  # type: ignore[misc]  # mypy cannot infer a lambda with defaults

    def _make_hole(self) -> socket.socket:
        # Bound and never listening: the port is ours, and whoever calls it is told so.
        hole = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        hole.bind(("127.0.0.1", 0))
        return hole


class NetworkCut:
    """Each node lives in a network namespace of its own; the neighbour's cable is pulled."""

    name = "netns"
    bridge = "kouprey0"

    def __init__(self, tag: str = "kp") -> None:
        self._tag = tag
        self._spaces: list[str] = []

    @staticmethod
    def missing() -> str:
        """Why this machine cannot do it, "" when it can."""
        if shutil.which("ip") is None:
            return "iproute2 is not installed"
        tried = subprocess.run(["ip", "netns", "add", "kouprey-probe"], capture_output=True, check=False)
        if tried.returncode != 0:
            return f"network namespaces cannot be made here: {tried.stderr.decode().strip()}"
        subprocess.run(["ip", "netns", "del", "kouprey-probe"], check=False)
        return ""

    def prepare(self, count: int) -> list[tuple[str, tuple[str, ...]]]:
        """Make `count` namespaces joined by a bridge in one more; (address, command prefix) of each."""
        hub = f"{self._tag}-hub"
        self._ip("netns", "add", hub)
        self._spaces.append(hub)
        self._ip("-n", hub, "link", "add", self.bridge, "type", "bridge")
        self._ip("-n", hub, "link", "set", self.bridge, "up")
        places: list[tuple[str, tuple[str, ...]]] = []
        for number in range(1, count + 1):
            space, wire = f"{self._tag}-{number}", f"{self._tag}w{number}"
            self._ip("netns", "add", space)
            self._spaces.append(space)
            self._ip("link", "add", wire, "netns", hub, "type", "veth", "peer", "name", "eth0", "netns", space)
            self._ip("-n", hub, "link", "set", wire, "master", self.bridge, "up")
            self._ip("-n", space, "addr", "add", f"10.99.99.{number}/24", "dev", "eth0")
            self._ip("-n", space, "link", "set", "eth0", "up")
            self._ip("-n", space, "link", "set", "lo", "up")
            places.append((f"10.99.99.{number}", ("ip", "netns", "exec", space)))
        return places

    def cut(self, away: Actor, others: Sequence[Actor]) -> None:
        """Pull the cable."""
        self._ip("-n", away.prefix[3], "link", "set", "eth0", "down")

    def heal(self, away: Actor, others: Sequence[Actor]) -> None:
        """Plug it in again."""
        self._ip("-n", away.prefix[3], "link", "set", "eth0", "up")

    def clean(self) -> None:
        """Remove every namespace that was made."""
        for space in self._spaces:
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)
        self._spaces.clear()

    def _ip(self, *words: str) -> None:
        done = subprocess.run(["ip", *words], capture_output=True, check=False)
        if done.returncode != 0:
            raise Unreachable(f"`ip {' '.join(words)}` failed.", done.stderr.decode().strip(), code="no-network")
