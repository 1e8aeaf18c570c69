"""Anchors on the wire: what was written is read, and whatever else comes is Damaged and nothing worse."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.federation.model import ANCHOR_MEDIA_TYPE, EntryBody
from kouprey.federation.wire.anchor import HEADS_MAX, read_anchor, render_anchor
from kouprey.federation.wire.entry import render_body
from kouprey.kernel.seal.checkpoint import Checkpoint, sign_checkpoint
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import Damaged

HEAD = Checkpoint("kouprey/1/" + "a" * 64, 7, b"r" * 32)
NOTE = sign_checkpoint(HEAD, SigningKey.from_bytes(bytes(32)))


def test_what_was_written_is_read() -> None:
    assert read_anchor(render_body(render_anchor([NOTE, NOTE]))) == [(HEAD, NOTE)] * 2


@pytest.mark.parametrize("count", [0, HEADS_MAX + 1])
def test_none_and_too_many_are_refused(count: int) -> None:
    with pytest.raises(Damaged):
        read_anchor(render_body(render_anchor([NOTE] * count)))


@given(st.binary())
def test_whatever_comes_is_damaged_at_worst(content: bytes) -> None:
    for data in (content, render_body(EntryBody(media_type=ANCHOR_MEDIA_TYPE, label=None, content=content))):
        with suppress(Damaged):
            read_anchor(data)
