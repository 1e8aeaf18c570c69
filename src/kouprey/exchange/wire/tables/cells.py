"""What one cell says: a value, a time, how sure, a level; each read or refused with its reason."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kouprey.exchange.model import Observable
from kouprey.exchange.model.tables import Times
from kouprey.exchange.wire.observables import KINDS, canonical, recognise
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP, parse_tlp

ANY = "value"
"""The role of a column whose cells are recognised, one by one."""
GROUPS = {
    "ip": ("ipv4-addr",),
    "hash": ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
    "domain": ("domain-name",),
    "email": ("email-addr",),
}
"""Short words for kinds that people do not tell apart."""
SAID = ("name", "description", "confidence", "valid_from", "valid_until", "tlp", "labels")
"""Roles of columns that say something about the value of their row."""
VALUE_ROLES = (ANY, *GROUPS, *KINDS)

# Anything may be one of these, so nothing is taken for one that is not said to be.
_NEVER_GUESSED = frozenset({"certificate-serial", "file-name", "mutex", "user-agent"})
_PORT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,3}){3}):[0-9]{1,5}", re.ASCII)
_NOTHING = frozenset({"", "-", "?", "null", "none", "n/a", "nan"})
# Written by whoever guards against spreadsheets that take a cell for a formula.
_GUARDED = re.compile(r"'(?=[=+\-@\t\r])")
_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?)?"
    r"\s?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?",
    re.ASCII,
)
_OFFSET = re.compile(r"([+-])([0-9]{2}):?([0-9]{2})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WORDS = {"none": 0, "low": 15, "med": 50, "medium": 50, "high": 85}
"""STIX 2.1 appendix A, the None/Low/Med/High scale."""


def bare(cell: str) -> str:
    """The cell without what guards it from spreadsheets; "" for what people write where there is nothing."""
    text = _GUARDED.sub("", cell, 1)
    return "" if text.lower() in _NOTHING else text


def read_value(role: str, text: str) -> Observable:
    """The value of a cell in a column of this role; Damaged when it is none."""
    address = _PORT.fullmatch(text)
    if address is not None and role in (ANY, "ip", "ipv4-addr"):
        text = address[1]
    if role in (ANY, "hash"):
        found = [each for each in recognise(text) if each.kind not in _NEVER_GUESSED]
        # A word alone is a host's name to some and anything to others.
        found = [each for each in found if each.kind != "domain-name" or "." in each.text]
        if role == "hash":
            found = [each for each in found if each.kind in GROUPS["hash"]]
        made = found[0] if found else None
    else:
        made = next((each for kind in GROUPS.get(role, (role,)) if (each := canonical(kind, text)) is not None), None)
    if made is None:
        raise Damaged(
            "The cell is not a value of that kind.",
            f"It is to be read as {role}.",
            "Correct it, or say that the column is something else.",
            code="bad-value",
        )
    return made


def read_time(text: str, times: Times) -> Instant:
    """An instant; Damaged when it is not written as said. A time that names no zone is in that of the table."""
    try:
        moment = _auto(text, times.zone) if times.format == "auto" else datetime.strptime(text, times.format)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone_of(times.zone))
        return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError) as error:
        raise Damaged(
            "The time cannot be read.",
            f"It is not of the form {'2026-11-22 09:00:00' if times.format == 'auto' else times.format!r}: {error}.",
            "Name the format of the times, in the way of strptime.",
            code="bad-time",
        ) from None


def _auto(text: str, zone: str) -> datetime:
    if text.isascii() and text.isdigit() and len(text) in (10, 13):
        return _EPOCH + timedelta(milliseconds=int(text) * (1 if len(text) == 13 else 1000))
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError("neither a date nor seconds since 1970")
    year, month, day, hour, minute, second, fraction, named = found.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    made = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micro)
    return made.replace(tzinfo=zone_of(named or zone))


@lru_cache(maxsize=64)
def zone_of(name: str) -> tzinfo:
    """A zone by its IANA name or as an offset; ValueError when there is none."""
    if name.upper() in ("Z", "UTC", "GMT"):
        return UTC
    found = _OFFSET.fullmatch(name)
    if found is not None:
        shift = timedelta(hours=int(found[2]), minutes=int(found[3]))
        return timezone(-shift if found[1] == "-" else shift)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name[:60]!r}") from None


def read_confidence(text: str) -> int:
    """0 to 100; Damaged for anything else but the words none, low, medium and high."""
    word = text.lower().removesuffix("%").strip()
    if word in _WORDS:
        return _WORDS[word]
    if not (word.isascii() and word.isdigit() and len(word) <= 3 and int(word) <= 100):
        raise Damaged(
            "The confidence cannot be read.",
            "It is a whole number from 0 to 100, or none, low, medium or high.",
            "Correct it, or leave the column out.",
            code="bad-confidence",
        )
    return int(word)


def read_level(text: str) -> TLP:
    """A TLP level; Damaged when it is none."""
    try:
        return parse_tlp(text)
    except ValueError as error:
        raise Damaged("The level cannot be read.", str(error), "Correct it.", code="bad-tlp") from None


def read_labels(text: str) -> list[str]:
    """The words of a list that is separated by commas, semicolons or strokes, each once."""
    return list(dict.fromkeys(word for each in re.split(r"[,;|]", text) if (word := each.strip())))
