"""Retention: rules that erase by age, proposed by one look, confirmed by another, and carried out in small steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

from kouprey.exchange.model.retention import Age, Duty, Preview, Rule, Run, State
from kouprey.exchange.model.searching import Search
from kouprey.exchange.service.ageing import Ageing
from kouprey.exchange.service.erasing import LONGEST_REASON
from kouprey.exchange.store import retention as rows
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Refused, Unknown

LONGEST_NAME = 80
MOST_DAYS = 36_500


class Retaining(Ageing):
    """Verbs on rules of retention; they are for our own people who may see everything, as erasing is."""

    def add_rule(
        self,
        name: str,
        *,
        days: int,
        because: str,
        who: Reader,
        by: str,
        age: Age = "received",
        saved: str = "",
        collection: str = "",
        types: tuple[str, ...] = (),
        agreement: str = "",
    ) -> Rule:
        """Propose a rule; nothing goes before it is confirmed.

        What it is about: a saved search (copied), a collection, some types, or what came under an agreement, of which
        it takes the days if `days` is 0. A rule about everything is refused: it has to be said what shall go.
        """
        self._check_cleared(who)
        search, what = self._about(who, by, saved, collection, types, agreement)
        if agreement and not days:
            days = self._agreements.get_standing(agreement).terms.retention_days
        made = Rule(
            id=f"rule_{uuid4().hex[:12]}",
            name=_name(name),
            what=what,
            search=search,
            age=age,
            days=_days(days),
            because=_reason(because),
            agreement=agreement,
            state="proposed",
            made_by=by,
            made_at=self._clock(),
        )

        def work(tx: Tx) -> Rule:
            if rows.find_rule(tx, made.name) is not None:
                raise Refused(
                    f"There is a rule {made.name!r} already.", remedy="Choose another name.", code="name-taken"
                )
            rows.insert_rule(tx, made)
            detail: dict[str, object] = {"name": made.name, "what": what, "age": age, "days": made.days}
            self._record_rule(tx, "propose", made, by, detail | {"because": made.because})
            return made

        return self._store.write(work)

    def list_rules(self, who: Reader) -> list[Rule]:
        """By name."""
        self._check_cleared(who)
        with self._store.read() as reader:
            found = rows.list_rules(reader)
        return [self._by_the_terms(each) for each in found]

    def get_rule(self, who: Reader, name_or_id: str) -> Rule:
        """Unknown when there is none, or it was removed."""
        self._check_cleared(who)
        with self._store.read() as reader:
            found = _get(reader, name_or_id)
        return self._by_the_terms(found)

    def list_runs(self, who: Reader, rule: str, limit: int = 20) -> list[Run]:
        """What a rule did, the newest first."""
        self._check_cleared(who)
        with self._store.read() as reader:
            return rows.list_runs(reader, rule, limit)

    def list_duties(self, who: Reader) -> list[Duty]:
        """Agreements under which something is held here, each with its term and the rule that keeps it."""
        self._check_cleared(who)
        held = {each.agreement: each for each in self.list_collections() if each.agreement}
        standings, found = self._agreements.standings(), []
        kept = {each.agreement: each for each in self.list_rules(who)}
        for agreement, collection in held.items():
            standing = standings.get(agreement)
            if standing is None:
                continue
            rule, days = kept.get(agreement), standing.terms.retention_days
            enough = rule is not None and rule.state == "in-force" and rule.age == "received" and rule.days <= days
            found.append(
                Duty(
                    agreement=agreement,
                    title=standing.title,
                    collection=collection.name,
                    days=days,
                    rule=rule.id if rule is not None and enough else "",
                )
            )
        return sorted(found, key=lambda each: each.title)

    def confirm_rule(self, who: Reader, name_or_id: str, *, by: str) -> Rule:
        """From now on the rule erases, at the next turn of the running node and then once a day."""
        return self._change_rule(
            who, name_or_id, "confirm", by, lambda tx, rule: rows.confirm(tx, rule.id, by, self._clock())
        )

    def pause_rule(self, who: Reader, name_or_id: str, *, by: str) -> Rule:
        """Nothing goes by it until it is resumed, not even the rest of a run."""
        return self._set_state(who, name_or_id, "pause", "paused", by)

    def resume_rule(self, who: Reader, name_or_id: str, *, by: str) -> Rule:
        """Go on with a rule that was paused; Refused when it was never confirmed."""
        if not self.get_rule(who, name_or_id).confirmed_at:
            raise Refused(
                "This rule was never confirmed.",
                "A paused proposal stays a proposal.",
                "Look at its preview, and confirm it.",
                code="not-confirmed",
            )
        return self._set_state(who, name_or_id, "resume", "in-force", by)

    def change_rule(self, who: Reader, name_or_id: str, *, days: int, because: str, by: str) -> Rule:
        """Other days or another reason; it is a proposal again."""
        wanted, reason = _days(days), _reason(because)
        return self._change_rule(
            who,
            name_or_id,
            "change",
            by,
            lambda tx, rule: rows.change(tx, rule.id, days=wanted, because=reason),
            {"days": wanted, "because": reason},
        )

    def remove_rule(self, who: Reader, name_or_id: str, *, by: str) -> Rule:
        """End a rule; what it erased stays erased, and its runs stay in the audit."""
        rule = self.get_rule(who, name_or_id)

        def work(tx: Tx) -> None:
            rows.remove(tx, rule.id, by, self._clock())
            self._record_rule(tx, "remove", rule, by, {"name": rule.name})

        self._store.write(work)
        return rule

    def run_rule(self, who: Reader, name_or_id: str, *, by: str, seconds: float = 3_600.0) -> Run:
        """Carry out a confirmed rule now: go on with its run or begin one; it is over when `ended_at` is set.

        Refused when the rule is not in force. Each object is erased durably by itself: whoever is interrupted goes on.
        """
        rule = self.get_rule(who, name_or_id)
        if rule.state != "in-force":
            raise Refused(
                f"The rule {rule.name!r} is {rule.state}, so nothing goes by it.",
                remedy="Look at its preview, and confirm or resume it.",
                code="not-in-force",
            )
        return self._walk(rule, time.monotonic() + seconds)

    def preview_rule(self, who: Reader, name_or_id: str) -> Preview:
        """What the rule would erase if it ran now; nothing is changed."""
        return self._preview(who, self.get_rule(who, name_or_id))

    def _about(
        self, who: Reader, by: str, saved: str, collection: str, types: tuple[str, ...], agreement: str
    ) -> tuple[Search, str]:
        if agreement:
            standing = self._agreements.get_standing(agreement)
            held = next((each for each in self.list_collections() if each.agreement == agreement), None)
            if held is None:
                raise Unknown(
                    f"Nothing has come under {standing.title!r} yet.",
                    remedy="Propose the rule when something has.",
                    code="nothing-held",
                )
            return Search(collection=held.id, types=types), f"what came under {standing.title}"
        if saved:
            found = self.get_saved(who, saved, by=by)
            search = found.search
            if types or collection:
                raise Damaged(
                    "A saved search says by itself what it is about.",
                    remedy="Leave out types and collection, or narrow the search and save it.",
                    code="two-subjects",
                )
            return search, f"what the search {found.name} finds"
        chosen = self.get_collection(collection, who) if collection else None
        if chosen is None and not types:
            raise Damaged(
                "It is not clear what the rule is about.",
                "A rule about everything would leave nothing.",
                "Name a saved search, a collection, an agreement or types of objects.",
                code="no-subject",
            )
        words = [", ".join(types) or "everything", *([f"in {chosen.title}"] if chosen is not None else [])]
        return Search(collection=chosen.id if chosen is not None else "", types=types), " ".join(words)

    def _set_state(self, who: Reader, name_or_id: str, verb: str, state: State, by: str) -> Rule:
        return self._change_rule(who, name_or_id, verb, by, lambda tx, rule: rows.set_state(tx, rule.id, state))

    def _change_rule(
        self,
        who: Reader,
        name_or_id: str,
        verb: str,
        by: str,
        act: Callable[[Tx, Rule], None],
        detail: dict[str, object] | None = None,
    ) -> Rule:
        self._check_cleared(who)

        def work(tx: Tx) -> Rule:
            rule = _get(tx, name_or_id)
            act(tx, rule)
            self._record_rule(tx, verb, rule, by, {"name": rule.name, **(detail or {})})
            return _get(tx, rule.id)

        return self._store.write(work)


def _get(reader: Snapshot, name_or_id: str) -> Rule:
    found = rows.find_rule(reader, name_or_id)
    if found is None:
        raise Unknown(
            f"There is no rule {name_or_id[:80]!r}.", remedy="`kouprey retention list` shows them.", code="unknown-rule"
        )
    return found


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Damaged("The rule needs a name.", f"It has 1 to {LONGEST_NAME} characters.", code="bad-name")
    return name


def _days(days: int) -> int:
    if not 1 <= days <= MOST_DAYS:
        raise Damaged(
            f"{days} is no number of days to keep something.",
            f"A rule keeps things for 1 to {MOST_DAYS:,} days.",
            "Erase single objects where they shall go at once.",
            code="bad-days",
        )
    return days


def _reason(text: str) -> str:
    reason = text.strip()
    if not 1 <= len(reason) <= LONGEST_REASON - 200:
        raise Damaged(
            "The rule needs its ground.",
            f"It stands in every tombstone that the rule leaves, in 1 to {LONGEST_REASON - 200:,} characters.",
            "Say which law, agreement or policy demands it.",
            code="no-reason",
        )
    return reason
