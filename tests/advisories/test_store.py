"""What is kept of statements, drafts and rumours, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from advisories.conftest import content
from kouprey.advisories import store as rows
from kouprey.advisories.model import Approval, Draft, DraftState, Rumour
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from migrated import lay

MIGRATIONS = [KERNEL, ("advisories", "kouprey.advisories.migrations")]


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "postgres":
        made: Store = open_postgres(request.getfixturevalue("fresh_postgres")(MIGRATIONS))
    else:
        made = open_sqlite(lay(tmp_path / "a.db", MIGRATIONS))
    migrate(made, MIGRATIONS)
    yield made
    made.close()


def kept(number: int, publisher: str = "a.example", **more: object) -> rows.Kept:
    made = rows.Kept(publisher, number, f"XX-A-2026-{number:04}", "ab" * 32, 5, b"{}", "key", b"s", 6, "", "", 0, False)
    return made._replace(**more)


def test_a_place_and_an_id_are_taken_once(store: Store) -> None:
    with store.read() as reader:
        before = rows.revision(reader)
    assert store.write(lambda tx: rows.add_statement(tx, kept(1)))
    assert not store.write(lambda tx: rows.add_statement(tx, kept(1, hash="cd" * 32)))
    assert not store.write(lambda tx: rows.add_statement(tx, kept(2, id="XX-A-2026-0001")))
    assert store.write(lambda tx: rows.add_statement(tx, kept(2)))
    assert store.write(lambda tx: rows.add_statement(tx, kept(1, "b.example")))
    with store.read() as reader:
        assert rows.revision(reader) == before + 3
        assert [each.number for each in rows.list_statements(reader, "a.example")] == [1, 2]
        assert len(rows.list_statements(reader)) == 3 and rows.count_statements(reader, "a.example") == 2
        assert rows.find_last(reader, "a.example") == kept(2) and rows.find_last(reader, "c.example") is None
        assert rows.find_number(reader, "a.example", 1) == kept(1) == rows.find_id(reader, "a.example", kept(1).id)
        assert rows.list_ids(reader, "b.example") == [kept(1).id]


def test_words_can_go_and_the_hash_stays(store: Store) -> None:
    store.write(lambda tx: rows.add_statement(tx, kept(1, origin="lane", entry_index=7, agreement="agr")))
    assert store.write(lambda tx: rows.erase_statements(tx, "lane", "b.example", [7])) == 0
    assert store.write(lambda tx: rows.erase_statements(tx, "lane", "a.example", [6, 7])) == 1
    with store.read() as reader:
        held = rows.find_number(reader, "a.example", 1)
    assert held is not None and held.erased and held.body == b"" and held.hash == "ab" * 32


def test_mirrors_and_what_was_sent(store: Store) -> None:
    for shown in (True, True, False):
        store.write(lambda tx, shown=shown: rows.set_mirror(tx, "b.example", shown, "psn", 1))
        with store.read() as reader:
            assert rows.list_mirrored(reader) == ({"b.example"} if shown else set())
    for _ in range(2):
        store.write(lambda tx: rows.add_sent(tx, "agr", 1, 9, 1))
    store.write(lambda tx: rows.add_sent(tx, "agr", 2, 10, 1))
    with store.read() as reader:
        assert rows.list_sent(reader) == {"agr": {1, 2}}


def test_approvals_are_of_one_revision_and_one_person_each(store: Store) -> None:
    draft = Draft(
        id="drf_1",
        content=content(),
        revision=1,
        state=DraftState.OPEN,
        statement="",
        made_by="p",
        made_at=1,
        changed_by="p",
        changed_at=1,
    )
    one = Approval(person="p", at=2)
    store.write(lambda tx: rows.save_draft(tx, draft))
    assert store.write(lambda tx: rows.add_approval(tx, draft, one))
    assert not store.write(lambda tx: rows.add_approval(tx, draft, msgspec.structs.replace(one, at=3)))
    with store.read() as reader:
        assert rows.find_draft(reader, "drf_1") == msgspec.structs.replace(draft, approvals=(one,))
        assert rows.find_draft(reader, "drf_2") is None
    again = msgspec.structs.replace(draft, revision=2, changed_by="q", changed_at=4)
    store.write(lambda tx: rows.save_draft(tx, again))
    with store.read() as reader:
        assert rows.list_drafts(reader, DraftState.OPEN, 10) == [again]
        assert rows.list_drafts(reader, DraftState.PUBLISHED, 10) == []


def test_a_rumour_leads_to_the_statement_that_answers_it(store: Store) -> None:
    first = Rumour(id="rum_1", text="a", url="", media="", heard_from="", came_at=3, taken_by="p")
    second = msgspec.structs.replace(first, id="rum_2", came_at=4)
    draft = Draft(
        id="drf_1",
        content=content(),
        revision=1,
        state=DraftState.PUBLISHED,
        statement=kept(1).id,
        made_by="p",
        made_at=1,
        changed_by="p",
        changed_at=1,
    )
    for each in (first, second):
        store.write(lambda tx, each=each: rows.add_rumour(tx, each))
    store.write(lambda tx: rows.save_draft(tx, draft))
    store.write(lambda tx: rows.add_statement(tx, kept(1)))
    with store.read() as reader:
        assert rows.list_answered(reader, 10) == [] and rows.list_rumours(reader, 10) == [second, first]
    for each in (first, second):
        answered = msgspec.structs.replace(each, draft="drf_1")
        store.write(lambda tx, answered=answered: rows.change_rumour(tx, answered))
    with store.read() as reader:
        assert rows.list_answered(reader, 10) == [(kept(1).id, 3, 5, 2)]
        assert [each.id for each in rows.list_of_draft(reader, "drf_1")] == ["rum_1", "rum_2"]
        held = rows.find_rumour(reader, "rum_1")
        assert held is not None and held.draft == "drf_1" and rows.find_rumour(reader, "rum_3") is None
