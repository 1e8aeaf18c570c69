"""Anchors on the wire: checkpoints of lanes of others, fixed in one's own (docs/spec/lane.md, kind 6)."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.federation.model import ANCHOR_MEDIA_TYPE, EntryBody, EntryKind, ReasonCode
from kouprey.federation.wire import entry
from kouprey.kernel.seal.checkpoint import Checkpoint
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.words.errors import Damaged

HEADS_MAX = 200
"""Checkpoints of one anchor."""


class _Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    heads: tuple[str, ...]


def render_anchor(heads: Sequence[bytes]) -> EntryBody:
    """The body of an anchor of these checkpoint notes."""
    content = msgspec.json.encode(_Anchor(tuple(note.decode() for note in heads)))
    return EntryBody(media_type=ANCHOR_MEDIA_TYPE, label=None, content=content)


def read_anchor(body: bytes) -> list[tuple[Checkpoint, bytes]]:
    """The checkpoints an anchor quotes, with their notes; who signed them is still to be verified. Else Damaged."""
    read = entry.read_body(body, EntryKind.ANCHOR, owner="", agreement="")
    try:
        said = msgspec.json.decode(read.content, type=_Anchor)
        notes = [note.encode() for note in said.heads]
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _bad(str(error)) from error
    if read.media_type != ANCHOR_MEDIA_TYPE or not 1 <= len(notes) <= HEADS_MAX:
        raise _bad(f"It quotes 1 to {HEADS_MAX} checkpoints.")
    return [(Checkpoint.parse(split_note(note)[0]), note) for note in notes]


def _bad(why: str) -> Damaged:
    return Damaged("An anchor cannot be understood.", why, code=ReasonCode.BAD_BODY)
