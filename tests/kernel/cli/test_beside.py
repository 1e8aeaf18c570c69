"""Lists beside the input, or in the data directory, made when there is something to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from kouprey.kernel.cli.beside import Beside
from kouprey.kernel.words.errors import Refused


def test_a_file_is_made_with_its_first_line(tmp_path: Path) -> None:
    source = tmp_path / "x.json"
    with Beside(source, ".losses.ndjson", None) as file:
        assert file.path is None
        file.add({"a": 1})
        file.add(["b"])
        # What was said is there at once: an import may be killed.
        assert (tmp_path / "x.json.losses.ndjson").read_bytes() == b'{"a":1}\n["b"]\n'
    assert file.path == tmp_path / "x.json.losses.ndjson"


def test_it_goes_to_the_data_directory_else(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.json.l").mkdir()
    with Beside(tmp_path / "in" / "x.json", ".l", tmp_path) as file:
        file.add(1)
    assert file.path == tmp_path / "x.json.l"
    with pytest.raises(Refused), Beside(tmp_path / "in" / "x.json", ".l", None) as nowhere:
        nowhere.add(1)


def test_it_goes_on_behind_what_was_settled(tmp_path: Path) -> None:
    source = tmp_path / "x.json"
    with Beside(source, ".l", tmp_path / "data") as first:
        assert first.cut(0) and first.settle() == 0
        first.add(1)
        size = first.settle()
        first.add(2)
    with Beside(source, ".l", tmp_path / "data") as second:
        assert second.cut(size) and second.path == tmp_path / "x.json.l"
        second.add(3)
    assert (tmp_path / "x.json.l").read_bytes() == b"1\n3\n"
    with Beside(source, ".l", tmp_path / "data") as third:
        assert not third.cut(99)
