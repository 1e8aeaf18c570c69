"""Statements about keys, and files in parts: the published vectors are read, and what MUST be refused is."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kouprey.federation.model import BlobChunk
from kouprey.federation.wire import blob
from kouprey.federation.wire.statement import open_statement
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, VerifyKey
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.wire import parse_root_statement

LANE = Path(__file__).parent / "lane"
STATEMENT: dict[str, Any] = json.loads((LANE / "statement.json").read_text("utf-8"))
FILE: dict[str, Any] = json.loads((LANE / "file.json").read_text("utf-8"))


def test_a_root_statement_is_read() -> None:
    vector = STATEMENT["roots"]
    said = parse_root_statement(vector["note"].encode())
    assert (said.before, said.root, [each.hex() for each in said.keep]) == (
        vector["before"],
        vector["root"],
        vector["keep"],
    )
    assert [sha256(text.encode()).hexdigest() for text in vector["keeps"]] == vector["keep"]


@pytest.mark.parametrize("name", STATEMENT["roots"]["refused"])
def test_another_root_statement_is_refused(name: str) -> None:
    with pytest.raises(KoupreyError):
        parse_root_statement(STATEMENT["roots"]["refused"][name].encode())


def test_a_changed_root_statement_is_refused() -> None:
    note = STATEMENT["roots"]["note"].encode()
    for at in range(0, len(note), 7):
        changed = bytearray(note)
        changed[at] ^= 1
        with pytest.raises(Damaged):
            parse_root_statement(bytes(changed))


@pytest.mark.parametrize("name", STATEMENT["keys"]["statements"])
def test_a_key_statement_is_read(name: str) -> None:
    vector = STATEMENT["keys"]
    said = open_statement(vector["statements"][name].encode(), VerifyKey.parse(vector["root"]))
    cuts = [(cut.origin, cut.size, cut.root.hex()) for cut in said.after]
    assert cuts == ([] if name == "in no lane" else [(vector["origin"], vector["size"], vector["root_of_7"])])
    assert (VerifyKey.parse(said.revoked).alg == ALG_COSIGNATURE) is (name == "receipt")


@pytest.mark.parametrize("name", STATEMENT["keys"]["refused"])
def test_another_key_statement_is_refused(name: str) -> None:
    with pytest.raises(KoupreyError):
        open_statement(STATEMENT["keys"]["refused"][name].encode(), VerifyKey.parse(STATEMENT["keys"]["root"]))


def test_a_manifest_and_its_parts() -> None:
    manifest = blob.read_manifest(FILE["manifest"].encode())
    assert blob.render_manifest(manifest).decode() == FILE["manifest"]
    last = BlobChunk(4, 1, bytes.fromhex(FILE["last"]["salt"]), bytes.fromhex(FILE["last"]["content"]))
    blob.verify_chunk(last, manifest.size, bytes.fromhex(manifest.chunks[1]))
    with pytest.raises(Damaged):
        blob.verify_chunk(last, manifest.size, bytes.fromhex(manifest.chunks[0]))
    assert list(blob.read_chunks(bytes.fromhex(FILE["answer"]), 4)) == [last]
    assert blob.render_chunks([last]).hex() == FILE["answer"]
    asked = blob.read_chunks_request(FILE["request"].encode())
    assert (asked.entry, asked.chunks) == (4, (manifest.chunks[1],))


@pytest.mark.parametrize("name", FILE["refused"])
def test_another_manifest_is_refused(name: str) -> None:
    with pytest.raises(Damaged):
        blob.read_manifest(FILE["refused"][name].encode())


def test_an_answer_that_is_cut_is_refused() -> None:
    answer = bytes.fromhex(FILE["answer"])
    for size in range(1, len(answer), 5):
        with pytest.raises(Damaged):
            blob.read_chunks(answer[:size], 4)
