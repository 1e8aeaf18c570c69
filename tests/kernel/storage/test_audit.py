"""The audit trail: part of the deed, newest first, page by page."""

from typing import Any

import pytest

from kouprey.kernel.storage.audit import AuditCheck, append, has_link, list_actions, list_audit, verify
from kouprey.kernel.storage.engine import Store, Tx


def _sign(tx: Tx, number: int) -> None:
    detail = {"version": number, "words": ["ខ្មែរ", None], "nested": {"a": 1.5}}
    append(
        tx, at=number * 10, actor="sokha", party="cert.example", action="sign", subject=f"agr_{number}", detail=detail
    )


def test_pages_newest_first_skip_and_repeat_nothing(store: Store) -> None:
    for number in range(25):
        store.write(lambda tx, number=number: _sign(tx, number))
    seen: list[str] = []
    before: int | None = None
    while True:
        with store.read() as reader:
            page = list_audit(reader, before, 10)
        if not page:
            break
        seen += [entry.subject for entry in page]
        before = page[-1].id
        store.write(lambda tx: _sign(tx, 99))  # what is added meanwhile disturbs no page
    assert seen == [f"agr_{number}" for number in reversed(range(25))]


def test_an_entry_comes_back_as_it_was_written(store: Store) -> None:
    store.write(lambda tx: _sign(tx, 7))
    with store.read() as reader:
        (entry,) = list_audit(reader)
    assert (entry.at, entry.actor, entry.party, entry.action) == (70, "sokha", "cert.example", "sign")
    assert entry.detail == {"version": 7, "words": ["ខ្មែរ", None], "nested": {"a": 1.5}}


def test_a_deed_undone_leaves_no_entry(store: Store) -> None:
    def work(tx: Tx) -> None:
        _sign(tx, 1)
        raise LookupError

    with pytest.raises(LookupError):
        store.write(work)
    with store.read() as reader:
        assert list_audit(reader) == []


def test_the_trail_is_narrowed_by_action_subject_and_actor(store: Store) -> None:
    def work(tx: Tx) -> None:
        for number in range(12):
            action, actor = ("sign", "suspend")[number % 2], ("dara", "sok", "node")[number % 3]
            append(tx, at=number, actor=actor, action=action, subject=f"agr_{number % 4}", detail={"number": number})

    store.write(work)
    with store.read() as reader:

        def numbers(**wanted: str) -> list[int]:
            return [entry.detail["number"] for entry in list_audit(reader, **wanted)]

        assert numbers(action="sign") == [10, 8, 6, 4, 2, 0]
        assert numbers(actor="sok") == [10, 7, 4, 1]
        assert numbers(subject="agr_1") == [9, 5, 1]
        assert numbers(action="suspend", actor="sok", subject="agr_3") == [7]
        assert numbers(action="sig") == []
        third = list_audit(reader, action="sign", limit=3)[-1].id
        assert [entry.detail["number"] for entry in list_audit(reader, third, action="sign")] == [4, 2, 0]
        assert list_actions(reader) == ["sign", "suspend"]


def test_an_empty_trail_has_no_actions(store: Store) -> None:
    with store.read() as reader:
        assert list_actions(reader) == []


def _filled(store: Store, count: int = 5) -> None:
    for number in range(count):
        store.write(lambda tx, number=number: _sign(tx, number))


def _check(store: Store) -> AuditCheck:
    with store.read() as reader:
        return verify(reader)


def test_a_trail_nobody_touched_is_whole(store: Store) -> None:
    assert _check(store) == AuditCheck(lines=0, earlier=0, head=b"", broken=0, whole=True)
    _filled(store, 2500)  # more than are read at once
    found = _check(store)
    assert found.whole and (found.lines, found.earlier, len(found.head)) == (2500, 0, 32)
    with store.read() as reader:
        assert has_link(reader, found.head) and not has_link(reader, bytes(32))


OLD_LINE = "INSERT INTO audit (at, actor, party, action, subject, detail) VALUES (1, 'a', '', 'b', 'c', '{}')"
"""As a version without a chain wrote it, or whoever can write to the database."""

TAMPERING = {
    "an actor": "UPDATE audit SET actor = 'nobody' WHERE id = 3",
    "a time": "UPDATE audit SET at = at + 1 WHERE id = 3",
    "a detail": "UPDATE audit SET detail = '{}' WHERE id = 3",
    "a party": "UPDATE audit SET party = 'x' WHERE id = 3",
    "a line removed": "DELETE FROM audit WHERE id = 3",
    "the first removed": "DELETE FROM audit WHERE id = 1",
    "the last removed": "DELETE FROM audit WHERE id = 5",
    "all removed": "DELETE FROM audit",
    "a line put in": OLD_LINE,
    "a line without its hash": "UPDATE audit SET chain = NULL WHERE id = 3",
    "the first without its hash": "UPDATE audit SET chain = NULL WHERE id = 1",
    "two changed for each other": "UPDATE audit SET id = 9 - id WHERE id IN (3); UPDATE audit SET id = 3 WHERE id = 4",
}


@pytest.mark.parametrize("what", TAMPERING)
def test_what_was_changed_removed_or_put_in_shows(store: Store, what: str) -> None:
    _filled(store)
    for statement in TAMPERING[what].split("; "):
        store.write(lambda tx, statement=statement: tx.execute(statement))
    assert not _check(store).whole


def test_lines_of_an_older_version_are_counted_apart(store: Store) -> None:
    store.write(lambda tx: tx.execute(OLD_LINE))
    _filled(store)
    found = _check(store)
    assert found.whole and (found.lines, found.earlier) == (5, 1)


def test_a_deed_undone_leaves_the_chain_whole(store: Store) -> None:
    _filled(store)

    def work(tx: Tx) -> None:
        _sign(tx, 1)
        raise LookupError

    with pytest.raises(LookupError):
        store.write(work)
    _filled(store)
    assert _check(store).whole and _check(store).lines == 10


def test_the_trail_is_narrowed_by_time_and_text(store: Store) -> None:
    _filled(store, 12)
    with store.read() as reader:

        def subjects(**wanted: Any) -> list[str]:
            return [entry.subject for entry in list_audit(reader, **wanted)]

        assert subjects(since=20, until=40) == ["agr_3", "agr_2"]
        assert subjects(text="_1") == ["agr_11", "agr_10", "agr_1"]
        assert subjects(text="r%1") == subjects(text="!") == []
