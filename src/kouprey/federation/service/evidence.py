"""Fork evidence: an author who signed two histories of one epoch is proven to have, and the other readers are told."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import ForkEvidence, HeadersAnswer, ReasonCode
from kouprey.federation.service.admit import Admission
from kouprey.federation.service.frontiers import frontier_at
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.wire import link
from kouprey.kernel.seal.checkpoint import Checkpoint, open_checkpoint
from kouprey.kernel.seal.tree import Frontier, inclusion_from, leaf_hash
from kouprey.kernel.storage import audit, meta
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People

_log = logging.getLogger(__name__)

Fetch = Callable[[int], HeadersAnswer]
"""Headers of the other history from an index on, with the compact range before it; nothing of it is verified."""


def proven_mark(tag: str, party: str) -> str:
    """Where it stands that a party has shown us two histories of a lane of ours."""
    return f"two-histories-{tag}-{party}"


class Evidence:
    """Finds, keeps, checks and passes on proofs against authors."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        lanes: Lanes,
        admission: Admission,
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._lanes = lanes
        self._admission = admission
        self._clock = clock
        admission.forked.append(self._found_equal)

    # finding

    def compare(self, note: bytes, fetch: Callable[[str, int], HeadersAnswer], by: str) -> bool:
        """Whether a checkpoint that another reader holds contradicts what we hold; then it is proven and kept.

        One that is larger than ours says nothing yet: its holder compares it with ours.
        """
        origin = note.partition(b"\n")[0].decode("utf-8", "replace")
        with self._store.read() as reader:
            lane = rows.find_lane(reader, origin=origin)
        if lane is None or lane.mine or lane.state != rows.OPEN:
            return False
        offered = self._admission.keys.open(note, origin, lane.author)
        if not 0 < offered.size <= lane.size:
            return False
        with self._store.read() as reader:
            if frontier_at(reader, lane.id, offered.size).root() == offered.root:
                return False
        return self.prove(lane, note, lambda start: fetch(lane.tag, start), by)

    def prove(self, lane: rows.Lane, note: bytes, fetch: Fetch, by: str) -> bool:
        """Prove that `note`, opened before, belongs to another history than ours; False when the other side shows none.

        Asks for about log2(size) pages: each brings the compact range before it, whose root is compared with ours.
        """
        offered = self._admission.keys.open(note, lane.origin, lane.author)
        with self._store.read() as reader:
            equal = rows.find_checkpoint(reader, lane.id, offered.size)
        if equal is not None and equal.root != offered.root:
            return self.keep(_evidence(lane, equal.note, note), by)
        low, high = 0, min(lane.size, offered.size)
        while high - low > 1:
            middle = (low + high) // 2
            if self._same_until(lane, fetch(middle), middle):
                low = middle
            else:
                high = middle
        found = self._evidence_at(lane, fetch(low), low)
        return found is not None and self.keep(found, by)

    def keep_equal(self, lane: rows.Lane, note: bytes, by: str) -> bool:
        """Keep the proof that `note` and a checkpoint we hold of the same size give; False when we hold none."""
        offered = self._admission.keys.open(note, lane.origin, lane.author)
        with self._store.read() as reader:
            equal = rows.find_checkpoint(reader, lane.id, offered.size)
        return equal is not None and equal.root != offered.root and self.keep(_evidence(lane, equal.note, note), by)

    def _same_until(self, lane: rows.Lane, page: HeadersAnswer, size: int) -> bool:
        with self._store.read() as reader:
            ours = frontier_at(reader, lane.id, size)
        return page.start == size and tuple(page.frontier) == ours.hashes

    def _evidence_at(self, lane: rows.Lane, page: HeadersAnswer, index: int) -> ForkEvidence | None:
        """What a page that parts from our history with its first entry proves."""
        if page.start != index or not page.headers or not self._same_until(lane, page, index):
            return None
        theirs = self._admission.keys.open(page.checkpoint, lane.origin, lane.author)
        frontier = Frontier.from_bytes(index, b"".join(page.frontier))
        leaves = [leaf_hash(header.to_bytes()) for header in page.headers]
        with self._store.read() as reader:
            ours = rows.find_checkpoint_within(reader, lane.id, index, index + 1)
            if ours is None or theirs.size != index + len(leaves):
                return None
            headers = rows.list_headers(reader, lane.id, index, ours.size)
        return msgspec.structs.replace(
            _evidence(lane, ours.note, page.checkpoint),
            index=index,
            header_a=headers[0],
            proof_a=tuple(inclusion_from(frontier, [leaf_hash(each) for each in headers])),
            header_b=page.headers[0].to_bytes(),
            proof_b=tuple(inclusion_from(frontier, leaves)),
        )

    def _found_equal(self, lane: rows.Lane, ours: bytes, theirs: bytes) -> None:
        """Two checkpoints met at the entrance; when they are of one size they prove it alone."""
        evidence = _evidence(lane, ours, theirs)
        if self.proves(evidence, lane.author):
            self.keep(evidence, self._people.home_id)

    # keeping

    def proves(self, evidence: ForkEvidence, author: str) -> bool:
        """Whether it convicts `author`: both checkpoints are signed by him and cannot both be true."""
        try:
            # A key that was revoked may be in a thief's hands: what it signed convicts nobody.
            keys = self._admission.keys.good(author)
            a, b = (_open(note, evidence.origin, keys) for note in (evidence.checkpoint_a, evidence.checkpoint_b))
        except KoupreyError:
            return False
        return rules.verify_fork(
            a,
            b,
            index=evidence.index,
            header_a=evidence.header_a,
            proof_a=evidence.proof_a,
            header_b=evidence.header_b,
            proof_b=evidence.proof_b,
        )

    def keep(self, evidence: ForkEvidence, by: str) -> bool:
        """Freeze the lane and keep a proof; False when it proves nothing. Keeping it twice is harmless."""
        with self._store.read() as reader:
            lane = rows.find_lane(reader, origin=evidence.origin)
        if lane is None or lane.mine or not self.proves(evidence, lane.author):
            return False
        why = f"{lane.author} signed two histories of this epoch; it is proven"

        def work(tx: Tx) -> None:
            now = self._clock()
            found = rows.StoredEvidence(lane.origin, lane.author, msgspec.json.encode(evidence), by, now)
            if rows.insert_evidence(tx, found):
                rows.set_state(tx, lane.id, rows.FROZEN, why)
                detail = {"author": lane.author, "by": by, "index": evidence.index}
                audit.append(tx, at=now, actor="node", action="lane.evidence", subject=lane.origin, detail=detail)
                _log.error("%s (lane %s).", why, lane.tag)

        self._store.write(work)
        return True

    def take(self, party: str, tag: str, evidence: ForkEvidence) -> bool:
        """A proof that another reader of a lane brings; Refused (`not-proven`) when it is none.

        One about a lane of ours tells us that somebody signs with our key, or that we were rolled back: the epoch ends.
        True when that is news.
        """
        mark = proven_mark(tag, party)
        with self._store.read() as reader:
            lane = rows.find_lane(reader, tag=tag)
            known = meta.get(reader, mark) is not None
        if lane is None or lane.origin != evidence.origin or party not in lane.audience:
            raise Unknown("There is no such lane.", code=ReasonCode.UNKNOWN_LANE)
        if not self.proves(evidence, lane.author):
            raise Refused("This does not prove that somebody signed two histories.", code=ReasonCode.NOT_PROVEN)
        if lane.mine:
            self._store.write(lambda tx: meta.put(tx, mark, b"1"))
            self._lanes.discovered_rollback(lane.origin, f"{party} has proof that two histories of it were signed")
            return not known
        self.keep(evidence, party)
        self._store.write(lambda tx: rows.note_told(tx, lane.origin, party, self._clock()))
        return False

    # telling

    def untold(self, party: str) -> list[tuple[str, bytes]]:
        """(tag, evidence) of what a party of the lane has not been shown.

        Its author is shown it, too: one that was rolled back, and did not notice, publishes anew what nobody takes.
        """
        with self._store.read() as reader:
            known = rows.list_told(reader, party)
            return [
                (lane.tag, each.evidence)
                for each in rows.list_evidence(reader)
                if each.origin not in known
                for lane in [rows.find_lane(reader, origin=each.origin)]
                if lane is not None and party in lane.audience
            ]

    def restarted(self, author: str) -> None:
        """An author asks what we hold of it, as one does that may have forgotten: what it was shown is shown again."""
        with self._store.read() as reader:
            shown = rows.list_told(reader, author)
            again = [each.origin for each in rows.list_evidence(reader, author=author) if each.origin in shown]
        if again:
            self._store.write(lambda tx: rows.forget_told(tx, again, author))

    def told(self, party: str, tag: str) -> None:
        """A party has been shown a proof."""

        def work(tx: Tx) -> None:
            lane = rows.find_lane(tx, tag=tag)
            if lane is not None:
                rows.note_told(tx, lane.origin, party, self._clock())

        self._store.write(work)

    def list_proven(self, author: str = "") -> list[tuple[rows.StoredEvidence, ForkEvidence]]:
        """Every proof held, or those against one author."""
        with self._store.read() as reader:
            found = rows.list_evidence(reader, author=author)
        return [(each, link.read_fork_evidence(each.evidence)) for each in found]

    def export(self, origin: str) -> bytes:
        """A proof as a file anybody can verify: the cards of the author, then the evidence, one JSON object a line."""
        with self._store.read() as reader:
            found = rows.list_evidence(reader, origin=origin)
            cards = [note for _, party, note in rows.list_cards(reader) if found and party == found[0].author]
        if not found:
            raise Unknown("There is no proof about this lane.", code="unknown-lane")
        current = self._people.get_party(found[0].author).note
        notes = dict.fromkeys([*cards, current])
        roots = self._people.list_root_notes(found[0].author)
        lines = [msgspec.json.encode({"type": "root", "note": note.decode()}) for note in roots]
        lines += [msgspec.json.encode({"type": "card", "note": note.decode()}) for note in notes]
        lines.append(b'{"type":"fork",' + found[0].evidence[1:])
        return b"\n".join(lines) + b"\n"

    def export_by_tag(self, author: str, tag: str) -> bytes:
        """The same, for the lane with this tag, if it is of `author` ("" for anybody)."""
        with self._store.read() as reader:
            lane = rows.find_lane(reader, tag=tag)
        if lane is None or author not in ("", lane.author):
            raise Unknown("There is no proof about this lane.", code="unknown-lane")
        return self.export(lane.origin)

    def shared_with(self, reader: Reader, party: str) -> list[rows.Lane]:
        """Replicas of lanes that `party` reads too and did not write, and may read today."""
        standings = self._agreements.standings(reader)
        return [
            lane
            for lane in rows.list_lanes(reader, mine=False)
            if party in lane.audience
            and lane.author != party
            and lane.signed_size
            and lane.agreement in standings
            and party in standings[lane.agreement].parties
            and not standings[lane.agreement].suspended_between(party)
        ]

    def heads_for(self, party: str) -> link.HeadsAnswer:
        """The newest checkpoints of lanes that both of us read, to be compared with what the party holds."""
        with self._store.read() as reader:
            kept = [rows.find_checkpoint(reader, lane.id, lane.signed_size) for lane in self.shared_with(reader, party)]
        return link.HeadsAnswer(heads=tuple(each.note.decode() for each in kept if each is not None))

    def shares(self, party: str) -> bool:
        """Whether there is anything to compare with a party."""
        with self._store.read() as reader:
            return bool(self.shared_with(reader, party))


def _evidence(lane: rows.Lane, ours: bytes, theirs: bytes) -> ForkEvidence:
    return ForkEvidence(origin=lane.origin, checkpoint_a=ours.decode(), checkpoint_b=theirs.decode())


def _open(note: str, origin: str, keys: list[bytes]) -> Checkpoint:
    try:
        return open_checkpoint(note.encode(), origin, keys)
    except UnicodeEncodeError as error:
        raise Damaged("A checkpoint cannot be read.", code=ReasonCode.BAD_CHECKPOINT) from error
