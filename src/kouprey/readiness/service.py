"""Verbs of readiness: how a country stands, what this node can prove, who confirms it, and what helps next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.notes import sign_note
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.proof import Prover
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.readiness import store as rows
from kouprey.readiness.model import (
    Answer,
    Asked,
    Framework,
    Indicator,
    Objective,
    Plan,
    Proposal,
    Stand,
    State,
    Statement,
    Threshold,
)
from kouprey.readiness.rules.evaluating import evaluate, evaluate_figure
from kouprey.readiness.rules.planning import plan
from kouprey.readiness.rules.proposing import (
    CONFIRMS,
    SMALL,
    estimated,
    is_level,
    proposals,
    proven,
    values_of,
    weightings,
)
from kouprey.readiness.wire import statement as paper
from kouprey.readiness.wire.framework import of_node, shipped

LONGEST = 2_000
"""Characters of a note or of a name of evidence."""


class Readiness:
    """Everybody of ours who reads looks; some roles confirm, claim and publish."""

    def __init__(
        self,
        store: Store,
        people: People,
        ring: Keyring,
        folder: Path,
        provers: Callable[[], Mapping[str, Prover]],
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._ring = ring
        self._folder = folder
        self._provers = provers
        self._clock = clock

    def now(self) -> Instant:
        """By this node's clock."""
        return self._clock()

    def operator(self) -> Reader:
        """Whoever has the node's command line."""
        return Reader(party=self._people.home_id, clearance=TLP.RED, roles=CONFIRMS[-1:], local=True, name="operator")

    # what there is

    def frameworks(self) -> dict[str, Framework]:
        """By id: ours, and those in the folder of the node. Damaged names a file that is not one."""
        return shipped() | of_node(self._folder)

    def get_framework(self, framework: str) -> Framework:
        """One; Unknown when there is none."""
        found = self.frameworks().get(framework)
        if found is None:
            raise Unknown("There is no such framework.", framework[:60], code="unknown-framework")
        return found

    def get_indicator(self, framework: str, indicator: str) -> Indicator:
        """One of a framework; Unknown when there is none."""
        return self._indicator(framework, indicator)[1]

    def country(self) -> str:
        """The country this node reports for (ISO 3166 alpha-3), "" until somebody chose one."""
        with self._store.read() as reader:
            return rows.find_country(reader)

    def countries(self) -> dict[str, str]:
        """Code -> name, of all that some framework has figures of."""
        found = {each.country: each.name for one in self.frameworks().values() for each in one.figures}
        return dict(sorted(found.items(), key=lambda each: each[1]))

    def may_confirm(self, who: Reader) -> bool:
        """Whether they confirm, claim and publish."""
        return who.local and not who.exercise and not set(CONFIRMS).isdisjoint(who.roles)

    def sees_small(self, who: Reader) -> bool:
        """Whether they are told counts below five."""
        return who.local and who.clearance is TLP.RED and not who.exercise

    def choose_country(self, who: Reader, country: str) -> None:
        """Say which country this node reports for; "" for none. Damaged where no framework knows it."""
        self._check(who)
        if country and country not in self.countries():
            raise Damaged("There are no figures of this country.", country[:20], "Choose one.", code="bad-country")

        def work(tx: Tx) -> None:
            rows.save_country(tx, country)
            self._audit(tx, who, "readiness.country", country or "none", {})

        self._store.write(work)

    # how it stands

    def stands(self, who: Reader) -> list[Stand]:
        """Each framework, the shorter ones first."""
        country = self.country()
        waiting = self.proposals(who)
        found = []
        for framework in self.frameworks().values():
            figure = framework.figure(country)
            answers = self.answers(framework.id)
            found.append(
                Stand(
                    framework=framework,
                    owner=evaluate_figure(framework, figure) if figure is not None else None,
                    ours=evaluate(framework, values_of(answers, public=False)),
                    public=evaluate(framework, values_of(answers, public=True)),
                    proposed=sum(each.framework == framework.id for each in waiting),
                )
            )
        return sorted(found, key=lambda each: (len(each.framework.groups), each.framework.title))

    def answers(self, framework: str) -> list[Answer]:
        """What is said of its indicators now."""
        with self._store.read() as reader:
            return rows.list_answers(reader, framework)

    def course(self, framework: str) -> list[tuple[Instant, float]]:
        """(at, value) after each answer, from the first one on: how it went."""
        found, held = list[tuple[Instant, float]](), dict[str, Answer]()
        known = self.get_framework(framework)
        with self._store.read() as reader:
            every = rows.list_answers(reader, framework, every=True)
        for each in every:
            held[each.indicator] = each
            found.append((each.at, evaluate(known, values_of(held.values(), public=False)).value))
        return found

    def proposals(self, who: Reader) -> list[Proposal]:
        """What this node can prove and nobody has confirmed. A count below five is 0 for who may not see it."""
        with self._store.read() as reader:
            answered = rows.list_answered(reader)
        found = proposals(self.frameworks().values(), self._provers(), answered, self._clock())
        if self.sees_small(who):
            return found
        return [
            msgspec.structs.replace(each, proof=msgspec.structs.replace(each.proof, count=0, first=0, last=0))
            if each.proof.count < SMALL
            else each
            for each in found
        ]

    # what is said

    def confirm(self, who: Reader, framework: str, indicator: str, *, note: str = "") -> Answer:
        """Make what the node proposes a person's word, counted anew; Refused (`not-proven`) where it is not enough."""
        self._check(who)
        known, asked_of = self._indicator(framework, indicator)
        now, provers = self._clock(), self._provers()
        for asked in asked_of.evidence:
            proof = proven(asked, provers, now)
            if proof is not None:
                return self._keep(who, known, asked_of, asked_of.most, State.CONFIRMED, note, asked, proof.count)
        raise Refused(
            "This node cannot prove that now.",
            "What it has done is not enough any more, or it does not count it.",
            "Claim it, and name the evidence.",
            code="not-proven",
        )

    def claim(
        self, who: Reader, framework: str, indicator: str, value: float, *, evidence: str, note: str = ""
    ) -> Answer:
        """Say what is so, with what shows it; 0 takes an answer back. Damaged for a value that it cannot have."""
        self._check(who)
        known, asked_of = self._indicator(framework, indicator)
        if not is_level(known, asked_of, value):
            raise Damaged(
                "The indicator cannot have this value.",
                f"It is 0 or {asked_of.most:g}, or a whole level in between where there are levels.",
                "Choose one of those.",
                code="bad-value",
            )
        if value and not evidence.strip():
            raise Damaged(
                "A claim needs its evidence.", remedy="Name a document or an address that shows it.", code="no-evidence"
            )
        return self._keep(who, known, asked_of, value, State.CLAIMED, note, evidence=evidence)

    def _keep(
        self,
        who: Reader,
        framework: Framework,
        indicator: Indicator,
        value: float,
        state: State,
        note: str,
        asked: Asked | None = None,
        counted: int = 0,
        *,
        evidence: str = "",
    ) -> Answer:
        if len(note) > LONGEST or len(evidence) > LONGEST:
            raise Damaged("That is too long.", f"At most {LONGEST:,} characters.", "Say less.", code="too-long")
        answer = Answer(
            id=new_id("answer"),
            framework=framework.id,
            indicator=indicator.id,
            value=value,
            state=state,
            by=who.name,
            at=self._clock(),
            note=note.strip(),
            evidence=evidence.strip(),
            query=asked.query if asked is not None else "",
            counted=counted,
            days=asked.within_days if asked is not None else 0,
        )

        def work(tx: Tx) -> None:
            before = rows.find_answer(tx, framework.id, indicator.id)
            if before is not None and before.public:
                rows.withdraw_statement(tx, before.public, self._clock())
            rows.save_answer(tx, answer)
            self._audit(tx, who, f"readiness.{state}", f"{framework.id}:{indicator.id}", {"value": value})

        self._store.write(work)
        return answer

    # what everybody may read

    def publish(self, who: Reader, framework: str, indicator: str) -> Statement:
        """Show everybody what was confirmed of what this node has done: a signed statement of a count."""
        self._check(who)
        _, asked_of = self._indicator(framework, indicator)
        home = self._people.home_id

        def work(tx: Tx) -> Statement:
            answer = rows.find_answer(tx, framework, indicator)
            if answer is None or answer.state is not State.CONFIRMED:
                raise Refused(
                    "Only what somebody has confirmed of the node's own work can be shown.",
                    remedy="Confirm it first.",
                    code="not-confirmed",
                )
            statement = Statement(
                id=new_id("evidence"),
                party=home,
                framework=framework,
                indicator=indicator,
                title=asked_of.title,
                query=answer.query,
                counted=answer.counted,
                days=answer.days,
                at=self._clock(),
                by=who.name,
                note=answer.note,
            )
            note = sign_note(paper.render(statement), [(f"{home}/node", self._ring.speaker)])
            rows.save_statement(tx, statement, note.decode())
            rows.save_answer(
                tx,
                msgspec.structs.replace(
                    answer, id=new_id("answer"), state=State.PUBLIC, by=who.name, at=self._clock(), public=statement.id
                ),
            )
            self._audit(tx, who, "readiness.publish", f"{framework}:{indicator}", {"statement": statement.id})
            return statement

        return self._store.write(work)

    def withdraw(self, who: Reader, statement: str) -> None:
        """Take a statement back: it stays where it is, says so, and its indicator is confirmed and not public."""
        self._check(who)
        found, _ = self.get_statement(statement)

        def work(tx: Tx) -> None:
            if not rows.withdraw_statement(tx, statement, self._clock()):
                raise Refused("It was taken back already.", code="withdrawn")
            answer = rows.find_answer(tx, found.framework, found.indicator)
            if answer is not None and answer.public == statement:
                confirmed = msgspec.structs.replace(
                    answer, id=new_id("answer"), state=State.CONFIRMED, by=who.name, at=self._clock(), public=""
                )
                rows.save_answer(tx, confirmed)
            self._audit(tx, who, "readiness.withdraw", statement, {})

        self._store.write(work)

    def get_statement(self, statement: str) -> tuple[Statement, str]:
        """What everybody may read, and its signed note; Unknown when there is none."""
        with self._store.read() as reader:
            found = rows.find_statement(reader, statement)
        if found is None:
            raise Unknown("There is no such statement.", statement[:60], code="unknown-statement")
        return found

    def list_statements(self) -> list[Statement]:
        """All that were published, the newest last."""
        with self._store.read() as reader:
            return rows.list_statements(reader)

    # what helps next

    def plan(
        self,
        framework: str,
        *,
        target: float = 0.0,
        objective: Objective = Objective.EFFORT,
        without: tuple[str, ...] = (),
    ) -> Plan:
        """The cheapest measures to the next threshold, or to `target`.

        Where the owner has published figures of the chosen country these are where it begins, and weights are shared
        out of what is missing there. Refused (`no-target`) where there is none above.
        """
        known = self.get_framework(framework)
        figure = known.figure(self.country())
        held = values_of(self.answers(framework), public=False)
        standing = evaluate_figure(known, figure) if figure is not None else evaluate(known, held)
        goal = target or (standing.next.at if standing.next is not None else 0.0)
        if goal <= standing.value or goal > known.most:
            raise Refused(
                "There is nothing above to plan for.",
                f"It stands at {standing.value:.2f} of {known.most:g}.",
                "Choose a target between.",
                code="no-target",
            )
        if not estimated(known):
            return plan(known, held, goal, base=standing.value, objective=objective, without=without)
        gaps = {group: most - reached for group, reached, most in standing.groups}
        ways = weightings(known, gaps)
        found = plan(known, {}, goal, base=standing.value, objective=objective, without=without, weights=ways["likely"])
        reach = sum(_comes_to(found, standing.value, weights) >= goal - 1e-9 for weights in ways.values())
        return msgspec.structs.replace(found, range=(reach if found.possible else 0, len(ways)))

    def threshold(self, framework: str, value: float) -> Threshold | None:
        """The tier that a value would reach."""
        reached = [each for each in self.get_framework(framework).thresholds if each.at <= value]
        return max(reached, key=lambda each: each.at, default=None)

    def _indicator(self, framework: str, indicator: str) -> tuple[Framework, Indicator]:
        known = self.get_framework(framework)
        found = next((each for each in known.indicators if each.id == indicator), None)
        if found is None:
            raise Unknown("There is no such indicator.", indicator[:60], code="unknown-indicator")
        return known, found

    def _check(self, who: Reader) -> None:
        if not self.may_confirm(who):
            raise Forbidden(
                "This is for those who answer for readiness.",
                f"One of these roles is needed: {', '.join(CONFIRMS)}.",
                "Ask one of them.",
                code="role-missing",
            )

    def _audit(self, tx: Tx, who: Reader, action: str, subject: str, detail: dict[str, object]) -> None:
        audit.append(tx, at=self._clock(), actor=who.name, action=action, subject=subject, detail=detail)


def _comes_to(found: Plan, base: float, weights: Mapping[str, float]) -> float:
    return base + sum(weights.get(indicator, 0.0) for step in found.steps for indicator in step.gives)
