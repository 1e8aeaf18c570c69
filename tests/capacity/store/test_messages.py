"""Messages on both engines: a version once, and only to who may see it."""

from __future__ import annotations

from typing import Any

from kouprey.capacity.model import Kept, Sort
from kouprey.capacity.store import messages as rows


def test_a_version_is_kept_once_and_erased_in_place(pair: tuple[Any, Any, str]) -> None:
    host, _, agreement = pair
    made = host.host(agreement)
    with host.store.read() as reader:
        kept = rows.list_of(reader, made.id, Sort.ACTIVITY)[0]
        assert rows.find_version(reader, kept) == kept
        assert rows.newest_version(reader, Sort.ACTIVITY, author=host.party, about=made.id) == 1
        assert rows.newest_version(reader, Sort.ACTIVITY, author="other.example", about=made.id) == 0
        assert rows.count_from(reader, host.party) == 1
        assert rows.list_seen(reader, (0, 1), Sort.ACTIVITY) == [], "an unknown reader sees nothing"
    assert host.store.write(lambda tx: rows.add(tx, kept)) is False
    came = Kept(
        **{name: getattr(kept, name) for name in Kept.__struct_fields__ if name not in ("origin", "version")},
        origin="lane",
        version=2,
    )
    assert host.store.write(lambda tx: rows.add(tx, came)) is True
    host.store.write(lambda tx: rows.erase(tx, came, b"gone"))
    with host.store.read() as reader:
        found = rows.list_in_entries(reader, "lane", [came.entry_index])
        assert [(each.body, each.erased) for each in found] == [(b"gone", True)]
        assert [each.version for each in rows.list_every(reader, Sort.ACTIVITY)] == [1, 2]
