"""Legal holds: what must not be erased, until somebody lifts the hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from uuid import uuid4

import msgspec

from kouprey.exchange.model import Filters
from kouprey.exchange.model.keeping import Hold, HoldKind
from kouprey.exchange.model.searching import Search
from kouprey.exchange.service.saving import Saving
from kouprey.exchange.store import holds as rows
from kouprey.exchange.store import observables, views
from kouprey.exchange.wire.observables import recognise
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import Instant, format_second
from kouprey.kernel.words.tlp import TLP

MOST_NAMED = 1_000
"""Objects that one act of the node holds."""


class Holding(Saving):
    """Verbs on holds; they are for our own people who may see everything."""

    def place_hold(
        self,
        kind: HoldKind,
        what: str,
        *,
        because: str,
        who: Reader,
        by: str,
        also: Callable[[Tx, str], None] = lambda _tx, _hold: None,
    ) -> Hold:
        """Hold an object by its id, or whatever is in a collection or found by a saved search, by name or id.

        A search is copied: changing or deleting the saved one does not change the hold. What `also` writes, given the
        id of the hold, is kept with it or not at all.
        """
        self._check_cleared(who)
        if not because.strip():
            raise Damaged("A hold needs a reason.", remedy="Say which proceeding needs it.", code="no-reason")
        search = Search()
        if kind == "object":
            self.get_object(who, what)
        elif kind == "collection":
            what = self.get_collection(what, who).id
        else:
            saved = self.get_saved(who, what, by=by)
            what, search = saved.id, saved.search
        hold_id = f"hold_{uuid4().hex[:12]}"
        made = Hold(id=hold_id, kind=kind, what=what, because=because.strip(), by=by, at=self._clock(), search=search)

        def work(tx: Tx) -> Hold:
            rows.insert(tx, made)
            also(tx, made.id)
            self._record_hold(tx, "hold.place", made.id, by, {"kind": kind, "what": what, "because": made.because})
            return made

        return self._store.write(work)

    def list_holds(self, who: Reader) -> list[Hold]:
        """Those in force, oldest first."""
        self._check_cleared(who)
        with self._store.read() as reader:
            return rows.list_in_force(reader)

    def lift_hold(self, hold: str, *, who: Reader, by: str) -> None:
        """End a hold; Unknown when none of this id is in force."""
        self._check_cleared(who)

        def work(tx: Tx) -> None:
            if not rows.lift(tx, hold, by, self._clock()):
                raise Unknown(
                    f"No hold {hold[:60]!r} is in force.", remedy="`kouprey hold list` shows them.", code="unknown-hold"
                )
            self._record_hold(tx, "hold.lift", hold, by, {})

        self._store.write(work)

    def hold_named(
        self, tx: Tx, refs: Sequence[str], *, because: str, by: str, but: Collection[str] = ()
    ) -> list[Hold]:
        """Hold every object that is held here and that these ids or values name, within what the caller does.

        It is the node that does so, for somebody who need not see all of them: at most `MOST_NAMED`, and none of `but`.
        """
        read = [each for ref in refs for each in recognise(ref)]
        named = rows.list_named(tx, list(refs), observables.ids_of(tx, read), limit=MOST_NAMED)
        made = [
            Hold(id=f"hold_{uuid4().hex[:12]}", kind="object", what=each, because=because, by=by, at=self._clock())
            for each in named
            if each not in but
        ]
        for hold in made:
            rows.insert(tx, hold)
            detail: dict[str, object] = {"kind": "object", "what": hold.what, "because": because}
            self._record_hold(tx, "hold.place", hold.id, by, detail)
        return made

    def lift_named(self, tx: Tx, hold: str, *, by: str) -> bool:
        """End a hold of `hold_named` within what the caller does; False when somebody has lifted it before."""
        if not rows.lift(tx, hold, by, self._clock()):
            return False
        self._record_hold(tx, "hold.lift", hold, by, {})
        return True

    def _check_free_of_holds(self, who: Reader, stix_id: str, versions: Sequence[int]) -> None:
        """Refused (`held`) when a hold covers this object, or one of these versions of it."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            found = next((hold for each in versions if (hold := rows.find_for(reader, stix_id, each))), None)
            searches = [] if found else rows.list_in_force(reader, "search")
            seen = views.list_versions(reader, eyes, stix_id) if searches else []
        if seen:
            found = next((hold for hold in searches if self._finds(who, hold.search, stix_id, seen[0].position)), None)
        if found is not None:
            raise Refused(
                f"{stix_id} is under the hold {found.id}, so it stays.",
                f"{found.because} ({found.by}, {format_second(found.at)})",
                f"A hold beats every erasure. Lift it first, if it may be: `kouprey hold lift {found.id}`.",
                code="held",
                detail={"hold": found.id},
            )

    def _finds(self, who: Reader, search: Search, stix_id: str, position: Instant) -> bool:
        """Whether a search finds this object, whose newest version became news at this position."""
        given = search.filters
        since, until = given.since or 0, given.until or position + 1
        if not since < position < until:
            return False
        filters: Filters = msgspec.structs.replace(given, since=position - 1, until=position + 1)
        listed = self.list_objects(
            who, collection=search.collection, types=search.types, text=search.text, filters=filters, limit=2
        )
        return any(head.stix_id == stix_id for head in listed.heads)

    def _check_cleared(self, who: Reader) -> None:
        if not who.local or who.clearance is not TLP.RED or who.exercise:
            raise Forbidden(
                "You may not erase or hold anything.",
                "That is for people of this node who may see everything, so that nothing is removed unseen.",
                "Ask whoever has the node's command line.",
                code="not-cleared",
            )

    def _record_hold(self, tx: Tx, action: str, hold: str, by: str, detail: dict[str, object]) -> None:
        audit.append(tx, at=self._clock(), actor=by, action=action, subject=hold, detail=detail)
