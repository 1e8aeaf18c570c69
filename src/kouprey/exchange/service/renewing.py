"""Renewing: what is derived from held bodies is derived again when its rules get a new edition, a little at a time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from kouprey.exchange.model import Finding, Observable, Renewal
from kouprey.exchange.rules import EDITIONS
from kouprey.exchange.service import indexing, placed
from kouprey.exchange.service.parts import Parts
from kouprey.exchange.store import editions as rows
from kouprey.exchange.store import findings, observables
from kouprey.exchange.wire import findings_of
from kouprey.exchange.wire.findings import PATTERN
from kouprey.exchange.wire.observables import observables_in, order_key
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode

STEP = 100
"""Bodies read again in one transaction: well below 200 ms of the writer on both engines."""
STEP_BYTES = 1 << 20
SEARCH_SHARE = 4
"""Making a body findable takes longer than all else: so many times fewer in a step."""
_PAUSE = 0.01


class Renewing(Parts):
    """Verbs that keep what is derived in step with the rules."""

    def renew(self, seconds: float = 3.0) -> bool:
        """Go on for about so long; whether anything is left. Each step is durable, with its place."""
        until = time.monotonic() + seconds
        for kind, edition in EDITIONS.items():
            if any(each.kind == kind and each.edition < edition for each in self.list_renewals()):
                self._store.write(lambda tx, kind=kind, edition=edition: rows.begin(tx, kind, edition))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        while waiting := [each for each in self.list_renewals() if not each.finished]:
            self._store.write(partial(_step, kind=waiting[0].kind))
            if time.monotonic() >= until:
                return True
            # Whoever waits to write comes first.
            time.sleep(_PAUSE)
        return False

    def list_renewals(self) -> list[Renewal]:
        """How far each kind has come."""
        with self._store.read() as reader:
            return rows.list_renewals(reader)

    def renewed(self) -> float:
        """The part of all that is done, from 0 to 1."""
        kinds = self.list_renewals()
        return min((_part(each) for each in kinds), default=1.0)


def _part(renewal: Renewal) -> float:
    first = rows.FIRST if renewal.upto == rows.LAST else 0
    return 1.0 if renewal.finished else (renewal.done - first) / (renewal.upto - first)


def _step(tx: Tx, kind: str) -> None:
    """One step; where it stands is read in the transaction, so that of several processes each does another."""
    renewal = next(each for each in rows.list_renewals(tx) if each.kind == kind)
    if renewal.finished:
        return
    if kind == "values":
        _weed(tx, renewal)
        return
    share = SEARCH_SHARE if kind == "search" else 1
    held = rows.list_next(tx, renewal, max(STEP // share, 1), STEP_BYTES // share)
    if kind == "findings":
        _judge(tx, held)
    elif kind == "placements":
        placed.renew(tx, list(readable(held)))
    elif kind == "observables":
        named = ((each.stands, each.version, each.id, observables_in(value)) for each, value in readable(held))
        observables.keep(tx, [each for each in named if each[3]], order_key, anew=True)
    else:
        indexing.renew(tx, sorted({each.version for each in held}))
    rows.advance(tx, kind, held[-1].id if held else renewal.upto)


def _judge(tx: Tx, held: list[rows.HeldRaw]) -> None:
    found: dict[int, tuple[Finding, ...]] = {each.id: findings_of(value, each.type) for each, value in readable(held)}
    rows.forget_findings(tx, found)
    findings.save(tx, found, PATTERN)


def _weed(tx: Tx, renewal: Renewal) -> None:
    """Take out those of the next values that their bodies do not name by these rules."""
    listed = rows.list_values(tx, STEP, STEP_BYTES)
    held = rows.list_held(tx, {each.body for each in listed})
    named = {each.id: (each.version, each.stands, set(observables_in(value))) for each, value in readable(held)}
    damaged = {each.id for each in held} - named.keys()

    def stands(each: rows.Value) -> bool:
        version, label_set, observables = named.get(each.body, (0, 0, frozenset[Observable]()))
        where = (each.version, each.label_set)
        return each.body in damaged or (where == (version, label_set) and each.observable in observables)

    rows.forget_occurrences(tx, [(each.id, each.label_set, each.body) for each in listed if not stands(each)])
    # The last value may go on in the next step.
    rows.forget_unnamed(tx, renewal.done, listed[-1].id - 1 if listed else rows.LAST)
    if listed:
        rows.advance(tx, "values", listed[-1].id, listed[-1].label_set, listed[-1].body)
    else:
        rows.advance(tx, "values", rows.LAST)


def readable(held: Iterable[rows.HeldRaw]) -> Iterator[tuple[rows.HeldRaw, dict[str, Any]]]:
    """Each with what it says; left out when its bytes are damaged, which the doctor tells."""
    for each in held:
        with suppress(Damaged):
            yield each, decode(each.raw)
