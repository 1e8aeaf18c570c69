"""One-time codes of authenticator apps (RFC 4226, RFC 6238): six digits that change every thirty seconds."""

from __future__ import annotations

import hmac
from base64 import b32encode
from urllib.parse import quote

from kouprey.kernel.seal.keys import equal, random_bytes
from kouprey.kernel.words.time import SECOND, Instant

PERIOD: Instant = 30 * SECOND
DIGITS = 6
_EITHER_SIDE = 1
"""Periods by which the app's clock may be off."""


def new_secret() -> bytes:
    """160 bits, as RFC 4226 section 4 recommends."""
    return random_bytes(20)


def code_at(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """The code of one period (RFC 4226, section 5.3)."""
    mark = hmac.digest(secret, counter.to_bytes(8, "big"), "sha1")
    place = mark[-1] & 15
    number = int.from_bytes(mark[place : place + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def find_counter(secret: bytes, code: str, now: Instant, after: int) -> int | None:
    """The period whose code this is, near `now` and later than `after`: a code works once (RFC 6238, section 5.2)."""
    middle = now // PERIOD
    near = range(middle - _EITHER_SIDE, middle + _EITHER_SIDE + 1)
    # All are compared, so that the time taken does not tell which one held.
    held = [counter for counter in near if equal(code_at(secret, counter), code) and counter > after]
    return held[0] if held else None


def shown(secret: bytes) -> str:
    """The secret as it is typed into an app."""
    return b32encode(secret).decode()


def address(secret: bytes, issuer: str, account: str) -> str:
    """What an app reads from a picture; the issuer stands twice, because apps differ in where they look."""
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?secret={shown(secret)}&issuer={quote(issuer)}"
