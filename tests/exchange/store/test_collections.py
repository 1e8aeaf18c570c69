"""Moving: the oldest first, in steps, and never what is above already."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.store import collections as rows
from kouprey.kernel.words.tlp import TLP


def test_versions_of_these_label_sets_below_a_position_in_their_order(ministry: Any, stix: Any) -> None:
    green = ministry.keep(*(stix.make(f"g{n}") for n in range(5)), tlp=TLP.GREEN)
    red = ministry.keep(stix.make("r"), tlp=TLP.RED)
    with ministry.store.read() as reader:
        sets = dict(reader.all("SELECT id, label_set_id FROM version"))
        wanted = [sets[green[0].version_id]]
        found = rows.list_to_move(reader, wanted, green[3].position, 2)
        assert found == [green[0].version_id, green[1].version_id]
        assert len(rows.list_to_move(reader, wanted, green[3].position, 9)) == 3
        assert len(rows.list_to_move(reader, list(set(sets.values())), red[0].position + 1, 9)) == 6
        assert rows.list_to_move(reader, [], red[0].position, 9) == []


def test_a_move_takes_version_and_memberships_along(ministry: Any, stix: Any) -> None:
    ministry.exchange.create_collection("feed", by="test")
    outcomes = ministry.keep(stix.make("a"), stix.make("b"), into=["feed"])
    ministry.store.write(lambda tx: rows.move(tx, [outcomes[1].version_id, outcomes[0].version_id]))
    for collection in ("main", "feed"):
        page = ministry.exchange.page(ministry.reader(), collection)
        assert [row.raw for row in page.rows] == [stix.make("b"), stix.make("a")]
        assert page.rows[0].position > outcomes[1].position
