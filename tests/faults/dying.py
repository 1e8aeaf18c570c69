"""A node as a process that kills itself with -9 at one commit point; it says what it acknowledged before."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

from federation.conftest import Actor
from kouprey.federation import store as rows
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite


class FatalDisk:
    """Counts commit points of all stores of the process: before each commit, and after it."""

    passed = 0
    fatal = 0

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, work: Callable[[Tx], Any]) -> Any:
        """Before a commit: everything was done and nothing is durable. After it: all is, and nobody was told."""

        def doomed(tx: Tx) -> Any:
            result = work(tx)
            self.pass_by()
            return result

        result = self._store.write(doomed)
        self.pass_by()
        return result

    @classmethod
    def pass_by(cls) -> None:
        cls.passed += 1
        if cls.passed == cls.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Dying(Actor):
    """An actor on such disks."""

    def _store(self, dsn: str, name: str, migrations: object) -> Any:
        return FatalDisk(open_postgres(dsn) if dsn else open_sqlite(self.folder / name))


def main(folder: Path, party: str, agreement: str, mark: str, fatal: int, dsns: str) -> None:
    """Start, publish twice, take in a parcel and make one; what is acknowledged is said after it is."""
    dsn, _, guard_dsn = dsns.partition("|")
    FatalDisk.fatal = fatal
    node = Dying(party, folder, dsn, guard_dsn)
    node.open()
    for batch in range(2):
        names = [f"{mark}-{batch}-{each}" for each in range(3)]
        node.queue(agreement, [name.encode() for name in names])
        say("ack", *names)
        node.lanes.append_waiting()
        tell_signed(node)
    came = node.federation.parcels.read(BytesIO((folder / "parcel").read_bytes()), by="test")
    say("took", str(came.entries))
    node.settle()
    say("points", str(FatalDisk.passed))
    node.close()


def tell_signed(node: Actor) -> None:
    with node.store.read() as reader:
        for lane in rows.list_lanes(reader, mine=True):
            kept = rows.find_checkpoint(reader, lane.id, lane.signed_size)
            if kept is not None:
                say("signed", lane.origin, str(kept.size), kept.root.hex())


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), sys.argv[6])
