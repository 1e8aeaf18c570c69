"""Checkpoints of trees and cosignatures over them (C2SP tlog-checkpoint, tlog-cosignature v1)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from struct import pack, unpack

from kouprey.kernel.seal.keys import ALG_COSIGNATURE, ALG_NOTE, SigningKey, VerifyKey, is_key_name, strict_base64
from kouprey.kernel.seal.notes import SignatureLine, open_note, sign_note, split_note
from kouprey.kernel.seal.tree import EMPTY_ROOT, HASH_BYTES, MAX_SIZE
from kouprey.kernel.words.errors import Damaged

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_MAX_SECONDS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What its author says of a tree: `origin` names it, `size` counts leaves, `root` is its 32-byte hash."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.origin):
            raise _bad_checkpoint("Its origin is empty or has spaces, `+` or more than 255 characters.")
        if not 0 <= self.size <= MAX_SIZE:
            raise _bad_checkpoint("Its size is not between 0 and 2^63-1.")
        if len(self.root) != HASH_BYTES:
            raise _bad_checkpoint(f"Its root has {len(self.root)} bytes, not {HASH_BYTES}.")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise _bad_checkpoint("A tree without leaves has another root.")

    @classmethod
    def parse(cls, text: bytes) -> Checkpoint:
        """Read the three lines of a checkpoint's text; Damaged unless exact. Extension lines are refused."""
        try:
            origin, size, root, rest = text.decode().split("\n")
            root_hash = strict_base64(root)
        except ValueError:
            raise _bad_checkpoint("It does not have three lines: origin, size, root in base64.") from None
        if rest or _SIZE.fullmatch(size) is None:
            raise _bad_checkpoint("It does not have three lines: origin, size, root in base64.")
        return cls(origin, int(size), root_hash)

    def to_bytes(self) -> bytes:
        """The text of the note: origin, size, root."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n".encode()


def sign_checkpoint(cp: Checkpoint, *keys: SigningKey) -> bytes:
    """The checkpoint as a note signed under the origin's name; two keys during a rotation.

    Sign only what is durable: two signed checkpoints that disagree convict their author.
    """
    return sign_note(cp.to_bytes(), [(cp.origin, key) for key in keys])


def open_checkpoint(note: bytes, origin: str, node_public_keys: Iterable[bytes]) -> Checkpoint:
    """The checkpoint of `origin`, signed by one of the 32-byte public keys; Damaged otherwise.

    The origin is asked for by the caller, never taken from the note, so a checkpoint of one tree cannot pass for
    another's.
    """
    opened = open_note(note, [VerifyKey(origin, ALG_NOTE, public) for public in node_public_keys])
    found = Checkpoint.parse(opened.text)
    if found.origin != origin:
        raise Damaged(
            "The checkpoint belongs to another tree.",
            f"It names {found.origin}, asked for was {origin}.",
            "Fetch the checkpoint of the right lane.",
            code="wrong-origin",
        )
    return found


def cosign(note: bytes, name: str, key: SigningKey, at_seconds: int) -> bytes:
    """A cosignature v1 line, newline included, over the checkpoint in `note`, made at a POSIX time.

    The caller has opened the checkpoint and holds the tree it states; this only checks that it is a checkpoint.
    """
    if not 0 <= at_seconds <= _MAX_SECONDS:
        raise ValueError("a time between 0 and 2^63-1 seconds")
    text, _ = split_note(note)
    Checkpoint.parse(text)
    signature = pack(">Q", at_seconds) + key.sign(_cosigned(text, at_seconds))
    return SignatureLine(name, key.verify_key(name, ALG_COSIGNATURE).hash, signature).to_bytes()


def verify_cosignature(note_text: bytes, line: bytes, vkey: VerifyKey | str) -> int:
    """The POSIX time at which the key of type 0x04 cosigned this checkpoint text; Damaged when it did not.

    The time is the cosigner's claim: show it, decide nothing by it.
    """
    key = VerifyKey.parse(vkey) if isinstance(vkey, str) else vkey
    found = SignatureLine.parse(line)
    Checkpoint.parse(note_text)
    if key.alg != ALG_COSIGNATURE or not found.is_by(key):
        raise _bad_cosignature(f"The line of {found.name} is not by the expected receipt key.")
    if len(found.signature) != 72:
        raise _bad_cosignature("It does not hold a time and an Ed25519 signature.")
    seconds: int = unpack(">Q", found.signature[:8])[0]
    if seconds > _MAX_SECONDS or not key.verify(_cosigned(note_text, seconds), found.signature[8:]):
        raise _bad_cosignature(f"The line of {found.name} does not belong to this checkpoint.")
    return seconds


def _cosigned(text: bytes, seconds: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % seconds + text


def _bad_checkpoint(why: str) -> Damaged:
    return Damaged("The checkpoint cannot be read.", why, "Ask its author for it again.", code="bad-checkpoint")


def _bad_cosignature(why: str) -> Damaged:
    return Damaged("The receipt does not hold.", why, "Ask the receiver for it again.", code="bad-signature")
