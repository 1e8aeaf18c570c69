"""Judging a batch on its way in: what STIX says against each new body, and what a strict collection refuses."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.exchange.model import Arrival, Extract, Finding
from kouprey.exchange.store import findings as rows
from kouprey.exchange.store.intake import HeldVersion
from kouprey.exchange.wire.extracts import extract_of
from kouprey.exchange.wire.findings import PATTERN
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Damaged


class Judging:
    """The findings of one batch that is to join the collections `into` (ids); each arrival is judged at most once."""

    def __init__(self, tx: Tx, into: Collection[str]) -> None:
        self._tx = tx
        self._into = frozenset(into)
        self._strict = rows.list_strict(tx)
        self._extracts: dict[int, Extract] = {}
        self._kept: dict[int, tuple[Finding, ...]] = {}

    def extract(self, arrival: Arrival) -> Extract:
        """What is written down beside the body of an arrival."""
        # By identity: the batch holds on to its arrivals, and two equal ones are rare.
        found = self._extracts.get(id(arrival))
        if found is None:
            found = self._extracts[id(arrival)] = extract_of(arrival)
        return found

    def refuse(self, arrival: Arrival, version: HeldVersion | None) -> Damaged | None:
        """Why an arrival may not come in, as a member of a strict collection or as a body of such a member."""
        if not self._strict:
            return None
        held = version.collections if version is not None else frozenset[str]()
        if self._strict.isdisjoint(self._into | held):
            return None
        musts = [one for one in self.extract(arrival).findings if one.severity == "must"]
        if musts:
            return _breaks(arrival, musts)
        # A body that came in before its version joins would be served to some readers of the collection.
        if version is not None and not (self._strict & self._into) <= held and self._any_invalid(version):
            return _beside(arrival)
        return None

    def keep(self, body: int, findings: tuple[Finding, ...]) -> None:
        """The findings of a body that is new."""
        self._kept[body] = findings

    def counts(self, body: int) -> tuple[int, int]:
        """How many findings say must and should, for a body that was kept; 0 for any other."""
        found = self._kept.get(body, ())
        musts = sum([one.severity == "must" for one in found])
        return musts, len(found) - musts

    def save(self) -> None:
        """Write the findings of all that was kept; the bodies are written already."""
        rows.save(self._tx, self._kept, PATTERN)

    def _any_invalid(self, version: HeldVersion) -> bool:
        bodies = [body.id for body in version.bodies]
        if any(self.counts(body)[0] for body in bodies):
            return True
        return bool(rows.list_invalid(self._tx, bodies))


def _breaks(arrival: Arrival, musts: list[Finding]) -> Damaged:
    first = musts[0]
    where = f"{first.path}: " if first.path else ""
    more = f" There are {len(musts) - 1} more." if len(musts) > 1 else ""
    return Damaged(
        f"{arrival.stix_id} breaks the standard, and its collection is strict.",
        f"{where}{first.text}{f' ({first.source})' if first.source else ''}{more}",
        "Ask the sender to correct it (`kouprey validate` shows all), or choose a collection that is not strict.",
        code="breaks-standard",
        detail={"findings": len(musts)},
    )


def _beside(arrival: Arrival) -> Damaged:
    return Damaged(
        f"{arrival.stix_id} cannot join a strict collection.",
        "Another body is held for the same version, and that one breaks the standard.",
        "Ask its author for a new version of it.",
        code="breaks-standard",
    )
