"""The ledger of a dossier: events in the transaction of what they tell, signed when durable, proven one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from kouprey.agreements.service import Agreements
from kouprey.federation.service import Lanes
from kouprey.kernel.seal import checkpoint as signed
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.seal.tree import Tree, leaf_hash
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.people.service import People
from kouprey.proceedings import store as rows
from kouprey.proceedings.model import Act, Checkpoint, Dossier, Event, Line, Member
from kouprey.proceedings.store import custody
from kouprey.proceedings.wire.proofs import (
    LEDGER,
    PROOF,
    Earlier,
    Ledger,
    Proof,
    Proven,
    read_event,
    write_event,
    write_proof,
)

T = TypeVar("T")


class Ledgering:
    """What every verb about dossiers works with."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        lanes: Lanes,
        ring: Keyring,
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._lanes = lanes
        self._ring = ring
        self._clock = clock
        self._unkept: dict[str, Instant] = {}

    def now(self) -> Instant:
        """By this node's clock."""
        return self._clock()

    def origin(self, dossier: str) -> str:
        """What the ledger of a dossier is called in its checkpoints."""
        return origin_of(self._people.home_id, dossier)

    def proof(self, who: decision.Reader, dossier: str, *, item: str = "", positions: Collection[int] = ()) -> bytes:
        """That events stand in the ledger, those of an item or these, and nothing of what the others say.

        Earlier checkpoints that a partner has cosigned come along, with the proof that the ledger goes on from them.
        """
        with self._store.read() as reader:
            self._get(reader, who, dossier)
        # What came by a lane just now may not be signed yet.
        self.sign(dossier)
        with self._store.read() as reader:
            lines = custody.list_lines(reader, dossier)
            points = custody.list_checkpoints(reader, dossier)
        wanted = [line for line in lines if (item and line.item == item) or line.position in positions]
        if not wanted or not points:
            raise Unknown("There is no such event.", remedy="Choose one of the ledger.", code="unknown-event")
        return self._prove(dossier, lines, wanted, points)

    def ledger(self, who: decision.Reader, dossier: str) -> bytes:
        """The whole ledger with all its checkpoints, for those who belong to the dossier."""
        with self._store.read() as reader:
            self._get(reader, who, dossier)
        self.sign(dossier)
        with self._store.read() as reader:
            lines = custody.list_lines(reader, dossier)
            points = custody.list_checkpoints(reader, dossier)
        return write_proof(
            Ledger(
                format=LEDGER,
                ledger=self.origin(dossier),
                keys=self._vkeys(dossier),
                events=tuple(line.raw for line in lines),
                checkpoints=tuple(each.note.decode() for each in points),
            )
        )

    def list_events(self, who: decision.Reader, dossier: str, item: str = "") -> list[Event]:
        """Events of a ledger, or of one item, the first one first."""
        with self._store.read() as reader:
            self._get(reader, who, dossier)
            lines = custody.list_lines(reader, dossier)
        return [read_event(dossier, line.raw) for line in lines if item in ("", line.item)]

    def sign(self, dossier: str) -> Checkpoint:
        """Sign all that is durable of a ledger; the checkpoint. After the node's key was replaced it is signed anew."""
        with self._store.read() as reader:
            lines = custody.list_lines(reader, dossier)
            held = custody.find_checkpoint(reader, dossier, len(lines))
        if held is not None and self._is_ours(held):
            return held
        root = Tree([line.leaf for line in lines]).root()
        stated = signed.Checkpoint(self.origin(dossier), len(lines), root)
        note = signed.sign_checkpoint(stated, *self._ring.signers)
        made = Checkpoint(dossier=dossier, size=len(lines), note=note)
        self._store.write(lambda tx: custody.put_checkpoint(tx, made))
        return made

    def _is_ours(self, point: Checkpoint) -> bool:
        """Whether the present key of the node has signed it."""
        key = self._ring.node.verify_key(self.origin(point.dossier))
        try:
            return any(line.is_by(key) for line in split_note(point.note)[1])
        except Damaged:
            # Not touched: the doctor names it.
            return True

    def _record(self, dossier: str, work: Callable[[Tx], T]) -> T:
        """Do something and write it down in one step; then sign the ledger as it is."""
        done = self._store.write(work)
        self.sign(dossier)
        return done

    def _append(
        self, tx: Tx, dossier: str, act: Act, by: str, *, item: str = "", detail: Mapping[str, Any] | None = None
    ) -> int:
        """One event more; its position. Works run one after the other, so nobody comes between."""
        position, at = custody.count_lines(tx, dossier), self._clock()
        told = {**(detail or {}), "name": self._name(tx, by)}
        raw = write_event(self.origin(dossier), position, act, item, by, at, told, random_bytes(32))
        line = Line(
            dossier=dossier, position=position, act=str(act), item=item, by=by, at=at, raw=raw, leaf=leaf_hash(raw)
        )
        custody.add_line(tx, line)
        return position

    def _get(self, reader: Reader, who: decision.Reader, dossier: str) -> tuple[Dossier, Member]:
        """A dossier and what `who` is in it; Unknown where they do not belong to it, or there is none."""
        found = rows.find_dossier(reader, dossier)
        own = rows.find_member(reader, dossier, who.name) if self._is_person(who) else None
        if found is None or own is None:
            raise Unknown("There is no such dossier.", "Or you do not belong to it.", code="unknown-dossier")
        return found, own

    @staticmethod
    def _is_person(who: decision.Reader) -> bool:
        """Only people of our own party, each by name, and in earnest: no program, nobody who is hosted."""
        return who.local and who.name.startswith("psn_") and not who.exercise and not who.constituents

    def _name(self, tx: Reader, person: str) -> str:
        return next((each.name for each in self._people.list_persons(reader=tx) if each.id == person), "")

    def _vkeys(self, dossier: str) -> tuple[str, ...]:
        return tuple(key.vkey(self.origin(dossier)) for key in self._ring.signers)

    def _prove(self, dossier: str, lines: list[Line], wanted: list[Line], points: list[Checkpoint]) -> bytes:
        newest = points[-1]
        tree = Tree([line.leaf for line in lines])
        seen = [each for each in points[:-1] if each.witness]
        witnesses = {each.witness: self._people.get_party(each.witness).card.receipt for each in points if each.witness}
        return write_proof(
            Proof(
                format=PROOF,
                ledger=self.origin(dossier),
                size=newest.size,
                checkpoint=newest.note.decode(),
                keys=self._vkeys(dossier),
                events=tuple(
                    Proven(
                        position=line.position,
                        event=line.raw,
                        path=tuple(tree.inclusion_proof(line.position, newest.size)),
                    )
                    for line in wanted
                    if line.position < newest.size
                ),
                earlier=tuple(
                    Earlier(
                        checkpoint=each.note.decode(),
                        path=tuple(tree.consistency_proof(each.size, newest.size)),
                        witnesses=(each.line.decode(),),
                    )
                    for each in seen
                ),
                witness_keys=tuple(sorted(witnesses.values())),
            )
        )


def origin_of(party: str, dossier: str) -> str:
    """What the ledger of a party's dossier is called."""
    return f"{party}/dossier/{dossier}"
