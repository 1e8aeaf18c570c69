"""Sealed boxes open for their recipients only, and only unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.seal.box import (
    check_recipients,
    new_identity,
    open_box,
    open_stream,
    recipient_of,
    seal,
    seal_stream,
)
from kouprey.kernel.words.errors import Damaged, Refused

SECRET, RECIPIENT = new_identity()
OTHER, OTHER_RECIPIENT = new_identity()
BOX = seal(b"for two", [RECIPIENT, OTHER_RECIPIENT])


@given(st.binary(max_size=5000))
@settings(max_examples=30, deadline=None)
def test_what_was_sealed_comes_back(data: bytes) -> None:
    box = seal(data, [RECIPIENT])
    assert open_box(box, [OTHER, SECRET]) == data
    # The first lines of the format are the same in every box, and what is sealed may be some of their words.
    head = box.partition(b"\n---")[0]
    assert len(data) < 16 or data in head or data not in box


def test_every_recipient_opens_and_nobody_else() -> None:
    stranger, _ = new_identity()
    assert open_box(BOX, [SECRET]) == open_box(BOX, [OTHER]) == b"for two"
    for identities in ([stranger], []):
        with pytest.raises(Damaged) as refused:
            open_box(BOX, identities)
        assert refused.value.code == "cannot-open"


def test_the_recipient_of_a_secret() -> None:
    assert recipient_of(SECRET) == RECIPIENT
    assert recipient_of(SECRET + "\n") == RECIPIENT
    assert RECIPIENT.startswith("age1")
    with pytest.raises(Damaged):
        recipient_of(RECIPIENT)


@given(st.integers(0, len(BOX) - 1), st.integers(0, 7))
@settings(deadline=None)
def test_one_changed_bit_is_refused(at: int, bit: int) -> None:
    # Both identities: with one alone, damage in the other's stanza must still be seen by the header's own check.
    changed = bytearray(BOX)
    changed[at] ^= 1 << bit
    with pytest.raises(Damaged):
        open_box(bytes(changed), [SECRET])


@given(st.integers(0, len(BOX) - 1))
@settings(deadline=None)
def test_a_cut_box_is_refused(end: int) -> None:
    with pytest.raises(Damaged):
        open_box(BOX[:end], [SECRET])
    with pytest.raises(Damaged):
        open_box(BOX + BOX[:end] + b"x", [SECRET])


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(data: bytes) -> None:
    for bytes_given in (data, b"age-encryption.org/v1\n" + data):
        with pytest.raises(Damaged):
            open_box(bytes_given, [SECRET])


@pytest.mark.parametrize("recipients", [[], ["age1"], [RECIPIENT, "age1nonsense"], [SECRET], [""]])
def test_recipients_that_are_none(recipients: list[str]) -> None:
    with pytest.raises(Damaged) as refused:
        seal(b"x", recipients)
    assert refused.value.code == "bad-recipient"


def test_a_broken_key_of_ours_is_not_quoted() -> None:
    with pytest.raises(Damaged) as refused:
        open_box(BOX, [SECRET[:-1]])
    assert SECRET[20:40] not in str(refused.value)
    assert refused.value.__cause__ is None


@given(st.lists(st.binary(max_size=9000), max_size=12))
@settings(max_examples=30, deadline=None)
def test_a_stream_comes_back_and_a_cut_of_it_does_not(chunks: list[bytes]) -> None:
    secret, recipient = new_identity()
    sealed, found = BytesIO(), bytearray()
    seal_stream(chunks, sealed, [recipient])
    sealed.seek(0)
    open_stream(sealed, found.extend, [secret])
    assert bytes(found) == b"".join(chunks)
    with pytest.raises(Damaged) as refused:
        open_stream(BytesIO(sealed.getvalue()[:-1]), lambda data: None, [secret])
    assert refused.value.code == "cannot-open"


def test_what_fails_at_either_end_of_a_stream_is_told_as_it_is() -> None:
    secret, recipient = new_identity()

    def broken() -> Iterator[bytes]:
        yield b"some"
        raise Refused("the disk is gone")

    def full(data: bytes) -> None:
        raise Refused("the disk is full")

    with pytest.raises(Refused, match="gone"):
        seal_stream(broken(), BytesIO(), [recipient])
    with pytest.raises(Refused, match="full"):
        open_stream(BytesIO(seal(b"some", [recipient])), full, [secret])
    with pytest.raises(Damaged):
        open_stream(BytesIO(b"noise"), lambda data: None, [secret])
    with pytest.raises(Damaged):
        open_stream(BytesIO(seal(b"some", [recipient])), lambda data: None, [new_identity()[0]])
    with pytest.raises(Damaged):
        check_recipients(["age1nobody"])
