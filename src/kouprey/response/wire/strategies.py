"""Strategies in STIX: a course of action (4.3) that carries its playbook.

The playbook stands in the extension for courses of action of V. Mavroeidis and M. Zych (extension definition
1e1c1bd7-c527-4215-8e18-e199e74da57c), as base64 in `playbook_bin`: its bytes stay what they were.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from uuid import UUID

from kouprey.kernel.words.time import format_instant
from kouprey.response.model.playbooks import Playbook

EXTENSION = "extension-definition--1e1c1bd7-c527-4215-8e18-e199e74da57c"
_KNOWN = frozenset({"notification", "detection", "investigation", "prevention", "mitigation", "remediation", "attack"})


def write_strategy(playbook: Playbook, raw: bytes, party: str) -> dict[str, Any]:
    """The course of action by which a party gives a playbook; the same playbook of the same party has the same id."""
    created, modified = format_instant(playbook.created), format_instant(playbook.modified)
    carried: dict[str, Any] = {
        "extension_type": "property-extension",
        "playbook_id": playbook.id,
        "created": created,
        "modified": modified,
        "playbook_standard": "CACAO",
        "playbook_bin": b64encode(raw).decode(),
    }
    if types := [each for each in playbook.types if each in _KNOWN]:
        carried["playbook_type"] = types
    made: dict[str, Any] = {
        "type": "course-of-action",
        "spec_version": "2.1",
        "id": id_of(party, playbook.id),
        "created": created,
        "modified": modified,
        "name": playbook.name,
    }
    if playbook.description:
        made["description"] = playbook.description
    if playbook.revoked:
        made["revoked"] = True
    return made | {"extensions": {EXTENSION: carried}}


def id_of(party: str, playbook: str) -> str:
    """The id under which a party gives a playbook.

    Bits of a hash in the layout of version 4, which STIX wants (2.9): two parties' names for it do not collide.
    """
    digest = sha256(f"strategy\0{party}\0{playbook}".encode()).digest()
    return f"course-of-action--{UUID(bytes=digest[:16], version=4)}"


def carried_playbook(value: Mapping[str, Any]) -> bytes:
    """The bytes of the playbook that a course of action carries; b"" for none, or for what is no CACAO or no base64."""
    extensions = value.get("extensions")
    carried = extensions.get(EXTENSION) if isinstance(extensions, dict) else None
    if not isinstance(carried, dict) or not isinstance(carried.get("playbook_bin"), str):
        return b""
    standard = carried.get("playbook_standard", "CACAO")
    if not isinstance(standard, str) or "cacao" not in standard.lower():
        return b""
    try:
        return b64decode(carried["playbook_bin"], validate=True)
    except (binascii.Error, ValueError):
        return b""
