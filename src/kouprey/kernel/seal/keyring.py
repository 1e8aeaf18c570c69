"""The key files of a node: one folder, one file a key, readable by its owner alone."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from kouprey.kernel.seal import box
from kouprey.kernel.seal.keys import SigningKey, random_bytes
from kouprey.kernel.words.errors import Damaged, Refused, Unknown

FILES = ("root.key", "node.key", "receipt.key", "age.key", "cookie.key")


@dataclass(frozen=True)
class Keyring:
    """A node's secrets.

    `root` signs cards and agreements and may be kept elsewhere (then it is None); `node` signs checkpoints and
    requests; `receipt` cosigns what we hold of others; `age_secret` opens parcels; `cookie` (32 bytes) authenticates
    cursors and forms.
    """

    root: SigningKey | None
    node: SigningKey
    receipt: SigningKey
    age_secret: str = field(repr=False)
    age_recipient: str
    cookie: bytes = field(repr=False)

    def require_root(self) -> SigningKey:
        """The root key, or Unknown with the remedy when it is kept offline."""
        if self.root is None:
            raise Unknown(
                "The root key is not on this machine.",
                "Cards and agreements are signed by it, and somebody took it offline.",
                "Put root.key back into the keys folder for the ceremony, sign, and take it away again.",
                code="no-root-key",
            )
        return self.root


def create(folder: Path) -> Keyring:
    """Make all keys of a new node in `folder` (created, mode 0700; files 0600); Refused when keys are there already."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    present = [name for name in FILES if (folder / name).exists()]
    if present:
        raise Refused(
            "This folder already holds keys.",
            f"Found {', '.join(present)} in {folder}.",
            "Use another data directory, or keep the node that is there.",
            code="keys-exist",
        )
    secret, recipient = box.new_identity()
    for name in ("root.key", "node.key", "receipt.key"):
        _save(folder / name, SigningKey.generate().to_bytes().hex())
    _save(folder / "age.key", f"# {recipient}\n{secret}")
    _save(folder / "cookie.key", random_bytes(32).hex())
    _sync(folder)
    _sync(folder.parent)
    return load(folder)


def load(folder: Path) -> Keyring:
    """Read the keys of a node; Unknown names the file that is missing, Damaged the one that cannot be read."""
    root = folder / "root.key"
    lines = _text(folder / "age.key").splitlines()
    secret = next((line for line in lines if line and not line.startswith("#")), "")
    return Keyring(
        root=_signing_key(root) if root.exists() else None,
        node=_signing_key(folder / "node.key"),
        receipt=_signing_key(folder / "receipt.key"),
        age_secret=secret,
        age_recipient=box.recipient_of(secret),
        cookie=_secret(folder / "cookie.key"),
    )


def _signing_key(path: Path) -> SigningKey:
    return SigningKey.from_bytes(_secret(path))


def _secret(path: Path) -> bytes:
    """The 32 bytes that a key file holds in hex."""
    try:
        secret = bytes.fromhex(_text(path).strip())
    except ValueError:
        secret = b""
    if len(secret) != 32:
        # Neither chained nor quoted: the text is a secret.
        raise Damaged(
            f"The key file {path.name} cannot be read.",
            "It does not hold 32 bytes in hex.",
            "Restore it from your backup.",
            code="bad-key",
        )
    return secret


def _text(path: Path) -> str:
    try:
        # What is no ASCII is no key either; whoever reads the text says so.
        return path.read_text(encoding="ascii", errors="replace")
    except FileNotFoundError:
        raise Unknown(
            f"The key file {path.name} is missing.",
            f"Looked in {path.parent}.",
            "Name the right data directory with --data, or restore the keys from your backup.",
            code="no-key",
        ) from None


def _save(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
