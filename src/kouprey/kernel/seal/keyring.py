"""The key files of a node: one folder, one file a key, readable by its owner alone."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from kouprey.kernel.disk import sync_folder
from kouprey.kernel.seal import box
from kouprey.kernel.seal.keys import SigningKey, random_bytes
from kouprey.kernel.words.errors import Damaged, Refused, Unknown

FILES = (
    "root.key",
    "node.key",
    "receipt.key",
    "age.key",
    "cookie.key",
    "node.old.key",
    "root.old.key",
    "receipt.old.key",
)
_MADE = FILES[:5]


@dataclass(frozen=True)
class Keyring:
    """A node's secrets.

    `root` signs cards and agreements and may be kept elsewhere (then it is None); `node` signs checkpoints and
    requests; `receipt` cosigns what we hold of others; `age_secrets` open parcels, the first of them those that are
    sealed to `age_recipient` today; `cookie` (32 bytes) authenticates cursors and forms.
    """

    root: SigningKey | None
    node: SigningKey
    receipt: SigningKey
    age_secrets: tuple[str, ...] = field(repr=False)
    age_recipient: str
    cookie: bytes = field(repr=False)
    node_before: SigningKey | None = None
    """The node key that is being replaced, until every partner has the card with the new one."""
    root_before: SigningKey | None = None
    """The root key that is being replaced, until it has vouched for the new one."""
    receipt_before: SigningKey | None = None
    """The receipt key that is being revoked, until a statement says so; the new one signs already."""

    @property
    def speaker(self) -> SigningKey:
        """The node key that partners know for certain: it signs requests, manifests and notes."""
        return self.node_before or self.node

    @property
    def signers(self) -> tuple[SigningKey, ...]:
        """The keys that sign checkpoints: during a rotation both."""
        return (self.node,) if self.node_before is None else (self.node, self.node_before)

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
    present = [name for name in _MADE if (folder / name).exists()]
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
    sync_folder(folder)
    sync_folder(folder.parent)
    return load(folder)


def load(folder: Path) -> Keyring:
    """Read the keys of a node; Unknown names the file that is missing, Damaged the one that cannot be read."""
    lines = _text(folder / "age.key").splitlines()
    # The present one first: a file without any has an empty one, of which the box says what is wrong.
    secrets = tuple(line for line in lines if line and not line.startswith("#")) or ("",)
    recipients = [box.recipient_of(secret) for secret in secrets]
    return Keyring(
        root=_find_key(folder / "root.key"),
        node=_signing_key(folder / "node.key"),
        receipt=_signing_key(folder / "receipt.key"),
        age_secrets=secrets,
        age_recipient=recipients[0],
        cookie=_secret(folder / "cookie.key"),
        node_before=_find_before(folder, "node"),
        root_before=_find_before(folder, "root"),
        receipt_before=_find_before(folder, "receipt"),
    )


def begin_rotation(folder: Path) -> Keyring:
    """Put a new node key beside the present one, which goes on speaking; Refused while one is being replaced."""
    if _find_before(folder, "node") is not None:
        raise Refused(
            "The node key is being replaced already.",
            "The one before it still signs beside it.",
            "Finish that first: `kouprey keys finish`.",
            code="rotation-under-way",
        )
    return _put_beside(folder, "node")


def begin_root(folder: Path) -> Keyring:
    """Put a new root key beside the present one, which is to vouch for it; Refused while one is being replaced."""
    load(folder).require_root()
    if _find_before(folder, "root") is not None:
        raise Refused(
            "The root key is being replaced already.",
            "The one before it has not been taken away.",
            "Finish that first: `kouprey keys rotate --root`.",
            code="rotation-under-way",
        )
    return _put_beside(folder, "root")


def _put_beside(folder: Path, word: str) -> Keyring:
    present, before = folder / f"{word}.key", folder / f"{word}.old.key"
    before.unlink(missing_ok=True)
    # Killed in between, the old one is in both places: nothing was begun, and nothing signed by the new one.
    os.link(present, before)
    _replace(present, SigningKey.generate().to_bytes().hex())
    return load(folder)


def end_rotation(folder: Path) -> Keyring:
    """Forget the node key that was replaced."""
    (folder / "node.old.key").unlink(missing_ok=True)
    sync_folder(folder)
    return load(folder)


def end_root(folder: Path) -> Keyring:
    """Forget the root key that was replaced."""
    (folder / "root.old.key").unlink(missing_ok=True)
    sync_folder(folder)
    return load(folder)


def begin_receipt(folder: Path) -> Keyring:
    """Put a new receipt key in the place of one that is to be revoked; Refused while one is being revoked."""
    if _find_before(folder, "receipt") is not None:
        raise Refused(
            "The receipt key is being revoked already.",
            "The one before it has not been taken away.",
            "Finish that first: `kouprey keys revoke --receipt`.",
            code="rotation-under-way",
        )
    return _put_beside(folder, "receipt")


def end_receipt(folder: Path) -> Keyring:
    """Forget the receipt key that was revoked."""
    (folder / "receipt.old.key").unlink(missing_ok=True)
    sync_folder(folder)
    return load(folder)


def replace_receipt(folder: Path) -> Keyring:
    """Make another receipt key; what the one before has signed is verified by the cards that name it."""
    _replace(folder / "receipt.key", SigningKey.generate().to_bytes().hex())
    return load(folder)


def replace_age(folder: Path) -> Keyring:
    """Make another age key; those before stay in the file, since what is sealed to them may be on its way for years."""
    path = folder / "age.key"
    secret, recipient = box.new_identity()
    _replace(path, f"# {recipient}\n{secret}\n{_text(path).strip()}")
    return load(folder)


def _replace(path: Path, text: str) -> None:
    """Another text of a file in one step: whoever is killed leaves the one or the other."""
    fresh = path.with_suffix(".new.key")
    fresh.unlink(missing_ok=True)
    _save(fresh, text)
    fresh.replace(path)
    sync_folder(path.parent)


def _find_before(folder: Path, word: str) -> SigningKey | None:
    """The key that is being replaced, if one is."""
    before, present = _find_key(folder / f"{word}.old.key"), _find_key(folder / f"{word}.key")
    same = before is not None and present is not None and before.public == present.public
    return None if same else before


def _find_key(path: Path) -> SigningKey | None:
    return _signing_key(path) if path.exists() else None


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
