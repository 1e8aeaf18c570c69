"""Entries on the wire: header, body, genesis document; strict, and raising nothing but Damaged (docs/spec/lane.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import count, repeat

import msgspec

from kouprey.federation.model import (
    AT_MAX,
    BODY_MAX,
    EPOCH_MAX,
    ERASE_MEDIA_TYPE,
    HEADER,
    HEADER_MAGIC,
    HEADER_SIZE,
    LABELLED,
    EntryBody,
    EntryHeader,
    EntryKind,
    EpochReason,
    Genesis,
    ReasonCode,
)
from kouprey.federation.rules import commitment, is_origin
from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.label import Label, label_line, read_label_line

LABEL_LINE_MAX = 16_384
AUDIENCE_MAX = 1_024

_MEDIA_TYPE = re.compile(rb"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*(?:;[a-z0-9-]+=[A-Za-z0-9._-]+)*")
_MEDIA_TYPE_MAX = 200
_AGREEMENT = re.compile(r"agr_[0-9a-f]{32}", re.ASCII)
_HEX16 = re.compile(r"[0-9a-f]{32}", re.ASCII)
_HEX32 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_KINDS = {int(kind): kind for kind in EntryKind}


def read_header(data: bytes) -> EntryHeader:
    """Read 64 bytes; unknown kinds, unknown flags and every value that could not be rendered again are refused."""
    if len(data) != HEADER_SIZE:
        raise _header(f"It has {len(data)} bytes instead of {HEADER_SIZE}.")
    magic, kind, flags, reserved, index, length, version, at_ms, commit = HEADER.unpack(data)
    if magic != HEADER_MAGIC or reserved:
        raise _header("It does not begin as an entry of this version does.")
    known = _KINDS.get(kind)
    if known is None:
        raise _header(f"Kind {kind} is not one we know.", ReasonCode.BAD_KIND)
    if flags > 1 or (flags and known not in LABELLED):
        raise _header(f"Its flags {flags:#04x} hold a bit that may not be set.", ReasonCode.UNKNOWN_FLAG)
    if length > BODY_MAX:
        raise TooLarge(
            "An entry is too large.",
            f"Its body has {length} bytes; the limit is {BODY_MAX}.",
            code=ReasonCode.TOO_LARGE,
        )
    if index >= EPOCH_MAX or at_ms > AT_MAX or not version:
        raise _header("Its index, time or agreement version is out of range.")
    return EntryHeader(
        kind=known,
        sealed=flags == 1,
        index=index,
        length=length,
        version=version,
        at_ms=at_ms,
        commitment=commit,
    )


def read_headers(data: bytes) -> tuple[EntryHeader, ...]:
    """Read n x 64 bytes."""
    if len(data) % HEADER_SIZE:
        raise _header("The headers end in the middle of one.", ReasonCode.TRUNCATED)
    return tuple(read_header(data[at : at + HEADER_SIZE]) for at in range(0, len(data), HEADER_SIZE))


def new_header(
    *, kind: EntryKind, index: int, version: int, at_ms: int, salt: bytes, body: bytes, sealed: bool = False
) -> EntryHeader:
    """The header that commits to `salt` and `body`."""
    if len(body) > BODY_MAX:
        raise TooLarge(
            "An entry is too large.",
            f"Its body has {len(body)} bytes; the limit is {BODY_MAX}.",
            "Publish fewer bytes in one entry, or publish them as a file.",
            code=ReasonCode.TOO_LARGE,
        )
    return EntryHeader(
        kind=kind,
        sealed=sealed,
        index=index,
        length=len(body),
        version=version,
        at_ms=at_ms,
        commitment=commitment(salt, body),
    )


def pack_headers(
    kinds: Iterable[EntryKind],
    salts: Iterable[bytes],
    bodies: Sequence[bytes],
    *,
    start: int,
    version: int,
    at_ms: int,
) -> list[bytes]:
    """The headers, 64 bytes each, of bodies that follow one another from index `start` on; nothing is checked.

    Packed a column at a time, without an object for each: everything that is published goes through here.
    """
    commitments = map(commitment, salts, bodies)
    zero = repeat(0)
    columns = (repeat(HEADER_MAGIC), kinds, zero, zero, count(start), map(len, bodies), repeat(version), repeat(at_ms))
    return list(map(HEADER.pack, *columns, commitments))


def render_body(body: EntryBody) -> bytes:
    """Media type, LF, label line (empty without a label), LF, content."""
    line = _label_line(body.label) if body.label is not None else b""
    return b"\n".join((body.media_type.encode("ascii"), line, body.content))


def read_body(data: bytes, kind: EntryKind, *, owner: str, agreement: str) -> EntryBody:
    """Read an entry body; its label is completed with the lane's author and agreement.

    The label line must be exactly what `label_line` renders, so that no two readers can disagree about it.
    """
    if len(data) > BODY_MAX:
        raise TooLarge("An entry is too large.", f"The limit is {BODY_MAX} bytes.", code=ReasonCode.TOO_LARGE)
    media_type, lf, rest = data.partition(b"\n")
    if not lf or len(media_type) > _MEDIA_TYPE_MAX or _MEDIA_TYPE.fullmatch(media_type) is None:
        raise _body("Its first line is not a media type.")
    line, lf, content = rest.partition(b"\n")
    if not lf or len(line) > LABEL_LINE_MAX:
        raise _body("It has no label line.")
    if (kind in LABELLED) != bool(line):
        raise _body("A label is missing, or stands where none belongs.", ReasonCode.BAD_LABEL)
    label = _label(line, owner, agreement) if line else None
    return EntryBody(media_type=media_type.decode("ascii"), label=label, content=content)


# Thousands of entries share a handful of labels: writing and reading each once keeps both ends cheap.
_label_line = lru_cache(maxsize=4096)(label_line)


@lru_cache(maxsize=4096)
def _label(line: bytes, owner: str, agreement: str) -> Label:
    label = read_label_line(line, owner=owner, agreement=agreement)
    if label_line(label) != line:
        raise _body("Its label is not written in the one allowed form.", ReasonCode.BAD_LABEL)
    return label


def render_genesis(genesis: Genesis) -> bytes:
    """The genesis document: JSON without white space, fields in the order of the specification."""
    return msgspec.json.encode(genesis)


def read_genesis(document: bytes) -> Genesis:
    """Read a genesis document; anything that is not exactly what `render_genesis` writes is refused.

    The exact form closes the door to duplicate keys, which two readers could understand differently.
    """
    try:
        genesis = msgspec.json.decode(document, type=Genesis)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _genesis(str(error)) from error
    if render_genesis(genesis) != document:
        raise _genesis("It is not written in the one allowed form.")
    wrong = _wrong_in_genesis(genesis)
    if wrong:
        raise _genesis(f"Its {wrong} is not allowed.")
    return genesis


def _wrong_in_genesis(genesis: Genesis) -> str:
    audience = genesis.audience
    end = genesis.prev
    checks = (
        ("agreement", _AGREEMENT.fullmatch(genesis.agreement) is not None),
        ("version", 1 <= genesis.version < 2**32),
        ("version_sha256", _HEX32.fullmatch(genesis.version_sha256) is not None),
        ("author", is_party_id(genesis.author) and genesis.author in audience),
        ("audience", 2 <= len(audience) <= AUDIENCE_MAX and _is_set(audience) and all(map(is_party_id, audience))),
        ("purpose_set", _is_set(genesis.purpose_set) and all(map(_WORD.fullmatch, genesis.purpose_set))),
        ("epoch", _HEX16.fullmatch(genesis.epoch) is not None),
        (
            "prev",
            end is None or (is_origin(end.origin) and 1 <= end.size <= EPOCH_MAX and bool(_HEX32.fullmatch(end.root))),
        ),
        ("reason", (genesis.reason is EpochReason.FIRST) <= (end is None)),
        ("root_key_statement", _HEX32.fullmatch(genesis.root_key_statement) is not None),
    )
    return next((name for name, good in checks if not good), "")


def _is_set(values: tuple[str, ...]) -> bool:
    return list(values) == sorted(set(values))


class _Erase(msgspec.Struct, frozen=True):
    targets: tuple[tuple[int, int], ...]
    lane: str = ""


TARGETS_MAX = 1_000
"""Ranges of one erase entry."""


def render_erase(origin: str, first: int, beyond: int) -> bytes:
    """The body of an entry that calls [first, beyond) of lane `origin` erased; why is nobody's business but ours."""
    said = {"lane": origin, "targets": [[first, beyond]], "authority": "", "reason": "erased"}
    return render_body(EntryBody(media_type=ERASE_MEDIA_TYPE, label=None, content=msgspec.json.encode(said)))


def read_erase(body: bytes, index: int, origin: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """What the body of erase entry `index` of lane `origin` means: a lane, and ranges of its entries; else Damaged.

    In its own lane nothing that comes at or after it can be meant, and never a genesis.
    """
    read = read_body(body, EntryKind.ERASE, owner="", agreement="")
    try:
        said = msgspec.json.decode(read.content, type=_Erase)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _body(str(error)) from error
    named = said.lane or origin
    end = index if named == origin else EPOCH_MAX
    if read.media_type != ERASE_MEDIA_TYPE or not is_origin(named) or not 1 <= len(said.targets) <= TARGETS_MAX:
        raise _body("It does not say what is to be erased.")
    if not all(1 <= start < beyond <= end for start, beyond in said.targets):
        raise _body("It asks to erase entries that cannot be meant.")
    return named, said.targets


def read_targets(body: bytes, index: int, origin: str = "", of: str = "") -> tuple[tuple[int, int], ...]:
    """The entries [from, to) of lane `of` that the body of erase entry `index` of lane `origin` names, or none.

    None when it cannot be read either; in its own lane nothing that comes at or after it can be meant.
    """
    try:
        said = msgspec.json.decode(body.split(b"\n", 2)[2], type=_Erase)
    except (IndexError, msgspec.DecodeError, UnicodeDecodeError):
        return ()
    named = said.lane or origin
    if named != (of or origin):
        return ()
    last = index if named == origin else EPOCH_MAX
    return tuple((start, min(end, last)) for start, end in said.targets if 0 <= start < min(end, last))


def _header(why: str, code: ReasonCode = ReasonCode.BAD_HEADER) -> Damaged:
    return Damaged("An entry header cannot be understood.", why, code=code)


def _body(why: str, code: ReasonCode = ReasonCode.BAD_BODY) -> Damaged:
    return Damaged("The body of an entry cannot be understood.", why, code=code)


def _genesis(why: str) -> Damaged:
    return Damaged("The genesis of a lane cannot be understood.", why, code=ReasonCode.BAD_GENESIS)
