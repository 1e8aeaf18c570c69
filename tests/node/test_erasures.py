"""What was erased since a backup goes again when it is restored, by the old node's folder or by an exported list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.exchange.service import Exchange
from kouprey.kernel.cli.frame import run
from kouprey.kernel.seal import box
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.node.assemble import open_node
from kouprey.node.backup import make_backup, restore_backup
from kouprey.node.founding import found
from kouprey.node.main import kouprey, open_for

SECRET, RECIPIENT = box.new_identity()
STIX_ID = "tool--0f1e2d3c-0000-4000-8000-000000000002"
CANARY = b"canary-99"
OBJECT = {
    "type": "tool",
    "spec_version": "2.1",
    "id": STIX_ID,
    "created": "2026-11-22T09:00:00.000Z",
    "modified": "2026-11-22T09:00:00.000Z",
    "name": CANARY.decode(),
}


def command(folder: Path, *words: str) -> int:
    return run(kouprey(), [*words, "--json", "--data", str(folder)], opener=open_for)


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A node that was backed up to `b`, and then erased something, and held and erased something else."""
    folder, file = tmp_path / "node", tmp_path / "in.json"
    identity = "identity--0f1e2d3c-0000-4000-8000-000000000001"
    found(folder, party="cert.example", name="CERT", settings={}, identity=identity, person="A")
    file.write_bytes(msgspec.json.encode(OBJECT))
    assert command(folder, "import", str(file), "--tlp", "green") == 0
    make_backup(folder, tmp_path / "b", [RECIPIENT])
    return folder


def holds(folder: Path) -> bool:
    return any(CANARY in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_restore_carries_out_what_was_erased_since(node: Path, tmp_path: Path, capsys: Any) -> None:
    listed = tmp_path / "listed.json"
    assert command(node, "hold", "add", "--object", STIX_ID, "--because", "Case 9") == 0
    hold = msgspec.json.decode(capsys.readouterr().out.splitlines()[-1])["id"]
    assert command(node, "hold", "add", "--because", "Case 9") == 7
    assert command(node, "erase", STIX_ID, "--because", "Order 12", "--yes") == 6
    assert command(node, "hold", "list") == 0 and hold in capsys.readouterr().out
    assert command(node, "hold", "lift", hold) == 0
    assert command(node, "erase", STIX_ID, "--because", "Order 12") == 6, "nobody said yes"
    assert command(node, "erase", STIX_ID, "--because", "Order 12", "--yes") == 0
    assert command(node, "show", STIX_ID) == 4 and "Order 12" in capsys.readouterr().err
    assert command(node, "erase", "--export", str(listed)) == 0 and b"Order 12" not in listed.read_bytes()
    assert command(node, "erase", "--export", str(listed)) == 6, "it exists"
    assert not holds(node)
    restored = restore_backup(tmp_path / "b", tmp_path / "none", [SECRET])
    assert restored.erasures is None and holds(tmp_path / "none")
    for name, source in (("folder", node), ("file", listed)):
        restored = restore_backup(tmp_path / "b", tmp_path / name, [SECRET], erasures=source)
        assert restored.erasures == 1 and not holds(tmp_path / name)
        opened = open_node(tmp_path / name)
        try:
            assert len(opened.services.get(Exchange).list_erasures()) == 1, "and the next restore knows it too"
        finally:
            opened.close()
    assert command(node, "erase", STIX_ID, "--lift") == 0 and command(node, "erase") == 7


def test_what_is_no_list_puts_nothing_in_place(node: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_bytes(b"{}")
    with pytest.raises(Damaged):
        restore_backup(tmp_path / "b", tmp_path / "new", [SECRET], erasures=other)
    with pytest.raises(Unknown):
        restore_backup(tmp_path / "b", tmp_path / "new", [SECRET], erasures=tmp_path / "node" / "keys")
    assert not (tmp_path / "new").exists()
