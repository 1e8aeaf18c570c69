"""Signed notes: text with signature lines below (C2SP signed-note v1)."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kouprey.kernel.seal.keys import ALG_NOTE, SigningKey, VerifyKey, is_key_name, key_hash, strict_base64
from kouprey.kernel.words.errors import Damaged

MAX_NOTE = 64 * 1024
"""Bytes of a whole note."""

MAX_SIGNATURES = 16
"""Signature lines of a note: what every verifier must accept, and no more."""

_DASH = "— "
_CONTROL = re.compile(rb"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line below a note: who says to have signed, and the bytes. Nothing is verified yet."""

    name: str
    hash: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: bytes) -> SignatureLine:
        """Read one line, with or without its newline; Damaged unless exact."""
        try:
            dash, name, encoded = line.removesuffix(b"\n").decode().split(" ")
            blob = strict_base64(encoded)
        except ValueError:
            raise _bad_note("A signature line does not read `— name base64`.") from None
        if dash != _DASH.strip() or not is_key_name(name) or len(blob) < 5:
            raise _bad_note("A signature line does not read `— name base64`.")
        return cls(name, blob[:4], blob[4:])

    def to_bytes(self) -> bytes:
        """The line as it stands in a note, newline included."""
        return f"{_DASH}{self.name} {b64encode(self.hash + self.signature).decode()}\n".encode()

    def is_by(self, key: VerifyKey) -> bool:
        """Whether the line names this key; says nothing about the signature."""
        return self.name == key.name and self.hash == key.hash


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note whose text at least one trusted key has signed."""

    text: bytes
    signers: tuple[str, ...]
    """Names of the keys that verified, each once, in the order of the lines."""


def sign_note(text: bytes, signers: Sequence[tuple[str, SigningKey]]) -> bytes:
    """A note of `text` (UTF-8, ending in a newline) with one Ed25519 line for each (key name, key)."""
    _check_text(text)
    return _assemble(text, [_sign(text, name, key) for name, key in signers])


def split_note(note: bytes) -> tuple[bytes, tuple[SignatureLine, ...]]:
    """The text and the signature lines, unverified; Damaged when the note is malformed or over a limit."""
    if len(note) > MAX_NOTE:
        raise _bad_note(f"It has {len(note)} bytes; at most {MAX_NOTE} are read.")
    end = note.rfind(b"\n\n")
    if end < 0 or not note.endswith(b"\n"):
        raise _bad_note("No empty line divides a text from signature lines.")
    text = note[: end + 1]
    _check_text(text)
    lines = note[end + 2 :].split(b"\n")[:-1]
    if not 1 <= len(lines) <= MAX_SIGNATURES:
        raise _bad_note(f"It has {len(lines)} signature lines; 1 to {MAX_SIGNATURES} are read.")
    return text, tuple(map(SignatureLine.parse, lines))


def open_note(note: bytes, keys: Iterable[VerifyKey]) -> OpenedNote:
    """The text and who of `keys` signed it.

    Lines of unknown keys are ignored. Damaged when a known key's line does not verify (`bad-signature`), or when no
    known key has signed (`no-known-signature`). Only keys of type 0x01 sign notes; others count as unknown.
    """
    text, lines = split_note(note)
    note_keys = [key for key in keys if key.alg == ALG_NOTE]
    signers: list[str] = []
    for line in lines:
        named = [key for key in note_keys if line.is_by(key)]
        if not named:
            continue
        if not any(key.verify(text, line.signature) for key in named):
            raise Damaged(
                "The signature on the note does not hold.",
                f"The line of {line.name} does not belong to this text.",
                "Ask for the note again, and compare the fingerprint words of the key.",
                code="bad-signature",
            )
        if line.name not in signers:
            signers.append(line.name)
    if not signers:
        raise Damaged(
            "The note is not signed by a key we trust.",
            "Signed, but not verified: " + ", ".join(line.name for line in lines) + ".",
            "Exchange the party's card first, or ask for a note signed by its present key.",
            code="no-known-signature",
        )
    return OpenedNote(text, tuple(signers))


def add_signature(note: bytes, name: str, key: SigningKey) -> bytes:
    """The note with one more signature; unchanged when that key's line is there. Open the note before signing it."""
    text, _ = split_note(note)
    return add_line(note, _sign(text, name, key))


def add_line(note: bytes, line: bytes | SignatureLine) -> bytes:
    """The note with one more signature line, unverified; unchanged when the same line is there."""
    text, lines = split_note(note)
    added = SignatureLine.parse(line) if isinstance(line, bytes) else line
    return note if added in lines else _assemble(text, [*lines, added])


def merge_notes(note: bytes, *others: bytes) -> bytes:
    """One note with the signature lines of all, each once; Damaged when the texts differ.

    Open each before: one forged line under a known key makes the whole merged note unreadable.
    """
    text, lines = split_note(note)
    merged = list(lines)
    for other in others:
        other_text, other_lines = split_note(other)
        if other_text != text:
            raise _bad_note("The notes to merge have different texts.")
        merged += [line for line in other_lines if line not in merged]
    return _assemble(text, merged)


def _sign(text: bytes, name: str, key: SigningKey) -> SignatureLine:
    if not is_key_name(name):
        raise _bad_note(f"{name[:60]!r} cannot name a key.")
    return SignatureLine(name, key_hash(name, ALG_NOTE, key.public), key.sign(text))


def _assemble(text: bytes, lines: Sequence[SignatureLine]) -> bytes:
    if not 1 <= len(lines) <= MAX_SIGNATURES:
        raise _bad_note(f"It would have {len(lines)} signature lines; a note has 1 to {MAX_SIGNATURES}.")
    note = text + b"\n" + b"".join(line.to_bytes() for line in lines)
    if len(note) > MAX_NOTE:
        raise _bad_note(f"It would have {len(note)} bytes; a note has at most {MAX_NOTE}.")
    return note


def _check_text(text: bytes) -> None:
    if not text.endswith(b"\n"):
        raise _bad_note("Its text does not end in a newline.")
    if _CONTROL.search(text):
        raise _bad_note("Its text has control characters.")
    try:
        text.decode()
    except UnicodeDecodeError:
        raise _bad_note("Its text is not UTF-8.") from None


def _bad_note(why: str) -> Damaged:
    return Damaged("The note cannot be read.", why, "Ask its sender for the file again.", code="bad-note")
