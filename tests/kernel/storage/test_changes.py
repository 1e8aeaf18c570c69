"""The sign that somebody wrote: the same on SQLite and on PostgreSQL, whichever process it was."""

from __future__ import annotations

from collections.abc import Callable

from kouprey.kernel.storage.engine import Store


def test_changes_tells_that_somebody_wrote_and_stands_still_while_nobody_does(
    things: Store, reopen: Callable[[], Store]
) -> None:
    other = reopen()
    seen = things.changes()
    with things.read() as reader:
        reader.all("SELECT id FROM thing")
    assert things.changes() == seen
    for store in (things, other, things):
        store.write(lambda tx: tx.execute("INSERT INTO thing (id, word) SELECT count(*), 'new' FROM thing"))
        assert things.changes() != seen
        seen = things.changes()
        assert things.changes() == seen
