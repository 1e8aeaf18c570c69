"""What only the store on PostgreSQL has: translated placeholders, connections that break, languages that sort."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.postgres import _copy_for, open_postgres, translate
from kouprey.kernel.words.errors import Refused, Unreachable

Fresh = Callable[[], str]

_QUIET = ["'it''s ? %'", '"a ? %"', "-- ? %'\n", "/* ? ' */", "''", '"%s"']
_LOUD = ["?", "%", " = ", "x", "(", "\n", "-", "/", "*", "កោ"]


@given(st.lists(st.tuples(st.sampled_from(_QUIET + _LOUD), st.sampled_from([" ", "\n", ", "])), max_size=12))
def test_only_question_marks_of_the_statement_become_placeholders(pieces: list[tuple[str, str]]) -> None:
    sql = "".join(piece + gap for piece, gap in pieces)
    expected = "".join(("%s" if piece == "?" else piece.replace("%", "%%")) + gap for piece, gap in pieces)
    assert translate(sql).decode() == expected


@given(st.text(alphabet="?%'\"-/*\n a"))
def test_any_text_is_translated_without_loss(sql: str) -> None:
    read = translate(sql).decode().replace("%%", "\0").replace("%s", "?").replace("\0", "%")
    assert read == sql


@pytest.mark.parametrize(
    ("sql", "copy"),
    [
        ("INSERT INTO t (a) VALUES (?)", b"COPY t (a) FROM STDIN"),
        ("INSERT INTO t (a, b_2) VALUES (?, ?)", b"COPY t (a, b_2) FROM STDIN"),
        ("INSERT INTO t (a, b) VALUES (?, 1)", None),
        ("INSERT INTO t (a, b) VALUES (?)", None),
        ("INSERT INTO t (a) VALUES (?, ?)", None),
        ("INSERT INTO t (a) VALUES (?) ON CONFLICT DO NOTHING", None),
        ("INSERT INTO t (a) VALUES (?) RETURNING a", None),
        ("INSERT INTO t VALUES (?)", None),
        ("UPDATE t SET a = ? WHERE b = ?", None),
        ("INSERT INTO t (a) VALUES (?); DROP TABLE t", None),
    ],
)
def test_only_a_plain_insert_is_copied(sql: str, copy: bytes | None) -> None:
    assert _copy_for(sql) == copy


def test_a_database_that_has_gone_is_told_to_readers(postgres_dsn: str, fresh_postgres: Fresh) -> None:
    import psycopg

    dsn = fresh_postgres()
    name = dsn.rpartition("dbname=")[2]
    store = open_postgres(dsn)
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        connection.execute(f"ALTER DATABASE {name} RENAME TO {name}_away")
        try:
            with pytest.raises(Unreachable) as caught, store.read() as reader:
                reader.value("SELECT 1")
        finally:
            connection.execute(f"ALTER DATABASE {name}_away RENAME TO {name}")
    assert caught.value.code == "database" and caught.value.remedy
    with store.read() as reader:
        assert reader.value("SELECT 1") == 1
    store.close()


def test_what_the_operator_has_set_stays(postgres_dsn: str, fresh_postgres: Fresh) -> None:
    import psycopg

    dsn = fresh_postgres()
    name = dsn.rpartition("dbname=")[2]
    asked = "SELECT current_setting('jit'), current_setting('random_page_cost')"
    store = open_postgres(dsn)
    with store.read() as reader:
        assert reader.one(asked) == ("off", "1.1")
    store.close()
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET random_page_cost = 3")
    store = open_postgres(dsn)
    with store.read() as reader:
        assert reader.one(asked) == ("off", "3")
    store.close()


def test_broken_connections_are_replaced(fresh_postgres: Fresh) -> None:
    import psycopg

    dsn = fresh_postgres()
    store = open_postgres(dsn)
    migrate(store, [KERNEL])

    def cut_all() -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    for _ in range(2):
        cut_all()
        assert store.write(lambda tx: tx.positions(1)) > 0
        cut_all()
        with store.read() as reader:
            assert reader.value("SELECT last FROM position_clock") > 0

    def cut_inside(tx: Tx) -> None:
        tx.execute("UPDATE position_clock SET last = ?", (0,))
        cut_all()
        tx.positions(1)

    with pytest.raises(Unreachable) as caught:
        store.write(cut_inside)
    assert caught.value.remedy
    assert store.write(lambda tx: tx.positions(1)) > 1
    store.close()


def test_a_work_is_run_again_after_a_deadlock(fresh_postgres: Fresh) -> None:
    import psycopg

    store = open_postgres(fresh_postgres())
    runs: list[int] = []

    def work(tx: Tx) -> int:
        runs.append(1)
        tx.after_commit(lambda: runs.append(100))
        if len(runs) < 3:
            raise psycopg.errors.DeadlockDetected("as the server says it")
        return 5

    assert store.write(work) == 5
    assert runs == [1, 1, 1, 100]
    store.close()


def test_a_database_that_sorts_by_language_is_refused(postgres_dsn: str) -> None:
    import psycopg

    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS by_language")
        try:
            connection.execute("CREATE DATABASE by_language TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'")
        except psycopg.Error as error:
            pytest.skip(f"this PostgreSQL has no ICU: {error}")
        with pytest.raises(Refused) as caught:
            open_postgres(postgres_dsn.replace("dbname=postgres", "dbname=by_language"))
        connection.execute("DROP DATABASE by_language WITH (FORCE)")
    assert caught.value.code == "collation"


def test_a_server_that_is_not_there_is_told() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(Unreachable) as caught:
        open_postgres("host=/nonexistent dbname=nothing")
    assert caught.value.remedy


def test_a_missing_psycopg_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Refused) as caught:
        open_postgres("host=/nonexistent")
    assert "kouprey[postgres]" in caught.value.remedy
