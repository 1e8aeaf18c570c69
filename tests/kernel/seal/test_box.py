"""Sealed boxes open for their recipients only, and only unchanged."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.seal.box import new_identity, open_box, recipient_of, seal
from kouprey.kernel.words.errors import Damaged

SECRET, RECIPIENT = new_identity()
OTHER, OTHER_RECIPIENT = new_identity()
BOX = seal(b"for two", [RECIPIENT, OTHER_RECIPIENT])


@given(st.binary(max_size=5000))
@settings(max_examples=30, deadline=None)
def test_what_was_sealed_comes_back(data: bytes) -> None:
    box = seal(data, [RECIPIENT])
    assert open_box(box, [OTHER, SECRET]) == data
    assert len(data) < 16 or data not in box


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
