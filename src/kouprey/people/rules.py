"""Decisions of people: which passwords are good enough, and how long to wait after wrong ones."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from kouprey.kernel.words.time import SECOND, Instant

LEAST = 12
MOST = 1000
FREE_OF_ACCOUNT = 5
"""Wrong passwords for one name before waiting begins."""
FREE_OF_ADDRESS = 30
"""Wrong passwords from one address before waiting begins; an office may share one."""
_LONGEST_WAIT = 900
_OWN = 8
"""Characters that must be left of a password without the names in it."""

# Those that are tried first among long ones. Short ones and repetitions fall under the other rules.
_TRIED_FIRST = """
123456789012 1234567890123 12345678901234 123456789abc qwertyuiop12 qwertyuiop123 qwertyuiopas qwerty123456
1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6 zaq12wsxcde3 asdfghjkl123 password1234 password12345
password123456 password2024 password2025 password2026 passwordpassword p@ssw0rd1234 passw0rd1234 p@ssword1234
welcome12345 welcome123456 letmeinplease letmein12345 iloveyou1234 iloveyou12345 administrator administrator1
administrator123 admin1234567 admin12345678 changemenow1 changeme1234 changeme12345 abcdefghijkl abcdefghijklm
abcdefghijklmnop abc123456789 sunshine1234 football1234 superman1234 monkey123456 dragon123456 princess1234
correcthorsebatterystaple
"""
_COMMON = frozenset(_TRIED_FIRST.split())


class Weakness(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    PLAIN = "plain"
    NAMES = "names"


def normal(password: str) -> str:
    """One form for what looks alike, so that a password typed on another keyboard is the same."""
    return unicodedata.normalize("NFKC", password)


def weakness_of(password: str, names: Iterable[str]) -> Weakness | None:
    """Why not to take it, None when it is good; `names` are those an attacker would try: the person's, the party's.

    No rule asks for signs of several kinds (NIST SP 800-63B, 3.1.1.2): they make passwords alike, not strong.
    """
    text = normal(password)
    if len(text) < LEAST:
        return Weakness.SHORT
    if len(text) > MOST:
        return Weakness.LONG
    folded = text.casefold()
    if folded.replace(" ", "") in _COMMON:
        return Weakness.COMMON
    if len(set(folded)) < 5:
        return Weakness.PLAIN
    rest = folded
    for word in sorted({word for name in names for word in _words(name)}, key=len, reverse=True):
        rest = rest.replace(word, "")
    return Weakness.NAMES if rest != folded and len(rest) < _OWN else None


def _words(name: str) -> set[str]:
    folded = normal(name).casefold()
    parts = folded.replace(".", " ").replace("-", " ").split()
    return {word for word in (folded, "".join(parts), *parts) if len(word) >= 3}


def ready_at(failures: int, last: Instant, free: int) -> Instant:
    """From when the next attempt is taken: at once at first, then after a wait that doubles up to 15 minutes."""
    if failures < free:
        return last
    return last + min(1 << min(failures - free, 20), _LONGEST_WAIT) * SECOND
