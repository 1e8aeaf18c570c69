"""The contract of every store: the same tests on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.kernel.storage.engine import Reader, Store, Tx, any_of
from kouprey.kernel.words.errors import Refused, Unreachable
from kouprey.kernel.words.tlp import TLP

Reopen = Callable[..., Store]


def _put(number: int, word: str = "") -> Callable[[Tx], int]:
    return lambda tx: tx.execute("INSERT INTO thing (id, word) VALUES (?, ?)", (number, word))


def _ids(store: Store) -> list[int]:
    with store.read() as reader:
        return [row[0] for row in reader.all("SELECT id FROM thing ORDER BY id")]


def test_values_come_back_as_they_were(things: Store) -> None:
    words = "កម្ពុជា ? % %s 'q' \"d\""
    row = (2**62, words, bytes(range(256)), -1)
    things.write(lambda tx: tx.execute("INSERT INTO thing (id, word, body, rank) VALUES (?, ?, ?, ?)", row))
    with things.read() as reader:
        read = reader.one("SELECT id, word, body, rank FROM thing WHERE word = ?", (words,))
        assert read == row
        assert [type(value) for value in read or ()] == [int, str, bytes, int]
        assert reader.one("SELECT id FROM thing WHERE id = ?", (1,)) is None
        assert reader.value("SELECT id FROM thing WHERE id = ?", (1,)) is None
        assert reader.value("SELECT word FROM thing WHERE rank = ?", (-1,)) == words


def test_works_that_wait_are_counted(things: Store) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold(tx: Tx) -> None:
        begun.set()
        go_on.wait(20)

    with ThreadPoolExecutor(4) as threads:
        works = [threads.submit(things.write, hold)]
        begun.wait(20)
        works += [threads.submit(things.write, _put(number)) for number in range(3)]
        while things.queued() < 3:
            time.sleep(0.001)
        go_on.set()
        for work in works:
            work.result(20)
    assert things.queued() == 0


def test_truth_enumerations_and_nothing_are_stored_alike(things: Store) -> None:
    for number, value in enumerate([True, False, TLP.RED, None]):
        things.write(
            lambda tx, number=number, value=value: tx.execute(
                "INSERT INTO thing (id, rank) VALUES (?, ?)", (number, value)
            )
        )
    with things.read() as reader:
        assert reader.all("SELECT rank FROM thing ORDER BY id") == [(1,), (0,), (4,), (None,)]
        total = reader.value("SELECT sum(rank) FROM thing")
        assert (total, type(total)) == (5, int)


def test_question_marks_and_percent_signs_in_the_text_of_a_statement(things: Store) -> None:
    things.write(_put(1, "50% sure?"))
    with things.read() as reader:
        sql = "SELECT id, '?', '100%', 'it''s ?' /* ? % */ FROM thing WHERE word = '50% sure?' AND id = ? -- really?\n"
        assert reader.all(sql, (1,)) == [(1, "?", "100%", "it's ?")]
        assert reader.all("SELECT word AS \"a ? %\" FROM thing WHERE word LIKE ? ESCAPE '!'", ("50!%%",)) == [
            ("50% sure?",)
        ]


def test_like_minds_the_case_and_texts_sort_by_code_point(things: Store) -> None:
    words = ["Zebra", "apple", "Äpfel", "a-b", "aa", "កោ", "\U0001f402"]
    things.write(lambda tx: tx.many("INSERT INTO thing (id, word) VALUES (?, ?)", list(enumerate(words))))
    with things.read() as reader:
        assert [row[0] for row in reader.all("SELECT word FROM thing ORDER BY word")] == sorted(words)
        assert reader.all("SELECT word FROM thing WHERE word LIKE ? ESCAPE '!'", ("A%",)) == []


def test_statements_say_what_they_changed(things: Store) -> None:
    def work(tx: Tx) -> list[object]:
        tx.many("INSERT INTO thing (id, word) VALUES (?, ?)", ((number, "x") for number in range(5)))
        said: list[object] = [tx.execute("UPDATE thing SET word = ? WHERE id >= ?", ("y", 3))]
        said.append(tx.execute("INSERT INTO thing (id) VALUES (?) ON CONFLICT (id) DO NOTHING", (1,)))
        said.append(tx.execute("DELETE FROM thing WHERE id = ?", (77,)))
        said.append(tx.value("INSERT INTO thing (id) VALUES (?) RETURNING id", (9,)))
        said.append(tx.all("DELETE FROM thing WHERE word = ? RETURNING id", ("y",)))
        said.append(tx.execute("INSERT INTO thing (id) VALUES (?) ON CONFLICT DO NOTHING RETURNING id", (9,)))
        return said

    said = things.write(work)
    assert said[:4] == [2, 0, 0, 9]
    assert sorted(said[4]) == [(3,), (4,)]
    assert said[5] == 0
    assert _ids(things) == [0, 1, 2, 9]


def test_many_with_no_rows_does_nothing(things: Store) -> None:
    things.write(lambda tx: tx.many("INSERT INTO thing (id) VALUES (?)", []))
    assert _ids(things) == []


def test_a_failing_work_is_undone_whole_and_alone(things: Store) -> None:
    def fails(tx: Tx) -> None:
        _put(1)(tx)
        tx.after_commit(lambda: seen.append("never"))
        raise LookupError("no such agreement")

    seen: list[str] = []
    with ThreadPoolExecutor(8) as threads:
        good = [threads.submit(things.write, _put(number)) for number in range(10, 30)]
        bad = [threads.submit(things.write, fails) for _ in range(5)]
        more = [threads.submit(things.write, _put(number)) for number in range(30, 50)]
    assert [work.result() for work in good + more] == [1] * 40
    for work in bad:
        with pytest.raises(LookupError, match="no such agreement"):
            work.result()
    assert _ids(things) == list(range(10, 50))
    assert seen == []


def test_a_broken_constraint_is_told_alike(things: Store) -> None:
    things.write(_put(1))
    with pytest.raises(Refused) as caught:
        things.write(_put(1))
    assert caught.value.code == "constraint"
    assert _ids(things) == [1]


def test_foreign_keys_hold(things: Store) -> None:
    things.write(lambda tx: tx.script("CREATE TABLE part (thing BIGINT NOT NULL REFERENCES thing (id))"))
    with pytest.raises(Refused):
        things.write(lambda tx: tx.execute("INSERT INTO part (thing) VALUES (?)", (5,)))


def test_a_failed_commit_fails_its_works_and_only_them(things: Store) -> None:
    things.write(
        lambda tx: tx.script("CREATE TABLE late (thing BIGINT REFERENCES thing (id) DEFERRABLE INITIALLY DEFERRED)")
    )
    calls: list[int] = []
    started, go_on = threading.Event(), threading.Event()

    def orphan(tx: Tx) -> None:
        started.set()
        go_on.wait(5)
        tx.after_commit(lambda: calls.append(1))
        tx.execute("INSERT INTO late (thing) VALUES (?)", (404,))

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(things.write, orphan)
        started.wait(5)
        second = threads.submit(things.write, _put(1))
        time.sleep(0.02)
        go_on.set()
        for work in (first, second):
            with pytest.raises(Refused) as caught:
                work.result()
            assert caught.value.code == "constraint"
    assert (_ids(things), calls) == ([], [])
    assert things.write(_put(2)) == 1


def test_a_snapshot_does_not_move(things: Store) -> None:
    things.write(_put(1))
    with things.read() as reader:
        assert reader.value("SELECT count(*) FROM thing") == 1
        things.write(_put(2))
        assert reader.value("SELECT count(*) FROM thing") == 1
        with things.read() as fresh:
            assert fresh.value("SELECT count(*) FROM thing") == 2
    assert _ids(things) == [1, 2]


def test_readers_cannot_write(things: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only|cannot execute INSERT"), things.read() as reader:
        reader.all("INSERT INTO thing (id) VALUES (?) RETURNING id", (1,))
    assert _ids(things) == []


def test_a_failed_query_leaves_the_pool_sound(things: Store) -> None:
    for _ in range(40):
        with pytest.raises(Exception, match="nowhere"), things.read() as reader:
            reader.all("SELECT * FROM nowhere")
    assert _ids(things) == []


def test_many_readers_share_a_capped_pool(things: Store) -> None:
    things.write(_put(1))

    def look(_: int) -> int:
        with things.read() as outer:
            first = outer.value("SELECT count(*) FROM thing")
            time.sleep(0.002)
            with things.read() as inner:
                return int(first + inner.value("SELECT count(*) FROM thing"))

    with ThreadPoolExecutor(40) as threads:
        assert list(threads.map(look, range(400))) == [2] * 400


def test_nested_use_is_refused_at_once(things: Store) -> None:
    for verb in (lambda: things.write(_put(1)), lambda: things.read().__enter__(), things.close):
        with pytest.raises(RuntimeError, match="inside a work"):
            things.write(lambda tx, verb=verb: verb())
    assert things.write(_put(2)) == 1


def test_what_has_ended_cannot_be_used(things: Store) -> None:
    kept: list[Reader] = []
    things.write(kept.append)
    with things.read() as reader:
        kept.append(reader)
    for ended in kept:
        with pytest.raises(RuntimeError, match="has ended"):
            ended.all("SELECT 1")


def test_after_commit_runs_once_durable_and_cannot_break_the_writer(things: Store, reopen: Reopen) -> None:
    other = reopen()
    seen: list[list[int]] = []

    def work(tx: Tx) -> None:
        _put(1)(tx)
        tx.after_commit(lambda: seen.append(_ids(other)))
        tx.after_commit(lambda: 1 // 0)
        tx.after_commit(lambda: things.write(_put(3)) and None)
        tx.after_commit(lambda: seen.append([]))

    things.write(work)
    assert seen == [[1], []]
    assert things.write(_put(2)) == 1
    assert _ids(things) == [1, 2]


def test_a_closed_store_says_so(things: Store) -> None:
    things.close()
    things.close()
    with pytest.raises(Unreachable) as caught:
        things.write(_put(1))
    assert caught.value.code == "closed"
    with pytest.raises(Unreachable), things.read():
        pass


def test_close_finishes_what_was_accepted(things: Store, reopen: Reopen) -> None:
    with ThreadPoolExecutor(8) as threads:
        pending = [threads.submit(things.write, _put(number)) for number in range(50)]
        time.sleep(0.005)
        things.close()
        kept = [number for number, work in enumerate(pending) if work.exception() is None]
    assert _ids(reopen()) == kept


def test_two_processes_write_in_turn(things: Store, reopen: Reopen) -> None:
    """Counting up by read and write loses nothing although two stores do it from eight threads."""
    other = reopen()
    things.write(lambda tx: tx.execute("INSERT INTO thing (id, rank) VALUES (?, ?)", (1, 0)))

    def count_up(tx: Tx) -> None:
        rank = tx.value("SELECT rank FROM thing WHERE id = ?", (1,))
        tx.execute("UPDATE thing SET rank = ? WHERE id = ?", (rank + 1, 1))

    with ThreadPoolExecutor(8) as threads:
        for work in [threads.submit((things, other)[number % 2].write, count_up) for number in range(200)]:
            work.result()
    with things.read() as reader:
        assert reader.value("SELECT rank FROM thing") == 200


def test_a_waiting_process_gets_its_turn_beside_a_busy_one(things: Store, reopen: Reopen) -> None:
    other = reopen()
    stop = threading.Event()

    def hammer() -> None:
        while not stop.is_set():
            things.write(lambda tx: tx.execute("UPDATE thing SET rank = ?", (1,)))

    with ThreadPoolExecutor(8) as threads:
        for _ in range(8):
            threads.submit(hammer)
        waits = []
        for number in range(10):
            begun = time.monotonic()
            other.write(_put(number))
            waits.append(time.monotonic() - begun)
        stop.set()
    assert max(waits) < 5


def test_positions_follow_the_clock_and_never_go_back(reopen: Reopen, store: Store) -> None:
    now = [1_000_000]
    ticking = reopen(clock=lambda: now[0])
    assert ticking.write(lambda tx: (tx.positions(3), tx.positions(1))) == (1_000_000, 1_000_003)
    now[0] = 2_000_000
    assert ticking.write(lambda tx: tx.positions(2)) == 2_000_000
    now[0] = 5
    assert ticking.write(lambda tx: tx.positions(1)) == 2_000_002
    with pytest.raises(ValueError, match="0 positions"):
        ticking.write(lambda tx: tx.positions(0))
    assert reopen(clock=lambda: 7).write(lambda tx: tx.positions(1)) == 2_000_003


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 50), st.booleans()), max_size=12))
def test_positions_are_the_rule(reopen: Reopen, store: Store, steps: list[tuple[int, int, bool]]) -> None:
    """Against the rule written down: first = max(last + 1, now), and a work that fails reserves nothing."""
    now = [0]
    ticking = reopen(clock=lambda: now[0])
    last = ticking.write(lambda tx: tx.positions(1))

    def reserve(tx: Tx) -> int:
        first = tx.positions(count)
        if fails:
            raise LookupError
        return first

    for ahead, count, fails in steps:
        now[0] = last - 5_000 + ahead
        if fails:
            with pytest.raises(LookupError):
                ticking.write(reserve)
            continue
        first = ticking.write(reserve)
        assert first == max(last + 1, now[0])
        last = first + count - 1
    ticking.close()


def test_positions_become_visible_in_their_order(things: Store, reopen: Reopen) -> None:
    """Somebody who polls for what lies beyond the last position seen never misses one."""
    other = reopen()
    stop = threading.Event()
    given_out: list[int] = []

    def append(number: int) -> None:
        def work(tx: Tx) -> int:
            first = tx.positions(2)
            tx.many("INSERT INTO thing (id) VALUES (?)", [(first,), (first + 1,)])
            return first

        first = (things, other)[number % 2].write(work)
        given_out.extend((first, first + 1))

    def poll() -> list[int]:
        seen: list[int] = []
        while True:
            last_look = stop.is_set()
            with things.read() as reader:
                beyond = seen[-1] if seen else 0
                seen += [row[0] for row in reader.all("SELECT id FROM thing WHERE id > ? ORDER BY id", (beyond,))]
            if last_look:
                return seen

    with ThreadPoolExecutor(5) as threads:
        poller = threads.submit(poll)
        for work in [threads.submit(append, number) for number in range(200)]:
            work.result()
        stop.set()
        assert poller.result() == sorted(given_out)
    assert len(set(given_out)) == 400


def test_any_of_finds_numbers_texts_and_bytes(things: Store) -> None:
    rows = [(number, f"wört {number}'?", number.to_bytes(4, "big"), number) for number in range(300)]
    things.write(lambda tx: tx.many("INSERT INTO thing (id, word, body, rank) VALUES (?, ?, ?, ?)", rows))
    wanted = [3, 44, 299, 2**60, -1]
    with things.read() as reader:
        for column, values in [
            ("id", wanted),
            ("word", [f"wört {number}'?" for number in wanted]),
            ("body", [abs(number).to_bytes(8, "big")[4:] for number in wanted[:3]] + [b"", b"\xff"]),
        ]:
            condition, params = any_of(reader, column, values)
            found = reader.all(f"SELECT id FROM thing WHERE {condition} AND rank >= ? ORDER BY id", (*params, 0))
            assert found == [(3,), (44,), (299,)], column
        condition, params = any_of(reader, "id", range(100_000))
        assert reader.value(f"SELECT count(*) FROM thing WHERE {condition}", params) == 300
        for nothing in ("id", "word", "body"):
            condition, params = any_of(reader, nothing, [])
            assert reader.all(f"SELECT id FROM thing WHERE {condition}", params) == []
