"""The sums in the database: added up, narrowed to what a reader may see, and bounded to the quarters asked for."""

from __future__ import annotations

from kouprey.kernel.storage import labels
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.performance import store
from kouprey.performance.model import Cell
from performance.conftest import Pair


def test_sums_add_up_and_are_narrowed(pair: Pair) -> None:
    side = pair.ours
    sets: dict[TLP, int] = {}

    def work(tx: store.Tx) -> None:
        for tlp in (TLP.GREEN, TLP.RED):
            label = labels.intern_label(tx, Label(owner=side.party, tlp=tlp))
            sets[tlp] = side.actor.agreements.label_set(tx, [label])
            key = store.TallyKey("agr", 8107, "objects", side.party, "", sets[tlp], 0)
            store.add_up(tx, {key: 2})
            store.add_up(tx, {key: 3})

    side.actor.store.write(work)

    def cells(clearance: TLP, first: int = 8100) -> list[Cell]:
        eyes = store.Eyes(side.actor.agreements.profile(side.reader(clearance)), wall_clock())
        with side.actor.store.read() as reader:
            return store.list_cells(reader, eyes, "agr", first, 8107)

    assert [each.n for each in cells(TLP.GREEN)] == [5] and [each.n for each in cells(TLP.RED)] == [10]
    assert cells(TLP.RED, 8108) == []
