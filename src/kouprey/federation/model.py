"""Nouns of federation: lane, entry, range, receipt, parcel, and the closed list of reasons for a refusal."""

from __future__ import annotations

import struct
from enum import IntEnum, StrEnum

import msgspec

from kouprey.kernel.words.label import Label

HEADER_SIZE = 64
SALT_SIZE = 16
HASH_SIZE = 32
BODY_MAX = 1_048_576
"""Bytes of one entry body: media type, label line and content together."""
EPOCH_MAX = 2**24
"""Entries of one epoch; a longer history goes on in the next one."""
AT_MAX = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z in milliseconds: the last author time that can be shown."""

HEADER = struct.Struct(">4sBBHQIIQ32s")
HEADER_MAGIC = b"KE01"

GENESIS_MEDIA_TYPE = "application/vnd.kouprey.genesis+json"
ERASE_MEDIA_TYPE = "application/vnd.kouprey.erase+json"
ERASURE_RECEIPT_MEDIA_TYPE = "application/vnd.kouprey.erasure-receipt"
ERASED_HERE = "erased"
"""The code by which a receiver says that it has erased this content: the body of the entry is not kept either."""
CLOSE_MEDIA_TYPE = "application/vnd.kouprey.close+json"
NOTICE_MEDIA_TYPE = "application/vnd.kouprey.notice+json"
ANCHOR_MEDIA_TYPE = "application/vnd.kouprey.anchor+json"
CARD_MEDIA_TYPE = "application/vnd.kouprey.card"
AGREEMENT_NOTE_MEDIA_TYPE = "application/vnd.kouprey.agreement"
AGREEMENT_DOCUMENT_MEDIA_TYPE = "application/vnd.kouprey.agreement+json"
ROOT_STATEMENT_MEDIA_TYPE = "application/vnd.kouprey.root-statement"
KEY_STATEMENT_MEDIA_TYPE = "application/vnd.kouprey.key-statement"
AGREEMENT_NOTICE_MEDIA_TYPE = "application/vnd.kouprey.agreement-notice"
PAPER_MEDIA_TYPES = frozenset(
    {
        CARD_MEDIA_TYPE,
        ROOT_STATEMENT_MEDIA_TYPE,
        AGREEMENT_NOTE_MEDIA_TYPE,
        AGREEMENT_DOCUMENT_MEDIA_TYPE,
        AGREEMENT_NOTICE_MEDIA_TYPE,
        KEY_STATEMENT_MEDIA_TYPE,
        ERASURE_RECEIPT_MEDIA_TYPE,
    }
)
"""What travels outside lanes, in `POST /link/v1/notes` and in parcel record 9."""


class ReasonCode(StrEnum):
    """Why something was refused; the closed list of docs/spec/link.md."""

    UNSIGNED = "unsigned"
    BAD_SIGNATURE = "bad-signature"
    NO_NONCE = "no-nonce"
    CLOCK_SKEW = "clock-skew"
    REPLAYED = "replayed"
    UNKNOWN_KEY = "unknown-key"
    UNKNOWN_PARTY = "unknown-party"
    UNKNOWN_LANE = "unknown-lane"
    SUSPENDED = "suspended"
    THROTTLED = "throttled"
    BUSY = "busy"
    BAD_REQUEST = "bad-request"
    BAD_RANGE = "bad-range"
    MISMATCH = "mismatch"
    TOO_LARGE = "too-large"
    TRUNCATED = "truncated"
    TRAILING = "trailing"
    REORDERED = "reordered"
    BAD_HEADER = "bad-header"
    BAD_KIND = "bad-kind"
    UNKNOWN_FLAG = "unknown-flag"
    BAD_VERSION = "bad-version"
    BAD_BODY = "bad-body"
    BAD_LABEL = "bad-label"
    BAD_COMMITMENT = "bad-commitment"
    WRONG_ORIGIN = "wrong-origin"
    BAD_GENESIS = "bad-genesis"
    BAD_CHECKPOINT = "bad-checkpoint"
    BAD_ROOT = "bad-root"
    BAD_RECEIPT = "bad-receipt"
    BAD_NOTE = "bad-note"
    BAD_KEY = "bad-key"
    NO_KNOWN_SIGNATURE = "no-known-signature"
    GAP = "gap"
    ROLLBACK = "rollback"
    FORK = "fork"
    AFTER_CLOSE = "after-close"
    WRONG_AUTHOR = "wrong-author"
    WRONG_AUDIENCE = "wrong-audience"
    WRONG_AGREEMENT = "wrong-agreement"
    CANNOT_OPEN = "cannot-open"
    BAD_PARCEL = "bad-parcel"
    BAD_MANIFEST = "bad-manifest"
    UNKNOWN_RECORD = "unknown-record"
    NOT_ADDRESSED = "not-addressed"
    UNKNOWN_SENDER = "unknown-sender"
    NOT_PROVEN = "not-proven"
    REVOKED = "revoked-key"


class LaneClass(StrEnum):
    """Hand-offs and recalls travel on priority lanes, so that a long backlog never stands before an incident."""

    BULK = "bulk"
    PRIORITY = "priority"


class EntryKind(IntEnum):
    """What an entry is; 5 is refused for ever."""

    GENESIS = 0
    OBJECT = 1
    ERASE = 2
    KEY_STATEMENT = 3
    AGREEMENT = 4
    ANCHOR = 6
    CLOSE = 7
    REF = 8
    BLOB_MANIFEST = 9
    NOTICE = 10


LABELLED = frozenset({EntryKind.OBJECT, EntryKind.REF, EntryKind.BLOB_MANIFEST})
"""Kinds that carry content of a person and therefore a label; the others speak about the lane itself."""


class BodyState(IntEnum):
    """Whether a body comes along: erased by an erase entry, or withheld by the one who sends."""

    PRESENT = 0
    ERASED = 1
    WITHHELD = 2


class EpochReason(StrEnum):
    """Why an epoch was opened; none of them is an accusation."""

    FIRST = "first"
    RESTORE = "restore"
    MEMBERSHIP = "membership"
    ROLL = "roll"
    COMPROMISE = "compromise"


class LaneEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last provable state of an earlier epoch; `root` is lower-case hex."""

    origin: str
    size: int
    root: str


class Genesis(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first entry of a lane: whose it is, for whom, under which agreement version, and its random epoch.

    `audience` is sorted and holds the author. `version_sha256` hashes the text of the agreement version's note,
    `root_key_statement` the text of the author's card at the time; all hashes lower-case hex.
    """

    agreement: str
    version: int
    version_sha256: str
    author: str
    audience: tuple[str, ...]
    lane_class: LaneClass = msgspec.field(name="class")
    purpose_set: tuple[str, ...]
    epoch: str
    prev: LaneEnd | None
    reason: EpochReason
    root_key_statement: str


class EntryHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The 64 bytes that are the leaf of the lane's tree.

    `length` counts the whole body in bytes, `at_ms` is the author's claim of time in milliseconds since 1970.
    """

    kind: EntryKind
    sealed: bool = False
    index: int
    length: int
    version: int
    at_ms: int
    commitment: bytes

    def to_bytes(self) -> bytes:
        """The leaf data, big-endian (docs/spec/lane.md, "Entry header")."""
        return HEADER.pack(
            HEADER_MAGIC,
            self.kind,
            1 if self.sealed else 0,
            0,
            self.index,
            self.length,
            self.version,
            self.at_ms,
            self.commitment,
        )


class EntryBody(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry says: its media type, its label (None for kinds outside LABELLED) and the bytes as published.

    In a sealed entry `content` is an age file whose plaintext has the media type.
    """

    media_type: str
    label: Label | None
    content: bytes


class BodyFrame(msgspec.Struct, frozen=True):
    """One body on the way, or the reason for its absence; `salt` and `body` are empty unless present."""

    index: int
    state: BodyState
    salt: bytes = b""
    body: bytes = b""


class HeadersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Headers [start, start + len(headers)) with what proves them.

    `checkpoint` is a signed note of a size not below the range's end, `frontier` the compact range of [0, start),
    `proof` the RFC 6962 consistency proof from the range's end to the checkpoint (empty when they coincide).
    """

    start: int
    checkpoint: bytes
    frontier: tuple[bytes, ...]
    proof: tuple[bytes, ...]
    headers: tuple[EntryHeader, ...]


class LaneState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the answer to "which lanes do you have for me".

    `frozen`: nothing more of it is taken, since its author has signed two histories.
    """

    tag: str
    origin: str
    agreement: str
    version: int
    author: str
    lane_class: LaneClass = msgspec.field(name="class")
    size: int
    closed: bool
    frozen: bool = False


class IndexRange(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Entries [start, end) of a lane; `[start, end]` in JSON."""

    start: int
    end: int


class Receipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A peer's word that it holds a lane durably up to a checkpoint.

    `note` is the author's checkpoint with the author's signature and the peer's cosignature; `without` are the entries
    whose bodies the peer does not hold (erased or quarantined).
    """

    note: str
    without: tuple[IndexRange, ...] = ()


class ErasureReceipt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A party's signed word about what the author of a lane asked to erase; of several the highest `serial` holds.

    `erased` are entries whose bodies it has removed, `kept` those it must keep for now. `at` is RFC 3339, a claim.
    """

    v: int
    party: str
    origin: str
    serial: int
    at: str
    erased: tuple[IndexRange, ...]
    kept: tuple[IndexRange, ...]


class Paper(msgspec.Struct, frozen=True):
    """A signed note or an agreement document: what travels before and beside lanes."""

    media_type: str
    content: bytes


class LanePart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Entries [start, end) of the lane `origin`: what a parcel brings, or what its sender asks for.

    `ended`: its author, who made the parcel, has ended this epoch; it may bring more of it than was seen when it ended.
    """

    origin: str
    start: int = msgspec.field(name="from")
    end: int = msgspec.field(name="to")
    ended: bool = False


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a parcel is, signed by the node key of the party that made it.

    `parcel` is 32 random hex digits, `seq` counts the parcels of the maker to these recipients, `made_at` is RFC 3339
    and decides nothing, `lanes` are the groups in order, `papers` is the hash of all receipt and paper records.
    """

    v: int
    parcel: str
    made_by: str
    made_at: str
    seq: int
    recipients: tuple[str, ...]
    lanes: tuple[LanePart, ...]
    wants: tuple[LanePart, ...]
    papers: str


class LaneGroup(msgspec.Struct, frozen=True, kw_only=True):
    """The head of one lane in a parcel; its body frames follow, one for each index in order.

    `checkpoint` is a signed note of size `part.end`, `frontier` the compact range of [0, part.start).
    """

    part: LanePart
    checkpoint: bytes
    frontier: tuple[bytes, ...]
    headers: tuple[EntryHeader, ...]


class BlobChunk(msgspec.Struct, frozen=True):
    """Part `number` of a file whose manifest is entry `index` of the lane before it; at most 1 MiB."""

    index: int
    number: int
    salt: bytes
    content: bytes


class ForkEvidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two checkpoints of one epoch that cannot both be true; proof for anybody who has the author's key.

    Equal sizes speak for themselves; else `index` names a leaf that differs, with a header and an inclusion proof
    (base64) in each tree.
    """

    origin: str
    checkpoint_a: str
    checkpoint_b: str
    index: int = 0
    header_a: bytes = b""
    proof_a: tuple[bytes, ...] = ()
    header_b: bytes = b""
    proof_b: tuple[bytes, ...] = ()
