"""Decisions of federation: does a range, a body, a genesis, a checkpoint hold; what is missing. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from hashlib import sha256
from itertools import pairwise

from kouprey.federation.model import (
    SALT_SIZE,
    EntryHeader,
    EntryKind,
    Genesis,
    IndexRange,
    ReasonCode,
)
from kouprey.kernel.seal.checkpoint import Checkpoint
from kouprey.kernel.seal.tree import Frontier, leaf_hash, verify_consistency, verify_inclusion
from kouprey.kernel.words.errors import Damaged, Refused

SLIP_MAX = 100
"""Bytes of a "please send" slip: short enough to be read over a telephone."""

_ORIGIN = re.compile(r"kouprey/1/[0-9a-f]{64}", re.ASCII)
_ORIGIN_PREFIX = "kouprey/1/"


def commitment(salt: bytes, body: bytes) -> bytes:
    """SHA-256("KC01" || salt || body): binds a header to its body, and says nothing once salt and body are gone."""
    return sha256(b"KC01" + salt + body).digest()


def lane_origin(genesis_document: bytes) -> str:
    """The name of a lane and of its checkpoints: the hash of its genesis document."""
    return _ORIGIN_PREFIX + sha256(b"kouprey-lane-v1\n" + genesis_document).hexdigest()


def is_origin(text: str) -> bool:
    """True for the form of a lane's origin."""
    return _ORIGIN.fullmatch(text) is not None


def lane_tag(origin: str) -> str:
    """The 32 hex digits that name a lane in URLs: the first half of the origin's hash."""
    return origin.removeprefix(_ORIGIN_PREFIX)[:32]


def verify_range(
    frontier: Frontier,
    headers: Sequence[EntryHeader],
    checkpoint: Checkpoint,
    *,
    agreement_version: int,
    proof: Sequence[bytes] = (),
) -> Frontier:
    """The frontier after `headers`, which follow `frontier` without a gap and are what `checkpoint` signs.

    `checkpoint` has been opened with the author's key for this lane's origin. When it is larger than the range's end,
    `proof` is the RFC 6962 consistency proof between the two sizes. The argument `frontier` is left as it is.
    """
    _check_sequence(frontier.size, headers, agreement_version)
    end = frontier.size + len(headers)
    if checkpoint.size < end:
        raise _proof("The checkpoint ends before the range does.", ReasonCode.BAD_RANGE)
    if headers and headers[-1].kind is EntryKind.CLOSE and checkpoint.size != end:
        raise _proof("The lane goes on after its closing entry.", ReasonCode.AFTER_CLOSE)
    after = frontier.copy()
    after.extend(leaf_hash(header.to_bytes()) for header in headers)
    if checkpoint.size == end:
        good = not proof and after.root() == checkpoint.root
    else:
        good = end > 0 and verify_consistency(end, checkpoint.size, after.root(), checkpoint.root, list(proof))
    if not good:
        raise _proof("These headers are not what the author's checkpoint signs.", ReasonCode.BAD_ROOT)
    return after


def _check_sequence(start: int, headers: Sequence[EntryHeader], agreement_version: int) -> None:
    for index, header in enumerate(headers, start):
        if header.index != index:
            code = ReasonCode.GAP if header.index > index else ReasonCode.REORDERED
            raise _proof(f"Entry {header.index} stands where {index} is due.", code)
        if (header.kind is EntryKind.GENESIS) != (index == 0):
            raise _proof(f"Entry {index} has a kind that belongs elsewhere.", ReasonCode.BAD_KIND)
        if header.version != agreement_version:
            raise _proof(
                f"Entry {index} names version {header.version} of the agreement; the lane is of {agreement_version}.",
                ReasonCode.BAD_VERSION,
            )
        if header.kind is EntryKind.CLOSE and index != start + len(headers) - 1:
            raise _proof("The lane goes on after its closing entry.", ReasonCode.AFTER_CLOSE)


def verify_body(header: EntryHeader, salt: bytes, body: bytes) -> None:
    """Raise Damaged unless `salt` and `body` are what the header commits to."""
    if len(salt) != SALT_SIZE or len(body) != header.length or commitment(salt, body) != header.commitment:
        raise _proof(f"The body of entry {header.index} is not the one it commits to.", ReasonCode.BAD_COMMITMENT)


def open_genesis(
    genesis: Genesis,
    document: bytes,
    *,
    origin: str,
    reader: str,
    agreement: str,
    version: int,
    version_sha256: str,
    parties: Set[str],
) -> None:
    """Raise unless `document`, read as `genesis`, opens the lane `origin` under this agreement version for `reader`.

    `parties` are those of the agreement version; `version_sha256` is the hash of the version's note text in hex.
    """
    if lane_origin(document) != origin:
        raise _proof("The genesis belongs to another lane.", ReasonCode.WRONG_ORIGIN)
    if (genesis.agreement, genesis.version, genesis.version_sha256) != (agreement, version, version_sha256):
        raise _refuse("It is under another agreement or version.", ReasonCode.WRONG_AGREEMENT)
    if genesis.author not in parties:
        raise _refuse(f"Its author {genesis.author} is not a party of the agreement.", ReasonCode.WRONG_AUTHOR)
    if reader not in genesis.audience:
        raise _refuse(f"{reader} is not in its audience.", ReasonCode.WRONG_AUDIENCE)
    strangers = sorted(set(genesis.audience) - set(parties))
    if strangers:
        raise _refuse(f"Its audience names {strangers[0]}, who is not a party.", ReasonCode.WRONG_AUDIENCE)


def judge_checkpoint(held: Checkpoint | None, offered: Checkpoint) -> bool:
    """True when `offered` is news, False when it repeats `held`; a smaller or a contradicting one raises Refused."""
    if held is None:
        return True
    if offered.origin != held.origin:
        raise _proof("The checkpoint belongs to another lane.", ReasonCode.WRONG_ORIGIN)
    if offered.size < held.size:
        raise _refuse(
            f"Its checkpoint has size {offered.size}, and we hold {held.size}.",
            ReasonCode.ROLLBACK,
            {"held": held.size, "offered": offered.size},
        )
    if offered.size == held.size:
        if offered.root != held.root:
            raise _refuse(
                f"Two checkpoints of size {held.size} contradict each other.", ReasonCode.FORK, {"size": held.size}
            )
        return False
    return True


def verify_fork(
    a: Checkpoint,
    b: Checkpoint,
    *,
    index: int = 0,
    header_a: bytes = b"",
    proof_a: Sequence[bytes] = (),
    header_b: bytes = b"",
    proof_b: Sequence[bytes] = (),
) -> bool:
    """True when two opened checkpoints of one lane cannot both be true: the author signed two histories."""
    if a.origin != b.origin:
        return False
    if a.size == b.size:
        return a.root != b.root
    return (
        header_a != header_b
        and index < min(a.size, b.size)
        and verify_inclusion(leaf_hash(header_a), index, a.size, list(proof_a), a.root)
        and verify_inclusion(leaf_hash(header_b), index, b.size, list(proof_b), b.root)
    )


def missing_ranges(size: int, held: Iterable[IndexRange]) -> tuple[IndexRange, ...]:
    """The parts of [0, size) that are in none of `held`, in order."""
    missing: list[IndexRange] = []
    reached = 0
    for part in sorted(held, key=lambda part: part.start):
        if reached < min(part.start, size):
            missing.append(IndexRange(reached, min(part.start, size)))
        reached = max(reached, part.end)
    if reached < size:
        missing.append(IndexRange(reached, size))
    return tuple(missing)


def ranges_of(indices: Sequence[int]) -> tuple[IndexRange, ...]:
    """Sorted indices as ranges."""
    parts: list[IndexRange] = []
    for index in indices:
        if parts and parts[-1].end == index:
            parts[-1] = IndexRange(parts[-1].start, index + 1)
        else:
            parts.append(IndexRange(index, index + 1))
    return tuple(parts)


def please_send(origin: str, missing: Sequence[IndexRange], size: int) -> str:
    """The slip for one lane, at most SLIP_MAX bytes: `please send 1f9ab2c3d4e5 120-339 512 of 900`.

    Numbers are first and last entry, both included. When there are too many gaps for the slip, neighbours are joined:
    what is sent twice does no harm, what is never asked for does.
    """
    distant_first = sorted(range(1, len(missing)), key=lambda at: missing[at].start - missing[at - 1].end, reverse=True)
    for count in range(min(len(missing), SLIP_MAX // 2), 0, -1):
        cuts = sorted(distant_first[: count - 1])
        parts = [IndexRange(missing[a].start, missing[b - 1].end) for a, b in pairwise([0, *cuts, len(missing)])]
        slip = f"please send {lane_tag(origin)[:12]} {' '.join(map(_spoken, parts))} of {size}"
        if len(slip) <= SLIP_MAX:
            return slip
    return f"nothing missing from {lane_tag(origin)[:12]} of {size}"


def please_go_on(origin: str, size: int) -> str:
    """The slip for a lane of which nothing is known to be missing: `please send 1f9ab2c3d4e5 from 900`."""
    return f"please send {lane_tag(origin)[:12]} from {size}"


def _spoken(part: IndexRange) -> str:
    return str(part.start) if part.end - part.start == 1 else f"{part.start}-{part.end - 1}"


def _proof(why: str, code: ReasonCode) -> Damaged:
    return Damaged("The proof of a lane does not hold.", why, "Ask its author or another reader for it.", code=code)


def _refuse(why: str, code: ReasonCode, detail: dict[str, object] | None = None) -> Refused:
    return Refused("A lane was refused.", why, code=code, detail=detail)
