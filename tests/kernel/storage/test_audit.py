"""The audit trail: part of the deed, newest first, page by page."""

import pytest

from kouprey.kernel.storage.audit import append, list_actions, list_audit
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
