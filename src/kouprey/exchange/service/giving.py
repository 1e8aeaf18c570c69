"""Giving: publish under an agreement, say that something was seen, and explain who may see what."""

from __future__ import annotations

from collections.abc import Collection as Several
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice

from kouprey.agreements.model import CLAUSES, Standing, State
from kouprey.agreements.model.citing import rests_on
from kouprey.exchange.model import Explained, ExplainedLabel, Explanation, ObjectView, PublishReport, Why
from kouprey.exchange.service.gate import Gate, Passed, parties_of
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import giving as rows
from kouprey.kernel.words.decision import NOT_SHOWN, Decision, Reader, Reason
from kouprey.kernel.words.errors import Forbidden, Refused, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import format_second
from kouprey.people.model import Role

STEP = 200
"""Objects decided and queued in one transaction."""
_PAGE = 1_000


class Giving(Reading):
    """Verbs that give objects to others."""

    def publish(
        self,
        agreement: str,
        ids: Iterable[str] = (),
        *,
        types: Several[str] = (),
        text: str = "",
        everything: bool = False,
        by: str,
        who: Reader | None = None,
        emergency: str = "",
        audience: str = "",
        parties: Several[str] = (),
    ) -> PublishReport:
        """Queue the newest visible version of objects for all other parties of an agreement, or an audience of it.

        `parties` names those of an audience that has no name: what is said of a thing goes to whom that is meant for.

        Named by `ids`, or found by `types` and `text` as in `list_objects`, or `everything`. Each object is decided for
        every party, references to what they may not have are pruned, and what was decided is kept with what was queued.
        What approval rules cover waits until it is released (`Releasing`); with `emergency`, the reason, a duty officer
        sends at once what the terms let go that way, and it is reviewed afterwards.
        While the others have suspended the agreement, or a link is down, it waits in the queue.
        """
        standing = self._agreements.get_standing(agreement)
        waits_because = self._may_publish(standing)
        if emergency:
            self._check_duty(by)
        reader = who if who is not None else self.operator()
        chosen = list(dict.fromkeys(ids))
        if not chosen:
            if not (types or text or everything):
                raise Refused(
                    "Nothing was named to publish.",
                    remedy="Name ids, a type, a text, or say that you mean everything.",
                    code="nothing-named",
                )
            chosen = list(self._find_ids(reader, types, text))
        gate = self._open_gate(standing, by, parties or parties_of(standing, audience), emergency)
        eyes = self._eyes(reader)
        remaining = iter(chosen)
        passed: list[Passed] = []
        while step := list(islice(remaining, STEP)):
            passed += self._store.write(partial(gate.pass_through, eyes=eyes, stix_ids=step))
        return PublishReport(
            agreement=agreement,
            queued=tuple(each.stix_id for each in passed if each.fate == "queued"),
            already=tuple(each.stix_id for each in passed if each.fate == "already"),
            pruned=tuple(each.stix_id for each in passed if each.pruned),
            refused=tuple(Why(stix_id=each.stix_id, because=each.because) for each in passed if each.fate == "refused"),
            waits_because=waits_because,
            waiting=tuple(Why(stix_id=each.stix_id, because=each.because) for each in passed if each.fate == "waiting"),
        )

    def foresee_publish(self, agreement: str, stix_id: str, *, who: Reader, audience: str = "") -> Passed:
        """What would become of one object if `who` published it now; nothing happens."""
        standing = self._agreements.get_standing(agreement)
        gate = self._open_gate(standing, who.name, parties_of(standing, audience))
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return gate.foresee(reader, eyes, [stix_id])[0]

    def _open_gate(self, standing: Standing, by: str, parties: Several[str], emergency: str = "") -> Gate:
        return Gate(
            self._agreements,
            self._lanes,
            standing,
            self._people.list_identities(),
            self._clock,
            by,
            emergency=emergency,
            parties=parties,
        )

    def check_publish(self, agreement: str) -> None:
        """Refused, with the clause, when nothing can be published under it as things stand; Unknown for none."""
        self._may_publish(self._agreements.get_standing(agreement))

    def _check_duty(self, by: str) -> None:
        with suppress(Unknown):
            if Role.DUTY_OFFICER in self._people.get_person(by).roles:
                return
        raise Forbidden(
            "Only a duty officer sends at once.",
            "In an emergency one of them takes it upon themselves, by name.",
            "Publish it, and have it released.",
            code="not-on-duty",
        )

    def _may_publish(self, standing: Standing) -> str:
        """Why what is published now will wait, or ""; Refused when it could never go out as things stand."""
        now = self._clock()
        state = standing.state(now)
        if standing.home in standing.suspended_by:
            raise Refused(
                "You have suspended this agreement.",
                f"Nothing is given under “{standing.title}” until you resume it (clause 10, Suspension).",
                f"`kouprey agreement resume {standing.agreement}`.",
                code="suspended",
                detail=rests_on(standing.agreement, standing.title, CLAUSES["suspension"]),
            )
        if state is State.PROPOSED:
            raise Refused(
                "This agreement is not signed by all its parties.",
                f"“{standing.title}” binds nobody yet (clause 1, Parties).",
                "Exchange the signatures first: `kouprey agreement show` says whose is missing.",
                code="unsigned",
                detail=rests_on(standing.agreement, standing.title, CLAUSES["parties"]),
            )
        if state is State.ENDED or now >= standing.ends:
            raise Refused(
                "This agreement has ended.",
                f"“{standing.title}” ended at {format_second(standing.ends)} (clause 9, Duration).",
                "Propose its next version.",
                code="ended",
                detail=rests_on(standing.agreement, standing.title, CLAUSES["dates"]),
            )
        if state is State.NOT_YET or now < standing.starts:
            raise Refused(
                "This agreement has not begun.",
                f"“{standing.title}” starts at {format_second(standing.starts)} (clause 9, Duration).",
                "Publish again when it has.",
                code="not-started",
                detail=rests_on(standing.agreement, standing.title, CLAUSES["dates"]),
            )
        # As long as one other party is there to read, the lane goes on; each reader is asked about at the serve gate.
        if all(party in standing.suspended_by for party in standing.parties if party != standing.home):
            return (
                f"“{standing.title}” is suspended by {', '.join(standing.suspended_by)} (clause 10, Suspension);"
                " it goes out when they resume."
            )
        return ""

    def _find_ids(self, who: Reader, types: Several[str], text: str) -> Iterator[str]:
        before = None
        while True:
            page = self.list_objects(who, types=types, text=text, before_position=before, limit=_PAGE)
            yield from (head.stix_id for head in page.heads)
            if not page.more:
                return
            before = page.heads[-1].position

    def explain(self, stix_id: str, party: str, *, who: Reader, released: bool = False) -> Explanation:
        """Why a party may or may not see the newest version of an object, under each agreement and for each label.

        `released` asks as if everybody had released it who has to.
        Unknown when `who` may not see the object or there is no such party. Labels shown are those `who` may see.
        """
        self._people.get_party(party)
        shown = self.list_versions(who, stix_id)[0]
        visible = tuple(dict.fromkeys(a.label for body in shown.bodies for a in body.assertions))
        eyes = self._eyes(who)
        with self._store.read() as reader:
            candidate = rows.list_candidates(reader, eyes, [stix_id], rows.LabelBook(reader), bodies=False).get(stix_id)
        if candidate is None:
            raise Unknown(f"No object {stix_id[:100]!r}.", code="unknown-object")
        asked = self._agreements.party_reader(party)
        every = candidate.all_labels

        def decide(under: str) -> Decision:
            made = self._agreements.decide(every, asked, under=under, released=released)
            seen = self._agreements.decide(visible, asked, under=under, released=released)
            return seen if made.allowed == seen.allowed else _not_shown(made)

        def each(label: Label, under: str) -> ExplainedLabel:
            return ExplainedLabel(
                label=label, decision=self._agreements.decide([label], asked, under=under, released=released)
            )

        binding = [s for s in self._agreements.standings().values() if party in s.parties]
        return Explanation(
            stix_id=stix_id,
            party=party,
            decision=decide(""),
            agreements=tuple(
                Explained(
                    agreement=standing.agreement,
                    title=standing.title,
                    decision=decide(standing.agreement),
                    labels=tuple(each(label, standing.agreement) for label in visible),
                )
                for standing in sorted(binding, key=lambda s: (s.title, s.agreement))
            ),
        )

    def hosted_verdicts(self, found: ObjectView) -> list[tuple[str, Decision]]:
        """For each constituent hosted here, by name: may it see the newest version that somebody was shown?"""
        labels = {assertion.label for body in found.newest.bodies for assertion in body.assertions}
        return [(name, self._agreements.decide(labels, eyes)) for tell in self.hosted for name, eyes in tell()]

    def ground(self, who: Reader, found: ObjectView) -> tuple[Reason, ...]:
        """Why `who` may see the newest version of an object that he was shown."""
        labels = {assertion.label for body in found.newest.bodies for assertion in body.assertions}
        return self._agreements.decide(labels, who).because

    def verdicts(self, who: Reader, found: ObjectView, parties: Iterable[str]) -> dict[str, Decision]:
        """For each of these parties: may it see the newest version of an object that `who` was shown, and why.

        As `explain`, without looking at the object once more for each.
        """
        visible = tuple(dict.fromkeys(a.label for body in found.newest.bodies for a in body.assertions))
        eyes = self._eyes(who)
        with self._store.read() as reader:
            held = rows.list_candidates(reader, eyes, [found.stix_id], rows.LabelBook(reader), bodies=False)
            every = held[found.stix_id].all_labels if found.stix_id in held else visible
            made = {}
            for party in parties:
                asked = self._agreements.party_reader(party)
                whole = self._agreements.decide(every, asked, reader=reader)
                seen = self._agreements.decide(visible, asked, reader=reader)
                made[party] = seen if whole.allowed == seen.allowed else _not_shown(whole)
        return made


def _not_shown(made: Decision) -> Decision:
    return Decision(made.allowed, (NOT_SHOWN,), made.until)
