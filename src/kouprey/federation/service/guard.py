"""The guard: what was signed last, in a database of its own outside every backup, moved by compare-and-swap alone."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.federation import store as rows
from kouprey.federation.service.frontiers import frontier_at
from kouprey.kernel.seal.checkpoint import Checkpoint, open_checkpoint
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import new_id


class Guard:
    """The right of one process to sign for our lanes; who claims it last has it, and everybody else fails closed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._holder = new_id("run")

    def find(self, origin: str) -> tuple[int, bytes] | None:
        """(size, root) of what was last signed for a lane."""
        with self._store.read() as reader:
            held = rows.find_guard(reader, origin)
        return None if held is None else held[:2]

    def list_origins(self) -> list[str]:
        """Every lane for which something was signed."""
        with self._store.read() as reader:
            return rows.list_guarded(reader)

    def forget(self, origins: Iterable[str]) -> None:
        """Know nothing of these lanes any more: none of them may ever be continued."""
        gone = list(origins)
        self._store.write(lambda tx: rows.forget_guard(tx, gone))

    def claim(self, origin: str, seen: tuple[int, bytes]) -> bool:
        """Take the right to sign, unless somebody has signed since `seen` was read."""
        return self._store.write(lambda tx: rows.claim_guard(tx, origin, *seen, self._holder))

    def advance(self, checkpoint: Checkpoint, *, first: bool) -> bool:
        """Write down durably what is about to be signed; False when it may not be signed.

        `first`: nothing of this lane was ever signed. A guard that knows nothing of a lane that was signed has been
        replaced, and its word is not restored by writing a new one.
        """

        def work(tx: Tx) -> bool:
            held = rows.find_guard(tx, checkpoint.origin)
            if held is None:
                return first and rows.begin_guard(tx, checkpoint.origin, checkpoint.size, checkpoint.root, self._holder)
            size, root, _ = held
            if size > checkpoint.size or (size == checkpoint.size and root != checkpoint.root):
                return False
            return rows.advance_guard(tx, checkpoint.origin, size, root, checkpoint.size, checkpoint.root, self._holder)

        return self._store.write(work)


def lost_lanes(store: Store, guard: Guard) -> list[str]:
    """Lanes that the guard has seen and this database has never held: while there are any, none may be continued."""
    with store.read() as reader:
        known = {lane.origin for lane in rows.list_lanes(reader, mine=True)}
    return [origin for origin in guard.list_origins() if origin not in known]


def discontinuity(
    reader: Reader,
    lane: rows.Lane,
    guarded: tuple[int, bytes] | None,
    held_by_peers: Iterable[bytes],
    public: Iterable[bytes],
) -> str:
    """Why a lane of ours must not be continued, or "" when guard and peers agree with the database.

    `held_by_peers` are our own checkpoints as peers hold them; `public` are our node keys, so none can be invented.
    """
    if guarded is None:
        return "the guard does not know this lane: the database was restored or copied"
    size, root = guarded
    if size < lane.signed_size:
        return f"the guard has seen {size} entries, the database has signed {lane.signed_size}: the guard is older"
    if size > lane.size:
        return f"the guard has seen {size} entries, the database holds {lane.size}"
    if frontier_at(reader, lane.id, size).root() != root:
        return f"the guard's root at {size} differs from the database"
    for note in held_by_peers:
        try:
            seen = open_checkpoint(note, lane.origin, public)
        except Damaged:
            continue  # Only what we have signed ourselves says anything about us.
        if seen.size > lane.size:
            return f"a peer holds {seen.size} entries signed by us, the database {lane.size}"
        if frontier_at(reader, lane.id, seen.size).root() != seen.root:
            return f"a peer holds another history of our first {seen.size} entries"
    return ""
