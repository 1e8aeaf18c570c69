"""What a person would call a STIX object, in one line."""

from __future__ import annotations

from typing import Any

LONGEST = 200
"""Characters of a title."""

_NAMING: dict[str, tuple[str, ...]] = {
    "artifact": ("url",),
    "directory": ("path",),
    "domain-name": ("value",),
    "email-addr": ("value",),
    "email-message": ("subject",),
    "grouping": ("context",),
    "indicator": ("pattern",),
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "location": ("city", "administrative_area", "country", "region"),
    "mac-addr": ("value",),
    "malware-analysis": ("product",),
    "note": ("abstract", "content"),
    "opinion": ("opinion",),
    "process": ("command_line",),
    "url": ("value",),
    "user-account": ("display_name", "account_login", "user_id"),
    "windows-registry-key": ("key",),
    "x509-certificate": ("subject", "serial_number"),
}
"""Properties that name an object of a type when it has no `name`, best first."""

# Word joiners and breakers that Khmer and other scripts are written with; other invisible characters can mislead.
_JOINERS = "\u200b\u200c\u200d"


def title_of(value: dict[str, Any], kind: str, stix_id: str) -> str:
    """A line of at most 200 characters; the id when the object says nothing better."""
    name = value.get("name")
    if not isinstance(name, str):
        name = _described(value, kind)
    return _one_line(name) or stix_id[:LONGEST]


def _described(value: dict[str, Any], kind: str) -> str:
    if kind == "relationship":
        return _of(value, "relationship_type", "{}: ") + _of(value, "source_ref") + _of(value, "target_ref", " -> {}")
    if kind == "sighting":
        return _of(value, "sighting_of_ref", "sighting of {}")
    if kind == "language-content":
        return _of(value, "object_ref", "translation of {}")
    for naming in _NAMING.get(kind, ()):
        text = value.get(naming)
        if isinstance(text, str) and text:
            return text
    if kind == "autonomous-system":
        number = value.get("number")
        return f"AS{number}" if isinstance(number, int) else ""
    if kind == "marking-definition":
        definition = value.get("definition")
        return _first_text(definition) if isinstance(definition, dict) else ""
    if kind == "network-traffic":
        protocols = value.get("protocols")
        return " ".join(word for word in protocols if isinstance(word, str)) if isinstance(protocols, list) else ""
    hashes = value.get("hashes")
    return _first_text(hashes) if isinstance(hashes, dict) else ""


def _of(value: dict[str, Any], key: str, form: str = "{}") -> str:
    text = value.get(key)
    return form.format(text[:LONGEST]) if isinstance(text, str) else ""


def _first_text(values: dict[str, Any]) -> str:
    return next((f"{key}: {text}" for key, text in values.items() if isinstance(text, str)), "")


def _one_line(text: str) -> str:
    # Cut first: a pattern may be a megabyte long.
    line = text[: 2 * LONGEST]
    if not line.isprintable():
        line = "".join(char if char.isprintable() or char in _JOINERS else " " for char in line)
    if "  " in line or line[:1] == " " or line[-1:] == " ":
        line = " ".join(line.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
