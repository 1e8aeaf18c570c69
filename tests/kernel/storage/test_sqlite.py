"""What only the store on SQLite has: the file, its mode, its settings, and a disk that is full."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kouprey.kernel.storage import meta
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.errors import Unreachable


def test_settings_that_durability_rests_on(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "a.db")

    def settings(tx: Tx) -> list[object]:
        return [tx.value(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "page_size", "foreign_keys")]

    assert store.write(settings) == ["wal", 2, 4096, 1]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    store.close()


def test_a_full_disk_is_told_and_survived(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "a.db")
    migrate(store, [KERNEL])
    pages = store.write(lambda tx: tx.value("PRAGMA page_count"))
    store.write(lambda tx: tx.script(f"PRAGMA max_page_count = {pages + 2}"))
    with pytest.raises(Unreachable) as caught:
        store.write(lambda tx: meta.put(tx, "large", bytes(200_000)))
    assert caught.value.code == "database"
    store.write(lambda tx: meta.put(tx, "small", b"1"))
    store.close()
    again = open_sqlite(tmp_path / "a.db")
    with again.read() as reader:
        assert (meta.get(reader, "small"), meta.get(reader, "large")) == (b"1", None)
    again.close()


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all, " * 1000)
    for path in (tmp_path / "letter.txt", tmp_path / "nowhere" / "a.db"):
        with pytest.raises(Unreachable) as caught:
            open_sqlite(path)
        assert caught.value.remedy
    assert (tmp_path / "letter.txt").read_text().startswith("Dear all")


def test_processes_that_create_the_file_together_agree(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kouprey.kernel.storage.sqlite import open_sqlite;"
        "from kouprey.kernel.storage.migrate import KERNEL, migrate; store = open_sqlite(Path(sys.argv[1]));"
        "migrate(store, [KERNEL]); [store.write(lambda tx: tx.positions(1)) for _ in range(50)]; store.close()"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "a.db")]) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]


def test_a_thread_with_the_number_of_an_ended_writer_is_not_taken_for_it(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "a.db")
    number = store._writer._thread.ident  # type: ignore[attr-defined]  # what the test is about
    store.close()
    said: list[str] = []

    def ask() -> None:
        try:
            store.write(lambda tx: None)
        except Exception as error:
            said.append(type(error).__name__)

    for _ in range(200):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        if thread.ident == number:
            break
    assert set(said) == {"Unreachable"}
