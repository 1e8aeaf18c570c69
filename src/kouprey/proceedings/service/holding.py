"""Legal holds, and the disposal they beat: by a custodian, by retention, or because a partner asks."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import DAY, Instant, format_instant
from kouprey.proceedings import rules
from kouprey.proceedings import store as rows
from kouprey.proceedings.model import Act, Hold, Item
from kouprey.proceedings.service.releasing import Releasing
from kouprey.proceedings.store import custody


class Holding(Releasing):
    """Verbs about what must stay, and what goes."""

    def hold(
        self, who: decision.Reader, dossier: str, *, item: str = "", why: str, scope: str, review: Instant
    ) -> Hold:
        """Keep an item, or all of a dossier (`item` ""), until somebody lifts it; looked at again by `review`."""
        why, scope = rules.check_text(why, "who needs it held"), rules.check_text(scope, "how far the hold goes")
        rules.check_review(review, self._clock())

        def work(tx: Tx) -> Hold:
            rules.check_custodian(self._get(tx, who, dossier)[1])
            if item:
                rules.check_there(self._item(tx, who, dossier, item))
            made = Hold(
                id=new_id("hld"),
                dossier=dossier,
                item=item,
                by=who.name,
                at=self._clock(),
                why=why,
                scope=scope,
                review=review,
            )
            custody.add_hold(tx, made)
            detail = {"hold": made.id, "why": why, "scope": scope, "review": format_instant(review)}
            self._append(tx, dossier, Act.HOLD, who.name, item=item, detail=detail)
            return made

        return self._record(dossier, work)

    def lift_hold(self, who: decision.Reader, dossier: str, hold: str, *, why: str) -> None:
        """End a hold; who did and why stands in the ledger."""
        why = rules.check_text(why, "why it may go")

        def work(tx: Tx) -> None:
            rules.check_custodian(self._get(tx, who, dossier)[1])
            covered = next((each.item for each in custody.list_holds(tx, dossier) if each.id == hold), "")
            if not custody.lift_hold(tx, dossier, hold, self._clock(), who.name, why):
                raise Unknown("No such hold is in force.", code="unknown-hold")
            self._append(tx, dossier, Act.LIFT_HOLD, who.name, item=covered, detail={"hold": hold, "why": why})

        self._record(dossier, work)

    def dispose(self, who: decision.Reader, dossier: str, item: str, *, ground: str) -> Item:
        """Destroy the sealed body and the keys of an item; the proof of all that happened to it stays. For custodians.

        Refused (`held`) while a hold covers it.
        """
        ground = rules.check_text(ground, "the ground")

        def work(tx: Tx) -> Item:
            held = self._item(tx, who, dossier, item)
            rules.check_custodian(self._get(tx, who, dossier)[1])
            rules.check_there(held)
            rules.check_not_held(custody.list_holds(tx, dossier, covering=item))
            return self._dispose(tx, held, who.name, ground)

        return self._record(dossier, work)

    def retain(self) -> tuple[int, int]:
        """Dispose of what is past its retention; how many went, and how many a hold has kept."""
        with self._store.read() as reader:
            overdue = rows.list_overdue_items(reader, self._clock())
        gone = kept = 0
        for each in overdue:

            def work(tx: Tx, each: Item = each) -> bool:
                holds = custody.list_holds(tx, each.dossier, covering=each.id)
                if not holds:
                    self._dispose(tx, each, "node", "its retention is over")
                    return True
                if not custody.has_line(tx, each.dossier, Act.KEPT, self._clock() - DAY + 1):
                    detail = {"hold": holds[0].id, "retention": format_instant(each.keep_until)}
                    self._append(tx, each.dossier, Act.KEPT, "node", item=each.id, detail=detail)
                return False

            went = self._record(each.dossier, work)
            gone, kept = gone + went, kept + (not went)
        return gone, kept

    def _dispose(self, tx: Tx, item: Item, by: str, ground: str) -> Item:
        rows.shred(tx, item.id, self._clock())
        detail = {"ground": ground, "sha256": item.sha256}
        self._append(tx, item.dossier, Act.DISPOSE, by, item=item.id, detail=detail)
        return self._change(tx, item, disposed_at=self._clock())
