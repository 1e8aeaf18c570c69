"""Decisions of constituents: what can be theirs, when they are written to, and how long a failed mail waits."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from kouprey.constituents.model import Network, Rhythm
from kouprey.kernel.words.time import DAY, SECOND, Instant

HOUR: Instant = 3600 * SECOND
AT_ONCE_GAP: Instant = 600 * SECOND
"""At once means at most one mail in so long, or an import of a feed would be a hundred."""
ATTEMPTS = 12
"""After so many a person has to look."""
_FIRST_WAIT, _LONGEST_WAIT = 60 * SECOND, 6 * HOUR
_SHORTEST = {4: 8, 6: 16}
"""Address family -> the shortest prefix that can be one organisation's."""
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+", re.ASCII)
_EPOCH_MONDAY = 4 * DAY
"""1970-01-05."""


def is_address(text: str) -> bool:
    """True for a mailbox that a relay takes without quoting (RFC 5321, dot-string at a domain)."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None


def problem_of(network: Network) -> str:
    """Why something cannot be one organisation's, "" when it can."""
    if network.kind in ("ipv4-net", "ipv6-net"):
        net = ip_network(network.text)
        if net.prefixlen < _SHORTEST[net.version]:
            return f"{network.text} is too wide: /{_SHORTEST[net.version]} is the widest."
    if network.kind in ("domain-name", "email-addr") and "." not in network.text.lstrip("@"):
        return f"{network.text} is a top-level domain."
    return ""


def slot(rhythm: Rhythm, hour: int, now: Instant) -> tuple[str, Instant]:
    """The newest period that has begun, by its name and when it did; ("", 0) where there are none."""
    shifted = now - hour * HOUR
    if rhythm is Rhythm.DAILY:
        begin = shifted // DAY * DAY
        return f"{_date(begin):%Y-%m-%d}", begin + hour * HOUR
    if rhythm is Rhythm.WEEKLY:
        begin = (shifted - _EPOCH_MONDAY) // (7 * DAY) * (7 * DAY) + _EPOCH_MONDAY
        year, week, _ = _date(begin).isocalendar()
        return f"{year}-W{week:02}", begin + hour * HOUR
    return "", 0


def wait(attempts: int) -> Instant:
    """How long after so many failed attempts the next one comes: a minute, doubling, at most six hours."""
    return min(_FIRST_WAIT << min(max(attempts, 1) - 1, 20), _LONGEST_WAIT)


def _date(instant: Instant) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)
