"""How a strategy did: told to whom it came from, in an opinion on it, and nothing else of the case."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import ObjectView
from kouprey.exchange.model.weighing import Said
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.people.service import People
from kouprey.response.model.cases import LinkTo, Sort, Task, TaskState, Track
from kouprey.response.model.outcomes import Letter, Outcome, OutcomeTold, Verdict
from kouprey.response.service.casefiles import Opened
from kouprey.response.service.cases import Cases
from kouprey.response.service.strategies import Strategies
from kouprey.response.wire.outcomes import opinion_for, read_outcome, write_outcome

LONGEST = 5_000
MOST_ITEMS = 1_000
"""Of a case, among which the steps of a strategy are counted."""


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy that a case has taken up: on which track, and how many of its steps are done."""

    opened: Opened
    track: Track
    done: int
    steps: int


class Outcomes:
    """Verbs about how strategies did."""

    def __init__(
        self, exchange: Exchange, strategies: Strategies, cases: Cases, people: People, agreements: Agreements
    ) -> None:
        self._exchange = exchange
        self._strategies = strategies
        self._cases = cases
        self._people = people
        self._agreements = agreements

    def list(self, who: Reader, strategy: str) -> tuple[Sequence[OutcomeTold], bool]:
        """Outcomes that a reader may see, the newest first; whether there is more said than is looked at."""
        weighed = self._exchange.weigh(who, self._strategies.get(who, strategy).view)
        told = [
            OutcomeTold(stix_id=each.stix_id, outcome=outcome, sources=each.sources, at=each.at)
            for each in weighed.comments
            if each.kind == "opinion" and (outcome := read_outcome(each.text)) is not None
        ]
        return sorted(told, key=lambda each: -each.at), weighed.more

    def use(self, who: Reader, strategy: str, case: str) -> Use:
        """What a case has made of a strategy; Refused where it has not taken it up, as far as the reader sees."""
        opened = self._cases.get(who, case)
        items, _ = self._cases.items(who, opened, (Sort.LINK, Sort.TASK), limit=MOST_ITEMS)
        tracks = [
            each.track
            for each in items
            if getattr(each.body, "to", None) is LinkTo.STRATEGY and getattr(each.body, "ref", "") == strategy
        ]
        if not tracks:
            raise Refused(
                "This case has not taken up that strategy.",
                remedy="Take it up there, or tell the outcome without a case.",
                code="not-taken-up",
            )
        tasks = [each.body for each in items if isinstance(each.body, Task)]
        steps = [each for each in tasks if each.origin.startswith(f"{strategy}#")]
        done = sum(each.state is TaskState.DONE for each in steps)
        return Use(opened=opened, track=tracks[-1], done=done, steps=len(steps))

    def draft(
        self, who: Reader, strategy: str, verdict: str, *, words: str = "", case: str = "", counted: bool = True
    ) -> Letter:
        """Exactly what would leave, and who would read it; nothing is kept."""
        outcome, _ = self._outcome(who, strategy, verdict, words, case, counted)
        view = self._strategies.get(who, strategy).view
        standings = self._agreements.standings()
        parties = {
            party
            for agreement in _agreements_of(view)
            if agreement in standings
            for party in standings[agreement].parties
        }
        return Letter(
            outcome=outcome, text=write_outcome(outcome), parties=tuple(sorted(parties - {self._people.home_id}))
        )

    def tell(
        self,
        who: Reader,
        strategy: str,
        verdict: str,
        *,
        words: str = "",
        case: str = "",
        counted: bool = True,
        by: str,
    ) -> Said:
        """Write it down as our opinion on the strategy, which goes to the parties of the agreement it came under.

        `counted` says how many steps were done. The case has it in its history, in the same step; of the case nothing
        is told but that. Damaged for no verdict or too many words.
        """
        outcome, used = self._outcome(who, strategy, verdict, words, case, counted)

        def also(tx: Tx, made: str, _: Sequence[str]) -> None:
            if used is not None:
                self._cases.note_outcome(tx, who, used.opened, used.track, strategy, str(outcome.verdict))

        text = write_outcome(outcome)
        return self._exchange.opine(strategy, opinion_for(outcome), who=who, by=by, because=text, also=also)

    def _outcome(
        self, who: Reader, strategy: str, verdict: str, words: str, case: str, counted: bool
    ) -> tuple[Outcome, Use | None]:
        """What is told, and the use that a case has made of it, None without a case."""
        try:
            said = Verdict(verdict)
        except ValueError:
            raise Damaged(
                "It is not said how it went.", verdict[:40], "Say worked, partly or failed.", code="bad-verdict"
            ) from None
        if len(words) > LONGEST or "\x00" in words:
            raise Damaged("The words are too long, or cannot be kept.", remedy="Say it shorter.", code="too-long")
        self._strategies.get(who, strategy)
        used = self.use(who, strategy, case) if case else None
        told = used if counted and used is not None else None
        outcome = Outcome(
            verdict=said,
            done=told.done if told else 0,
            steps=told.steps if told else 0,
            words=words.strip(),
        )
        return outcome, used


def _agreements_of(view: ObjectView) -> set[str]:
    labels = [a.label for version in view.versions for body in version.bodies for a in body.assertions]
    return {label.agreement for label in labels if label.agreement}
