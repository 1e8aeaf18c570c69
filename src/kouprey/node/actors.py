"""Actors: one real node each, with a folder, a server process and a command line, for the story and for journeys."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kouprey.kernel.cli.failure import INTERRUPTED
from kouprey.kernel.cli.frame import run
from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable
from kouprey.node.fiction import Cast

PATIENCE = 150.0
"""Seconds we wait for something that another process has to do."""
_BROKE = "Fatal Python error"
"""With this the interpreter begins its last words when it, or a native library, breaks."""
_WORDS = 1_000


@dataclass
class Actor:
    """A party of the story with its node: `address` is host:port for links, `url` what people open.

    `database` and `guard` are DSNs, "" for SQLite. `prefix` is put before the server's command (a network namespace).
    """

    cast: Cast
    folder: Path
    address: str
    url: str
    database: str = ""
    guard: str = ""
    prefix: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def party(self) -> str:
        return self.cast.party

    @property
    def link_url(self) -> str:
        """Where the other nodes reach this one."""
        return f"http://{self.address}"

    def command(self, *words: str) -> Any:
        """Run `kouprey WORDS --data FOLDER --json` in this process and return its answer; raises its failure."""
        from kouprey.node.main import kouprey, open_for

        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(kouprey(), [*words, "--data", str(self.folder), "--json"], opener=open_for)
        if code == INTERRUPTED:
            # Whoever ended the command meant the whole process: it is no failure of the command.
            raise KeyboardInterrupt
        if code != 0:
            raise Refused(
                f"`kouprey {' '.join(words)}` of {self.party} ended with {code}.",
                err.getvalue().strip() or out.getvalue().strip(),
                code="command-failed",
            )
        text = out.getvalue().strip()
        try:
            return json.loads(text) if text else None
        except ValueError:
            return text

    @contextmanager
    def services(self) -> Iterator[Any]:
        """The services of the node, opened beside its server: to look, and to wait."""
        from kouprey.node.assemble import open_node

        node = open_node(self.folder)
        try:
            yield node.services
        finally:
            node.close()

    @property
    def is_running(self) -> bool:
        """Whether a server that we have started is still there."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> float:
        """Start the server; the seconds until it answered. Raises Unreachable when it does not."""
        begun = time.monotonic()
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(
            [*self.prefix, sys.executable, "-m", "kouprey", "serve", "--data", str(self.folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **self.environment},
        )
        log.close()
        wait_until(f"{self.party} answers", self.is_ready, every=0.02)
        return time.monotonic() - begun

    def last_words(self) -> str:
        """The end of the server's log, "" for none; where the interpreter itself broke, from the line that says how."""
        log = self.folder / "server.log"
        text = log.read_text("utf-8", "replace").strip() if log.exists() else ""
        broke = text.rfind(_BROKE)
        # What follows lists every thread, the innermost call first: the beginning tells more than the end.
        return text[-_WORDS:] if broke < 0 else text[broke : broke + 4 * _WORDS]

    def is_ready(self) -> bool:
        """True when the server answers and may sign; raises Unreachable when its process has ended."""
        if self.process is not None and self.process.poll() is not None:
            raise Unreachable(
                f"The server of {self.party} ended with {self.process.returncode}.", self.last_words(), code="ended"
            )
        return bool(self.health().get("signing"))

    def health(self) -> dict[str, Any]:
        """What `/healthz` says, {} when nobody answers. Asked from inside the namespace when there is one."""
        if self.prefix:
            script = f"import urllib.request as u;print(u.urlopen('{self.link_url}/healthz',timeout=5).read().decode())"
            asked = subprocess.run([*self.prefix, sys.executable, "-c", script], capture_output=True, check=False)
            text = asked.stdout
        else:
            try:
                answer = Fetcher(allow_private=True, timeout=5).request("GET", f"{self.link_url}/healthz")
            except KoupreyError:
                return {}
            text = answer.body if answer.status == 200 else b"{}"
        try:
            return dict(json.loads(text or b"{}"))
        except ValueError:
            return {}

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the server process."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def memory(self) -> int:
        """Resident bytes of the server process (Linux), 0 where that cannot be read."""
        if self.process is None:
            return 0
        try:
            fields = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        except OSError:
            return 0
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


def wait_until(what: str, holds: Callable[[], object], *, seconds: float = PATIENCE, every: float = 0.1) -> None:
    """Wait until `holds` is true; Unreachable says what was waited for in vain."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise Unreachable(f"Waited {seconds:.0f} s in vain until {what}.", code="waited-in-vain")
        time.sleep(every)
