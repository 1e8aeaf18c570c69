"""Applying rules: what running publishing rules find is given as it comes, a little at a time, none lost or doubled."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from kouprey.exchange.model.publishing import PublishingRule, RuleSample
from kouprey.exchange.rules.publishing import within
from kouprey.exchange.service.acting import Acting
from kouprey.exchange.service.concerning import Concerning
from kouprey.exchange.service.gate import Gate, Passed, parties_of
from kouprey.exchange.store import graph, pages
from kouprey.exchange.store import publishing as rows
from kouprey.exchange.store.publishing import Became, Met
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.errors import KoupreyError, Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import DAY
from kouprey.people.model import Permission, permissions_of, permissions_of_token

_log = logging.getLogger(__name__)

MET = 1_000
"""Versions that one step of a rule looks at, whatever they are."""
GIVEN = 200
"""Objects decided and queued in one transaction."""
KEPT = 400
"""Days for which it is told what a rule did with each object."""
_OPERATOR = "operator"
_WAITS = ("suspended", "not-started")
"""What passes by itself: the rule waits, and its place with it."""


class Applying(Acting, Concerning):
    """What a running node does with publishing rules."""

    def give_by_rules(self, seconds: float = 1.0) -> int:
        """Go on with every running rule for a little; how many objects were given or asked to be released."""
        until, given = time.monotonic() + seconds, 0
        with self._store.read() as reader:
            running = rows.list_rules(reader, "running")
        for rule in running:
            given += self._apply_rule(rule, until)
        return given

    def _apply_rule(self, rule: PublishingRule, until: float) -> int:
        """Steps of one rule until it has seen everything, is paused, or the time is over; at least one."""
        given = 0
        while True:
            reason = self._hinders(rule)
            if reason is not None:
                self._pause_itself(rule, reason)
                return given
            with self._store.read() as reader:
                met = rows.list_next(reader, rule.search.collection, rule.reached, MET)
            if not met:
                return given
            try:
                standing = self._agreements.get_standing(rule.agreement)
                self._may_publish(standing)
                done = self._give_some(rule, met)
            except KoupreyError as error:
                if error.http_status >= 500:
                    raise
                # Who has left does not come back, so that is no waiting.
                waits = error.code in _WAITS and standing.home not in standing.left
                if not waits:
                    text = f"{error.what} {error.why}".strip()
                    self._pause_itself(rule, Reason(error.code, text, rule.agreement, title=standing.title))
                return given
            if done is None:
                return given
            given += done
            with self._store.read() as reader:
                now = rows.find(reader, rule.id)
            if now is None or now.state != "running" or time.monotonic() >= until:
                return given
            rule = now

    def _give_some(self, rule: PublishingRule, met: Sequence[Met]) -> int | None:
        """Look at these versions, give what fits, and move the place of the rule, in one transaction.

        None when somebody else has done so meanwhile. What fits is sought in a snapshot, so that the writer waits for
        the gate alone.
        """
        who = self._reader_by_rule(rule)
        eyes = self._eyes(who)
        hits = self._hits(rule, who, eyes, met)
        reached = met[-1].place
        if len(hits) > GIVEN:
            hits = hits[:GIVEN]
            reached = hits[-1][1].place
        gate = self._gate_of(rule, rule.person)
        now = self._clock()
        day = now // DAY

        def work(tx: Tx) -> int | None:
            held = rows.find(tx, rule.id)
            if held is None or held.reached != rule.reached or held.state != "running":
                return None
            ids = [stix_id for stix_id, _ in hits]
            room = held.limit - rows.count_given(tx, rule.id, max(day * DAY, held.began_at))
            upto, place = len(ids), reached
            if ids and len(ids) > room:
                upto = within(gate.foresee(tx, eyes, ids), room)
            if upto < len(ids):
                place = hits[upto - 1][1].place if upto else rule.reached
            passed = gate.pass_through(tx, eyes, ids[:upto]) if upto else []
            became = [
                Became(hit.version, each.stix_id, each.fate, each.because)
                for each, (_, hit) in zip(passed, hits, strict=False)
                if each.fate != "already"
            ]
            rows.insert_items(tx, rule.id, day, became, now)
            rows.reach(tx, rule.id, rule.reached, place)
            if upto < len(ids):
                self._stop_at_limit(tx, held)
            rows.forget_items(tx, day - KEPT)
            return sum(each.fate != "refused" for each in became)

        return self._store.write(work)

    def _hits(self, rule: PublishingRule, who: Reader, eyes: Eyes, met: Sequence[Met]) -> list[tuple[str, Met]]:
        """Which of these versions the search finds, and their sightings if wanted, in the order they are met."""
        search = rule.search
        sought = self._sought(who, search.collection, search.types, search.text, search.filters)
        by_version = {each.version: each for each in met}
        by_position = {each.position: each for each in met}
        found: dict[str, Met] = {}
        with self._store.read() as reader:
            among = list(by_version)
            bounds = {"before": max(by_position) + 1, "after": min(by_position) - 1}
            heads = pages.list_heads(reader, eyes, replace(sought, among=among), limit=len(among), **bounds)
            for head in heads:
                named = head.type != "sighting" or "sighting" in search.types or rule.sightings
                if named and head.position in by_position:
                    found[head.stix_id] = by_position[head.position]
            if rule.sightings:
                found |= self._sightings(reader, eyes, sought, by_version)
        return sorted(found.items(), key=lambda hit: hit[1].place)

    def _sightings(self, reader: Snapshot, eyes: Eyes, sought: Any, by_version: dict[int, Met]) -> dict[str, Met]:
        """Sightings among these versions, of what the search finds."""
        said = {
            each: str(decode(each.raw).get("sighting_of_ref", ""))
            for each in rows.list_sightings(reader, eyes, list(by_version))
        }
        if not said:
            return {}
        of = rows.list_versions_of(reader, set(said.values()))
        fit = (
            {
                head.stix_id
                for head in pages.list_heads(
                    reader, eyes, replace(sought, among=of), before=None, after=None, limit=len(of)
                )
            }
            if of
            else set()
        )
        return {each.stix_id: by_version[each.version] for each, target in said.items() if target in fit}

    def _gate_of(self, rule: PublishingRule, by: str) -> Gate:
        standing = self._agreements.get_standing(rule.agreement)
        return Gate(
            self._agreements,
            self._lanes,
            standing,
            self._people.list_identities(),
            self._clock,
            by,
            parties=parties_of(standing, rule.audience),
        )

    def _reader_by_rule(self, rule: PublishingRule) -> Reader:
        """The eyes of whoever the rule acts for, as they are cleared now."""
        if rule.person == _OPERATOR:
            return self.operator()
        with suppress(Unknown):
            return self._people.reader_of(self._people.get_person(rule.person))
        token = next(each for each in self._people.list_tokens() if each.user == rule.person)
        return self._people.reader_of_token(token)

    def _hinders(self, rule: PublishingRule) -> Reason | None:
        """Why whoever the rule acts for may not give, or None."""
        if rule.person == _OPERATOR:
            return None
        try:
            person = self._people.get_person(rule.person)
        except Unknown:
            person = None
        if person is not None and person.id == rule.person:
            if not person.active:
                return Reason("maker-inactive", f"{person.name}, whose rights it had, was shut out.")
            if person.constituent or Permission.PUBLISH not in permissions_of(person.roles):
                return Reason("maker-role", f"{person.name}, whose rights it had, may not publish any more.")
            return None
        token = next((each for each in self._people.list_tokens() if each.user == rule.person), None)
        if token is None or not token.active or token.expires <= self._clock():
            return Reason("maker-inactive", "The token whose rights it had is not in force any more.")
        if token.party != self._people.home_id or token.constituent or token.collections:
            return Reason("maker-role", "A token that is bound to collections, or of others, has no rules.")
        if Permission.PUBLISH not in permissions_of_token(token):
            return Reason("maker-role", "The token whose rights it had may not publish any more.")
        return None

    def _pause_itself(self, rule: PublishingRule, reason: Reason) -> None:
        def work(tx: Tx) -> None:
            if rows.pause(tx, rule.id, (reason,)):
                told = {"because": reason.text, "code": reason.code}
                self._record_publishing(tx, "pause-itself", rule, "node", told)

        self._store.write(work)
        _log.warning("The publishing rule %s paused itself: %s", rule.id, reason.code)

    def _stop_at_limit(self, tx: Tx, rule: PublishingRule) -> None:
        text = f"It gave {rule.limit} objects since it was started today, and more would go."
        reason = Reason("limit", text)
        if rows.pause(tx, rule.id, (reason,)):
            self._record_publishing(tx, "pause-itself", rule, "node", {"because": text, "code": "limit"})

    def _titles_of(self, who: Reader, passed: Sequence[Passed]) -> Callable[[str], RuleSample]:
        """Type and title of objects as `who` sees them."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            names = graph.list_names(reader, eyes, [each.stix_id for each in passed])

        def named(stix_id: str) -> RuleSample:
            kind, title = names.get(stix_id, (stix_id.partition("--")[0], ""))
            return RuleSample(stix_id=stix_id, type=kind, title=title)

        return named

    def _record_publishing(self, tx: Tx, verb: str, rule: PublishingRule, by: str, told: dict[str, Any]) -> None:
        audit.append(
            tx,
            at=self._clock(),
            actor=by,
            action=f"publishing-rule.{verb}",
            subject=rule.id,
            detail={"name": rule.name, **told},
        )
