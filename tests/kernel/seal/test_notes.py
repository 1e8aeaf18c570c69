"""Signed notes: what was signed is what is read, and nothing else passes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.seal.keys import ALG_COSIGNATURE, SigningKey, VerifyKey
from kouprey.kernel.seal.notes import (
    MAX_NOTE,
    SignatureLine,
    add_line,
    add_signature,
    merge_notes,
    open_note,
    sign_note,
    split_note,
)
from kouprey.kernel.words.errors import Damaged

MINISTRY = SigningKey.from_bytes(b"m" * 32)
OPERATOR = SigningKey.from_bytes(b"o" * 32)
KNOWN = [MINISTRY.verify_key("ministry.example/root"), OPERATOR.verify_key("operator.example/root")]
TEXT = "kouprey.example/agreement/v1\n\nសេចក្តី\n".encode()
NOTE = sign_note(TEXT, [("ministry.example/root", MINISTRY)])

STANDARD = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
).encode()
"""The note printed in C2SP signed-note."""


def test_the_note_printed_in_the_standard() -> None:
    key = VerifyKey.parse("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    opened = open_note(STANDARD, [key])
    assert opened.text == b"This is an example message.\n"
    assert opened.signers == ("example.com/foo",)


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=80).map(
    lambda text: (text + "\n").encode()
)


@given(texts)
def test_every_text_comes_back(text: bytes) -> None:
    note = sign_note(text, [("ministry.example/root", MINISTRY), ("operator.example/root", OPERATOR)])
    opened = open_note(note, KNOWN)
    assert opened.text == text
    assert opened.signers == ("ministry.example/root", "operator.example/root")


@given(st.integers(0, len(NOTE) - 1), st.integers(0, 7))
def test_one_changed_bit_is_refused(at: int, bit: int) -> None:
    changed = bytearray(NOTE)
    changed[at] ^= 1 << bit
    with pytest.raises(Damaged):
        open_note(bytes(changed), KNOWN)


@given(st.integers(0, len(NOTE) - 1))
def test_a_cut_note_is_refused(end: int) -> None:
    with pytest.raises(Damaged):
        open_note(NOTE[:end], KNOWN)


@given(st.binary(max_size=60), st.binary(max_size=120))
def test_any_bytes_are_split_or_damaged(before: bytes, after: bytes) -> None:
    for data in (before, before + b"\n\n" + after, before + "\n\n— a.example ".encode() + after + b"\n"):
        try:
            text, lines = split_note(data)
        except Damaged:
            continue
        assert text + b"\n" + b"".join(line.to_bytes() for line in lines) == data


def test_unknown_keys_are_ignored_and_known_ones_must_hold() -> None:
    stranger = SigningKey.generate()
    both = add_signature(NOTE, "stranger.example/root", stranger)
    assert open_note(both, KNOWN).signers == ("ministry.example/root",)
    # The same name with another key has another hash, so it is unknown, not wrong.
    namesake = add_signature(NOTE, "ministry.example/root", stranger)
    assert open_note(namesake, KNOWN).signers == ("ministry.example/root",)

    with pytest.raises(Damaged) as refused:
        open_note(NOTE, [stranger.verify_key("ministry.example/root")])
    assert refused.value.code == "no-known-signature"

    forged = SignatureLine("operator.example/root", KNOWN[1].hash, bytes(64))
    with pytest.raises(Damaged) as refused:
        open_note(add_line(NOTE, forged), KNOWN)
    assert refused.value.code == "bad-signature"


def test_a_receipt_key_signs_no_note() -> None:
    key = MINISTRY.verify_key("ministry.example/root", ALG_COSIGNATURE)
    line = SignatureLine(key.name, key.hash, MINISTRY.sign(TEXT))
    with pytest.raises(Damaged) as refused:
        open_note(add_line(sign_note(TEXT, [("x.example", OPERATOR)]), line), [key])
    assert refused.value.code == "no-known-signature"


def test_signatures_collect_and_merge_without_repeats() -> None:
    other = sign_note(TEXT, [("operator.example/root", OPERATOR)])
    merged = merge_notes(NOTE, other, NOTE)
    assert merged == add_signature(NOTE, "operator.example/root", OPERATOR)
    assert merge_notes(merged, other) == merged == add_signature(merged, "ministry.example/root", MINISTRY)
    assert open_note(merged, KNOWN).signers == ("ministry.example/root", "operator.example/root")
    with pytest.raises(Damaged, match="different texts"):
        merge_notes(NOTE, sign_note(b"another\n", [("operator.example/root", OPERATOR)]))


def test_sixteen_lines_pass_and_seventeen_do_not() -> None:
    signers = [(f"p{index}.example", SigningKey.generate()) for index in range(17)]
    sixteen = sign_note(TEXT, signers[:16])
    assert len(open_note(sixteen, [key.verify_key(name) for name, key in signers]).signers) == 16
    for make in (
        lambda: sign_note(TEXT, signers),
        lambda: add_signature(sixteen, *signers[16]),
        lambda: sign_note(TEXT, []),
        lambda: split_note(sixteen + SignatureLine("x.example", bytes(4), bytes(64)).to_bytes()),
    ):
        with pytest.raises(Damaged, match="signature lines"):
            make()


def test_size_limit() -> None:
    fits = MAX_NOTE - len(sign_note(b"\n", [("a.example", MINISTRY)]))
    note = sign_note(b"x" * fits + b"\n", [("a.example", MINISTRY)])
    assert len(note) == MAX_NOTE
    assert open_note(note, [MINISTRY.verify_key("a.example")]).text == b"x" * fits + b"\n"
    with pytest.raises(Damaged, match="at most"):
        sign_note(b"x" * (fits + 1) + b"\n", [("a.example", MINISTRY)])
    with pytest.raises(Damaged, match="at most"):
        split_note(b"x" + note)


@pytest.mark.parametrize("text", [b"", b"no newline", b"tab\t\n", b"cr\r\n", b"nul\0\n", b"\xff\n"])
def test_texts_that_cannot_be_signed(text: bytes) -> None:
    with pytest.raises(Damaged):
        sign_note(text, [("a.example", MINISTRY)])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\u202eb", "a" * 256])
def test_names_that_no_key_may_have(name: str) -> None:
    with pytest.raises(Damaged):
        sign_note(TEXT, [(name, MINISTRY)])


@pytest.mark.parametrize(
    "line",
    [
        "- a.example AAAAAAAA",
        "—  a.example AAAAAAAA",
        "— a.example  AAAAAAAA",
        "— a.example AAAAAAAA ",
        "— a.example",
        "— a.example AAAA",
        "— a.example AAAAAAB=",
        "— a.example AAAAAAA",
        "— a+b AAAAAAAA",
        "—\u00a0a.example AAAAAAAA",
    ],
)
def test_lines_that_are_no_signature(line: str) -> None:
    with pytest.raises(Damaged):
        split_note(b"text\n\n" + line.encode() + b"\n")
