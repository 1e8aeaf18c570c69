"""After a restore: what was erased since the backup goes again, before the node serves anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from kouprey.exchange.model.keeping import Erasure
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.erasures import LARGEST, read_erasures
from kouprey.federation.service import Erasures
from kouprey.kernel.seal import keyring
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import wall_clock
from kouprey.node.assemble import open_guard, open_node
from kouprey.node.settings import read_settings

_FILE = "guard.db"


def read_known(data: Path, party: str, source: Path | None) -> list[tuple[int, Erasure]] | None:
    """What `source` lists for the node whose keys are in `data`; None when nothing was named.

    `source` is a file of `kouprey erase --export`, signed by this node, or the folder of the old node.
    """
    if source is None:
        return None
    if source.is_dir():
        return _of_old_node(source)
    if source.stat().st_size > LARGEST:
        raise Damaged(f"{source} is no list of erasures.", "It is too large.", code="bad-erasures")
    return read_erasures(source.read_bytes(), party, keyring.load(data / "keys").node)


def replay_erasures(data: Path, known: Sequence[tuple[int, Erasure]] | None) -> int | None:
    """Carry out in the restored node what is known, and what its guard knows if that is a database of its own.

    How many lines that were; None when there was no list to ask.
    """
    if known is None and not read_settings(data).guard_database:
        return None
    node = open_node(data)
    try:
        exchange = node.services.get(Exchange)
        exchange.take_over_erasures(known or ())
        # Opening the node has carried out what its guard knew already, so everything is counted here.
        exchange.scrub()
        return len(exchange.list_erasures())
    finally:
        node.close()


def _of_old_node(folder: Path) -> list[tuple[int, Erasure]]:
    if not (folder / _FILE).exists():
        raise Unknown(
            f"There is no guard in {folder}.",
            "The list of erasures lies in guard.db of the old node.",
            "Name the folder of the old node, or a file of `kouprey erase --export`.",
            code="no-guard",
        )
    # One of an older version has no list until it is brought forward.
    guard = open_guard("", folder / _FILE, wall_clock)
    try:
        known = Erasures(guard).list_since(0)
    finally:
        guard.close()
    return [(number, msgspec.json.decode(record, type=Erasure)) for number, record in known]
