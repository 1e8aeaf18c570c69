"""The query string of a request: filters, limit and `next`, judged strictly (TAXII 2.1 section 3.4)."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.taxii.model import Match, Query

MOST_VALUES = 1000
"""Values in one filter; the databases take some ten thousand."""

_KNOWN = ("added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "match[spec_version]")
_WORDS = ("first", "last", "all")
_TYPE = re.compile(r"[A-Za-z0-9_-]{1,250}", re.ASCII)
_SPEC = re.compile(r"\d{1,3}\.\d{1,3}", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
# What is echoed in a header must be an instant that can be written down again.
_EARLIEST = parse_instant("0001-01-01T00:00:00Z")
_LATEST = parse_instant("9999-12-31T23:59:59.999999Z")


def read_query(query_string: bytes) -> Query:
    """Read a query string; unknown parameters are ignored, anything wrong in a known one raises Damaged."""
    given = _parameters(query_string)
    match = Match(
        ids=tuple(_id(text) for text in _values("match[id]", given)),
        types=tuple(_type(text) for text in _values("match[type]", given)),
        versions=_versions(_values("match[version]", given)),
        specs=tuple(_spec(text) for text in _values("match[spec_version]", given)),
    )
    after, limit, cursor = given.get("added_after"), given.get("limit"), given.get("next")
    if cursor == "":
        raise _bad("next", "it is empty", "Send the value of `next` as it was given, or leave it out.")
    return Query(
        added_after=None if after is None else _instant("added_after", after),
        limit=None if limit is None else _limit(limit),
        cursor=cursor or "",
        match=match,
    )


def _parameters(query_string: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise Damaged(
            "The query string cannot be read.",
            f"It is no UTF-8, or has more than 100 parameters: {error}.",
            "Encode it as application/x-www-form-urlencoded.",
            code="bad-query",
        ) from None
    given: dict[str, str] = {}
    for name, value in pairs:
        if name in given:
            raise _bad(name, "it occurs twice", "Give several values in one parameter, separated by commas.")
        if name in _KNOWN:
            given[name] = value
    return given


def _values(name: str, given: dict[str, str]) -> list[str]:
    if name not in given:
        return []
    values = given[name].split(",", MOST_VALUES)
    if len(values) > MOST_VALUES:
        raise _bad(name, f"it has more than {MOST_VALUES} values", "Ask in several requests.")
    return list(dict.fromkeys(values)) if name != "match[version]" else values


def _id(text: str) -> str:
    if stix_type(text) is None:
        raise _bad("match[id]", f"{text[:80]!r} is no STIX identifier", "An id is a type, two hyphens and a UUID.")
    return text


def _type(text: str) -> str:
    if _TYPE.fullmatch(text) is None:
        raise _bad("match[type]", f"{text[:80]!r} is no STIX type", "Types are words like indicator, with commas.")
    return text


def _spec(text: str) -> str:
    if _SPEC.fullmatch(text) is None:
        raise _bad("match[spec_version]", f"{text[:80]!r} is no version of STIX", "Send 2.0, 2.1 or both.")
    return text


def _versions(texts: list[str]) -> tuple[str | Instant, ...]:
    versions = tuple(text if text in _WORDS else _instant("match[version]", text) for text in texts)
    if len(set(versions)) < len(versions):
        raise _bad("match[version]", "a version occurs twice", "Name each once.")
    if "all" in versions and len(versions) > 1:
        raise _bad("match[version]", "`all` stands beside others", "Send `all` alone.")
    return versions


def _limit(text: str) -> int:
    if _DIGITS.fullmatch(text) is None or not text.strip("0"):
        raise _bad("limit", f"{text[:40]!r} is no positive number", "Send a whole number from 1 on.")
    # More digits than any page has rows; Python refuses to convert thousands of them.
    return int(text.lstrip("0")[:18])


def _instant(name: str, text: str) -> Instant:
    try:
        instant = parse_instant(text)
        if _EARLIEST <= instant <= _LATEST:
            return instant
    except ValueError:
        pass
    raise _bad(name, f"{text[:60]!r} is no timestamp", "Send RFC 3339 in UTC, like 2026-11-22T09:00:00.000000Z.")


def _bad(name: str, why: str, remedy: str) -> Damaged:
    return Damaged(f"The parameter {name[:60]!r} is wrong.", f"In it {why}.", remedy, code="bad-parameter")
