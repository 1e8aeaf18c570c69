"""Until when things hold: written down with each new body, read as what ends soon."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.exchange.model import Extract
from kouprey.exchange.store import weighing as rows
from kouprey.exchange.store.intake import HeldVersion
from kouprey.kernel.storage.engine import Tx


def keep_ends(tx: Tx, fresh: Iterable[tuple[HeldVersion, int, Extract]]) -> None:
    """Write down until when new bodies say that they hold: (version, body, extract)."""
    if ends := [(body, version.id, extract.ends) for version, body, extract in fresh if extract.ends]:
        rows.keep_ends(tx, ends)
