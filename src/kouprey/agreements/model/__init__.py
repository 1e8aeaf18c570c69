"""Nouns of agreements: terms, the document, its versions, and where each of them stands."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

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


HANDOFF_KINDS = (
    "inform",
    "assist",
    "act",
    "notify-victim",
    "sighting-query",
    "preserve",
    "disclose",
    "transfer",
    "joint",
)
"""What a party may ask of another one across a border."""

DUTIES = ("publish", "acknowledge", "answer-recall", "tell-sightings", "answer-feedback")
"""What the parties may owe: to publish what concerns the others, to acknowledge what came, and so on."""

MEASURES = {
    "share-back": "ratio",
    "time-to-publish": "seconds",
    "time-to-acknowledge": "seconds",
    "context": "ratio",
    "false-positives": "ratio",
    "concentration": "ratio",
    "outstanding-recalls": "count",
    "availability": "ratio",
}
"""Measures of whether an agreement works, each computed from receipts alone, and its unit."""

RELEASING_ROLES = ("liaison", "legal", "policy", "diplomat", "lead")
"""Roles that approval rules may name."""

REFERENCES = ("prune", "block")
"""What becomes of a thing that names others which may not travel: they are left out, or all of it stays."""


class PartyInDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A party as the document names it: its id, its full name and the verifier key of its root.

    `members` are parties it speaks for (a group and its national operators); `contacts` lines for people to read.
    """

    id: str
    root: str
    name: str = ""
    members: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An audience within the agreement: some of its parties under one name."""

    name: str
    parties: tuple[str, ...]


class HandOffTerm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of hand-off that is allowed, and within how many seconds it is acknowledged and decided.

    `hours` says which seconds count: "always", or "office" and a time zone (`office Asia/Phnom_Penh`: 8:00 to 17:00,
    Monday to Friday, holidays by the calendar of the party asked). While a question of the party asked is open, the
    clock of the decision stands still, for `pause_s` seconds at most; 0: it never does.
    """

    kind: str
    acknowledge_s: int
    decide_s: int
    hours: str = "always"
    pause_s: int = 0


class Duty(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something every party owes within a number of seconds; `kind` is one of `DUTIES`."""

    kind: str
    within_s: int


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a measure shall come to; `baseline` is what it was before, None where nobody knows. Units: `MEASURES`."""

    measure: str
    target: float
    baseline: float | None = None


class ApprovalRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Before something from this TLP level up goes to another party, so many persons of this role release it.

    `kinds` names the kinds it is for, () for all.
    """

    tlp: str
    role: str
    persons: int = 1
    kinds: tuple[str, ...] = ()


class Emergency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The emergency lane: one duty officer releases at once with a reason, and it is reviewed within so many seconds.

    `tlp` is the highest level that may go that way; "" means that there is no such lane.
    """

    tlp: str = ""
    review_s: int = 86_400


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
    pap_ceiling: str = "red"
    types: tuple[str, ...] = ("intelligence", "sighting")
    purposes: tuple[str, ...] = ("incident-response", "protection")
    starts: str = msgspec.field(default="", name="from")
    ends: str = msgspec.field(default="", name="until")
    onward: str = "none"
    retention_days: int = 730
    erasure_days: int = 30
    quotas: Quotas = Quotas()
    references: str = "prune"
    handoffs: tuple[HandOffTerm, ...] = ()
    duties: tuple[Duty, ...] = ()
    targets: tuple[Target, ...] = ()
    approvals: tuple[ApprovalRule, ...] = ()
    emergency: Emergency = Emergency()
    leaving_days: int = 30


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
    "pap_ceiling": "11",
    "references": "12",
    "approvals": "13",
    "emergency": "14",
    "handoffs": "15",
    "duties": "16",
    "targets": "17",
    "leaving_days": "18",
    "groups": "19",
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
    groups: tuple[Group, ...] = ()
    text: dict[str, str] = msgspec.field(default_factory=dict)

    @property
    def starts(self) -> str:
        """The first instant, as text."""
        return self.terms.starts

    @property
    def ends(self) -> str:
        """The instant at which it is over, as text; "" for none."""
        return self.terms.ends


class Way(StrEnum):
    """Which way a clause moved from one version to another."""

    TIGHTENED = "tightened"
    LOOSENED = "loosened"
    CHANGED = "changed"


class Change(NamedTuple):
    """One difference between two versions: a clause of `CLAUSES`, or "title" or "text", and which way it moved."""

    clause: str
    way: Way


class Narrowing(msgspec.Struct, frozen=True, kw_only=True):
    """How far one party has tightened an agreement for its part, beside the document.

    "" and None leave a clause as it is; `parties` are those it still exchanges with. It holds while no version above
    `version` counts. `serial` grows with each narrowing of that party.
    """

    agreement: str
    version: int
    party: str
    serial: int
    at: Instant
    tlp_ceiling: str = ""
    pap_ceiling: str = ""
    onward: str = ""
    types: tuple[str, ...] | None = None
    purposes: tuple[str, ...] | None = None
    parties: tuple[str, ...] | None = None

    @property
    def narrows_nothing(self) -> bool:
        """Whether it leaves every clause as it is."""
        levels = self.tlp_ceiling or self.pap_ceiling or self.onward
        return not levels and self.types is None and self.purposes is None and self.parties is None


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """What a party says of one version; `version` is the hash of that version's note.

    `about` is a clause's number, "all" for the whole, or "decline": it will not sign, for the reason in `words`.
    """

    agreement: str
    version: bytes
    party: str
    about: str
    serial: int
    at: Instant
    words: str


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
    `left` are those of `suspended_by` that will not come back; `narrowed` what parties have tightened for their part.
    `groups` are the audiences that clause 19 names.
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
    left: tuple[str, ...] = ()
    narrowed: tuple[Narrowing, ...] = ()
    draft: bool = False
    changes: Instant = FOREVER
    groups: tuple[Group, ...] = ()

    def state(self, now: Instant) -> State:
        """Where it stands at `now`."""
        if not self.signed:
            return State.DRAFT if self.draft else State.PROPOSED
        if now >= self.ends or self.home in self.left or len(set(self.parties) - set(self.left)) < 2:
            return State.ENDED
        if now < self.starts:
            return State.NOT_YET
        return State.SUSPENDED if self.suspended_by else State.IN_FORCE

    def audience(self, name: str) -> tuple[str, ...]:
        """The parties of an audience by its name, all of them for ""; none when there is no such audience."""
        chosen = next((group.parties for group in self.groups if group.name == name), ()) if name else self.parties
        return tuple(party for party in self.parties if party in chosen)

    def narrowed_between(self, *parties: str) -> tuple[Narrowing, ...]:
        """What we or one of `parties` has tightened; what a third party tightened does not come between us."""
        return tuple(said for said in self.narrowed if said.party == self.home or said.party in parties)

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
