"""Sealed boxes: bytes only the holders of named age keys can open (C2SP age, X25519 recipients)."""

from __future__ import annotations

from collections.abc import Sequence

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
    if not recipients:
        raise Damaged("Nothing was sealed.", "No recipient was named.", "Name at least one.", code="bad-recipient")
    try:
        keys = [x25519.Recipient.from_str(text) for text in recipients]
    except pyrage.RecipientError:
        raise Damaged(
            "Nothing was sealed.",
            "A recipient is not an age X25519 public key (`age1…`).",
            "Ask the receiver for a new card.",
            code="bad-recipient",
        ) from None
    sealed: bytes = pyrage.encrypt(data, keys)
    return sealed


def open_box(data: bytes, identities: Sequence[str]) -> bytes:
    """The bytes sealed to one of these secret keys; Damaged (`cannot-open`) when changed, cut or for somebody else."""
    keys = [_identity(text) for text in identities]
    try:
        opened: bytes = pyrage.decrypt(data, keys)
    except (pyrage.DecryptError, ValueError) as refused:
        raise Damaged(
            "The box cannot be opened.",
            f"It is sealed to another key, changed or cut short ({refused}).",
            "Ask its sender to seal it again to the present key of this node.",
            code="cannot-open",
        ) from None
    return opened


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
