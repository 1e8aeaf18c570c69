"""Passwords as Argon2id hashes (RFC 9106): memory-hard, a few at a time, with the same work for nobody."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.words.errors import Unreachable

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_SALT, _HASH = 16, 32


@dataclass(frozen=True)
class Cost:
    """What one hash costs: KiB of memory, rounds over it, lanes. As given, the second choice of RFC 9106, section 4."""

    memory: int = 65_536
    rounds: int = 3
    lanes: int = 4


@dataclass(frozen=True)
class Hasher:
    """Hashes and checks passwords, `at_once` together and `waiting` behind them; whoever comes then is turned away.

    Without a bound a crowd at the sign-in page would take all memory, and all threads from everybody else. Takes
    hundreds of milliseconds: never to be called on the event loop or inside a write.
    """

    cost: Cost = Cost()
    at_once: int = 2
    waiting: int = 8
    _working: BoundedSemaphore = field(init=False, repr=False)
    _admitted: BoundedSemaphore = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_working", BoundedSemaphore(self.at_once))
        object.__setattr__(self, "_admitted", BoundedSemaphore(self.at_once + self.waiting))

    def hash(self, password: str) -> str:
        """The hash to keep, in the PHC form that carries its own cost and salt."""
        with _Turn(self):
            return self._argon().hash(password)

    def verify(self, held: str, password: str) -> bool:
        """Whether the password belongs to the hash; "" stands for nobody's, costs the same and never holds."""
        from argon2.exceptions import InvalidHashError, VerificationError

        with _Turn(self):
            try:
                return self._argon().verify(held or self._nobodys(), password)
            except (VerificationError, InvalidHashError):
                return False

    def outgrown(self, held: str) -> bool:
        """Whether the hash was made at another cost than that of today."""
        return self._argon().check_needs_rehash(held)

    def _argon(self) -> PasswordHasher:
        # Imported late: only sign-in needs it.
        from argon2 import PasswordHasher

        cost = self.cost
        return PasswordHasher(cost.rounds, cost.memory, cost.lanes, hash_len=_HASH, salt_len=_SALT)

    def _nobodys(self) -> str:
        """A hash of the cost of today that no password has."""
        salt, mark = (b64encode(random_bytes(size)).decode().rstrip("=") for size in (_SALT, _HASH))
        return f"$argon2id$v=19$m={self.cost.memory},t={self.cost.rounds},p={self.cost.lanes}${salt}${mark}"


class _Turn:
    """One's place in the queue, or Unreachable when it is full."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher = hasher

    def __enter__(self) -> None:
        if not self._hasher._admitted.acquire(blocking=False):
            raise Unreachable(
                "Too many people are signing in at this moment.",
                "Checking a password costs much memory, so only a few are checked at once.",
                "Try again in a few seconds.",
                code="sign-in-busy",
            )
        self._hasher._working.acquire()

    def __exit__(self, *_: object) -> None:
        self._hasher._working.release()
        self._hasher._admitted.release()
