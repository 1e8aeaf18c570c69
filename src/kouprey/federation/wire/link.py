"""Shapes of the link API: frames, headers answer, papers, receipts and small JSON (docs/spec/link.md)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from kouprey.federation.model import (
    BODY_MAX,
    EPOCH_MAX,
    HASH_SIZE,
    HEADER_SIZE,
    PAPER_MEDIA_TYPES,
    SALT_SIZE,
    BodyFrame,
    BodyState,
    ForkEvidence,
    HeadersAnswer,
    IndexRange,
    LanePart,
    LaneState,
    Paper,
    ReasonCode,
    Receipt,
)
from kouprey.federation.rules import is_origin, lane_tag
from kouprey.federation.wire.entry import read_headers
from kouprey.kernel.seal.checkpoint import Checkpoint, open_checkpoint, verify_cosignature
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.seal.notes import MAX_NOTE, split_note
from kouprey.kernel.words.errors import Damaged, KoupreyError, TooLarge

HEADERS_PER_ANSWER = 16_384
RANGES_MAX = 1_000
LANES_MAX = 10_000
BODIES_ANSWER_BYTES = 16 * 1024 * 1024
"""A server stops before the frame that would pass this; the first frame always goes."""
PAPER_MAX = 1_048_576
PAPERS_MAX = 1_000

HEADERS_MEDIA_TYPE = "application/vnd.kouprey.headers"
BODIES_MEDIA_TYPE = "application/vnd.kouprey.bodies"
PAPERS_BYTES = 16 << 20
"""Bytes of the papers in one body; one of them alone may be larger than what is left."""
PAPERS_MEDIA_TYPE = "application/vnd.kouprey.papers"
PARCEL_MEDIA_TYPE = "application/vnd.kouprey.parcel"
RECEIPT_MEDIA_TYPE = "application/vnd.kouprey.receipt+json"
CHECKPOINT_MEDIA_TYPE = "application/vnd.kouprey.checkpoint"

_HEADERS = struct.Struct(">4sQII")
_HEADERS_MAGIC = b"KH01"
_FRAME = struct.Struct(">QBI")
_STATES = {int(state): state for state in BodyState}
_HASHES_MAX = 64

T = TypeVar("T")


class LanesAnswer(msgspec.Struct, frozen=True):
    """Answer of `GET /link/v1/lanes`: what the asker may follow."""

    lanes: tuple[LaneState, ...]


class HeldAnswer(msgspec.Struct, frozen=True):
    """Answer of `GET /link/v1/held`: lanes the asker wrote, as they are held here, with our receipts for them."""

    lanes: tuple[LaneState, ...]
    receipts: tuple[Receipt, ...] = ()


class HeadsAnswer(msgspec.Struct, frozen=True):
    """Answer of `GET /link/v1/heads`: the newest checkpoints of lanes that both asker and asked read."""

    heads: tuple[str, ...]


class BodiesRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of `POST /link/v1/{tag}/bodies`."""

    ranges: tuple[IndexRange, ...]


class HintedLane(msgspec.Struct, frozen=True):
    """A lane that has grown to `size`."""

    origin: str
    size: int


class Hint(msgspec.Struct, frozen=True):
    """Body of `POST /link/v1/hint`: there is something to fetch; it proves nothing and commits to nothing."""

    lanes: tuple[HintedLane, ...]


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457 problem details with a `code` of the closed list."""

    title: str
    status: int
    code: str
    type: str = "about:blank"
    detail: str = ""
    size: int | None = None


def render_frame(frame: BodyFrame) -> bytes:
    """u64 index, u8 state, u32 length, salt and body."""
    return _FRAME.pack(frame.index, frame.state, len(frame.salt) + len(frame.body)) + frame.salt + frame.body


def read_frames(data: bytes) -> Iterator[BodyFrame]:
    """The frames of an answer one after another; Damaged as soon as one is cut or impossible."""
    at = 0
    while at < len(data):
        if len(data) - at < _FRAME.size:
            raise _cut("bodies")
        index, number, length = _FRAME.unpack_from(data, at)
        at += _FRAME.size
        state = _STATES.get(number)
        if state is None or index >= EPOCH_MAX or (length >= SALT_SIZE) != (state is BodyState.PRESENT):
            raise Damaged("A body on the way cannot be understood.", code=ReasonCode.BAD_BODY)
        if state is not BodyState.PRESENT and length:
            raise Damaged("An absent body brings bytes along.", code=ReasonCode.BAD_BODY)
        if length > SALT_SIZE + BODY_MAX:
            raise TooLarge("A body on the way is too large.", code=ReasonCode.TOO_LARGE)
        if len(data) - at < length:
            raise _cut("bodies")
        yield BodyFrame(index, state, data[at : at + min(length, SALT_SIZE)], data[at + SALT_SIZE : at + length])
        at += length


def read_bodies(data: bytes, asked: Sequence[IndexRange]) -> Iterator[BodyFrame]:
    """The frames of an answer to `asked`: its beginning, in order and without gaps, at least one."""
    due = (index for part in asked for index in range(part.start, part.end))
    came = False
    for frame in read_frames(data):
        if frame.index != next(due, None):
            raise Damaged("The bodies that came are not those asked for.", code=ReasonCode.REORDERED)
        came = True
        yield frame
    if asked and not came:
        raise _cut("bodies")


def render_headers_answer(answer: HeadersAnswer) -> bytes:
    """Magic, start, count, length of the checkpoint; checkpoint; frontier and proof, each counted; headers."""
    return b"".join(
        (
            _HEADERS.pack(_HEADERS_MAGIC, answer.start, len(answer.headers), len(answer.checkpoint)),
            answer.checkpoint,
            bytes([len(answer.frontier)]),
            *answer.frontier,
            bytes([len(answer.proof)]),
            *answer.proof,
            *(header.to_bytes() for header in answer.headers),
        )
    )


def read_headers_answer(data: bytes) -> HeadersAnswer:
    """Read what `render_headers_answer` wrote; exact to the byte. Nothing is verified yet."""
    if len(data) < _HEADERS.size:
        raise _cut("headers")
    magic, start, count, note_length = _HEADERS.unpack_from(data)
    if magic != _HEADERS_MAGIC or start >= EPOCH_MAX:
        raise Damaged("The headers answer cannot be understood.", code=ReasonCode.BAD_HEADER)
    if count > HEADERS_PER_ANSWER or note_length > MAX_NOTE:
        raise TooLarge("The headers answer is too large.", code=ReasonCode.TOO_LARGE)
    at = _HEADERS.size
    checkpoint = data[at : at + note_length]
    frontier, at = _hashes(data, at + note_length)
    proof, at = _hashes(data, at)
    end = at + count * HEADER_SIZE
    if len(data) < end:
        raise _cut("headers")
    if len(data) > end:
        raise Damaged("Bytes follow after the headers.", code=ReasonCode.TRAILING)
    return HeadersAnswer(
        start=start, checkpoint=checkpoint, frontier=frontier, proof=proof, headers=read_headers(data[at:])
    )


def _hashes(data: bytes, at: int) -> tuple[tuple[bytes, ...], int]:
    if at >= len(data):
        raise _cut("headers")
    count = data[at]
    end = at + 1 + count * HASH_SIZE
    if count > _HASHES_MAX:
        raise Damaged("The headers answer has too many hashes.", code=ReasonCode.BAD_HEADER)
    if end > len(data):
        raise _cut("headers")
    return tuple(data[i : i + HASH_SIZE] for i in range(at + 1, end, HASH_SIZE)), end


def render_paper(paper: Paper) -> bytes:
    """Media type, LF, content."""
    return paper.media_type.encode("ascii") + b"\n" + paper.content


def read_paper(data: bytes) -> Paper:
    """Read one paper; its media type is one of PAPER_MEDIA_TYPES."""
    if len(data) > PAPER_MAX:
        raise TooLarge("A paper is too large.", f"The limit is {PAPER_MAX} bytes.", code=ReasonCode.TOO_LARGE)
    media_type, lf, content = data.partition(b"\n")
    name = media_type.decode("ascii", "replace")
    if not lf or name not in PAPER_MEDIA_TYPES:
        raise Damaged("A paper is of no kind we know.", name[:60], code=ReasonCode.BAD_NOTE)
    return Paper(name, content)


def render_papers(papers: Iterable[Paper]) -> bytes:
    """Body of `POST /link/v1/notes` and answer of `GET /link/v1/papers`: each with its length (u32) before it."""
    rendered = map(render_paper, papers)
    return b"".join(len(paper).to_bytes(4, "big") + paper for paper in rendered)


def read_papers(data: bytes) -> tuple[Paper, ...]:
    """Read what `render_papers` wrote."""
    papers: list[Paper] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if len(data) < at + 4 + length or len(data) < at + 4:
            raise _cut("papers")
        if len(papers) == PAPERS_MAX:
            raise TooLarge("Too many papers came at once.", code=ReasonCode.TOO_LARGE)
        papers.append(read_paper(data[at + 4 : at + 4 + length]))
        at += 4 + length
    return tuple(papers)


def render_json(value: msgspec.Struct) -> bytes:
    """Any JSON shape of this module."""
    return msgspec.json.encode(value)


def read_receipt(data: bytes) -> Receipt:
    """Read a receipt; the cosignature in it is verified by `open_receipt`."""
    receipt = _read_json(data, Receipt, ReasonCode.BAD_RECEIPT)
    if len(receipt.note) > MAX_NOTE or not _in_order(receipt.without):
        raise Damaged("A receipt cannot be understood.", code=ReasonCode.BAD_RECEIPT)
    return receipt


def open_receipt(
    receipt: Receipt, *, origin: str, author_keys: Iterable[bytes], receipt_keys: Sequence[VerifyKey]
) -> tuple[Checkpoint, int, VerifyKey]:
    """The checkpoint a peer confirms, the second at which it says it did, and the key it says so by.

    `author_keys` are the 32-byte node keys of the lane's author, `receipt_keys` the peer's from its cards, the present
    one first.
    """
    try:
        note = receipt.note.encode()
    except UnicodeEncodeError as error:
        raise Damaged("A receipt cannot be understood.", str(error), code=ReasonCode.BAD_RECEIPT) from error
    checkpoint = open_checkpoint(note, origin, author_keys)
    text, lines = split_note(note)
    for key in receipt_keys:
        for line in lines:
            if line.is_by(key):
                return checkpoint, verify_cosignature(text, line.to_bytes(), key), key
    raise Damaged(
        "The receipt is not signed by the peer.",
        f"There is no line of {receipt_keys[0].name} by a key on a card of it.",
        "Ask the peer for a receipt signed with the key on its card.",
        code=ReasonCode.BAD_RECEIPT,
    )


def read_lanes(data: bytes) -> LanesAnswer:
    """Read the answer of `GET /link/v1/lanes`."""
    answer = _read_json(data, LanesAnswer)
    _check_lanes(answer.lanes)
    return answer


def _check_lanes(lanes: Sequence[LaneState]) -> None:
    _limit(lanes, LANES_MAX)
    for lane in lanes:
        if not is_origin(lane.origin) or lane.tag != lane_tag(lane.origin) or not 0 <= lane.size <= EPOCH_MAX:
            raise Damaged("A lane is announced that cannot be.", code=ReasonCode.WRONG_ORIGIN)


def read_held(data: bytes) -> HeldAnswer:
    """Read the answer of `GET /link/v1/held`."""
    answer = _read_json(data, HeldAnswer)
    _limit(answer.receipts, LANES_MAX)
    _check_lanes(answer.lanes)
    return answer


def read_heads(data: bytes) -> HeadsAnswer:
    """Read the answer of `GET /link/v1/heads`."""
    answer = _read_json(data, HeadsAnswer)
    _limit(answer.heads, LANES_MAX)
    return answer


def read_bodies_request(data: bytes) -> BodiesRequest:
    """Read which bodies are asked for: ranges in order, not touching the same entry twice, not empty."""
    request = _read_json(data, BodiesRequest)
    _limit(request.ranges, RANGES_MAX)
    if not request.ranges or not _in_order(request.ranges):
        raise Damaged("The ranges asked for are not in order.", code=ReasonCode.BAD_RANGE)
    return request


def read_hint(data: bytes) -> Hint:
    """Read a hint."""
    hint = _read_json(data, Hint)
    _limit(hint.lanes, LANES_MAX)
    return hint


def read_fork_evidence(data: bytes) -> ForkEvidence:
    """Read fork evidence; `rules.verify_fork` judges it once both checkpoints are opened."""
    return _read_json(data, ForkEvidence)


def problem_of(error: KoupreyError) -> Problem:
    """What a peer is told about a refusal. Codes outside the closed list become `bad-request`."""
    code = error.code if error.code in set(ReasonCode) else ReasonCode.BAD_REQUEST
    size = error.detail.get("size", error.detail.get("held"))
    return Problem(
        title=error.what,
        status=error.http_status,
        code=code,
        detail=error.why,
        size=size if isinstance(size, int) else None,
    )


def read_problem(data: bytes) -> Problem:
    """A peer's refusal; an answer that is none (a proxy's page, say) becomes an empty one."""
    try:
        return msgspec.json.decode(data, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Problem(title="", status=0, code="")


def part_of(origin: str, part: IndexRange) -> LanePart:
    """A range with the lane it is of."""
    return LanePart(origin=origin, start=part.start, end=part.end)


def _in_order(ranges: Sequence[IndexRange]) -> bool:
    reached = 0
    for part in ranges:
        if not reached <= part.start < part.end <= EPOCH_MAX:
            return False
        reached = part.end
    return True


def _read_json(data: bytes, shape: type[T], code: ReasonCode = ReasonCode.BAD_REQUEST) -> T:
    try:
        return msgspec.json.decode(data, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Damaged("A message of the link cannot be understood.", str(error), code=code) from error


def _limit(values: Sequence[object], limit: int) -> None:
    if len(values) > limit:
        raise TooLarge("Too much was asked at once.", f"The limit is {limit}.", code=ReasonCode.TOO_LARGE)


def _cut(what: str) -> Damaged:
    return Damaged(f"The {what} end too early.", "The transfer was cut.", "Ask again.", code=ReasonCode.TRUNCATED)
