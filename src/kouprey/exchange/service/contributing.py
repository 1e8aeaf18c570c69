"""Contributing: what programs give through a door of their own, and what they take out of a collection again."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from collections.abc import Collection as Several
from typing import NamedTuple, TypeVar

from kouprey.agreements.model.citing import rests_on, spoken
from kouprey.exchange.model import Arrival, Collection, Outcome, Source, SourceKind
from kouprey.exchange.service.intake import Admit, LabelOf, admit_all
from kouprey.exchange.service.receiving import Receiving
from kouprey.exchange.store import contributing as rows
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Decision, Reader
from kouprey.kernel.words.errors import Forbidden, Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

T = TypeVar("T")


class Given(NamedTuple):
    """What became of each thing, and the versions of which the giver knows that another body is held."""

    outcomes: Sequence[Outcome]
    seen_conflicts: Set[int]


class Contributing(Receiving):
    """Verbs for programs that write. Whether a token may write at all is asked at the door, by its role."""

    def may_write(self, who: Reader, collection: Collection, *, reader: Snapshot | None = None) -> bool:
        """Whether anything `who` gives could join a collection.

        Our own programs write wherever no agreement rules. Others write where theirs does, while it runs: what they
        give has come to us under it, exactly as if it had come over a lane.
        """
        if not collection.writable or collection.archived_at:
            return False
        if who.local or not collection.agreement:
            return who.local and not collection.agreement
        return self._may_give(who, collection, reader).allowed

    def read_only(self, who: Reader, collection: Collection, *, reader: Snapshot | None = None) -> Forbidden:
        """Why somebody who knows of a collection may not write to it, with the clause where an agreement says so."""
        barred = None
        if collection.writable and not collection.archived_at and collection.agreement and not who.local:
            made = self._may_give(who, collection, reader)
            barred = None if made.allowed else made.because[0]
        return Forbidden(
            "Nothing can be written here.",
            spoken(barred) if barred else f"The collection {collection.name} is for reading only, for you.",
            "Give it to the operators of this node, or ask them for a token that may write.",
            code="read-only",
            detail=rests_on(barred.agreement, barred.title, barred.clause) if barred else None,
        )

    def _may_give(self, who: Reader, collection: Collection, reader: Snapshot | None = None) -> Decision:
        """Whether the agreement of a collection lets this party give anything at all."""
        open_to_all = Label(owner=who.party, agreement=collection.agreement, tlp=TLP.CLEAR)
        return self._agreements.may_receive(open_to_all, reader=reader)

    def contribute(
        self,
        arrivals: Sequence[Arrival],
        *,
        who: Reader,
        collection: Collection,
        also: Callable[[Tx, Given], T],
        kind: SourceKind = SourceKind.TOKEN,
    ) -> T:
        """Keep what a program gives to a collection, all of it in one transaction; what `also` makes of it there.

        `kind` says whether a person gives it, through a program. What carries no marking is held as strictly as may be
        received. Forbidden when nothing may be written there.
        """
        eyes = self._eyes_of(who)

        def work(tx: Tx) -> T:
            if not self.may_write(who, collection, reader=tx):
                raise self.read_only(who, collection, reader=tx)
            outcomes = self.receive(
                tx,
                arrivals,
                source=Source(kind=kind, party=who.party, name=who.name),
                label_of=self._label_of(tx, who, collection.agreement),
                into=list(dict.fromkeys((self._main(tx).id, collection.id))),
                admit=self._admit_under(tx, collection.agreement),
            )
            conflicts = [each.version_id for each in outcomes if each.verdict == "conflict"]
            seen = rows.list_seen_conflicts(tx, eyes, conflicts) if conflicts else set()
            kept = sum(each.error is None for each in outcomes)
            self._note(tx, who, "contribute", collection, {"kept": kept, "refused": len(outcomes) - kept})
            return also(tx, Given(outcomes, seen))

        return self._store.write(work)

    def _label_of(self, tx: Tx, who: Reader, agreement: str) -> LabelOf:
        unmarked = TLP.AMBER_STRICT
        if agreement:
            unmarked = min(unmarked, self._agreements.standings(tx)[agreement].tlp_ceiling)

        def label_of(_: Arrival, stated: TLP | None) -> Label:
            return Label(owner=who.party, agreement=agreement, tlp=unmarked if stated is None else stated)

        return label_of

    def _admit_under(self, tx: Tx, agreement: str) -> Admit:
        def admit(label: Label) -> Refused | None:
            decision = self._agreements.may_receive(label, reader=tx)
            first = decision.because[0]
            if decision.allowed:
                return None
            detail = rests_on(agreement, first.title, first.clause)
            return Refused("The agreement does not cover this.", spoken(first), code=first.code, detail=detail)

        return admit if agreement else admit_all

    def check_take_out(self, who: Reader, collection: Collection) -> None:
        """Forbidden when `who` may take nothing out of a collection, whatever is in it."""
        if not who.local or not self.may_write(who, collection):
            raise self.read_only(who, collection)

    def take_out(self, who: Reader, collection: Collection, stix_id: str, instants: Several[Instant]) -> int:
        """Take versions of an object, as far as `who` sees them, out of one collection; how many it lost.

        They stay held and where else they are, and join again when they are given again. Only our own programs may:
        what others gave under an agreement stays until they recall it.
        """
        self.check_take_out(who, collection)
        eyes = self._eyes_of(who)

        def work(tx: Tx) -> int:
            lost = rows.end_memberships(tx, eyes, collection.id, stix_id, instants)
            self._note(tx, who, "take-out", collection, {"object": stix_id, "versions": lost})
            return lost

        return self._store.write(work)

    def _note(self, tx: Tx, who: Reader, done: str, collection: Collection, detail: dict[str, object]) -> None:
        action = f"collection.{done}"
        audit.append(
            tx, at=self._clock(), actor=who.name, action=action, subject=collection.id, detail=detail, party=who.party
        )

    def _eyes_of(self, who: Reader) -> Eyes:
        return Eyes(self._agreements.profile(who), self._clock(), who.local)
