"""Commands on people's own machines: a key, sealing, opening, and sealing to somebody more; no node is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.kernel.seal import box
from kouprey.node.main import kouprey
from kouprey.proceedings.wire import read_grants, read_sealed

NODE, THROUGH = box.new_identity()


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Any:
    def command(*words: object, code: int = 0) -> Any:
        capsys.readouterr()
        done = run(kouprey(), ["dossier", *map(str, words), "--json"])
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else json.loads(out.err)

    return command


def released_of(sealed: Path, folder: Path, number: int = 0) -> tuple[Path, Path]:
    """What a node gives of a sealed file: its body, and the key of a reader without the node's seal."""
    with sealed.open("rb") as source:
        file = read_sealed(source)
    body, released = folder / "body.age", folder / f"released-{number}.age"
    body.write_bytes(sealed.read_bytes()[file.start :])
    released.write_bytes(box.open_box(file.grants[number].box, [NODE]))
    return body, released


def test_sealed_opened_and_sealed_to_somebody_more(call: Any, tmp_path: Path) -> None:
    mine, theirs, plain = tmp_path / "me.key", tmp_path / "chan.key", tmp_path / "calls of November.csv"
    plain.write_bytes(b"who called whom" * 1_000)
    key, other = call("key", "-o", mine), call("key", "-o", theirs)
    assert mine.stat().st_mode & 0o777 == 0o600 and len(key["words"].split()) == 6
    assert call("key", "-o", mine, code=6)["code"] == "file-exists"
    sealed = tmp_path / "calls.sealed"
    words = ("--reader", f"Bopha={key['key']}", "--through", THROUGH, "-o", sealed)
    made = call("seal", plain, *words)
    assert b"called" not in sealed.read_bytes() and len(made["sha256"]) == 64
    assert call("seal", plain, *words, code=6)["code"] == "file-exists"
    body, released = released_of(sealed, tmp_path)
    out = tmp_path / "out"
    out.mkdir()
    opened = call("open", body, released, "--key", mine, "--into", out)
    assert Path(opened["file"]) == out / plain.name and Path(opened["file"]).read_bytes() == plain.read_bytes()
    assert call("open", body, released, "--key", mine, "--into", out, code=6)["code"] == "file-exists"
    assert call("open", body, released, "--key", theirs, "--into", out, code=7)["code"] == "cannot-open"
    assert call("open", body, released, "--key", plain, "--into", out, code=6)["code"] == "bad-key"
    assert [path.name for path in out.iterdir()] == [plain.name], "nothing half opened is left"
    grants = tmp_path / "chan.grants"
    call("grant", released, "--key", mine, "--reader", f"Chan={other['key']}", "--through", THROUGH, "-o", grants)
    (handed,) = read_grants(grants.read_bytes())
    (tmp_path / "r.age").write_bytes(box.open_box(handed.box, [NODE]))
    second = tmp_path / "second"
    second.mkdir()
    again = call("open", body, tmp_path / "r.age", "--key", theirs, "--into", second)
    assert Path(again["file"]).read_bytes() == plain.read_bytes()


def test_a_title_is_sealed_too(call: Any, tmp_path: Path) -> None:
    mine, sealed = tmp_path / "me.key", tmp_path / "title.sealed"
    key = call("key", "-o", mine)["key"]
    words = ("--reader", f"Bopha={key}", "--through", THROUGH, "-o", sealed)
    assert call("seal", *words, code=6)["code"] == "nothing-named"
    call("seal", "--title", "The matter of the ferry", *words)
    assert b"ferry" not in sealed.read_bytes()
    body, released = released_of(sealed, tmp_path)
    opened = call("open", body, released, "--key", mine, "--into", tmp_path)
    assert Path(opened["file"]).name == "title.txt" and Path(opened["file"]).read_text() == "The matter of the ferry"


def test_a_name_inside_leads_nowhere_else(call: Any, tmp_path: Path) -> None:
    from io import BytesIO

    from kouprey.proceedings.model import Handed
    from kouprey.proceedings.service import seal_file

    secret, key = box.new_identity()
    (tmp_path / "me.key").write_text(secret)
    for number, name in enumerate(("../../evil.txt", "..", "C:\\evil.txt")):
        folder = tmp_path / str(number)
        folder.mkdir()
        out = BytesIO()
        seal_file(BytesIO(b"x"), name, [Handed(name="A", key=key, box=b"")], THROUGH, out)
        (folder / "s").write_bytes(out.getvalue())
        body, released = released_of(folder / "s", folder)
        opened = call("open", body, released, "--key", tmp_path / "me.key", "--into", folder)
        assert Path(opened["file"]).parent == folder
