"""Backups of a node that is written to, and what is refused before anything is put in place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from kouprey.kernel.seal import box
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown
from kouprey.node.assemble import open_node
from kouprey.node.backup import make_backup, new_identity_file, read_identities, restore_backup
from kouprey.node.founding import found
from kouprey.people.service import People

IDENTITY = "identity--0f1e2d3c-0000-4000-8000-000000000001"
SECRET, RECIPIENT = box.new_identity()


@pytest.fixture
def node(tmp_path: Path) -> Path:
    folder = tmp_path / "node"
    found(folder, party="cert.example", name="CERT", settings={}, identity=IDENTITY, person="A")
    return folder


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_everything_but_the_guard_comes_back(node: Path, tmp_path: Path) -> None:
    (node / "server.log").write_text("a log")
    (node / "keys" / "node.key~").write_text("a copy of an editor")
    phases: list[str] = []
    report = make_backup(
        node, tmp_path / "b", [RECIPIENT], on_progress=lambda what, done, total: phases.append(what) or None
    )
    assert report.root_key and {"Copying", "Sealing"} <= set(phases)
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    restored = restore_backup(tmp_path / "b", tmp_path / "new", [SECRET])
    assert restored.party == "cert.example"
    keys = {f"keys/{name}.key" for name in ("root", "node", "receipt", "age", "cookie")}
    assert files(tmp_path / "new") - {"kouprey.db-wal", "kouprey.db-shm"} == {"kouprey.toml", "kouprey.db", *keys}
    for name in keys | {"kouprey.toml"}:
        assert (tmp_path / "new" / name).read_bytes() == (node / name).read_bytes()
        assert (tmp_path / "new" / name).stat().st_mode & 0o777 == 0o600
    again = open_node(tmp_path / "new")
    try:
        assert again.services.get(People).home().name == "CERT"
        with again.store.read() as reader:
            actions = [row[0] for row in reader.all("SELECT action FROM audit ORDER BY id")]
        assert actions[-1] == "node.restore"
    finally:
        again.close()


def test_a_copy_under_writes_is_one_moment(node: Path, tmp_path: Path) -> None:
    """Two tables are always written together; in the copy they agree."""
    store = open_sqlite(node / "kouprey.db")
    store.write(lambda tx: tx.script("CREATE TABLE left_side (n BIGINT); CREATE TABLE right_side (n BIGINT)"))
    stopping = threading.Event()

    def write() -> None:
        while not stopping.is_set():
            store.write(lambda tx: tx.script("INSERT INTO left_side VALUES (1); INSERT INTO right_side VALUES (1)"))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(3):
            make_backup(node, tmp_path / f"b{number}", [RECIPIENT])
    finally:
        stopping.set()
        thread.join()
        store.close()
    for number in range(3):
        restore_backup(tmp_path / f"b{number}", tmp_path / f"n{number}", [SECRET])
        copy = apsw.Connection(str(tmp_path / f"n{number}" / "kouprey.db"))
        left, right = copy.execute("SELECT (SELECT count(*) FROM left_side), (SELECT count(*) FROM right_side)").get
        assert left == right
        assert copy.pragma("integrity_check") == "ok"
        copy.close()


def spoil_byte(data: bytearray) -> None:
    data[len(data) // 2] ^= 1


def spoil_end(data: bytearray) -> None:
    del data[-20:]


def spoil_all(data: bytearray) -> None:
    data[:] = b"something else"


@pytest.mark.parametrize("spoil", [spoil_byte, spoil_end, spoil_all])
def test_a_spoilt_backup_puts_nothing_in_place(node: Path, tmp_path: Path, spoil: Callable[[bytearray], None]) -> None:
    make_backup(node, tmp_path / "b", [RECIPIENT])
    data = bytearray((tmp_path / "b").read_bytes())
    spoil(data)
    (tmp_path / "b").write_bytes(data)
    before = files(tmp_path)
    with pytest.raises(Damaged):
        restore_backup(tmp_path / "b", tmp_path / "new", [SECRET])
    assert not (tmp_path / "new").exists() and files(tmp_path) == before


def test_what_is_refused(node: Path, tmp_path: Path) -> None:
    make_backup(node, tmp_path / "b", [RECIPIENT])
    cases: list[tuple[str, Callable[[], object]]] = [
        ("cannot-open", lambda: restore_backup(tmp_path / "b", tmp_path / "new", [box.new_identity()[0]])),
        ("not-empty", lambda: restore_backup(tmp_path / "b", node, [SECRET])),
        ("file-exists", lambda: make_backup(node, tmp_path / "b", [RECIPIENT])),
        ("bad-recipient", lambda: make_backup(node, tmp_path / "c", [])),
        ("bad-recipient", lambda: make_backup(node, tmp_path / "c", ["age1nobody"])),
        ("no-node", lambda: make_backup(tmp_path, tmp_path / "c", [RECIPIENT])),
        ("disk", lambda: make_backup(node, tmp_path / "nowhere" / "c", [RECIPIENT])),
    ]
    for code, deed in cases:
        with pytest.raises(KoupreyError) as refused:
            deed()
        assert refused.value.code == code
    assert not list(node.glob(".backup-*")) and not (tmp_path / "c").exists()


def test_missing_keys_are_said_before_a_worthless_backup_is_made(node: Path, tmp_path: Path) -> None:
    (node / "keys" / "root.key").unlink()
    assert not make_backup(node, tmp_path / "b", [RECIPIENT]).root_key
    (node / "keys" / "node.key").unlink()
    with pytest.raises(Unknown, match=r"node\.key"):
        make_backup(node, tmp_path / "c", [RECIPIENT])


def test_identities(tmp_path: Path) -> None:
    recipient = new_identity_file(tmp_path / "identity")
    assert (tmp_path / "identity").stat().st_mode & 0o777 == 0o600
    (secret,) = read_identities(tmp_path / "identity")
    assert box.recipient_of(secret) == recipient
    with pytest.raises(Refused):
        new_identity_file(tmp_path / "identity")
    (tmp_path / "empty").write_text("# nothing\n")
    with pytest.raises(Damaged):
        read_identities(tmp_path / "empty")
    with pytest.raises(Unknown):
        read_identities(tmp_path / "missing")
