"""Writing down, with each new body, the observables it names, and under which label set they stand."""

from __future__ import annotations

from kouprey.exchange.store import observables as rows
from kouprey.exchange.store.intake import Shelf
from kouprey.exchange.wire.observables import observables_in, order_key
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.safejson import decode


def keep_observables(tx: Tx, shelf: Shelf) -> None:
    """Write down what new bodies name, and move what older ones name to where their version stands now."""
    rows.keep(
        tx,
        [
            (version.stands, version.id, body, extract.observables)
            for version, body, extract in shelf.fresh
            if extract.observables
        ],
        order_key,
    )
    moved = [version for version in shelf.changed if not version.fresh and version.stands != version.stood]
    for version in moved:
        for body in version.bodies[: version.was[1]]:
            rows.move(tx, version.stood, version.stands, body.id, observables_in(decode(shelf.raw(body))))
