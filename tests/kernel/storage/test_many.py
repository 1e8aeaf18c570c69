"""Many rows in one call: the same as one by one, on both engines, however the engine gets them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.tlp import TLP


def _ids(store: Store) -> list[int]:
    with store.read() as reader:
        return [row[0] for row in reader.all("SELECT id FROM thing ORDER BY id")]


_WORDS = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
_ROWS = st.lists(
    st.tuples(
        _WORDS,
        st.none() | st.binary(max_size=8),
        st.none() | st.booleans() | st.sampled_from(TLP) | st.integers(-(2**63), 2**63 - 1),
    ),
    max_size=60,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_ROWS)
@example([("\\N", b"\\N", None), ("\\", b"\\", 0), ("a\tb\r\n\\.", b"\x00\xff\n\t", True), ("", b"", -(2**63))] * 10)
def test_many_rows_are_stored_as_one_by_one(things: Store, rows: list[tuple[object, ...]]) -> None:
    sql = "INSERT INTO thing (id, word, body, rank) VALUES (?, ?, ?, ?)"
    numbered = [(number, *row) for number, row in enumerate(rows)]
    offset = 1000

    def work(tx: Tx) -> None:
        tx.execute("DELETE FROM thing")
        tx.many(sql, iter(numbered))
        for number, *row in numbered:
            tx.execute(sql, (number + offset, *row))

    things.write(work)
    with things.read() as reader:
        columns = "SELECT word, body, rank FROM thing WHERE id"
        together = reader.all(f"{columns} < ? ORDER BY id", (offset,))
        alone = reader.all(f"{columns} >= ? ORDER BY id", (offset,))
    assert together == alone and len(alone) == len(rows)
    assert [(word, body) for word, body, _ in alone] == [row[:2] for row in rows]


@pytest.mark.parametrize("count", [3, 100])
def test_many_rows_are_stored_whole_or_not_at_all(things: Store, count: int) -> None:
    sql = "INSERT INTO thing (id, word) VALUES (?, ?)"
    things.write(lambda tx: tx.execute("INSERT INTO thing (id) VALUES (?)", (count - 1,)))
    with pytest.raises(Refused) as caught:
        things.write(lambda tx: tx.many(sql, [(number, "x") for number in range(count)]))
    assert caught.value.code == "constraint"
    assert _ids(things) == [count - 1]

    def stumbles() -> Iterator[tuple[int, str]]:
        yield from ((number, "x") for number in range(1000, 1000 + count))
        raise LookupError("half way")

    with pytest.raises(LookupError, match="half way"):
        things.write(lambda tx: tx.many(sql, stumbles()))
    assert _ids(things) == [count - 1]
    more = " ON CONFLICT (id) DO UPDATE SET word = excluded.word"
    things.write(lambda tx: tx.many(sql + more, [(number, "y") for number in range(count)]))
    assert _ids(things) == list(range(count))


def test_rows_may_be_asked_for_while_they_are_stored(things: Store) -> None:
    things.write(lambda tx: tx.execute("INSERT INTO thing (id, word) VALUES (1, ?)", ("seed",)))

    def work(tx: Tx) -> None:
        rows = ((number, tx.value("SELECT word FROM thing WHERE id = ?", (1,))) for number in range(2, 42))
        tx.many("INSERT INTO thing (id, word) VALUES (?, ?)", rows)

    things.write(work)
    with things.read() as reader:
        assert reader.value("SELECT count(*) FROM thing WHERE word = ?", ("seed",)) == 41
