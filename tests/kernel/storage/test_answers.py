"""Answers kept under a key, on both engines."""

from __future__ import annotations

from kouprey.kernel.storage import answers
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.time import SECOND


def claim(store: Store, now: int, reader: str = "dara", digest: bytes = b"d") -> answers.Claimed | None:
    def work(tx: Tx) -> answers.Claimed | None:
        return answers.claim(tx, reader, "key", digest, now=now, until=now + 30 * SECOND)

    return store.write(work)


def test_a_name_is_taken_once_by_each_reader(store: Store) -> None:
    assert claim(store, 0) is None
    assert claim(store, 1, reader="sok") is None
    assert claim(store, 1) == answers.Claimed(b"d", 30 * SECOND, 0, "", None)
    store.write(lambda tx: answers.keep(tx, "dara", "key", status=201, media_type="text/plain", body=b"\x00done"))
    assert claim(store, 2, digest=b"e") == answers.Claimed(b"d", 30 * SECOND, 201, "text/plain", b"\x00done")


def test_what_was_not_done_gives_its_name_back_and_what_was_does_not(store: Store) -> None:
    claim(store, 0)
    store.write(lambda tx: answers.release(tx, "dara", "key"))
    assert claim(store, 1) is None
    store.write(lambda tx: answers.keep(tx, "dara", "key", status=204, media_type="", body=None))
    store.write(lambda tx: answers.release(tx, "dara", "key"))
    held = claim(store, 2)
    assert held is not None and held.status == 204 and held.body is None


def test_only_work_that_has_ended_is_taken_over_and_only_once(store: Store) -> None:
    claim(store, 0)

    def take(now: int) -> bool:
        return store.write(lambda tx: answers.take_over(tx, "dara", "key", now=now, until=now + 30 * SECOND))

    assert not take(29 * SECOND)
    assert take(30 * SECOND)
    assert not take(31 * SECOND)


def test_after_a_day_all_is_forgotten(store: Store) -> None:
    claim(store, 0)
    store.write(lambda tx: answers.keep(tx, "dara", "key", status=200, media_type="", body=b"x"))
    assert claim(store, answers.KEPT - 1) is not None
    assert claim(store, answers.KEPT) is None
