"""Decisions of people: good passwords, waiting after wrong ones, who belongs to whom, and who may act for whom."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from kouprey.kernel.words.time import SECOND, Instant
from kouprey.people.model import (
    Acting,
    Delegation,
    DelegationState,
    Membership,
    RootStatement,
    Token,
    permissions_of_token,
)

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


def newest_root(said: Iterable[RootStatement], root: str) -> str:
    """The root key that follows `root` in the end: itself when none does."""
    after = {each.before: each.root for each in said}
    while root in after:
        root = after.pop(root)
    return root


def earlier_roots(said: Iterable[RootStatement], root: str) -> tuple[str, ...]:
    """The root keys that `root` has followed, the newest first."""
    before = {each.root: each.before for each in said}
    found = []
    while root in before:
        root = before.pop(root)
        found.append(root)
    return tuple(found)


def closes_circle(known: Iterable[Membership], party: str, member: str) -> bool:
    """Whether `party` would belong to itself, directly or through others, if `member` belonged to it."""
    above: dict[str, set[str]] = {}
    for each in known:
        above.setdefault(each.member, set()).add(each.party)
    seen: set[str] = set()
    waiting = {party}
    while waiting:
        reached = waiting.pop()
        seen.add(reached)
        waiting |= above.get(reached, set()) - seen
    return member in seen


def acting(token: Token, delegation: Delegation, now: Instant) -> Acting | None:
    """What a token may do by a delegation: never more than either of them says; None when that is nothing.

    What is not in force gives nothing, and neither does a delegation of another token, nor one to the party itself.
    """
    if delegation.token != token.user or delegation.to != token.party or delegation.party == token.party:
        return None
    if (
        token.constituent
        or not token.active
        or now >= token.expires
        or delegation.state(now) is not DelegationState.IN_FORCE
    ):
        return None
    both = permissions_of_token(token) & set(delegation.verbs)
    if not both:
        return None
    return Acting(
        delegation=delegation.id,
        party=delegation.party,
        clearance=min(token.clearance, delegation.clearance),
        verbs=tuple(verb for verb in delegation.verbs if verb in both),
    )


def overlap(one: Delegation, other: Delegation) -> bool:
    """Whether two delegations of one token for one party count at the same time at some instant."""
    same = (one.token, one.party) == (other.token, other.party)
    return same and one.starts < other.ends and other.starts < one.ends
