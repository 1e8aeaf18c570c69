"""Nouns of agreements: terms, the document, its versions, and where each of them stands."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import FOREVER, Instant
from kouprey.kernel.words.tlp import TLP


class Onward(StrEnum):
    """How far a receiver may pass on what it received under an agreement."""

    NONE = "none"
    MEMBERS = "members"
    COMMUNITY = "community"


KINDS = ("intelligence", "sighting", "hand-off", "strategy", "statement", "nomination", "sealed-item")
"""What `types` in the terms name; a label's `kind` is one of them."""

PURPOSES = ("incident-response", "protection", "research", "capacity-building", "law-enforcement", "public-information")
"""What information may be used for: the words this version offers for the clause on purposes."""


class PartyInDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A party as the document names it: its id, its full name and the verifier key of its root."""

    id: str
    root: str
    name: str = ""


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The clauses that decide (see `CLAUSES`). A clause this version does not know makes the document unreadable here:
    it could forbid something, and what is not understood must not be taken for allowed.

    `start` and `until` ("" = open end) are instants as text, `from` and `until` in the document.
    """

    tlp_ceiling: str = "amber"
    types: tuple[str, ...] = ("intelligence", "sighting")
    purposes: tuple[str, ...] = ("incident-response", "protection")
    onward: str = "none"
    retention_days: int = 730
    erasure_days: int = 30
    entries_per_day: int = 1_000_000
    bytes_per_day: int = 4 << 30
    body_max: int = 1 << 20
    start: str = msgspec.field(name="from", default="")
    until: str = ""


CLAUSES = {
    "parties": "1",
    "tlp_ceiling": "2",
    "types": "3",
    "purposes": "4",
    "onward": "5",
    "retention_days": "6",
    "erasure_days": "7",
    "quotas": "8",
    "dates": "9",
    "suspension": "10",
}
"""The clause each rule cites; the page and the PDF number their paragraphs the same way."""


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The agreement document: what is signed, byte for byte (docs/spec/agreement.md)."""

    v: int
    title: str
    parties: tuple[PartyInDocument, ...]
    terms: Terms
    overlap_s: int = 30 * 86_400
    text: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def starts(self) -> str:
        """When it begins."""
        return self.terms.start

    @property
    def ends(self) -> str:
        """When it ends, "" without an end."""
        return self.terms.until


class State(StrEnum):
    """Where one version of an agreement stands on this node; computed, never typed in."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    IN_FORCE = "in force"
    NOT_YET = "not yet in force"
    SUSPENDED = "suspended"
    ENDED = "ended"
    SUPERSEDED = "superseded"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What the one decision needs to know of an agreement: its terms, its parties and whether it runs.

    `note_sha256` identifies the version (hash of the note's text); `suspended_by` names the parties that suspended it;
    `home` is the party of this node.
    """

    agreement: str
    home: str
    version: int
    note_sha256: bytes
    title: str
    parties: tuple[str, ...]
    terms: Terms
    tlp_ceiling: TLP
    signed: bool
    starts: Instant
    ends: Instant = FOREVER
    suspended_by: tuple[str, ...] = ()

    def state(self, now: Instant) -> State:
        """Where it stands at `now`."""
        if not self.signed:
            return State.PROPOSED
        if now >= self.ends:
            return State.ENDED
        if self.suspended_by:
            return State.SUSPENDED
        return State.IN_FORCE if now >= self.starts else State.NOT_YET

    def suspended_between(self, party: str) -> tuple[str, ...]:
        """Who of the two, we or `party`, has suspended it; a third party's suspension does not come between us."""
        return tuple(by for by in self.suspended_by if by in (self.home, party))


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an agreement: the document and the signed note over it."""

    agreement: str
    number: int
    previous: bytes
    document_bytes: bytes
    document: Document
    note: bytes
    note_sha256: bytes
    in_force_from: Instant
    signers: tuple[str, ...]
    proposed_by: str
    at: Instant

    @property
    def party_ids(self) -> tuple[str, ...]:
        """The parties, sorted."""
        return tuple(sorted(party.id for party in self.document.parties))

    @property
    def missing(self) -> tuple[str, ...]:
        """Parties whose signature is still awaited."""
        return tuple(party for party in self.party_ids if party not in self.signers)
