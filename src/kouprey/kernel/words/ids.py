"""Identifiers: STIX ids, party ids, and the short random ids of our own records."""

from __future__ import annotations

import re
import secrets

_STIX = re.compile(
    r"([a-z0-9]+(?:-[a-z0-9]+)*)--([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})",
    re.ASCII,
)
_PARTY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+", re.ASCII)


def stix_type(stix_id: str) -> str | None:
    """The type named by a STIX 2.1 identifier (section 2.9), or None when it is not one.

    Upper-case UUIDs pass, because they are in circulation.
    """
    found = _STIX.fullmatch(stix_id)
    return found.group(1) if found is not None and 3 <= len(found.group(1)) <= 250 else None


def is_party_id(text: str) -> bool:
    """True for a lower-case DNS-like name (`cert.example`); it names a party for ever."""
    return len(text) <= 253 and _PARTY.fullmatch(text) is not None


def new_id(prefix: str) -> str:
    """A fresh unguessable identifier: prefix, underscore, 128 random bits in hex."""
    return f"{prefix}_{secrets.token_hex(16)}"
