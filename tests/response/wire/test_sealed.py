"""Sealed items as messages and files carry them: read back as they were, and nothing else is taken for one."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.seal import box
from kouprey.kernel.seal.items import is_key
from kouprey.kernel.words.errors import KoupreyError
from kouprey.response.model.sealed import Grant, Opener, SealedItem
from kouprey.response.service.sealing import seal_file
from kouprey.response.wire.sealed import (
    MOST_BYTES,
    OpenerWire,
    check_items,
    from_wire,
    read_file,
    read_lines,
    read_openers,
    to_wire,
    write_file,
)

NODE = box.new_identity()
READER = box.new_identity()
ITEM = seal_file(b"who called whom", "calls.csv", [Opener(name="Azman", key=READER[1])], NODE[1])


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


@given(st.binary(min_size=1, max_size=300), st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_read_file_and_from_wire_read_what_was_written(body: bytes, boxes: list[bytes]) -> None:
    head = b"age-encryption.org/v1\n"
    keys = [box.new_identity()[1] for _ in boxes]
    item = SealedItem(
        sha256=sha256(head + body).hexdigest(),
        size=len(head + body),
        body=head + body,
        grants=tuple(Grant(to=key, box=head + each) for key, each in zip(keys, boxes, strict=True)),
    )
    assert read_file(write_file(item)) == item and from_wire(to_wire(item)) == item


@given(st.binary(max_size=400) | st.text(max_size=300).map(str.encode))
def test_read_file_takes_nothing_else(raw: bytes) -> None:
    assert refusal(lambda: read_file(raw)) in ("bad-item", "unsafe-json")


@given(st.text(max_size=200))
def test_read_lines_takes_names_with_keys_and_nothing_else(text: str) -> None:
    try:
        assert all(is_key(each.key) and each.name for each in read_lines(text))
    except KoupreyError as error:
        assert error.code == "bad-reader"


@given(st.lists(st.tuples(st.text(max_size=30), st.sampled_from([READER[1], NODE[1], "age1no", ""])), max_size=12))
def test_read_openers_takes_each_key_once_with_a_name(given: list[tuple[str, str]]) -> None:
    wires = tuple(OpenerWire(name=name, key=key) for name, key in given)
    good = all(name and name.isprintable() and is_key(key) for name, key in given)
    if good and len({key for _, key in given}) == len(given):
        assert [(each.name, each.key) for each in read_openers(wires)] == given
    else:
        assert refusal(lambda: read_openers(wires)) == "bad-reader"


def test_read_lines_takes_a_name_of_many_words() -> None:
    text = f"\n  Azman bin Ali  {READER[1]}\nCourt={NODE[1]}\n"
    assert read_lines(text) == (Opener(name="Azman bin Ali", key=READER[1]), Opener(name="Court", key=NODE[1]))
    assert refusal(lambda: read_lines(f"A {READER[1]}\nB {READER[1]}")) == "bad-reader"
    assert refusal(lambda: read_lines(f"{READER[1]}")) == "bad-reader"


def test_what_is_not_sealed_is_refused() -> None:
    wire = to_wire(ITEM)
    for name, value in (("body", b"plain"), ("body", wire.body[:22] + b"x" * MOST_BYTES), ("grants", ())):
        changed = to_wire(ITEM)
        setattr(changed, name, value)
        assert refusal(lambda changed=changed: from_wire(changed)) == "bad-item"
    for name, value in (("to", "age1nobody"), ("box", b"plain"), ("box", wire.grants[0].box + b"x" * 4_096)):
        changed = to_wire(ITEM)
        setattr(changed.grants[0], name, value)
        assert refusal(lambda changed=changed: from_wire(changed)) == "bad-item"
    assert refusal(lambda: check_items((ITEM, ITEM))) == "bad-item"
    assert refusal(lambda: check_items((ITEM,) * 11)) == "bad-item"
