"""Checkpoints and receipts hold for one tree, one size and one key, and for nothing else."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.seal.checkpoint import (
    Checkpoint,
    cosign,
    open_checkpoint,
    sign_checkpoint,
    verify_cosignature,
)
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, ALG_NOTE, SigningKey
from kouprey.kernel.seal.notes import SignatureLine, add_line, sign_note, split_note
from kouprey.kernel.seal.tree import EMPTY_ROOT, leaf_hash
from kouprey.kernel.words.errors import Damaged

NODE = SigningKey.from_bytes(b"n" * 32)
RECEIPT = SigningKey.from_bytes(b"r" * 32)
ORIGIN = "kouprey/1/" + "ab" * 32
POINT = Checkpoint(ORIGIN, 42, leaf_hash(b"root"))
NOTE = sign_checkpoint(POINT, NODE)
RECEIPT_KEY = RECEIPT.verify_key("operator.example/receipt", ALG_COSIGNATURE)


@given(st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_comes_back(size: int, root: bytes) -> None:
    point = Checkpoint(ORIGIN, size, root)
    assert Checkpoint.parse(point.to_bytes()) == point
    assert open_checkpoint(sign_checkpoint(point, NODE), ORIGIN, [NODE.public]) == point


def test_the_text_is_three_lines() -> None:
    assert POINT.to_bytes() == f"{ORIGIN}\n42\n{b64encode(POINT.root).decode()}\n".encode()
    assert Checkpoint.parse(Checkpoint(ORIGIN, 0, EMPTY_ROOT).to_bytes()).size == 0


@given(st.integers(0, len(NOTE) - 1), st.integers(0, 7))
def test_one_changed_bit_is_refused(at: int, bit: int) -> None:
    changed = bytearray(NOTE)
    changed[at] ^= 1 << bit
    with pytest.raises(Damaged):
        open_checkpoint(bytes(changed), ORIGIN, [NODE.public])


def test_rotation_signs_with_both_keys_and_either_opens() -> None:
    new = SigningKey.generate()
    note = sign_checkpoint(POINT, NODE, new)
    assert open_checkpoint(note, ORIGIN, [NODE.public]) == open_checkpoint(note, ORIGIN, [new.public]) == POINT
    with pytest.raises(Damaged):
        open_checkpoint(note, ORIGIN, [RECEIPT.public])
    with pytest.raises(Damaged):
        open_checkpoint(note, ORIGIN, [])


def test_a_checkpoint_of_another_tree_is_refused_even_under_the_right_key_name() -> None:
    other = "kouprey/1/" + "cd" * 32
    with pytest.raises(Damaged):
        open_checkpoint(NOTE, other, [NODE.public])
    with pytest.raises(Damaged) as refused:
        open_checkpoint(sign_note(POINT.to_bytes(), [(other, NODE)]), other, [NODE.public])
    assert refused.value.code == "wrong-origin"


ROOT = b64encode(POINT.root).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n042\n{ROOT}\n",
        f"{ORIGIN}\n-1\n{ROOT}\n",
        f"{ORIGIN}\n+1\n{ROOT}\n",
        f"{ORIGIN}\n٤٢\n{ROOT}\n",
        f"{ORIGIN}\n{2**63}\n{ROOT}\n",
        f"{ORIGIN}\n42\n{ROOT}\nextension\n",
        f"{ORIGIN}\n42\n{ROOT}\n\n",
        f"{ORIGIN}\n42\n{ROOT}",
        f"{ORIGIN}\n42\n{ROOT[:-2]}\n",
        f"{ORIGIN}\n42\n{b64encode(bytes(31)).decode()}\n",
        f"{ORIGIN}\n0\n{ROOT}\n",
        f"\n42\n{ROOT}\n",
        f"two words\n42\n{ROOT}\n",
        f"{ORIGIN}\n42\n",
        "",
    ],
)
def test_texts_of_another_shape_are_refused(text: str) -> None:
    with pytest.raises(Damaged):
        Checkpoint.parse(text.encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        Checkpoint.parse(data)
    with pytest.raises(Damaged):
        verify_cosignature(POINT.to_bytes(), data, RECEIPT_KEY)


@given(st.integers(0, 2**63 - 1))
def test_a_receipt_tells_its_time(seconds: int) -> None:
    line = cosign(NOTE, "operator.example/receipt", RECEIPT, seconds)
    assert verify_cosignature(POINT.to_bytes(), line, RECEIPT_KEY) == seconds
    assert verify_cosignature(POINT.to_bytes(), line.rstrip(b"\n"), RECEIPT_KEY.vkey) == seconds


def test_a_receipt_is_laid_out_as_the_standard_says() -> None:
    line = SignatureLine.parse(cosign(NOTE, "operator.example/receipt", RECEIPT, 1679315147))
    assert line.hash == RECEIPT_KEY.hash
    assert line.signature[:8] == (1679315147).to_bytes(8)
    message = b"cosignature/v1\ntime 1679315147\n" + POINT.to_bytes()
    assert line.signature[8:] == RECEIPT.sign(message)


def test_a_receipt_stands_beside_the_authors_signature() -> None:
    line = cosign(NOTE, "operator.example/receipt", RECEIPT, 5)
    note = add_line(NOTE, line)
    assert open_checkpoint(note, ORIGIN, [NODE.public]) == POINT
    text, lines = split_note(note)
    assert verify_cosignature(text, lines[1].to_bytes(), RECEIPT_KEY) == 5


LINE = cosign(NOTE, "operator.example/receipt", RECEIPT, 1_800_000_000)


@given(st.integers(0, len(LINE) - 2), st.integers(0, 7))
def test_a_receipt_with_one_changed_bit_is_refused(at: int, bit: int) -> None:
    changed = bytearray(LINE)
    changed[at] ^= 1 << bit
    with pytest.raises(Damaged):
        verify_cosignature(POINT.to_bytes(), bytes(changed), RECEIPT_KEY)


def test_a_receipt_holds_for_nothing_else() -> None:
    larger = Checkpoint(ORIGIN, 43, POINT.root).to_bytes()
    as_note = RECEIPT.verify_key("operator.example/receipt", ALG_NOTE)
    renamed = RECEIPT.verify_key("other.example/receipt", ALG_COSIGNATURE)
    plain = SignatureLine(RECEIPT_KEY.name, RECEIPT_KEY.hash, RECEIPT.sign(POINT.to_bytes())).to_bytes()
    under_note_key = SignatureLine(as_note.name, as_note.hash, SignatureLine.parse(LINE).signature).to_bytes()
    late = SignatureLine(
        RECEIPT_KEY.name,
        RECEIPT_KEY.hash,
        (2**63).to_bytes(8) + RECEIPT.sign(b"cosignature/v1\ntime %d\n" % 2**63 + POINT.to_bytes()),
    ).to_bytes()
    for text, line, key in (
        (larger, LINE, RECEIPT_KEY),
        (POINT.to_bytes(), LINE, as_note),
        (POINT.to_bytes(), under_note_key, as_note),
        (POINT.to_bytes(), LINE, renamed),
        (POINT.to_bytes(), plain, RECEIPT_KEY),
        (POINT.to_bytes(), late, RECEIPT_KEY),
        (POINT.to_bytes(), LINE + LINE, RECEIPT_KEY),
    ):
        with pytest.raises(Damaged):
            verify_cosignature(text, line, key)


def test_only_checkpoints_are_cosigned() -> None:
    with pytest.raises(Damaged):
        cosign(sign_note(b"an agreement\n", [("a.example", NODE)]), "operator.example/receipt", RECEIPT, 5)
    with pytest.raises(ValueError, match="seconds"):
        cosign(NOTE, "operator.example/receipt", RECEIPT, -1)
