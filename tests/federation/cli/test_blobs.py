"""The commands of files: given, listed, saved and erased at a terminal."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kouprey.federation.cli.blobs import file
from kouprey.kernel.cli.frame import Group, Invocation, run

Call = Callable[..., tuple[int, Any]]
CONTENT = bytes(range(256)) * 5_000


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def call(actor: Any, *words: str) -> tuple[int, Any]:
        root = Group("kouprey", example="kouprey")
        root.add_command(file)

        @contextlib.contextmanager
        def opener(_: Invocation) -> Iterator[Any]:
            yield actor.services

        capsys.readouterr()
        code = run(root, ["--data", str(actor.folder), "file", *words, "--json"], opener=opener)
        said = capsys.readouterr()
        return code, json.loads(said.out or said.err)

    return call


def test_a_file_is_given_saved_and_erased(world: Any, call: Call, tmp_path: Path) -> None:
    a, b, agreement = world.pair()
    given, saved = tmp_path / "capture.pcap", tmp_path / "saved.pcap"
    given.write_bytes(CONTENT)
    code, said = call(a, "give", agreement[:12], str(given), "--tlp", "green")
    assert code == 0 and (said["state"], said["size"]) == ("whole", len(CONTENT))
    a.lanes.append_waiting()
    b.sync(a)
    code, listed = call(b, "list")
    assert code == 0 and listed[0]["here"] == f"{len(CONTENT)} of {len(CONTENT)}"
    code, said = call(b, "save", listed[0]["file"][:8], str(saved))
    assert code == 0 and saved.read_bytes() == CONTENT
    assert call(b, "save", "none", str(saved))[1]["code"] == "unknown-file"
    assert call(a, "erase", listed[0]["file"][:8], "--yes")[0] == 0
    a.lanes.append_waiting()
    b.sync(a)
    assert call(b, "list")[1] == [] and call(a, "list")[1] == []
