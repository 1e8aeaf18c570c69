"""RFC 6962 Merkle trees: hashes, compact ranges, proofs and their verification; needs nothing but hashlib."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from kouprey.kernel.words.errors import Damaged

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1
"""Leaves a tree may have; the bound tlog formats put on sizes."""

EMPTY_ROOT = sha256(b"").digest()

LeafReader = Callable[[int, int], Sequence[bytes]]
"""Gives the leaf hashes with indices from `start` up to, not including, `stop`."""

_TILE_BITS = 8
_TILE = 1 << _TILE_BITS


def leaf_hash(data: bytes) -> bytes:
    """The 32-byte hash of one leaf (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The 32-byte hash of a node above two others (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The compact range of the leaves [0, size): one hash for each one-bit of `size`.

    It is all that is needed to append, and at most 63 hashes. "Leaf" means a leaf hash of 32 bytes everywhere.
    """

    __slots__ = ("_held", "size")

    def __init__(self) -> None:
        self.size = 0
        # By level: the root of the complete subtree of 2**level leaves that waits for its right sibling, if any.
        self._held: list[bytes | None] = []

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The roots of the complete subtrees from left to right, largest first."""
        return tuple(held for held in reversed(self._held) if held is not None)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash; ValueError when it is not 32 bytes."""
        _check_hashes((leaf,))
        for level, held in enumerate(self._held):
            if held is None:
                self._held[level] = leaf
                break
            leaf = node_hash(held, leaf)
            self._held[level] = None
        else:
            self._held.append(leaf)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes in order, all or none; ValueError when one is not 32 bytes."""
        row = list(leaves)
        _check_hashes(row)
        self.size += len(row)
        level = 0
        # A whole level at a time: one tight loop instead of a walk up the tree for each leaf.
        while row:
            if level == len(self._held):
                self._held.append(None)
            held = self._held[level]
            if held is not None:
                row.insert(0, held)
            self._held[level] = row.pop() if len(row) & 1 else None
            row = _level_above(row)
            level += 1

    def root(self) -> bytes:
        """The Merkle tree hash of [0, size)."""
        return _join(self.hashes)

    def to_bytes(self) -> bytes:
        """The hashes one after another; `size` is not inside."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """The reverse of `to_bytes`; Damaged when the length does not fit the size."""
        if not 0 <= size <= MAX_SIZE or len(data) != HASH_BYTES * size.bit_count():
            raise Damaged(
                "The compact range does not fit its tree.",
                f"A tree of {size} leaves has another number of hashes than {len(data)} bytes hold.",
                "Ask the sender for the range again.",
                code="bad-range",
            )
        made = cls()
        made.size = size
        made._held = [None] * size.bit_length()
        levels = (level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1)
        for at, level in zip(range(0, len(data), HASH_BYTES), levels, strict=True):
            made._held[level] = bytes(data[at : at + HASH_BYTES])
        return made

    def copy(self) -> Frontier:
        """An independent frontier in the same state."""
        made = Frontier()
        made.size = self.size
        made._held = self._held.copy()
        return made


def root_from(frontier: Frontier, leaves: Iterable[bytes]) -> bytes:
    """The root after the frontier's leaves and these leaf hashes; the frontier is left as it was."""
    after = frontier.copy()
    after.extend(leaves)
    return after.root()


def inclusion_from(frontier: Frontier, leaves: Sequence[bytes]) -> list[bytes]:
    """The path of the first of `leaves` in the tree of the frontier's leaves and these, leaf end first (RFC 6962).

    Whatever lies left of it is a subtree that the frontier holds, so nothing before it has to be read.
    """
    index, size = frontier.size, frontier.size + len(leaves)
    left = list(frontier.hashes)
    start, stop = 0, size
    path: list[bytes] = []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            right = Frontier()
            right.extend(leaves[middle - index : stop - index])
            path.append(right.root())
            stop = middle
        else:
            path.append(left.pop(0))
            start = middle
    return path[::-1]


class Tree:
    """Proofs over a growing list of leaf hashes.

    Either in memory, from an iterable of leaf hashes and then `append` or `extend`, or over a `LeafReader` that
    fetches them from a store. Roots of full tiles of 256 are kept, so that a proof reads at most two ragged tiles
    of leaves once the tiles were seen; they stay true because leaves are only ever added.
    """

    def __init__(self, source: Iterable[bytes] | LeafReader = ()) -> None:
        self._leaves: list[bytes] | None = None
        self._reader: LeafReader
        self._tiles: dict[tuple[int, int], bytes] = {}
        if callable(source):
            self._reader = source
        else:
            leaves = list(source)
            _check_hashes(leaves)
            self._leaves = leaves
            self._reader = lambda start, stop: leaves[start:stop]

    @property
    def size(self) -> int:
        """Leaves held in memory; TypeError over a reader, which alone knows how far it goes."""
        return len(self._in_memory())

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash to a tree in memory."""
        self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes to a tree in memory, all or none."""
        row = list(leaves)
        _check_hashes(row)
        self._in_memory().extend(row)

    def root(self, size: int | None = None) -> bytes:
        """The Merkle tree hash of the first `size` leaves (RFC 6962 section 2.1)."""
        return self._range(0, self._size(size))

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """The path of leaf `index` in the tree of `size` leaves, leaf end first (RFC 6962 section 2.1.1)."""
        stop = self._size(size)
        if not 0 <= index < stop:
            raise ValueError(f"no leaf {index} in a tree of {stop}")
        start, path = 0, []
        while stop - start > 1:
            middle = start + _split(stop - start)
            if index < middle:
                path.append(self._range(middle, stop))
                stop = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return path[::-1]

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """That the tree of `new` leaves begins with the tree of `old` leaves (RFC 6962 section 2.1.2).

        Empty when `old` is 0 or equals `new`: there is nothing to show.
        """
        stop = self._size(new)
        if not 0 <= old <= stop:
            raise ValueError(f"no tree of {old} leaves within one of {stop}")
        if old in (0, stop):
            return []
        start, path, whole = 0, [], True
        while old != stop:
            middle = start + _split(stop - start)
            if old <= middle:
                path.append(self._range(middle, stop))
                stop = middle
            else:
                path.append(self._range(start, middle))
                start, whole = middle, False
        if not whole:
            path.append(self._range(start, stop))
        return path[::-1]

    def _in_memory(self) -> list[bytes]:
        if self._leaves is None:
            raise TypeError("this tree reads its leaves from elsewhere")
        return self._leaves

    def _size(self, size: int | None) -> int:
        if size is None:
            return self.size
        if not 0 <= size <= MAX_SIZE or (self._leaves is not None and size > len(self._leaves)):
            raise ValueError(f"no tree of {size} leaves here")
        return size

    def _range(self, start: int, stop: int) -> bytes:
        """The hash of [start, stop); `start` is a multiple of the smallest power of two that holds the range."""
        parts = []
        for level in range((stop - start).bit_length() - 1, -1, -1):
            if (stop - start) >> level & 1:
                parts.append(self._complete(level, start >> level))
                start += 1 << level
        return _join(parts)

    def _complete(self, level: int, index: int) -> bytes:
        """The root of the complete subtree number `index` among those of 2**level leaves."""
        tile_level, rest = divmod(level, _TILE_BITS)
        return _fold(self._row(tile_level, index << rest, (index + 1) << rest))

    def _row(self, tile_level: int, start: int, stop: int) -> list[bytes]:
        """Nodes [start, stop) of one tile level; level 0 is the leaves."""
        if tile_level:
            return [self._tile(tile_level, index) for index in range(start, stop)]
        leaves = list(self._reader(start, stop))
        if len(leaves) != stop - start:
            raise Damaged(
                "Leaves of a tree are missing.",
                f"Asked for {start} to {stop}, got {len(leaves)}.",
                "Check the store, then fetch the missing entries from a peer.",
                code="missing-leaves",
            )
        _check_hashes(leaves)
        return leaves

    def _tile(self, tile_level: int, index: int) -> bytes:
        known = self._tiles.get((tile_level, index))
        if known is None:
            known = _fold(self._row(tile_level - 1, index * _TILE, (index + 1) * _TILE))
            self._tiles[tile_level, index] = known
        return known


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf hash stands at `index` in the tree of `size` leaves with this root; exact length only."""
    if not 0 <= index < size <= MAX_SIZE or not _are_hashes((leaf, root, *proof)):
        return False
    # Below the point where the paths to this leaf and to the last one part, siblings lie on either side; above it
    # only on the left, one for each one-bit that is left of the index.
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        return False
    found = leaf
    for level, sibling in enumerate(proof):
        left = level >= inner or index >> level & 1
        found = node_hash(sibling, found) if left else node_hash(found, sibling)
    return found == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree (new, new_root) begins with the tree (old, old_root); exact length only.

    From the empty tree every tree follows, by an empty proof, but `old_root` must be the empty root.
    """
    if not 0 <= old <= new <= MAX_SIZE or not _are_hashes((old_root, new_root, *proof)):
        return False
    if old in (0, new):
        known = EMPTY_ROOT if old == 0 else new_root
        return not proof and old_root == known and (new > 0 or new_root == EMPTY_ROOT)
    shift = (old & -old).bit_length() - 1
    last = (old - 1) >> shift
    inner = (last ^ ((new - 1) >> shift)).bit_length()
    # A complete old tree is itself the start of the path, so its proof leaves the start out.
    path = list(proof) if last else [old_root, *proof]
    if len(path) != 1 + inner + (last >> inner).bit_count():
        return False
    before = after = path[0]
    for level, sibling in enumerate(path[1:]):
        if level >= inner or last >> level & 1:
            before = node_hash(sibling, before)
            after = node_hash(sibling, after)
        else:
            after = node_hash(after, sibling)
    return before == old_root and after == new_root


def _split(width: int) -> int:
    """The largest power of two below `width`, which is at least 2."""
    return 1 << (width - 1).bit_length() - 1


def _level_above(row: list[bytes]) -> list[bytes]:
    # node_hash, written out: the call would cost a third of the time of a bulk append.
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(row[::2], row[1::2], strict=True)]


def _fold(row: list[bytes]) -> bytes:
    """The root above a row whose length is a power of two."""
    while len(row) > 1:
        row = _level_above(row)
    return row[0]


def _join(parts: Sequence[bytes]) -> bytes:
    """The root above complete subtrees of falling size."""
    if not parts:
        return EMPTY_ROOT
    found = parts[-1]
    for part in reversed(parts[:-1]):
        found = node_hash(part, found)
    return found


def _are_hashes(values: Sequence[bytes]) -> bool:
    return set(map(len, values)) <= {HASH_BYTES}


def _check_hashes(values: Sequence[bytes]) -> None:
    # Catches the one likely mistake: passing the data of a leaf where its hash belongs.
    if not _are_hashes(values):
        raise ValueError("a leaf here is a hash of 32 bytes; use leaf_hash(data)")
