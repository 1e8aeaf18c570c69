"""A node as a process of its own that publishes and signs until it is killed; it says what it has acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path

from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import EntryBody
from kouprey.federation.service.lanes import Lanes
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People


def main(folder: Path, agreement: str, mark: str, dsns: str) -> None:
    dsn, _, guard_dsn = dsns.partition("|")
    store = open_postgres(dsn) if dsn else open_sqlite(folder / "kouprey.db")
    guard = open_postgres(guard_dsn) if guard_dsn else open_sqlite(folder / "guard.db")
    ring = keyring.load(folder / "keys")
    people = People(store, ring)
    lanes = Lanes(store, guard, people, Agreements(store, people, ring), ring, FileLock(folder / "lanes.lock"))
    lanes.start()
    label = Label(owner=people.home_id, tlp=TLP.GREEN)
    number = 0
    while True:
        names = [f"{mark}-{number + each}" for each in range(7)]
        number += 7
        bodies = [
            EntryBody(media_type="application/stix+json;version=2.1", label=label, content=name.encode())
            for name in names
        ]
        store.write(lambda tx, bodies=bodies: lanes.queue(tx, agreement, bodies))
        say("ack", *names)
        lanes.append_waiting()
        with store.read() as reader:
            for lane in rows.list_lanes(reader, mine=True):
                kept = rows.find_checkpoint(reader, lane.id, lane.signed_size)
                if kept is not None:
                    say("signed", lane.origin, str(kept.size), kept.root.hex())


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
