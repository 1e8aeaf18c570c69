"""Nouns of advisories: statement, draft, approval, rumour, and the answers of the public check."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant


class Kind(StrEnum):
    """What a statement is for."""

    SECURITY_ADVISORY = "security_advisory"
    SERVICE_NOTICE = "service_notice"
    RUMOUR_RESPONSE = "rumour_response"
    IMPERSONATION_WARNING = "impersonation_warning"
    CORRECTION = "correction"


class Verdict(StrEnum):
    """What the publisher says of the claims that a statement answers."""

    FALSE = "false"
    MISLEADING = "misleading"
    ALTERED = "altered"
    UNPROVEN = "unproven"
    TRUE = "true"


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A statement in one language."""

    title: str
    body: str
    what_to_do: str = ""


class Media(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes round, by its SHA-256 in hex; the file itself is not kept."""

    sha256: str
    note: str = ""


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One assertion that a statement answers: its words, where it was seen, and the files that carry it."""

    text: str
    urls: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What people write of a statement; the rest of it is made when it is published.

    `languages`: code -> words. `replaces` are ids of earlier statements of the same publisher; with `cancels` they are
    withdrawn. `valid_from` 0 is from the beginning, `valid_until` 0 without an end. `exercise` is "" in earnest.
    """

    kind: Kind
    languages: dict[str, Words]
    verdict: Verdict | None = None
    claims: tuple[Claim, ...] = ()
    evidence: tuple[str, ...] = ()
    contact: str = ""
    replaces: tuple[str, ...] = ()
    cancels: bool = False
    valid_from: Instant = 0
    valid_until: Instant = 0
    exercise: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """A statement as it was published (docs/spec/statement.md).

    `number` counts those of the publisher from 1; `previous` is SHA-256 in hex of the canonical text before, "" for the
    first. `issued` is in whole seconds. `url` leads to it at its publisher.
    """

    id: str
    number: int
    previous: str
    publisher: str
    name: str
    issued: Instant
    url: str
    content: Content


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    """The exact canonical text of a statement, with the signature over it and the key, as `name+hash+base64`."""

    raw: bytes
    key: str
    signature: bytes


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A statement on the shelf.

    `trusted`: its key is, or was, on a card of its publisher. `followed`: ids of later statements that replace it;
    `withdrawn`: one of these cancels it. `chained`: the one before is here and is what this one says it is.
    """

    statement: Statement
    signed: Signed
    hash: str
    came_at: Instant
    trusted: bool = True
    followed: tuple[str, ...] = ()
    withdrawn: bool = False
    chained: bool = True

    @property
    def id(self) -> str:
        return self.statement.id

    @property
    def content(self) -> Content:
        return self.statement.content


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One statement in the chain of its publisher; `erased` when its words were taken back."""

    number: int
    id: str
    hash: str
    issued: Instant
    erased: bool = False


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """The statements of one publisher in their order; `broken` is the first number that does not follow, 0 for none.

    `missing` are numbers that are not here.
    """

    publisher: str
    name: str
    links: tuple[Link, ...]
    missing: tuple[int, ...] = ()
    broken: int = 0

    @property
    def head(self) -> str:
        """The hash of the newest, "" before the first."""
        return self.links[-1].hash if self.links else ""


class DraftState(StrEnum):
    """How far a draft is."""

    OPEN = "open"
    PUBLISHED = "published"
    ABANDONED = "abandoned"


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """That a person has read one revision and wants it published."""

    person: str
    at: Instant


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that is being written; `approvals` are those of this revision."""

    id: str
    content: Content
    revision: int
    state: DraftState
    statement: str
    made_by: str
    made_at: Instant
    changed_by: str
    changed_at: Instant
    approvals: tuple[Approval, ...] = ()


class Rumour(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has heard: the words, an address, the SHA-256 of a file, and from whom we have it, in words."""

    id: str
    text: str
    url: str
    media: str
    heard_from: str
    came_at: Instant
    taken_by: str
    draft: str = ""
    aside_by: str = ""
    aside_at: Instant = 0


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """How long an answer took: from the first report of its rumours to the statement, in seconds."""

    statement: str
    first: Instant
    issued: Instant
    rumours: int

    @property
    def seconds(self) -> int:
        return max(0, self.issued - self.first) // 1_000_000


class Mirror(msgspec.Struct, frozen=True, kw_only=True):
    """A partner whose statements came; `shown`: everybody can read them here."""

    publisher: str
    name: str
    count: int
    shown: bool


class Finding(StrEnum):
    """What the public check may say; the order is that of its certainty."""

    AUTHENTIC = "authentic"
    """The exact bytes, or the id with exactly the words it was issued with."""
    ALTERED = "altered"
    """A signed statement that is not what was signed."""
    DECLARED = "declared"
    """Exactly a claim that a statement answers."""
    ISSUED = "issued"
    """There is a statement of that id, or behind that code; nothing is known of the words around it."""
    ALIKE = "alike"
    """Similar, or naming a statement in other words: to be compared by a person."""
    NONE = "none"
    """No statement about this."""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One statement that the check has found; `claim` is the claim that met, "" for none; `score` in per cent."""

    found: Published
    claim: str = ""
    score: int = 100


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the public check; `file`: a file was looked at, `unread` says that its codes were not."""

    finding: Finding
    hits: tuple[Hit, ...] = ()
    file: bool = False
    unread: bool = False
