"""Sealed boxes: bytes only the holders of named age keys can open (C2SP age, X25519 recipients)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import BinaryIO

import pyrage
from pyrage import x25519

from kouprey.kernel.words.errors import Damaged


def new_identity() -> tuple[str, str]:
    """A fresh key pair: (secret `AGE-SECRET-KEY-1…`, recipient `age1…`)."""
    identity = x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipient_of(secret: str) -> str:
    """The recipient `age1…` of a secret key; Damaged when it cannot be read."""
    return str(_identity(secret).to_public())


def seal(data: bytes, recipients: Sequence[str]) -> bytes:
    """`data` encrypted to each `age1…` recipient; Damaged when there is none or one cannot be read.

    Encryption does not say who sealed: what must be attributed is signed inside.
    """
    sealed: bytes = pyrage.encrypt(data, _recipients(recipients))
    return sealed


def check_recipients(recipients: Sequence[str]) -> None:
    """Damaged when there is none or one cannot be read: asked before long work is begun."""
    _recipients(recipients)


def seal_stream(chunks: Iterable[bytes], out: BinaryIO, recipients: Sequence[str]) -> None:
    """`chunks` encrypted into `out` as they come, in flat memory; what `chunks` or `out` raise is raised here."""
    keys = _recipients(recipients)
    source, target = _Chunks(chunks), _Target(out.write)
    try:
        pyrage.encrypt_io(source, target, keys)
    except (pyrage.EncryptError, OSError) as failed:
        raise source.failed or target.failed or failed from None


def open_stream(source: BinaryIO, sink: Callable[[bytes], object], identities: Sequence[str]) -> None:
    """Give `sink` what was sealed, piece by piece; Damaged (`cannot-open`) when changed, cut or for somebody else.

    Pieces given are authentic, but only the return of this function says that none is missing.
    """
    keys = [_identity(text) for text in identities]
    target = _Target(sink)
    try:
        pyrage.decrypt_io(source, target, keys)
    except (pyrage.DecryptError, OSError, ValueError) as refused:
        if target.failed is not None:
            raise target.failed from None
        raise _cannot_open(refused) from None


class _Chunks:
    """A file to be read over an iterator; pyrage would show of its failures the text alone."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")
        self.failed: Exception | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._rest:
                self._rest = memoryview(next(self._chunks))
        except StopIteration:
            return b""
        except Exception as error:
            self.failed = error
            raise
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)


class _Target:
    """A file to be written over a function, which remembers how that failed."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self.failed: Exception | None = None

    def write(self, data: bytes) -> int:
        try:
            self._write(data)
        except Exception as error:
            self.failed = error
            raise
        return len(data)

    def flush(self) -> None:
        """Whoever gave the function flushes."""


def open_box(data: bytes, identities: Sequence[str]) -> bytes:
    """The bytes sealed to one of these secret keys; Damaged (`cannot-open`) when changed, cut or for somebody else."""
    keys = [_identity(text) for text in identities]
    try:
        opened: bytes = pyrage.decrypt(data, keys)
    except (pyrage.DecryptError, ValueError) as refused:
        raise _cannot_open(refused) from None
    return opened


def _cannot_open(refused: Exception) -> Damaged:
    return Damaged(
        "The box cannot be opened.",
        f"It is sealed to another key, changed or cut short ({refused}).",
        "Ask its sender to seal it again to the present key of this node.",
        code="cannot-open",
    )


def _recipients(recipients: Sequence[str]) -> list[x25519.Recipient]:
    if not recipients:
        raise Damaged("Nothing was sealed.", "No recipient was named.", "Name at least one.", code="bad-recipient")
    try:
        return [x25519.Recipient.from_str(text) for text in recipients]
    except pyrage.RecipientError:
        raise Damaged(
            "Nothing was sealed.",
            "A recipient is not an age X25519 public key (`age1…`).",
            "Ask the receiver for a new card.",
            code="bad-recipient",
        ) from None


def _identity(secret: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(secret.strip())
    except pyrage.IdentityError:
        # Neither chained nor quoted: the text is a secret.
        raise Damaged(
            "The age key cannot be read.",
            "It is not an age X25519 secret key (`AGE-SECRET-KEY-1…`).",
            "Restore the key file from its backup.",
            code="bad-key",
        ) from None
