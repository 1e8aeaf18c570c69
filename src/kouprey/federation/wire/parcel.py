"""Parcels: lanes, receipts and papers in one sealed file that verifies alone (docs/spec/parcel.md)."""

from __future__ import annotations

import hmac
import struct
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from io import SEEK_END, BufferedReader, BytesIO
from itertools import chain
from typing import BinaryIO

import msgspec
import zstandard

from kouprey.federation.model import (
    BODY_MAX,
    HASH_SIZE,
    HEADER_SIZE,
    SALT_SIZE,
    BlobChunk,
    BodyFrame,
    LaneGroup,
    LanePart,
    Manifest,
    Paper,
    ReasonCode,
    Receipt,
)
from kouprey.federation.wire.entry import read_headers
from kouprey.federation.wire.link import read_frames, read_paper, read_receipt, render_frame, render_json, render_paper
from kouprey.federation.wire.manifest import (
    HEADERS_PER_GROUP,
    NodeKeys,
    check_manifest,
    no_keys,
    read_manifest,
    signed_text,
)
from kouprey.kernel.seal.box import open_stream, seal
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.seal.notes import MAX_NOTE
from kouprey.kernel.words.errors import Damaged, TooLarge

MANIFEST, SIGNATURE, CHECKPOINT, FRONTIER, HEADERS, BODY, CHUNK, RECEIPT, PAPER, END = 1, 2, 3, 4, 5, 6, 7, 8, 9, 255
WINDOW_MAX = 8 * 1024 * 1024
_AHEAD = 256 * 1024

_RECORD = struct.Struct(">BI")
_CHUNK = struct.Struct(">QI16s")
_LIMITS = {
    MANIFEST: 4 * 1024 * 1024,
    SIGNATURE: 64,
    CHECKPOINT: MAX_NOTE,
    FRONTIER: 64 * HASH_SIZE,
    HEADERS: HEADERS_PER_GROUP * HEADER_SIZE,
    BODY: 13 + SALT_SIZE + BODY_MAX,
    CHUNK: _CHUNK.size + 1_048_576,
    RECEIPT: 1_048_576,
    PAPER: 1_048_576,
    END: HASH_SIZE,
}

Piece = Manifest | Paper | Receipt | LaneGroup | BodyFrame | BlobChunk
Record = tuple[int, bytes]
Group = tuple[LaneGroup, Iterable[BodyFrame | BlobChunk]]


class Caps(msgspec.Struct, frozen=True):
    """Bytes a reader is willing to hold: sealed file, all records together, one record."""

    sealed: int = 256 * 1024 * 1024
    total: int = 1024 * 1024 * 1024
    record: int = 64 * 1024 * 1024


DEFAULT_CAPS = Caps()


def new_manifest(
    *,
    parcel: str,
    made_by: str,
    made_at: str,
    seq: int,
    recipients: Iterable[str],
    lanes: Iterable[LanePart],
    wants: Iterable[LanePart] = (),
    papers: Iterable[Paper] = (),
    receipts: Iterable[Receipt] = (),
) -> Manifest:
    """The manifest of a parcel that brings exactly these things; `parcel` is 32 random hex digits."""
    manifest = Manifest(
        v=1,
        parcel=parcel,
        made_by=made_by,
        made_at=made_at,
        seq=seq,
        recipients=tuple(sorted(set(recipients))),
        lanes=tuple(lanes),
        wants=tuple(wants),
        papers=sha256(b"".join(map(_render, _paper_records(papers, receipts)))).hexdigest(),
    )
    check_manifest(manifest)
    return manifest


def write_parcel(
    out: BinaryIO,
    manifest: Manifest,
    key: SigningKey,
    age_recipients: Sequence[str],
    *,
    papers: Iterable[Paper] = (),
    receipts: Iterable[Receipt] = (),
    groups: Iterable[Group] = (),
    caps: Caps = DEFAULT_CAPS,
) -> int:
    """Write the sealed file and return its size in bytes. `groups` is consumed as it is written.

    Raises TooLarge when the result would be over the caps a receiver has by default: make several parcels then.
    """
    packed = BytesIO()
    with zstandard.ZstdCompressor(level=3).stream_writer(packed, closefd=False) as stream:
        for chunk in write_records(manifest, key, papers=papers, receipts=receipts, groups=groups, caps=caps):
            stream.write(chunk)
            if packed.tell() > caps.sealed:
                raise _large("sealed file", caps.sealed)
    sealed = seal(packed.getvalue(), age_recipients)
    if len(sealed) > caps.sealed:
        raise _large("sealed file", caps.sealed)
    return out.write(sealed)


def write_records(
    manifest: Manifest,
    key: SigningKey,
    *,
    papers: Iterable[Paper] = (),
    receipts: Iterable[Receipt] = (),
    groups: Iterable[Group] = (),
    caps: Caps = DEFAULT_CAPS,
) -> Iterator[bytes]:
    """The records of a parcel before compression and sealing, in order, the closing hash included."""
    document = msgspec.json.encode(manifest)
    head = ((MANIFEST, document), (SIGNATURE, key.sign(signed_text(document))))
    digest = sha256()
    total = 0
    for record in chain(head, _paper_records(papers, receipts), _lane_records(manifest, groups)):
        data = _render(record)
        total += len(data)
        if len(record[1]) > caps.record:
            raise _large("record", caps.record)
        if total > caps.total:
            raise _large("content", caps.total)
        digest.update(data)
        yield data
    yield _render((END, digest.digest()))


def _paper_records(papers: Iterable[Paper], receipts: Iterable[Receipt]) -> Iterator[Record]:
    for paper in papers:
        yield PAPER, render_paper(paper)
    for receipt in receipts:
        yield RECEIPT, render_json(receipt)


def _lane_records(manifest: Manifest, groups: Iterable[Group]) -> Iterator[Record]:
    promised = iter(manifest.lanes)
    for group, pieces in groups:
        if group.part != next(promised, None) or len(group.headers) != group.part.end - group.part.start:
            raise _bad("A lane differs from the manifest.", ReasonCode.BAD_MANIFEST)
        yield CHECKPOINT, group.checkpoint
        yield FRONTIER, b"".join(group.frontier)
        yield HEADERS, b"".join(header.to_bytes() for header in group.headers)
        for piece in pieces:
            if isinstance(piece, BodyFrame):
                yield BODY, render_frame(piece)
            else:
                yield CHUNK, _CHUNK.pack(piece.index, piece.number, piece.salt) + piece.content
    if next(promised, None) is not None:
        raise _bad("A lane of the manifest is missing.", ReasonCode.BAD_MANIFEST)


def read_parcel(
    source: BinaryIO,
    identities: Sequence[str],
    *,
    reader: str,
    node_keys: NodeKeys,
    revoked: NodeKeys = no_keys,
    caps: Caps = DEFAULT_CAPS,
) -> Iterator[Piece]:
    """Open a sealed file and yield what it brings: the manifest, papers, receipts, then each lane and its bodies.

    The manifest is yielded after its signature was verified and `reader` was found among its recipients. Lanes, bodies
    and receipts carry their own proofs, which the caller verifies piece by piece (`rules`). A fault later in the file
    raises when it is reached; what was verified before stays true.
    """
    packed = BytesIO()

    def keep(piece: bytes) -> None:
        if packed.tell() + len(piece) > caps.sealed:
            raise _large("sealed file", caps.sealed)
        packed.write(piece)

    # Neither a file that is too large nor one that is sealed to somebody else is held before it is refused.
    here = source.tell()
    if source.seek(0, SEEK_END) - here > caps.sealed:
        raise _large("sealed file", caps.sealed)
    source.seek(here)
    open_stream(source, keep, identities)
    packed.seek(0)
    # A frame may declare any size and grow a thousandfold: it is only ever read as a stream, never into its declared
    # size, and its window is bounded.
    plain = zstandard.ZstdDecompressor(max_window_size=WINDOW_MAX).stream_reader(packed, read_across_frames=True)
    # Records are small and each is read in two pieces: asking the decompressor for every one would cost more than they.
    return read_records(BufferedReader(plain, _AHEAD), reader=reader, node_keys=node_keys, revoked=revoked, caps=caps)


def read_records(
    source: BinaryIO,
    *,
    reader: str,
    node_keys: NodeKeys,
    revoked: NodeKeys = no_keys,
    caps: Caps = DEFAULT_CAPS,
) -> Iterator[Piece]:
    """Read the records of a parcel that is open and unpacked; see `read_parcel`."""
    records = _Records(source, caps)
    manifest = read_manifest(records.take(MANIFEST), records.take(SIGNATURE), reader, node_keys, revoked)
    yield manifest
    papers = sha256()
    while records.kind in (PAPER, RECEIPT):
        kind, data = records.take_any()
        papers.update(_render((kind, data)))
        yield read_paper(data) if kind == PAPER else read_receipt(data)
    if papers.hexdigest() != manifest.papers:
        raise _bad("Its papers are not those of the manifest.", ReasonCode.BAD_MANIFEST)
    for part in manifest.lanes:
        yield from _read_group(records, part)
    records.finish()


def _read_group(records: _Records, part: LanePart) -> Iterator[Piece]:
    checkpoint = records.take(CHECKPOINT)
    frontier = records.take(FRONTIER)
    headers = records.take(HEADERS)
    count = part.end - part.start
    if len(frontier) != part.start.bit_count() * HASH_SIZE or len(headers) != count * HEADER_SIZE:
        raise _bad("A lane is not as long as the manifest says.", ReasonCode.BAD_RANGE)
    yield LaneGroup(
        part=part,
        checkpoint=checkpoint,
        frontier=tuple(frontier[at : at + HASH_SIZE] for at in range(0, len(frontier), HASH_SIZE)),
        headers=read_headers(headers),
    )
    for index in range(part.start, part.end):
        frames = tuple(read_frames(records.take(BODY)))
        if len(frames) != 1 or frames[0].index != index:
            raise _bad(f"The body of entry {index} is not where it belongs.", ReasonCode.REORDERED)
        yield frames[0]
    while records.kind == CHUNK:
        yield _read_chunk(records.take(CHUNK), part)


def _read_chunk(data: bytes, part: LanePart) -> BlobChunk:
    if len(data) < _CHUNK.size:
        raise _bad("A part of a file is cut.", ReasonCode.TRUNCATED)
    index, number, salt = _CHUNK.unpack_from(data)
    if not part.start <= index < part.end:
        raise _bad("A part of a file belongs to no entry.", ReasonCode.REORDERED)
    return BlobChunk(index, number, salt, data[_CHUNK.size :])


class _Records:
    """The records one by one, each judged by its head before a byte of it is read."""

    def __init__(self, source: BinaryIO, caps: Caps) -> None:
        self._source = source
        self._caps = caps
        self._digest = sha256()
        self._total = 0
        self._next_head()

    def _next_head(self) -> None:
        self._head = self._exactly(_RECORD.size)
        self.kind, self._length = _RECORD.unpack(self._head)
        limit = _LIMITS.get(self.kind)
        if limit is None:
            raise _bad(f"It has a record of type {self.kind}.", ReasonCode.UNKNOWN_RECORD)
        self._total += _RECORD.size + self._length
        if self._length > min(limit, self._caps.record):
            raise _large("record", min(limit, self._caps.record))
        if self._total > self._caps.total:
            raise _large("content", self._caps.total)

    def take(self, kind: int) -> bytes:
        """The content of the next record, which must be of this type."""
        if self.kind != kind:
            code = ReasonCode.TRUNCATED if self.kind == END else ReasonCode.REORDERED
            raise _bad(f"A record of type {self.kind} stands where {kind} is due.", code)
        return self.take_any()[1]

    def take_any(self) -> Record:
        """The next record."""
        kind = self.kind
        data = self._exactly(self._length)
        self._digest.update(self._head + data)
        self._next_head()
        return kind, data

    def finish(self) -> None:
        """Check the closing hash, and that nothing follows."""
        if self.kind != END:
            raise _bad("It goes on after the last lane of its manifest.", ReasonCode.TRAILING)
        if not hmac.compare_digest(self._exactly(self._length), self._digest.digest()):
            raise _bad("Its closing hash does not hold.", ReasonCode.BAD_PARCEL)
        if self._read(1):
            raise _bad("Bytes follow after its end.", ReasonCode.TRAILING)

    def _exactly(self, count: int) -> bytes:
        parts: list[bytes] = []
        while count:
            # In small steps: a head that promises 64 MiB must bring them before they are allocated.
            part = self._read(min(count, 1 << 20))
            if not part:
                raise _bad("It ends too early.", ReasonCode.TRUNCATED)
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _read(self, count: int) -> bytes:
        try:
            return self._source.read(count)
        except zstandard.ZstdError as error:
            raise _bad(f"It cannot be unpacked ({error}).", ReasonCode.BAD_PARCEL) from error


def _render(record: Record) -> bytes:
    return _RECORD.pack(record[0], len(record[1])) + record[1]


def _bad(why: str, code: ReasonCode) -> Damaged:
    return Damaged("A parcel cannot be read.", why, "Ask its maker for it again.", code=code)


def _large(what: str, limit: int) -> TooLarge:
    return TooLarge(
        "A parcel is too large.",
        f"Its {what} is over {limit} bytes.",
        "Make several parcels.",
        code=ReasonCode.TOO_LARGE,
    )
