"""The audit trail: part of the deed, newest first, page by page."""

import pytest

from kouprey.kernel.storage.audit import append, list_audit
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
