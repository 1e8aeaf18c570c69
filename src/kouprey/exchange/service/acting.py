"""Acting on many: one deed, reviewed before it begins, done in small steps, and taken back where that is honest."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from uuid import uuid4

from kouprey.exchange.model import Why
from kouprey.exchange.model.acting import UNDONE_BY, Act, ActKind, Deed, Fate, Foreseen, Item
from kouprey.exchange.model.searching import Search
from kouprey.exchange.model.weighing import OPINIONS
from kouprey.exchange.service.commenting import LONGEST
from kouprey.exchange.service.gate import Passed, parties_of
from kouprey.exchange.service.settling import WIDE_STEP, Settling
from kouprey.exchange.store import acting as rows
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, TooLarge, Unknown
from kouprey.kernel.words.time import DAY
from kouprey.people.model import Permission, permissions_of

MOST = 1_000
"""Objects of one deed."""
KEPT = 30 * DAY
"""How long it is shown what became of each object; the audit keeps the deed."""
_PAGE = 500
_GOES = ("queued", "waiting")
_DONE: tuple[Fate, ...] = ("done",)

PERMISSIONS: dict[ActKind, Permission] = {
    "publish": Permission.PUBLISH,
    "collect": Permission.PUBLISH,
    "release": Permission.PUBLISH,
    "hold": Permission.ERASE,
    "lift": Permission.ERASE,
    "seen": Permission.WRITE,
    "opinion": Permission.WRITE,
    "note": Permission.WRITE,
    "false-positive": Permission.WRITE,
    "revoke": Permission.WRITE,
}
"""What one must be allowed to do, to do it with many."""


class Acting(Settling):
    """Verbs on many objects; each effect is that of the verb for one, and each object is settled exactly once."""

    def find_subjects(self, who: Reader, search: Search, most: int = MOST) -> tuple[list[str], bool]:
        """The ids of what a search finds, latest news first, and whether there are more than `most`."""
        found: list[str] = []
        before = None
        while True:
            page = self.list_objects(
                who,
                collection=search.collection,
                types=search.types,
                text=search.text,
                filters=search.filters,
                before_position=before,
                limit=min(_PAGE, most - len(found)),
            )
            found += (head.stix_id for head in page.heads)
            if len(found) >= most or not page.more:
                return found, page.more
            before = page.heads[-1].position

    def foresee(self, who: Reader, act: Act, ids: Sequence[str]) -> Foreseen:
        """What would become of each object if it were done now, as far as `who` may see; nothing happens.

        The words of an act need not be there yet.
        """
        chosen = self._chosen(ids)
        self._check_act(who, act)
        eyes = self._eyes(who)
        if act.kind == "publish":
            gate, waits_because = self._gate(act, who.name)
            passed: list[Passed] = []
            # A step at a time, so that no more bodies than of one are held.
            for begin in range(0, len(chosen), WIDE_STEP):
                with self._store.read() as reader:
                    passed += gate.foresee(reader, eyes, chosen[begin : begin + WIDE_STEP])
            return Foreseen(
                will=tuple(each.stix_id for each in passed if each.fate in _GOES),
                waits=tuple(each.stix_id for each in passed if each.fate == "waiting"),
                wont=tuple(Why(stix_id=p.stix_id, because=p.because) for p in passed if p.fate not in _GOES),
                pruned=tuple(each.stix_id for each in passed if each.pruned),
                parties=gate.parties,
                waits_because=waits_because,
            )
        scope = self._scope(who, act)
        with self._store.read() as reader:
            judged = self._judge_subjects(reader, scope, chosen)
            will = [stix_id for stix_id, (_, ground) in judged.items() if ground is None]
            told: set[str] = set()
            if act.kind == "revoke":
                told = {each for given in rows.list_given(reader, eyes, will).values() for each in given}
            elif UNDONE_BY.get(act.kind) == "revoke":
                told = rows.list_agreements(reader, eyes, will)
        return Foreseen(
            will=tuple(will),
            wont=tuple(
                Why(stix_id=stix_id, because=(ground,)) for stix_id, (_, ground) in judged.items() if ground is not None
            ),
            parties=self._others(sorted(told)),
        )

    def begin_deed(self, who: Reader, act: Act, ids: Sequence[str], *, by: str, seconds: float = 3.0) -> Deed:
        """Write down what is to be done and begin with it, for about so long; the rest is done step by step.

        Damaged or Refused for what cannot be done at all, TooLarge for more than 1,000 objects.
        """
        chosen = self._chosen(ids)
        if act.kind == "lift":
            raise Damaged("That is no act.", "A hold is ended by taking back what placed it.", code="bad-act")
        self._check_act(who, act)
        self._check_words(act)
        return self._begin_deed(who, act, [(stix_id, ()) for stix_id in chosen], by, seconds)

    def undo_deed(self, who: Reader, deed: str, *, by: str, seconds: float = 3.0) -> Deed:
        """Take back what a deed did: a further deed, on those objects with which something was done.

        Refused (`not-undoable`) for what was given, and for what is revoked; (`undone-already`) the second time.
        """
        held = self.get_deed(deed, by=by)
        back = UNDONE_BY.get(held.act.kind)
        if back is None or held.undoes:
            raise Refused(
                "This cannot be taken back.",
                _NOT_BACK.get(held.act.kind, "It took something back itself."),
                "Say it anew, or do the opposite with the same objects.",
                code="not-undoable",
            )
        if not held.ended:
            raise Refused("It is not finished.", "Some objects wait.", "Wait until it is.", code="deed-goes-on")
        act = Act(kind=back, collection=held.act.collection)
        with self._store.read() as reader:
            done = rows.list_items(reader, deed, _DONE, MOST)
        if back == "revoke":
            items: list[tuple[str, Sequence[str]]] = [(made, ()) for each in done for made in each.made]
        else:
            items = [(each.stix_id, each.made) for each in done]
        self._check_act(who, act)
        return self._begin_deed(who, act, items, by, seconds, undoes=deed)

    def get_deed(self, deed: str, *, by: str) -> Deed:
        """A deed of one's own; Unknown for anybody else's."""
        with self._store.read() as reader:
            found = rows.find(reader, deed)
        if found is None or found.by != by:
            raise Unknown(
                "There is no such deed of yours.",
                "Deeds are shown to whoever did them, for 30 days.",
                "The audit keeps what was done.",
                code="unknown-deed",
            )
        return found

    def list_deeds(self, *, by: str, limit: int = 50) -> list[Deed]:
        """One's own, newest first."""
        with self._store.read() as reader:
            return rows.list_of(reader, by, limit)

    def list_deed_items(
        self, deed: str, *, by: str, fates: Sequence[Fate] = ("waiting", "kept", "done", "left"), limit: int = MOST
    ) -> list[tuple[Item, Reason | None]]:
        """The objects of one's own deed with one of these fates, in order, and why each was left."""
        self.get_deed(deed, by=by)
        with self._store.read() as reader:
            return [(each, rows.reason_of(each)) for each in rows.list_items(reader, deed, fates, limit)]

    def carry_on(self, who: Reader, deed: str, *, by: str, seconds: float = 3.0) -> Deed:
        """Go on with one's own deed for about so long, for example after what hindered it was mended."""
        held = self.get_deed(deed, by=by)
        self._work(held, who, seconds)
        return self.get_deed(deed, by=by)

    def go_on(self) -> None:
        """Go on with what people began, as far as they may still do it; a program calls again itself."""
        with self._store.read() as reader:
            waiting = rows.list_open(reader, self._clock(), 5)
        for deed in waiting:
            with suppress(Unknown):
                person = self._people.get_person(deed.by)
                if not person.active or PERMISSIONS[deed.act.kind] not in permissions_of(person.roles):
                    why = "Whoever began this may not do it any more."
                    self._store.write(lambda tx, each=deed.id, why=why: rows.release(tx, each, trouble=why))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
                    continue
                self._work(deed, self._people.reader_of(person), 2.0)

    @staticmethod
    def _chosen(ids: Sequence[str]) -> list[str]:
        chosen = list(dict.fromkeys(ids))
        if not chosen:
            raise Refused("Nothing was chosen.", "No object is named.", "Mark some in the list.", code="nothing-chosen")
        if len(chosen) > MOST:
            raise TooLarge(
                "Too many objects at once.", f"{MOST:,} are the most.", "Narrow the search.", code="too-many-objects"
            )
        return chosen

    def _check_act(self, who: Reader, act: Act) -> None:
        """Whether the act makes sense at all; raises for what hinders it with any object."""
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")
        if act.kind in ("collect", "release"):
            self._curated(who, act.collection, act.kind == "collect")
        if act.kind == "publish":
            standing = self._agreements.get_standing(act.agreement)
            self._may_publish(standing)
            parties_of(standing, act.audience)
        if act.kind in ("hold", "lift"):
            self._check_cleared(who)
        if PERMISSIONS[act.kind] is Permission.WRITE:
            self._author()

    @staticmethod
    def _check_words(act: Act) -> None:
        if len(act.text) > LONGEST:
            raise Damaged("The text is too long.", f"At most {LONGEST:,} characters are kept.", code="too-long")
        if act.kind in ("note", "false-positive") and not act.text.strip():
            raise Damaged("The text is missing.", remedy="Write what others should know.", code="no-text")
        if act.kind == "opinion" and act.opinion not in OPINIONS:
            raise Damaged(
                f"{act.opinion[:40]!r} is no opinion.", f"STIX knows {', '.join(OPINIONS)}.", code="bad-opinion"
            )
        if act.kind == "hold" and not act.text.strip():
            raise Damaged("A hold needs a reason.", remedy="Say which proceeding needs it.", code="no-reason")

    def _begin_deed(
        self,
        who: Reader,
        act: Act,
        items: Sequence[tuple[str, Sequence[str]]],
        by: str,
        seconds: float,
        *,
        undoes: str = "",
    ) -> Deed:
        deed, now = f"deed_{uuid4().hex}", self._clock()

        def work(tx: Tx) -> None:
            rows.forget_old(tx, now - KEPT)
            if undoes and not rows.mark_undone(tx, undoes, deed):
                raise Refused(
                    "It has been taken back already.", remedy="Look at what became of it.", code="undone-already"
                )
            rows.insert(tx, deed, act, by, now, items, undoes)
            detail = {"act": act.kind, "objects": len(items), "agreement": act.agreement, "collection": act.collection}
            told = {name: value for name, value in (detail | {"undoes": undoes}).items() if value}
            audit.append(tx, at=now, actor=by, action="exchange.act", subject=deed, detail=told)

        self._store.write(work)
        self._work(self.get_deed(deed, by=by), who, seconds)
        return self.get_deed(deed, by=by)


_NOT_BACK: dict[ActKind, str] = {
    "publish": "What was given has left this node; ask the partners to take it back by a recall.",
    "revoke": "Revoking is for good in STIX 2.1: a revoked object never gets another version.",
}
