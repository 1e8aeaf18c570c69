"""Giving: publish under an agreement, say that something was seen, and explain who may see what."""

from __future__ import annotations

from collections.abc import Collection as Several
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

from kouprey.agreements.model import Standing, State
from kouprey.exchange.model import Explained, ExplainedLabel, Explanation, ObjectView, PublishReport, Why
from kouprey.exchange.service.gate import Gate, Passed
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import giving as rows
from kouprey.kernel.words.decision import Decision, Reader, Reason
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import format_second

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
    ) -> PublishReport:
        """Queue the newest visible version of objects for all other parties of an agreement.

        Named by `ids`, or found by `types` and `text` as in `list_objects`, or `everything`. Each object is decided for
        every party, references to what they may not have are pruned, and what was decided is kept with what was queued.
        While the others have suspended the agreement, or a link is down, it waits in the queue.
        """
        standing = self._agreements.get_standing(agreement)
        waits_because = self._may_publish(standing)
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
        gate = Gate(self._agreements, self._lanes, standing, self._people.list_identities(), self._clock, by)
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
        )

    def _may_publish(self, standing: Standing) -> str:
        """Why what is published now will wait, or ""; Refused when it could never go out as things stand."""
        now = self._clock()
        state = standing.state(now)
        if standing.home in standing.suspended_by:
            raise Refused(
                "You have suspended this agreement.",
                f"Nothing is given under “{standing.title}” until you resume it.",
                f"`kouprey agreement resume {standing.agreement}`.",
                code="suspended",
            )
        if state is State.PROPOSED:
            raise Refused(
                "This agreement is not signed by all its parties.",
                f"“{standing.title}” binds nobody yet (clause 1).",
                "Exchange the signatures first: `kouprey agreement show` says whose is missing.",
                code="unsigned",
            )
        if state is State.ENDED or now >= standing.ends:
            raise Refused(
                "This agreement has ended.",
                f"“{standing.title}” ended at {format_second(standing.ends)} (clause 9).",
                "Propose its next version.",
                code="ended",
            )
        if state is State.NOT_YET or now < standing.starts:
            raise Refused(
                "This agreement has not begun.",
                f"“{standing.title}” starts at {format_second(standing.starts)} (clause 9).",
                "Publish again when it has.",
                code="not-started",
            )
        # As long as one other party is there to read, the lane goes on; each reader is asked about at the serve gate.
        if all(party in standing.suspended_by for party in standing.parties if party != standing.home):
            return f"Suspended by {', '.join(standing.suspended_by)}; it goes out when they resume."
        return ""

    def _find_ids(self, who: Reader, types: Several[str], text: str) -> Iterator[str]:
        before = None
        while True:
            page = self.list_objects(who, types=types, text=text, before_position=before, limit=_PAGE)
            yield from (head.stix_id for head in page.heads)
            if not page.more:
                return
            before = page.heads[-1].position

    def explain(self, stix_id: str, party: str, *, who: Reader) -> Explanation:
        """Why a party may or may not see the newest version of an object, under each agreement and for each label.

        Unknown when `who` may not see the object or there is no such party. Labels shown are those `who` may see.
        """
        self._people.get_party(party)
        shown = self.get_object(who, stix_id).newest
        visible = tuple(dict.fromkeys(a.label for body in shown.bodies for a in body.assertions))
        eyes = self._eyes(who)
        with self._store.read() as reader:
            candidate = rows.list_candidates(reader, eyes, [stix_id], rows.LabelBook(reader), bodies=False).get(stix_id)
        if candidate is None:
            raise Unknown(f"No object {stix_id[:100]!r}.", code="unknown-object")
        asked = self._agreements.party_reader(party)
        every = candidate.all_labels

        def decide(under: str) -> Decision:
            made = self._agreements.decide(every, asked, under=under)
            seen = self._agreements.decide(visible, asked, under=under)
            return seen if made.allowed == seen.allowed else _not_shown(made)

        def each(label: Label, under: str) -> ExplainedLabel:
            return ExplainedLabel(label=label, decision=self._agreements.decide([label], asked, under=under))

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
    text = "An assertion you may not see decides it."
    return Decision(made.allowed, (Reason("not-shown", text),), made.until)
