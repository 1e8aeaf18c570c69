"""What is written down of dossiers, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.errors import KoupreyError
from kouprey.proceedings import store as rows
from kouprey.proceedings.model import (
    Checkpoint,
    Disclosure,
    Dossier,
    Given,
    Grant,
    Hold,
    Item,
    Kind,
    Line,
    Member,
    Part,
    Purpose,
    ReaderKey,
    Release,
)
from kouprey.proceedings.store import custody
from migrated import lay

MIGRATIONS = [KERNEL, ("proceedings", "kouprey.proceedings.migrations")]
ITEM = Item(id="itm_1", dossier="dos_1", number=1, kind=Kind.THING, sha256="ab" * 32, size=9, at=5, by="psn_1")


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "postgres":
        made = open_postgres(request.getfixturevalue("fresh_postgres")())
    else:
        made = open_sqlite(lay(tmp_path / "kouprey.db", MIGRATIONS))
    migrate(made, MIGRATIONS)
    yield made
    made.close()


def put(store: Any, call: Any, *given: Any) -> Any:
    return store.write(lambda tx: call(tx, *given))


def test_keys_dossiers_and_members(store: Any) -> None:
    first = ReaderKey(key="age1a", person="psn_1", since=1)
    put(store, rows.add_key, first)
    put(store, rows.add_key, ReaderKey(key="age1b", person="psn_1", since=4, follows="age1a"))
    put(store, rows.add_key, ReaderKey(key="age1c", person="psn_2", since=2))
    ours, theirs = (
        Dossier(id="dos_1", name="a b c", by="psn_1", at=3),
        Dossier(id="dos_2", name="d e f", by="b.example", at=4, party="b.example", ref="dos_x"),
    )
    for each in (ours, theirs):
        put(store, rows.add_dossier, each)
    member = Member(dossier="dos_1", person="psn_1", part=Part.CUSTODIAN, at=3, by="psn_1", why="so")
    put(store, rows.add_member, member)
    with store.read() as reader:
        assert [each.key for each in rows.list_keys(reader, "psn_1")] == ["age1b", "age1a"]
        assert rows.find_key(reader, "age1a") == msgspec.structs.replace(first, until=4)
        assert rows.find_key(reader, "age1x") is None and len(rows.list_keys(reader)) == 3
        assert rows.find_dossier(reader, "dos_1") == ours and rows.find_dossier(reader, "dos_0") is None
        assert rows.find_by_ref(reader, "b.example", "dos_x") == theirs
        assert rows.find_by_ref(reader, "b.example", "dos_y") is None
        assert rows.list_dossiers(reader, "psn_1") == [ours] and rows.list_dossiers(reader, "psn_2") == []
        assert rows.list_ids(reader) == ["dos_1", "dos_2"] and rows.find_member(reader, "dos_1", "psn_1") == member
    with pytest.raises(KoupreyError):
        put(store, rows.add_dossier, msgspec.structs.replace(theirs, id="dos_3"))
    assert put(store, rows.end_member, "dos_1", "psn_1", 9, "psn_1", "left")
    assert not put(store, rows.end_member, "dos_1", "psn_1", 9, "psn_1", "left")
    with store.read() as reader:
        assert rows.find_member(reader, "dos_1", "psn_1") is None
        assert [(each.until, each.ended_why) for each in rows.list_members(reader, "dos_1")] == [(9, "left")]


def test_items_pieces_and_grants(store: Any) -> None:
    other = msgspec.structs.replace(ITEM, id="itm_2", number=2, party="b.example", ref="r", keep_until=7)
    put(store, rows.add_item, ITEM)
    put(store, rows.add_item, other, "origin", 4)
    for part, body in enumerate((b"one", b"two")):
        put(store, rows.add_piece, "itm_1", part, body)
    grant = Grant(item="itm_1", key="age1a", box=b"box", by="psn_1", at=5, person="psn_1")
    put(store, custody.put_grant, grant)
    put(store, custody.put_grant, msgspec.structs.replace(grant, box=b"anew"))
    changed = msgspec.structs.replace(ITEM, holder="psn_2", disclosure=Disclosure.WITHHELD, ground="g")
    put(store, rows.save_item, changed)
    with store.read() as reader:
        assert rows.list_items(reader, "dos_1") == [changed, other] and rows.find_item(reader, "itm_0") is None
        assert rows.list_overdue_items(reader, 7) == [other] and rows.list_overdue_items(reader, 6) == []
        assert rows.list_in_entries(reader, "origin", 4, 4) == [(4, other)]
        assert rows.list_in_entries(reader, "origin", 5, 9) == []
        assert rows.find_piece(reader, "itm_1", 1) == b"two" and rows.find_piece(reader, "itm_1", 2) is None
        assert [each.box for each in custody.list_grants(reader, ["itm_1", "itm_2"])] == [b"anew"]
        assert custody.list_grants(reader, []) == []
    put(store, rows.shred, "itm_1", 8)
    with store.read() as reader:
        assert rows.find_piece(reader, "itm_1", 0) is None
        assert [(each.box, each.ended_at) for each in custody.list_grants(reader, ["itm_1"])] == [(b"", 8)]


def test_releases_and_holds(store: Any) -> None:
    given = {"dossier": "dos_1", "item": "itm_1", "person": "psn_1", "key": "age1a", "purpose": Purpose.COURT}
    first, second = Release(id="rel_1", at=1, basis="Order", **given), Release(id="rel_2", at=2, basis="", **given)
    for each in (first, second):
        put(store, custody.add_release, each)
    with store.read() as reader:
        assert custody.list_releases(reader, "dos_1") == [first, second]
        assert custody.list_lacking(reader) == [second]
    assert put(store, custody.file_basis, "rel_2", "Order 2", 3, "psn_1")
    assert not put(store, custody.file_basis, "rel_1", "Order 2", 3, "psn_1")
    whole = Hold(id="hld_1", dossier="dos_1", item="", by="psn_1", at=1, why="w", scope="s", review=9)
    one = msgspec.structs.replace(whole, id="hld_2", item="itm_1", at=2)
    for hold in (whole, one):
        put(store, custody.add_hold, hold)
    with store.read() as reader:
        assert custody.list_lacking(reader) == []
        assert custody.list_holds(reader, "dos_1", covering="itm_1") == [whole, one]
        assert custody.list_holds(reader, "dos_1", covering="itm_2") == [whole]
    assert not put(store, custody.lift_hold, "dos_2", "hld_1", 4, "psn_1", "over")
    assert put(store, custody.lift_hold, "dos_1", "hld_1", 4, "psn_1", "over")
    with store.read() as reader:
        assert custody.list_holds(reader, "dos_1", covering="itm_2") == []
        assert [each.lifted_why for each in custody.list_holds(reader, "dos_1")] == ["over", ""]


def test_the_ledger_and_what_was_given(store: Any) -> None:
    lines = [
        Line(dossier="dos_1", position=n, act="open", item="", by="psn_1", at=n, raw=b"r%d" % n, leaf=b"l")
        for n in (0, 1)
    ]
    for line in lines:
        put(store, custody.add_line, line)
    with pytest.raises(KoupreyError):
        put(store, custody.add_line, lines[0])
    point = Checkpoint(dossier="dos_1", size=1, note=b"n")
    put(store, custody.put_checkpoint, point)
    assert put(store, custody.set_witness, "dos_1", 1, "b.example", b"line")
    put(store, custody.put_checkpoint, msgspec.structs.replace(point, note=b"anew"))
    assert not put(store, custody.set_witness, "dos_1", 1, "c.example", b"line")
    given = Given(dossier="dos_1", item="itm_1", party="b.example", agreement="agr", size=1, at=3)
    put(store, custody.put_given, given)
    put(store, custody.put_given, msgspec.structs.replace(given, size=2))
    assert put(store, custody.set_received, "itm_1", "b.example", 5)
    assert not put(store, custody.set_received, "itm_1", "b.example", 6)
    for size in (1, 2):
        put(store, custody.put_seen, "dos_2", size, b"n%d" % size)
    with store.read() as reader:
        assert custody.list_lines(reader, "dos_1") == lines and custody.count_lines(reader, "dos_1") == 2
        assert custody.count_lines(reader, "dos_2") == 0
        assert custody.has_line(reader, "dos_1", "open", 1) and not custody.has_line(reader, "dos_1", "open", 2)
        (held,) = custody.list_checkpoints(reader, "dos_1")
        assert (held.note, held.witness, held.line) == (b"anew", "b.example", b"line")
        assert custody.find_checkpoint(reader, "dos_1", 1) == held
        assert custody.find_checkpoint(reader, "dos_1", 2) is None
        (told,) = custody.list_given(reader, "dos_1")
        assert (told.size, told.received_at) == (2, 5)
        assert custody.find_seen(reader, "dos_2") == (2, b"n2") and custody.find_seen(reader, "dos_1") is None
