"""What response can prove of readiness: how often something was done."""

from __future__ import annotations

from collections.abc import Mapping

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.proof import Proof, Prover
from kouprey.kernel.words.time import Instant
from kouprey.people.service import People
from kouprey.response.store import proven as rows


class Proving:
    """Counts over everything; who is told which is decided by readiness."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people

    def cases(self, since: Instant) -> Proof:
        """Cases that are over."""
        with self._store.read() as reader:
            return rows.cases_closed(reader, since)

    def reports(self, since: Instant) -> Proof:
        """What people outside have told."""
        with self._store.read() as reader:
            return rows.reports_taken(reader, since)

    def handoffs(self, since: Instant) -> Proof:
        """What was asked of us and answered."""
        with self._store.read() as reader:
            return rows.handoffs_answered(reader, self._people.home_id, since, drills=False)

    def drills(self, since: Instant) -> Proof:
        """Drills of partners that were answered."""
        with self._store.read() as reader:
            return rows.handoffs_answered(reader, self._people.home_id, since, drills=True)


def proofs(services: Services) -> Mapping[str, Prover]:
    """By the names that framework files ask for."""
    proving = services.get(Proving)
    return {
        "cases.closed": proving.cases,
        "reports.taken": proving.reports,
        "handoffs.answered": proving.handoffs,
        "drills.answered": proving.drills,
    }
