"""Writing down, with each new body, where it places something among the ways of attack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kouprey.exchange.store import placements as rows
from kouprey.exchange.store.editions import HeldRaw
from kouprey.exchange.store.intake import Shelf
from kouprey.exchange.store.placements import New
from kouprey.exchange.wire.placements import placements_of
from kouprey.kernel.storage.engine import Tx


def keep_placements(tx: Tx, shelf: Shelf) -> None:
    """Write what the new bodies of a batch say, and count its objects anew; the batch is saved already."""
    rows.keep(
        tx,
        {version.object.id for version in shelf.changed},
        [New(body, version.id, extract.placements) for version, body, extract in shelf.fresh],
    )


def renew(tx: Tx, held: Sequence[tuple[HeldRaw, dict[str, Any]]]) -> None:
    """Derive the placements of held bodies again."""
    objects = rows.forget(tx, [each.id for each, _ in held])
    rows.keep(tx, objects, [New(each.id, each.version, placements_of(value)) for each, value in held])
