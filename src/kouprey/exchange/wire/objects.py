"""One STIX object: judged at the door, its head extracted, its bytes kept."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from kouprey.exchange.model import OBSERVABLE_TYPES, Parsed
from kouprey.exchange.wire.titles import title_of
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP, parse_tlp

TLP_2_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
"""The extension by which a marking definition states a TLP 2.0 level (OASIS cti-stix-common-objects)."""

_TYPE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_LONGEST_TIMESTAMP = 64
_OF_MISP = frozenset({"Event", "response"})
"""Keys of which a MISP file has one, at the top."""
# Nothing kept may name an instant that cannot be written down again.
_EARLIEST = parse_instant("0001-01-01T00:00:00Z")
_LATEST = parse_instant("9999-12-31T23:59:59.999999Z")


def read_object(raw: bytes) -> Parsed:
    """Judge the bytes of one STIX 2.0 or 2.1 object; they are kept exactly as given.

    Raises Damaged: `unsafe-json`, `bad-type`, `bad-id` or `bad-timestamp`. Nothing else is refused here.
    """
    return arrive(raw, decode(raw))


def arrive(raw: bytes, value: Any, offset: int = -1, line: int | None = None) -> Parsed:
    """`read_object` for bytes whose value is already known, and their place in a stream."""
    if not isinstance(value, dict):
        raise _bad_type("A STIX object is a JSON object.")
    stix_id, kind = value.get("id"), value.get("type")
    if not isinstance(stix_id, str) or not isinstance(kind, str) or kind == "bundle" or stix_type(stix_id) != kind:
        raise _of_misp() if kind is None and _OF_MISP & value.keys() else _misnamed(stix_id, kind)
    version_text, instant = _version(value, kind)
    tlp, markings = _markings(value)
    created_by = value.get("created_by_ref")
    saw = value.get("sighting_of_ref") if kind == "sighting" else None
    return Parsed(
        raw=raw,
        stix_id=stix_id,
        type=kind,
        instant=instant,
        version_text=version_text,
        created_by=created_by if isinstance(created_by, str) and stix_type(created_by) else None,
        tlp=tlp,
        markings=markings,
        revoked=value.get("revoked") is True,
        title=title_of(value, kind, stix_id),
        sighting_of=saw if isinstance(saw, str) and stix_type(saw) else None,
        times=_times(value),
        value=value,
        offset=offset,
        line=line,
    )


def defined_tlp(value: dict[str, Any]) -> TLP | None:
    """The TLP level a marking definition defines, None when it defines something else.

    A level that cannot be understood is the strictest one.
    """
    if value.get("type") != "marking-definition":
        return None
    words: list[Any] = []
    definition, extensions = value.get("definition"), value.get("extensions")
    if value.get("definition_type") == "tlp":
        words.append(definition.get("tlp") if isinstance(definition, dict) else None)
    if isinstance(extensions, dict) and TLP_2_EXTENSION in extensions:
        extension = extensions[TLP_2_EXTENSION]
        words.append(extension.get("tlp_2_0") if isinstance(extension, dict) else None)
    return max((_level(word) for word in words), default=None)


def _level(word: Any) -> TLP:
    try:
        return parse_tlp(word) if isinstance(word, str) else TLP.RED
    except ValueError:
        return TLP.RED


def _markings(value: dict[str, Any]) -> tuple[TLP | None, tuple[str, ...]]:
    """The strictest level stated, and the marking ids only their definitions can explain."""
    tlp = defined_tlp(value)
    if "object_marking_refs" not in value and "granular_markings" not in value:
        return tlp, ()
    refs = value.get("object_marking_refs")
    # A single text in place of a list is wrong, and a marking none the less.
    named: list[Any] = list(refs) if isinstance(refs, list) else [refs]
    granular = value.get("granular_markings")
    if isinstance(granular, list):
        named.extend(entry.get("marking_ref") for entry in granular if isinstance(entry, dict))
    unknown = set()
    for ref in named:
        if not isinstance(ref, str):
            continue
        level = STIX_MARKINGS.get(ref.lower())
        if level is None:
            unknown.add(ref)
        elif tlp is None or level > tlp:
            tlp = level
    return tlp, tuple(sorted(unknown))


def _version(value: dict[str, Any], kind: str) -> tuple[str, Instant]:
    if kind in OBSERVABLE_TYPES:
        return "", 0
    version, instant = "", 0
    for name in ("created", "modified"):
        # An object may have neither, but one that is there must be readable.
        if name in value and (value[name] != version or not version):
            version, instant = value[name], _instant(name, value[name])
    return version, instant


def _times(value: dict[str, Any]) -> int:
    """STIX 2.1 section 5.2: `count` is 0 to 999,999,999; a sighting without one is one."""
    count = value.get("count")
    return count if type(count) is int and 0 <= count <= 999_999_999 else 1


def _instant(name: str, text: Any) -> Instant:
    try:
        if not isinstance(text, str) or len(text) > _LONGEST_TIMESTAMP:
            raise ValueError("not a text of at most 64 characters")
        return _parse(text)
    except ValueError as error:
        raise Damaged(
            f"The timestamp {name!r} cannot be read.",
            f"It is {error}.",
            "STIX wants RFC 3339 in UTC, like 2026-11-22T09:00:00.000Z.",
            code="bad-timestamp",
            detail={"property": name},
        ) from None


@lru_cache(maxsize=4096)
def _parse(text: str) -> Instant:
    instant = parse_instant(text)
    if not _EARLIEST <= instant <= _LATEST:
        raise ValueError("outside the years 1 to 9999")
    return instant


def _bad_type(why: str) -> Damaged:
    return Damaged(
        "The object's type cannot be accepted.",
        why,
        "STIX types are lower-case words joined by hyphens, and the id begins with the type.",
        code="bad-type",
    )


def _of_misp() -> Damaged:
    return Damaged(
        "This is not STIX but looks like MISP.",
        "It has no type, and events as MISP exports them.",
        "`kouprey misp import` takes MISP events in, and so does the page /misp/import.",
        code="bad-type",
    )


def _misnamed(stix_id: Any, kind: Any) -> Damaged:
    """Which of the two names of an object is at fault."""
    if not isinstance(kind, str) or not 3 <= len(kind) <= 250 or _TYPE.fullmatch(kind) is None:
        return _bad_type("The property 'type' is missing or has characters a type may not have.")
    if kind == "bundle":
        return _bad_type("A bundle carries objects; it is not one itself.")
    if not isinstance(stix_id, str) or (named := stix_type(stix_id)) is None:
        return Damaged(
            "The object's id cannot be accepted.",
            "The property 'id' is missing or is not a type, two hyphens and a UUID.",
            "Give it an id like indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f.",
            code="bad-id",
        )
    return _bad_type(f"The id says {named[:60]!r} and the property 'type' says {kind[:60]!r}.")
