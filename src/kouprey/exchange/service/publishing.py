"""Publishing by a rule: made of a saved search and an agreement, looked at before it runs, paused, undone and ended."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import msgspec

from kouprey.agreements.model import CLAUSES
from kouprey.exchange.model.publishing import DryRun, PublishingRule, RuleDay, RuleFate, RuleItem, Undone
from kouprey.exchange.rules.publishing import grounds_of, name_of
from kouprey.exchange.service.applying import Applying
from kouprey.exchange.service.gate import Passed, parties_of
from kouprey.exchange.service.saving import LONGEST_NAME
from kouprey.exchange.service.settling import WIDE_STEP
from kouprey.exchange.store import publishing as rows
from kouprey.exchange.store import releasing as approvals
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, Unknown

MOST_RULES = 100
MOST_LIMIT = 1_000_000
LIMIT = 500
"""Objects a day beyond which a rule pauses itself, unless somebody chose another number."""
LOOKED = 1_000
"""Of what the search finds, the newest that a dry run looks at."""
MOST_UNDONE = 200
"""Objects whose recall is sent in one go."""
_EVERY: tuple[RuleFate, ...] = ("queued", "waiting", "refused")


class Publishing(Applying):
    """Verbs on publishing rules, for our own people; a rule has the rights of whoever started it last."""

    def add_publishing_rule(
        self,
        who: Reader,
        *,
        saved: str,
        agreement: str,
        by: str,
        name: str = "",
        audience: str = "",
        sightings: bool = False,
        limit: int = LIMIT,
    ) -> PublishingRule:
        """Propose a rule that gives what a saved search finds (which is copied); nothing goes before it is started."""
        self._check_ours(who)
        search = self.get_saved(who, saved, by=by)
        standing = self._agreements.get_standing(agreement)
        self._may_publish(standing)
        parties_of(standing, audience)
        made = PublishingRule(
            id=f"pub_{uuid4().hex[:12]}",
            name=name_of(name or search.name, LONGEST_NAME),
            what=search.name,
            search=search.search,
            agreement=standing.agreement,
            audience=audience,
            sightings=sightings,
            limit=_limit(limit),
            state="proposed",
            person=by,
            made_at=self._clock(),
        )
        self._check_maker(made)

        def work(tx: Tx) -> PublishingRule:
            self._check_free_name(tx, made.name)
            if len(rows.list_rules(tx)) >= MOST_RULES:
                raise Refused(
                    "There are as many publishing rules as a node keeps.",
                    f"{MOST_RULES} are the most.",
                    "End one that you do not need.",
                    code="too-many-rules",
                )
            rows.insert(tx, made)
            told = {"name": made.name, "search": made.what, "agreement": made.agreement, "limit": made.limit}
            self._record_publishing(tx, "propose", made, by, told | ({"audience": audience} if audience else {}))
            return made

        return self._store.write(work)

    def list_publishing_rules(self, who: Reader) -> list[PublishingRule]:
        """All that were not ended, by name."""
        self._check_ours(who)
        with self._store.read() as reader:
            return rows.list_rules(reader)

    def get_publishing_rule(self, who: Reader, name_or_id: str) -> PublishingRule:
        """Unknown when there is none, or it was ended."""
        self._check_ours(who)
        with self._store.read() as reader:
            return _get(reader, name_or_id)

    def try_publishing_rule(self, who: Reader, name_or_id: str) -> DryRun:
        """What would become of what the search finds now, by the one gate and with the eyes of `who`; nothing happens.

        The newest 1,000 hits are looked at. Sightings of what is found come on top.
        """
        rule = self.get_publishing_rule(who, name_or_id)
        try:
            waits = self._may_publish(self._agreements.get_standing(rule.agreement))
        except KoupreyError as error:
            waits = f"{error.what} {error.why}".strip()
        gate = self._gate_of(rule, who.name)
        eyes = self._eyes(who)
        ids, more = self.find_subjects(who, rule.search, LOOKED)
        passed: list[Passed] = []
        for begin in range(0, len(ids), WIDE_STEP):
            with self._store.read() as reader:
                passed += gate.foresee(reader, eyes, ids[begin : begin + WIDE_STEP])
        goes = [each for each in passed if each.fate == "queued"]
        titles = self._titles_of(who, passed)
        return DryRun(
            looked=len(ids),
            more=more,
            goes=len(goes),
            waits=sum(each.fate == "waiting" for each in passed),
            already=sum(each.fate == "already" for each in passed),
            held=sum(each.fate == "refused" for each in passed),
            pruned=sum(each.pruned for each in passed),
            samples=tuple(titles(each.stix_id) for each in goes[:10]),
            waiting=grounds_of([each for each in passed if each.fate == "waiting"], titles),
            grounds=grounds_of([each for each in passed if each.fate == "refused"], titles),
            parties=gate.parties,
            hinders=waits,
        )

    def start_publishing_rule(
        self, who: Reader, name_or_id: str, *, by: str, everything: bool = False
    ) -> PublishingRule:
        """From now on it gives, with the rights of `by`: what comes in, and with `everything` what is held already.

        A paused one goes on where it stopped, so nothing is missed; `everything` has it look at all of it again. What
        was given is not given twice.
        """
        rule = self.get_publishing_rule(who, name_or_id)
        self._may_publish(self._agreements.get_standing(rule.agreement))
        self._check_maker(msgspec.structs.replace(rule, person=by))

        def work(tx: Tx) -> PublishingRule:
            held = _get(tx, rule.id)
            reached = held.reached
            if everything:
                reached = 0
            elif held.state == "proposed":
                reached = rows.last_place(tx, held.search.collection)
            rows.run(tx, held.id, person=by, at=self._clock(), reached=reached)
            self._record_publishing(tx, "start", held, by, {"everything": everything})
            return _get(tx, held.id)

        return self._store.write(work)

    def pause_publishing_rule(self, who: Reader, name_or_id: str, *, by: str) -> PublishingRule:
        """Nothing goes by it until somebody starts it again; then it goes on where it stopped."""
        rule = self.get_publishing_rule(who, name_or_id)

        def work(tx: Tx) -> PublishingRule:
            if rows.pause(tx, rule.id, (Reason("by-person", "Somebody paused it."),)):
                self._record_publishing(tx, "pause", rule, by, {})
            return _get(tx, rule.id)

        return self._store.write(work)

    def change_publishing_rule(
        self, who: Reader, name_or_id: str, *, name: str, limit: int, sightings: bool, by: str
    ) -> PublishingRule:
        """Another name, another limit, or sightings too; whether it runs stays as it is."""
        rule = self.get_publishing_rule(who, name_or_id)
        chosen, wanted = name_of(name, LONGEST_NAME), _limit(limit)

        def work(tx: Tx) -> PublishingRule:
            if chosen != rule.name:
                self._check_free_name(tx, chosen)
            rows.change(tx, rule.id, name=chosen, limit=wanted, sightings=sightings)
            told = {"name": chosen, "limit": wanted, "sightings": sightings}
            self._record_publishing(tx, "change", rule, by, told)
            return _get(tx, rule.id)

        return self._store.write(work)

    def end_publishing_rule(self, who: Reader, name_or_id: str, *, by: str) -> PublishingRule:
        """End it for good; what it gave stays given, and stays in the ledger."""
        rule = self.get_publishing_rule(who, name_or_id)

        def work(tx: Tx) -> None:
            rows.end(tx, rule.id, self._clock())
            self._record_publishing(tx, "end", rule, by, {"name": rule.name})

        self._store.write(work)
        return rule

    def list_publishing_days(self, who: Reader, name_or_id: str, limit: int = 30) -> list[RuleDay]:
        """What it did by day (UTC), the newest first, of what `who` may see."""
        rule, eyes = self.get_publishing_rule(who, name_or_id), self._eyes(who)
        with self._store.read() as reader:
            return rows.list_days(reader, eyes, rule.id, limit)

    def list_publishing_items(
        self, who: Reader, name_or_id: str, day: int, fates: Sequence[RuleFate] = _EVERY, limit: int = 200
    ) -> list[RuleItem]:
        """What it did with each object on a day, newest first, of what `who` may see."""
        rule, eyes = self.get_publishing_rule(who, name_or_id), self._eyes(who)
        with self._store.read() as reader:
            return rows.list_items(reader, eyes, rule.id, day, fates or _EVERY, limit)

    def undo_publishing_day(self, who: Reader, name_or_id: str, day: int, *, because: str, by: str) -> Undone:
        """Ask the partners to take back what a rule gave on a day, and withdraw what waits for its release.

        As far as that goes: what was read was read, and a recall is a request. At most 200 objects at a time, `more`
        says that there are others. Nobody is asked twice for the same object.
        """
        if not because.strip():
            raise Damaged("A reason is missing.", remedy="Say why it is taken back.", code="no-reason")
        rule, eyes = self.get_publishing_rule(who, name_or_id), self._eyes(who)
        with self._store.read() as reader:
            found = rows.list_items(reader, eyes, rule.id, day, ("queued", "waiting"), MOST_UNDONE + 1, undone=False)
        if not found:
            raise Refused("There is nothing to take back.", "It gave nothing on that day.", code="nothing-to-undo")
        recalled = withdrawn = 0
        left: list[tuple[str, str]] = []
        for each in found[:MOST_UNDONE]:
            try:
                # A request may have been released since, and the thing sent: then it is recalled as well.
                if each.fate == "waiting" and self._withdraw(rule, each.stix_id, because, by):
                    withdrawn += 1
                else:
                    self.raise_concern(who, each.stix_id, "recall", text=because, by=by, under=rule.agreement)
                    recalled += 1
            except KoupreyError as error:
                left.append((each.stix_id, f"{error.what} {error.why}".strip()))
                continue
            at = self._clock()
            self._store.write(lambda tx, at=at, one=each.stix_id: rows.mark_undone(tx, rule.id, day, one, at))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults

        def note(tx: Tx) -> None:
            told = {"day": day, "recalled": recalled, "withdrawn": withdrawn, "because": because.strip()}
            self._record_publishing(tx, "undo", rule, by, told)

        self._store.write(note)
        return Undone(recalled=recalled, withdrawn=withdrawn, left=tuple(left), more=len(found) > MOST_UNDONE)

    def _withdraw(self, rule: PublishingRule, stix_id: str, because: str, by: str) -> bool:
        title = self._agreements.get_standing(rule.agreement).title
        ground = Reason("withdrawn", because.strip(), rule.agreement, CLAUSES["approvals"], title)

        def work(tx: Tx) -> bool:
            waiting = approvals.list_waiting_of(tx, rule.agreement, stix_id)
            return sum(approvals.end(tx, each, "withdrawn", by, self._clock(), (ground,)) for each in waiting) > 0

        return self._store.write(work)

    def _check_maker(self, rule: PublishingRule) -> None:
        reason = self._hinders(rule)
        if reason is not None:
            raise Forbidden("A rule needs somebody whose rights it has.", reason.text, code=reason.code)

    @staticmethod
    def _check_ours(who: Reader) -> None:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")

    @staticmethod
    def _check_free_name(tx: Tx, name: str) -> None:
        if rows.find(tx, name) is not None:
            raise Refused(
                f"There is a publishing rule {name!r} already.", remedy="Choose another name.", code="name-taken"
            )


def _get(reader: Snapshot, name_or_id: str) -> PublishingRule:
    found = rows.find(reader, name_or_id)
    if found is None:
        raise Unknown(
            f"There is no publishing rule {name_or_id[:80]!r}.",
            "It was ended, or never made.",
            "`kouprey rule list` shows them.",
            code="unknown-rule",
        )
    return found


def _limit(limit: int) -> int:
    if not 1 <= limit <= MOST_LIMIT:
        raise Damaged(
            f"{limit} is no limit for a day.",
            f"A rule gives 1 to {MOST_LIMIT:,} objects a day, then it pauses itself.",
            "Choose what you would want to look at before more goes.",
            code="bad-limit",
        )
    return limit
