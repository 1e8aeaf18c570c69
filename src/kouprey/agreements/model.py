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
"""What `types` in the terms may name; a label's `kind` is one of them."""

PURPOSES = ("incident-response", "protection", "research", "capacity-building", "law-enforcement", "public-information")
"""What information may be used for; the words of clauses on purpose."""


class PartyInDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A party as the document names it: its id, its full name and the verifier key of its root."""

    id: str
    root: str
    name: str = ""


class Quotas(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much each party may send: entries and bytes a day, bytes of one body."""

    entries_day: int = 1_000_000
    bytes_day: int = 4 << 30
    body_max: int = 1 << 20


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The clauses that decide; each field is one numbered clause (see `CLAUSES`).

    An unknown clause makes the document unreadable: what cannot be decided is denied.
    """

    tlp_ceiling: str = "amber"
    types: tuple[str, ...] = ("intelligence", "sighting")
    purposes: tuple[str, ...] = ("incident-response", "protection")
    starts: str = msgspec.field(default="", name="from")
    ends: str = msgspec.field(default="", name="until")
    onward: str = "none"
    retention_days: int = 730
    erasure_days: int = 30
    quotas: Quotas = Quotas()


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
    """The agreement document: what is signed, byte for byte (docs/spec/agreement.md).

    `overlap_s`: seconds during which entries made under the version before are still accepted; `text`: language ->
    the words people agree on.
    """

    v: int
    title: str
    parties: tuple[PartyInDocument, ...]
    terms: Terms
    overlap_s: int = 30 * 86400
    text: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def starts(self) -> str:
        """The first instant, as text."""
        return self.terms.starts

    @property
    def ends(self) -> str:
        """The instant at which it is over, as text; "" for none."""
        return self.terms.ends


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
    `home` is the party of this node; `draft` until somebody has signed; from `changes` on another version counts.
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
    draft: bool = False
    changes: Instant = FOREVER

    def state(self, now: Instant) -> State:
        """Where it stands at `now`."""
        if not self.signed:
            return State.DRAFT if self.draft else State.PROPOSED
        if now >= self.ends:
            return State.ENDED
        if now < self.starts:
            return State.NOT_YET
        return State.SUSPENDED if self.suspended_by else State.IN_FORCE

    def suspended_between(self, party: str) -> tuple[str, ...]:
        """Who of the two, we or `party`, has suspended it; a third party's suspension does not come between us."""
        return tuple(by for by in self.suspended_by if by in (self.home, party))


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an agreement: the document and the signed note over it.

    A draft has no signers yet, and its `note` is the text with an empty line instead of signatures.
    """

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
    def draft(self) -> bool:
        """True while nobody has signed it: it is ours alone, and nobody else may learn of it."""
        return not self.signers

    @property
    def missing(self) -> tuple[str, ...]:
        """Parties whose signature is still awaited."""
        return tuple(party for party in self.party_ids if party not in self.signers)


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """Something done with an agreement: `action` as in the audit, `by` a person, a party, "operator" or "node"."""

    at: Instant
    by: str
    action: str
    detail: dict[str, object]
