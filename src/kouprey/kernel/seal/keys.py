"""Ed25519 keys as signed notes write them, secrets and their comparison."""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from kouprey.kernel.seal.voice import words_of
from kouprey.kernel.words.errors import Damaged

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = [
    "ALG_COSIGNATURE",
    "ALG_NOTE",
    "SigningKey",
    "VerifyKey",
    "equal",
    "hmac_sha256",
    "is_key_name",
    "key_hash",
    "random_bytes",
    "strict_base64",
    "token",
    "token_hash",
    "words_of",
]

ALG_NOTE = 0x01
"""Signature type of Ed25519 over a note's text (C2SP signed-note)."""

ALG_COSIGNATURE = 0x04
"""Signature type of timestamped Ed25519 cosignatures over a checkpoint (C2SP tlog-cosignature)."""

_PUBLIC_BYTES = 32
_SIGNATURE_BYTES = 64
_MAX_NAME = 255
_HASH = re.compile(r"[0-9a-f]{8}", re.ASCII)

_FIELD = 2**255 - 19
# The y coordinates of the eight points of small order. Under such a key one signature fits many messages, and its
# holder could later deny what was signed.
_SMALL_ORDER = frozenset(
    {
        0,
        1,
        _FIELD - 1,
        int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
        int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
    }
)


def is_key_name(name: str) -> bool:
    """True for a name a note key may have: not empty, printable, without spaces or `+`; at most 255 characters."""
    return 0 < len(name) <= _MAX_NAME and name.isprintable() and "+" not in name and not any(map(str.isspace, name))


def key_hash(name: str, alg: int, public: bytes) -> bytes:
    """The 4-byte key ID: SHA-256(name || 0x0A || alg || public)[:4] (C2SP signed-note, Signatures)."""
    return sha256(name.encode() + b"\n" + bytes([alg]) + public).digest()[:4]


def strict_base64(text: str) -> bytes:
    """Standard base64 in its one canonical form; ValueError otherwise."""
    data = b64decode(text, validate=True)
    if b64encode(data).decode() != text:
        raise ValueError("not canonical base64")
    return data


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """A public key with the name and signature type it is trusted for."""

    name: str
    alg: int
    public: bytes

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise _bad_key(f"{self.name[:60]!r} cannot name a key.")
        if self.alg not in (ALG_NOTE, ALG_COSIGNATURE):
            raise _bad_key(f"Its signature type {self.alg:#04x} is not one of Ed25519.")
        if len(self.public) != _PUBLIC_BYTES:
            raise _bad_key(f"An Ed25519 public key has {_PUBLIC_BYTES} bytes, this one {len(self.public)}.")
        y = int.from_bytes(self.public, "little") & (1 << 255) - 1
        if y >= _FIELD or y in _SMALL_ORDER:
            raise _bad_key("It is one of the points under which a signature proves nothing.")

    @classmethod
    def parse(cls, vkey: str) -> VerifyKey:
        """Read `name+hash+base64(alg || public)` (C2SP signed-note, Verifier keys); Damaged unless exact."""
        parts = vkey.split("+", 2)
        if len(parts) != 3 or _HASH.fullmatch(parts[1]) is None:
            raise _bad_key("It does not read name+hash+key.")
        try:
            material = strict_base64(parts[2])
        except ValueError:
            raise _bad_key("Its last part is not base64.") from None
        key = cls(parts[0], material[0] if material else 0, material[1:])
        if key.hash.hex() != parts[1]:
            raise _bad_key("Its hash does not belong to its name and key.")
        return key

    @property
    def hash(self) -> bytes:
        """The 4-byte key ID that stands in signature lines."""
        return key_hash(self.name, self.alg, self.public)

    @property
    def vkey(self) -> str:
        """The text that `parse` reads."""
        return f"{self.name}+{self.hash.hex()}+{b64encode(bytes([self.alg]) + self.public).decode()}"

    def verify(self, data: bytes, sig: bytes) -> bool:
        """Whether `sig` (64 bytes) is this key's Ed25519 signature over `data` (RFC 8032)."""
        if len(sig) != _SIGNATURE_BYTES:
            return False
        from cryptography.exceptions import InvalidSignature

        try:
            self.load().verify(sig, data)
        except (InvalidSignature, ValueError):
            return False
        return True

    def load(self) -> Ed25519PublicKey:
        """The key as the cryptography library holds it."""
        # Imported late: most commands never verify anything.
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        return Ed25519PublicKey.from_public_bytes(self.public)


class SigningKey:
    """An Ed25519 private key. Its secret never appears in `repr`."""

    __slots__ = ("_key", "public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public: bytes = key.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> SigningKey:
        """A fresh key."""
        return cls.from_bytes(secrets.token_bytes(32))

    @classmethod
    def from_bytes(cls, secret: bytes) -> SigningKey:
        """The key of a 32-byte seed (RFC 8032 section 5.1.5); Damaged for another length."""
        if len(secret) != 32:
            raise Damaged(
                "The private key cannot be read.",
                f"A private key has 32 bytes, this one {len(secret)}.",
                "Restore the key file from its backup.",
                code="bad-key",
            )
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.from_private_bytes(secret))

    def to_bytes(self) -> bytes:
        """The 32-byte seed. Secret."""
        return self._key.private_bytes_raw()

    def verify_key(self, name: str, alg: int = ALG_NOTE) -> VerifyKey:
        """The public half under a name."""
        return VerifyKey(name, alg, self.public)

    def vkey(self, name: str, alg: int = ALG_NOTE) -> str:
        """The public half as text to hand out (C2SP signed-note, Verifier keys)."""
        return self.verify_key(name, alg).vkey

    def sign(self, data: bytes) -> bytes:
        """The 64-byte Ed25519 signature over `data`."""
        return self._key.sign(data)

    def load(self) -> Ed25519PrivateKey:
        """The key as the cryptography library holds it."""
        return self._key

    def __repr__(self) -> str:
        return f"<SigningKey {self.public.hex()[:16]}>"


def random_bytes(count: int) -> bytes:
    """Bytes nobody can guess."""
    return secrets.token_bytes(count)


def token() -> str:
    """A fresh secret of 256 bits to hand out, safe in URLs and headers."""
    return secrets.token_urlsafe(32)


def token_hash(secret: str) -> bytes:
    """What we store instead of a token: its SHA-256. Enough, because a token is not a guessable password."""
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()


def equal(a: str | bytes, b: str | bytes) -> bool:
    """Compare secrets in a time that does not tell where they differ."""
    return hmac.compare_digest(_as_bytes(a), _as_bytes(b))


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA-256 (RFC 2104), 32 bytes."""
    return hmac.digest(key, data, "sha256")


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _bad_key(why: str) -> Damaged:
    return Damaged("The public key cannot be used.", why, "Ask its owner for the key again.", code="bad-key")
