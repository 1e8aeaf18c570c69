"""Sealed files from the command line: made and opened without a node, listed and released on one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
from kouprey.response.wire.sealed import read_file


def test_made_outside_handed_in_released_and_opened(
    offices: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, agreement = offices

    def call(office: Any, *words: str, code: int = 0) -> Any:
        capsys.readouterr()
        data = ("--data", str(office.folder)) if office is not None else ()
        done = run(kouprey(), [*words, *data, "--json"], opener=open_for)
        out = capsys.readouterr()
        assert done == code, out.err
        return json.loads(out.out) if out.out.strip() else None

    mine, plain = tmp_path / "me.key", tmp_path / "calls of November.csv"
    plain.write_bytes(b"who called whom")
    key = call(None, "sealed", "key", "-o", str(mine))["key"]
    assert mine.stat().st_mode & 0o777 == 0o600
    call(None, "sealed", "key", "-o", str(mine), code=6)
    words = (agreement, b.party, "disclose", "Who called", "--text", "One number.", "--basis", "Treaty")
    handoff = call(a, "handoff", "ask", *words, "--reader", f"Azman={key}")["id"]
    a.parcel(b)
    sealed, through = tmp_path / "calls.sealed", a.people.home().card.age
    making = ("sealed", "make", str(plain), "--reader", f"Azman={key}", "--through", through, "-o", str(sealed))
    item = call(None, *making)["sha256"]
    assert b"who called" not in sealed.read_bytes()
    call(b, "handoff", "say", handoff, "accept", "--text", "We may.")
    # Whoever has the command line is nobody whose word could stand beside another.
    call(b, "handoff", "say", handoff, "report", "--text", "All.", "--item", str(sealed), code=6)
    b.release(handoff, "All.", read_file(sealed.read_bytes()))
    b.parcel(a)
    (row,) = call(a, "sealed", "list", handoff[:12])
    assert (row["sha256"], row["reader"], row["released"]) == (item, "Azman", "")
    body, released = tmp_path / "sealed.age", tmp_path / "released.age"
    call(a, "sealed", "fetch", handoff, item, "--to", str(body))
    call(a, "sealed", "release", handoff, item, key, "--to", str(released))
    (row,) = call(a, "sealed", "list", handoff)
    assert row["released"]
    (tmp_path / "out").mkdir()
    opened = call(None, "sealed", "open", str(body), str(released), "--key", str(mine), "--into", str(tmp_path / "out"))
    assert Path(opened["file"]).name == plain.name and Path(opened["file"]).read_bytes() == b"who called whom"
    call(None, "sealed", "open", str(body), str(body), "--key", str(mine), code=7)
    call(None, "sealed", "open", str(body), str(released), "--key", str(plain), code=6)


def test_a_name_inside_leads_nowhere_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from kouprey.kernel.seal import box
    from kouprey.response.model.sealed import Opener
    from kouprey.response.service.sealing import seal_file

    (secret, key), (node, through) = box.new_identity(), box.new_identity()
    item = seal_file(b"x", "../../etc/passwd", [Opener(name="A", key=key)], through)
    for name, data in (("b", item.body), ("r", box.open_box(item.grants[0].box, [node])), ("k", secret.encode())):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "out").mkdir()
    words = ["sealed", "open", str(tmp_path / "b"), str(tmp_path / "r"), "--key", str(tmp_path / "k")]
    assert run(kouprey(), [*words, "--into", str(tmp_path / "out")], opener=open_for) == 0
    capsys.readouterr()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["passwd"]
