"""The nouns of the exchange as they come through the door: an arrival, a refusal, what is wrong with an object."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

Verdict = Literal["new", "repeat", "conflict", "variant"]
"""What a body is to the bodies already kept for its version."""

OBSERVABLE_TYPES = frozenset(
    {
        "artifact",
        "autonomous-system",
        "directory",
        "domain-name",
        "email-addr",
        "email-message",
        "file",
        "ipv4-addr",
        "ipv6-addr",
        "mac-addr",
        "mutex",
        "network-traffic",
        "process",
        "software",
        "url",
        "user-account",
        "windows-registry-key",
        "x509-certificate",
    }
)
"""STIX 2.1 section 6: objects without `created` and `modified`; their id is their version."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One object that may be kept: the bytes as received and what the store needs to know of them.

    `instant` and `version_text` are `modified`, else `created`, as an instant and as written; 0 and "" when the id
    alone is the version. `tlp` is the strictest level its own markings state, None when they state none; `markings`
    are the marking ids whose meaning is not fixed by a standard, for whoever holds those definitions.
    `sighting_of` is what a sighting saw. `value` is the parsed body: read it, never change it.
    """

    raw: bytes
    stix_id: str
    type: str
    instant: Instant
    version_text: str
    created_by: str | None
    tlp: TLP | None
    markings: tuple[str, ...]
    revoked: bool
    title: str
    sighting_of: str | None
    value: dict[str, Any]

    @property
    def observable(self) -> bool:
        """True when the id alone is the version, so that unequal bodies are variants and never conflicts."""
        return self.version_text == ""


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One thing not accepted, in words for the sender.

    `offset` is the byte in the uncompressed stream at which the refused thing begins, `line` its line (from 1) where
    the stream is read line by line. `code` is the code of the Damaged behind it.
    """

    offset: int
    line: int | None
    stix_id: str | None
    code: str
    what: str
    why: str
    remedy: str


class Finding(msgspec.Struct, frozen=True, gc=False):
    """One way in which an object differs from what STIX demands (`must`) or advises (`should`).

    `path` says where, written like a granular selector (`external_references.[0].url`), empty for the object as a
    whole. `code` is for programs and never changes its meaning, `text` for people. `source` is the paragraph of the
    standard, `STIX 2.1, 4.7`. An object without a `must` is valid.
    """

    code: str
    path: str
    severity: Literal["must", "should"]
    text: str
    source: str
