"""The proof of a single entry as a file that verifies offline (C2SP tlog-proof, docs/spec/ledger.md)."""

from __future__ import annotations

from base64 import b64encode

import msgspec

from kouprey.federation import store as rows
from kouprey.federation.model import Receipt
from kouprey.federation.service.frontiers import frontier_at
from kouprey.kernel.seal.notes import merge_notes, split_note
from kouprey.kernel.seal.tree import inclusion_from, leaf_hash
from kouprey.kernel.storage.engine import Reader, Store
from kouprey.kernel.words.errors import Unknown

FIRST_LINE = "c2sp.org/tlog-proof@v1"
FAR = 100_000
"""Entries between an entry and the checkpoint that proves it; one that is confirmed farther away is not looked for."""


class Proofs:
    """Writes proofs of entries that are signed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def prove(self, tag: str, number: int, *, content: bool) -> bytes:
        """That entry `number` of a lane is signed and, where it is, confirmed; with its content if that is held.

        `extra` is the header, and with the content the salt and the body behind it.
        """
        with self._store.read() as reader:
            lane = rows.find_lane(reader, tag=tag)
            if lane is None or not 0 <= number < lane.signed_size:
                raise Unknown(
                    "There is no such entry, or nothing signs it yet.",
                    remedy="`kouprey ledger show` lists the lanes with what is signed of each.",
                    code="unknown-entry",
                )
            note = self._note(reader, lane, number)
            size = int(split_note(note)[0].split(b"\n")[1])
            frontier = frontier_at(reader, lane.id, number)
            headers = rows.list_headers(reader, lane.id, number, size)
            (held,) = rows.list_entries(reader, lane.id, number, number + 1)
        path = inclusion_from(frontier, list(map(leaf_hash, headers)))
        shown = content and held.state == rows.HELD
        extra = held.header + (held.salt + held.body if shown else b"")
        lines = [FIRST_LINE, f"extra {_base64(extra)}", f"index {number}", *map(_base64, path), "", ""]
        return "\n".join(lines).encode() + note

    def _note(self, reader: Reader, lane: rows.Lane, number: int) -> bytes:
        """The smallest checkpoint that holds the entry and was confirmed, with its receipts; else the smallest."""
        near = number + FAR
        notes = [
            (held.size, msgspec.json.decode(held.receipt, type=Receipt).note.encode())
            for held in rows.list_receipts(reader, lane.id)
            if number < held.size <= min(near, lane.signed_size)
        ]
        if notes:
            least = min(size for size, _ in notes)
            first, *others = [note for size, note in notes if size == least]
            return merge_notes(first, *others)
        kept = rows.find_checkpoint_within(reader, lane.id, number, number + 1)
        if kept is None:
            raise Unknown("A checkpoint of the lane is missing.", code="damaged-lane")
        return kept.note


def entry_number(text: str) -> int:
    """The number of an entry in an address."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Unknown("There is no such entry.", code="unknown-entry")
    return int(text)


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
