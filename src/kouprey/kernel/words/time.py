"""Instants: whole microseconds since 1970-01-01T00:00:00Z, as int. A remote clock decides nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import time_ns

Instant = int
"""Microseconds since the epoch, UTC."""

Clock = Callable[[], Instant]

SECOND: Instant = 1_000_000
DAY: Instant = 86_400 * SECOND
FOREVER: Instant = 2**62
"""Later than any instant we handle; used where a limit is absent."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = (datetime(1, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
_FORM = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII)


def wall_clock() -> Instant:
    """The machine's time."""
    return time_ns() // 1000


def parse_instant(text: str) -> Instant:
    """Read an RFC 3339 date-time with any number of fraction digits; raises ValueError.

    Digits beyond microseconds are cut, never rounded, so that the order of two texts never inverts.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"not an RFC 3339 date-time: {text[:60]!r}")
    year, month, day, hour, minute, second, fraction, sign, off_hour, off_minute = found.groups()
    whole_second = int(second)
    leap = whole_second == 60
    moment = datetime(int(year), int(month), int(day), int(hour), int(minute), 59 if leap else whole_second, tzinfo=UTC)
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    value = (moment - _EPOCH) // timedelta(microseconds=1) + micro + (SECOND if leap else 0)
    if sign:
        if int(off_hour) > 23 or int(off_minute) > 59:
            raise ValueError(f"impossible offset: {text[:60]!r}")
        shift = (int(off_hour) * 60 + int(off_minute)) * 60 * SECOND
        value += -shift if sign == "+" else shift
    if not _FIRST <= value <= _LAST:
        raise ValueError(f"outside the years 1 to 9999: {text[:60]!r}")
    return value


def format_instant(instant: Instant) -> str:
    """RFC 3339 in UTC with exactly six fraction digits, as TAXII 2.1 section 2 wants it."""
    moment = _EPOCH + timedelta(microseconds=instant)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}Z".rjust(27, "0")


def format_second(instant: Instant) -> str:
    """RFC 3339 in UTC, whole seconds: for documents people read."""
    return f"{_EPOCH + timedelta(microseconds=instant // SECOND * SECOND):%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0")
