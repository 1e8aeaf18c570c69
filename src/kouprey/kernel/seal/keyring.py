"""The key files of a node: one folder, one file a key, readable by its owner alone."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kouprey.kernel.seal import box
from kouprey.kernel.seal.keys import SigningKey, random_bytes
from kouprey.kernel.words.errors import Refused, Unknown

_FILES = ("root.key", "node.key", "receipt.key", "age.key", "cookie.key")


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
    age_secret: str
    age_recipient: str
    cookie: bytes

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
    present = [name for name in _FILES if (folder / name).exists()]
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
    return load(folder)


def load(folder: Path) -> Keyring:
    """Read the keys of a node; Unknown names the file that is missing."""
    root = folder / "root.key"
    secret = [line for line in _text(folder / "age.key").splitlines() if line and not line.startswith("#")][-1]
    return Keyring(
        root=_signing_key(root) if root.exists() else None,
        node=_signing_key(folder / "node.key"),
        receipt=_signing_key(folder / "receipt.key"),
        age_secret=secret,
        age_recipient=box.recipient_of(secret),
        cookie=bytes.fromhex(_text(folder / "cookie.key").strip()),
    )


def _signing_key(path: Path) -> SigningKey:
    return SigningKey.from_bytes(bytes.fromhex(_text(path).strip()))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
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
