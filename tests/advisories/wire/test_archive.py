"""The zip is the same for the same files, and the chain says what is missing."""

from __future__ import annotations

import json
from io import BytesIO
from zipfile import ZipFile

from kouprey.advisories.model import Chain, Link
from kouprey.advisories.wire.archive import pack, write_chain


def test_the_same_files_make_the_same_bytes() -> None:
    files = {"a.txt": b"one", "signed/b.json": b"two"}
    assert pack(files) == pack(dict(files))
    with ZipFile(BytesIO(pack(files))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_the_chain_names_what_was_taken_back() -> None:
    links = (Link(number=2, id="XX-A-2026-0002", hash="ab" * 32, issued=0, erased=True),)
    told = json.loads(write_chain(Chain(publisher="a.example", name="A", links=links, missing=(1,))))
    assert told["head"] == "ab" * 32 and told["missing"] == [1] and told["statements"][0]["taken_back"]
    assert json.loads(write_chain(Chain(publisher="a.example", name="A", links=())))["head"] == ""
