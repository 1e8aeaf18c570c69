"""Ageing: what a rule finds too old, and its going, in small durable steps."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

import msgspec

from kouprey.exchange.model import Head, HeadPage
from kouprey.exchange.model.retention import Age, Due, Preview, Rule, Run
from kouprey.exchange.service.erasing import LONGEST_REASON, Erasing
from kouprey.exchange.store import holds, tombstones
from kouprey.exchange.store import retention as rows
from kouprey.exchange.wire.comments import instant_of
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError, Refused, Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import SECOND, Instant

MOST_PREVIEWED = 10_000
SAMPLES = 10
DAY = 24 * 3_600 * SECOND
_STEP = 50
"""Objects listed at a time; each of them is erased in a transaction of its own."""
_BEYOND: Instant = 1 << 62


class Ageing(Erasing):
    """Verbs that look for what is too old by a rule, and erase it."""

    def retain(self, seconds: float = 1.0) -> int:
        """What a running node does again and again: a little of the rules whose day has come; how many objects went."""
        until, gone = time.monotonic() + seconds, 0
        with self._store.read() as reader:
            due = [each for each in rows.list_rules(reader) if each.state == "in-force"]
            last = {each.id: next(iter(rows.list_runs(reader, each.id, 1)), None) for each in due}
        for rule in due:
            run = last[rule.id]
            if run is not None and run.ended_at and run.began_at > self._clock() - DAY:
                continue
            before = run.erased if run is not None and not run.ended_at else 0
            gone += self._walk(rule, until).erased - before
            if time.monotonic() > until:
                break
        return gone

    def _preview(self, who: Reader, rule: Rule) -> Preview:
        """What a rule would erase if it ran now; nothing is changed."""
        by_type: Counter[str] = Counter()
        samples: list[Due] = []
        count = held = 0
        more = False
        with self._store.read() as reader:
            holding = bool(holds.list_in_force(reader))
        for head in self._due(who, rule, _BEYOND):
            if count == MOST_PREVIEWED:
                more = True
                break
            count += 1
            by_type[head.type] += 1
            held += holding and self._is_held(who, head.stix_id)
            if len(samples) < SAMPLES:
                since = self._since(who, head, rule.age)
                samples.append(Due(stix_id=head.stix_id, type=head.type, title=head.title, since=since))
        return Preview(
            count=count,
            more=more,
            held=held,
            by_type=dict(by_type.most_common()),
            samples=tuple(samples),
        )

    def _walk(self, rule: Rule, until: float) -> Run:
        who = self.operator()
        because = f"Retention, {rule.name}: {rule.because}"[:LONGEST_REASON]

        def begin(tx: Tx) -> Run:
            last = next(iter(rows.list_runs(tx, rule.id, 1)), None)
            if last is not None and not last.ended_at:
                return last
            return rows.begin_run(tx, rule.id, self._clock(), _BEYOND)

        run = self._store.write(begin)
        for head in self._due(who, rule, run.reached):
            if time.monotonic() > until or not self._still_runs(rule):
                return run
            run = self._take(run, rule, head, because, who)
        done = msgspec.structs.replace(run, ended_at=self._clock())

        def end(tx: Tx) -> None:
            rows.save_run(tx, done)
            counted: dict[str, object] = {"erased": done.erased, "held": done.held, "failed": done.failed}
            self._record_rule(tx, "run", rule, "node", {"name": rule.name, **counted})

        self._store.write(end)
        return done

    def _take(self, run: Run, rule: Rule, head: Head, because: str, who: Reader) -> Run:
        """Erase one object, unless it is held or cannot be, and write down how far that came."""
        erased, held, failed, trouble = run.erased, run.held, run.failed, run.trouble
        try:
            self._erase(head.stix_id, because=because, who=who, by=f"rule {rule.name}")
            erased += 1
        except Unknown:
            pass  # somebody was quicker
        except KoupreyError as error:
            if error.code == "held":
                held += 1
            else:
                failed, trouble = failed + 1, f"{head.stix_id}: {error}"[:500]
        made = msgspec.structs.replace(
            run, erased=erased, held=held, failed=failed, trouble=trouble, reached=head.position
        )
        self._store.write(lambda tx: rows.save_run(tx, made))
        return made

    def _by_the_terms(self, rule: Rule) -> Rule:
        """The rule as it counts: one of an agreement keeps nothing longer than the version in force lets it.

        Tightening takes effect at once, here as in decisions; a longer term waits until somebody changes the rule.
        """
        standing = self._agreements.standings().get(rule.agreement) if rule.agreement else None
        days = rule.days if standing is None or not standing.signed else standing.terms.retention_days
        return msgspec.structs.replace(rule, days=days) if days < rule.days else rule

    def _due(self, who: Reader, rule: Rule, before: Instant) -> Iterator[Head]:
        """The objects that are older than the rule lets them be, latest news first."""
        limit = self._clock() - self._by_the_terms(rule).days * DAY
        given = rule.search.filters
        if rule.age == "news":
            filters = msgspec.structs.replace(given, until=min(given.until or _BEYOND, limit))
        elif rule.age == "received":
            filters = msgspec.structs.replace(given, received_before=limit)
        else:
            filters = msgspec.structs.replace(given, ended_before=limit)
        while True:
            page: HeadPage = self.list_objects(
                who,
                collection=rule.search.collection,
                types=rule.search.types,
                text=rule.search.text,
                filters=filters,
                before_position=before,
                limit=_STEP,
            )
            yield from page.heads
            if not page.more:
                return
            before = page.heads[-1].position

    def _since(self, who: Reader, head: Head, age: Age) -> Instant:
        if age == "news":
            return head.position
        found = self.get_object(who, head.stix_id).newest
        return found.received_at if age == "received" else instant_of(decode(found.served.raw), "valid_until")

    def _is_held(self, who: Reader, stix_id: str) -> bool:
        with self._store.read() as reader:
            versions = [each.id for each in tombstones.list_doomed(reader, stix_id)]
        try:
            self._check_free_of_holds(who, stix_id, versions)
        except Refused:
            return True
        return False

    def _still_runs(self, rule: Rule) -> bool:
        with self._store.read() as reader:
            now = rows.find_rule(reader, rule.id)
        return now is not None and now.state == "in-force"

    def _record_rule(self, tx: Tx, verb: str, rule: Rule, by: str, detail: dict[str, object]) -> None:
        audit.append(tx, at=self._clock(), actor=by, action=f"retention.{verb}", subject=rule.id, detail=detail)
