"""Keys of sealed items: read back as they were written, opened by their reader alone, and padding is looked at."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.seal import box
from kouprey.kernel.seal.items import Inside, is_box, is_key, open_item, read_key, seal_key, write_key
from kouprey.kernel.words.errors import KoupreyError

READER = box.new_identity()
NODE = box.new_identity()


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


@given(st.text(max_size=100), st.binary(min_size=32, max_size=32), st.none() | st.integers(0, 2**50))
def test_read_key_reads_what_write_key_wrote(name: str, digest: bytes, size: int | None) -> None:
    inside = Inside(secret=box.new_identity()[0], name=name, sha256=digest.hex(), size=size)
    assert read_key(write_key(inside)) == inside


@given(st.binary(max_size=300))
def test_read_key_takes_nothing_else(text: bytes) -> None:
    assert refusal(lambda: read_key(text)) == "bad-item-key"


def test_read_key_wants_each_line_once() -> None:
    whole = write_key(Inside(secret=box.new_identity()[0], name="a", sha256="0" * 64, size=7))
    lines = whole.splitlines(keepends=True)
    for wrong in (lines[:3] + lines[3:4] + lines[3:], [*lines[:3], b"# size 07\n", *lines[4:]], lines[1:]):
        assert refusal(lambda wrong=wrong: read_key(b"".join(wrong))) == "bad-item-key"


@given(st.binary(max_size=300))
def test_open_item_takes_nothing_else(body: bytes) -> None:
    secret, _ = box.new_identity()
    inside = Inside(secret=secret, name="a", sha256="0" * 64)
    released = box.seal(write_key(inside), [READER[1]])
    assert refusal(lambda: open_item(body, released, READER[0])) == "cannot-open"
    assert refusal(lambda: open_item(body, body, READER[0])) == "cannot-open"


def test_open_item_needs_both_seals_off_and_compares() -> None:
    plain = b"exhibit"
    secret, recipient = box.new_identity()
    inside = Inside(secret=secret, name="a.txt", sha256=sha256(plain).hexdigest(), size=len(plain))
    body = box.seal(plain + bytes(100), [recipient])
    twice = seal_key(inside, READER[1], NODE[1])
    assert is_box(twice) and is_key(READER[1]) and not is_key(READER[0])
    released = box.open_box(twice, [NODE[0]])
    assert open_item(body, released, READER[0]) == ("a.txt", plain)
    assert refusal(lambda: open_item(body, twice, READER[0])) == "cannot-open"
    assert refusal(lambda: open_item(body, released, NODE[0])) == "cannot-open"
    for padded in (plain + b"x" + bytes(99), plain[:-1]):
        assert refusal(lambda p=padded: open_item(box.seal(p, [recipient]), released, READER[0])) == "broken"
    assert refusal(lambda: open_item(box.seal(b"EXHIBIT", [recipient]), released, READER[0])) == "broken"
