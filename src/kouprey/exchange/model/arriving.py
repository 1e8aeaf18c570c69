"""What arrives: a body with what the store needs to know of it, and what is derived from it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kouprey.exchange.model.observables import Observable
from kouprey.exchange.model.placing import Placement
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


class Extract(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is written down beside a body, made of the body alone.

    `text` gives its terms when it is cut wherever ASCII has neither letter nor digit, and lowered. `links` are
    (STIX id, place, word) of what it refers to; `ends` is until when it says that it holds, 0 when it does not;
    `placements` are where it places something among the ways of attack.
    """

    findings: tuple[Finding, ...]
    observables: tuple[Observable, ...]
    text: str
    links: tuple[tuple[str, int, str], ...]
    ends: Instant = 0
    placements: tuple[Placement, ...] = ()


class Arrival(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One object that may be kept: the bytes as received and what the store needs to know of them.

    `instant` and `version_text` are `modified`, else `created`, as an instant and as written; 0 and "" when the id
    alone is the version. `tlp` is the strictest level its own markings state, None when they state none; `markings`
    are the marking ids whose meaning is not fixed by a standard, for whoever holds those definitions.
    `sighting_of` is what a sighting saw, and `times` how often. `offset` and `line` say where it began in its stream,
    as in a Refusal. `extract` is there when it was made ahead.
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
    times: int = 1
    offset: int = -1
    line: int | None = None
    extract: Extract | None = None

    @property
    def observable(self) -> bool:
        """True when the id alone is the version, so that unequal bodies are variants and never conflicts."""
        return self.version_text == ""


class Parsed(Arrival, frozen=True, kw_only=True, gc=False):
    """An arrival whose body has just been read; `value` is what it says: read it, never change it."""

    value: dict[str, Any]
