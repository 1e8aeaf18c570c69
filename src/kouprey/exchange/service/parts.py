"""What every verb of the exchange works with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from kouprey.agreements.service import Agreements
from kouprey.federation.service import Lanes
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.reads import ReadLog
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People


class Parts:
    """The store, the services below, and the clock."""

    def __init__(
        self, store: Store, people: People, agreements: Agreements, lanes: Lanes, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._lanes = lanes
        self._clock = clock
        self.reads = ReadLog(store, clock)
        self.needs: dict[str, Callable[[Reader], Iterable[tuple[str, str, str, str]]]] = {}
        """Name -> what a capability above says waits for a reader (with their roles): title, text, path, icon."""
        self.hosted: list[Callable[[], Iterable[tuple[str, Reader]]]] = []
        """Whoever hosts readers here tells of each its name and its eyes."""
        self._jobs: dict[str, threading.Event] = {}
        """Imports that this process works at, each with what says that it has ended."""
        self._turns = threading.Semaphore(2)
        """How many of them write at the same time."""

    def operator(self) -> Reader:
        """Whoever has the node's command line: our own party, cleared for everything."""
        return Reader(party=self._people.home_id, clearance=TLP.RED, local=True, name="operator")
