"""Reading the loose JSON of MISP: numbers come as texts, lists may be missing, and nothing can be relied on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from kouprey.kernel.words.time import SECOND, Instant, format_instant

Json = dict[str, Any]

_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}").fullmatch

LAST = 253_402_300_799
"""The last second of the year 9999."""


def text_of(holder: Json, key: str) -> str:
    """A text, also of a number or a truth; "" when it is missing or something else."""
    value = holder.get(key)
    if type(value) is str:
        return value
    if value is None or isinstance(value, list | dict):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def list_of(holder: Json, key: str) -> Iterator[Json]:
    """The objects in a list; a single one may stand for a list of it."""
    value = holder.get(key)
    if isinstance(value, dict):
        yield value
    elif isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))


def truth_of(holder: Json, key: str) -> bool:
    """Whether a flag is set, however it is written."""
    return text_of(holder, key).strip().lower() in ("1", "true", "yes")


def instant_of(holder: Json, key: str) -> Instant:
    """An instant from seconds since 1970; 0 when there is none."""
    text = text_of(holder, key).strip()
    whole, _, _ = text.partition(".")
    if not whole.isascii() or not whole.isdigit() or len(whole) > 12 or int(whole) > LAST:
        return 0
    return int(whole) * SECOND


def is_uuid(text: str) -> bool:
    """A UUID that STIX takes in an id: lower case, RFC 4122, versions 1 to 5."""
    return _UUID(text) is not None


def said(value: Any) -> bool:
    """False for what says nothing: missing, empty, zero or no."""
    return value not in (None, "", "0", 0, False, [], {}, "false")


@lru_cache(maxsize=4096)
def stamp(instant: Instant) -> str:
    """An instant as STIX writes it."""
    return format_instant(instant)


def keys(text: str) -> frozenset[str]:
    """Keys of JSON, written as words."""
    return frozenset(text.split())
