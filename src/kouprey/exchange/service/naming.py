"""Writing down, with each new body, the observables it names."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.exchange.model import Arrival
from kouprey.exchange.store import observables as rows
from kouprey.exchange.wire.observables import observables_in, order_key
from kouprey.kernel.storage.engine import Tx


def keep_observables(tx: Tx, fresh: Iterable[tuple[Arrival, int, int]]) -> None:
    """Write down what new bodies name: (arrival, version, body)."""
    named = ((version, body, observables_in(arrival.value)) for arrival, version, body in fresh)
    rows.keep(tx, [each for each in named if each[2]], order_key)
