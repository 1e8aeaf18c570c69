"""After a restore: what was erased since the backup goes again, before the node serves anything."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kouprey.exchange.model.keeping import Erasure
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.erasures import LARGEST, read_erasures
from kouprey.federation.service import Erasures
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import wall_clock
from kouprey.node.assemble import GUARD, open_node, open_store
from kouprey.node.settings import read_settings

_FILE = "guard.db"


def replay_erasures(data: Path, party: str, source: Path | None) -> int | None:
    """Carry out in the restored node what `source` lists, and what its guard knows if that is a database of its own.

    How many lines that were; None when there was no list to ask.
    """
    if source is None and not read_settings(data).guard_database:
        return None
    before = _of_old_node(source) if source is not None and source.is_dir() else []
    node = open_node(data)
    try:
        exchange = node.services.get(Exchange)
        if source is not None and source.is_file():
            if source.stat().st_size > LARGEST:
                raise Damaged(f"{source} is no list of erasures.", "It is too large.", code="bad-erasures")
            before = read_erasures(source.read_bytes(), party, node.services.get(Keyring).node)
        exchange.take_over_erasures(before)
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
    store = open_store("", folder / _FILE, wall_clock)
    try:
        # A guard of an older version has no list yet.
        migrate(store, [KERNEL, GUARD])
        known = Erasures(store).list_since(0)
    finally:
        store.close()
    return [(number, msgspec.json.decode(record, type=Erasure)) for number, record in known]
