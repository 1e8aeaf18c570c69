"""What a playbook comes to for people: its steps in an order in which they can be done, each a task.

Only what is manual, a request over HTTP (OpenC2 too) or another playbook is ever run; any other command becomes work of
a person, who reads its text (response.md of the design, D12: a node runs nobody's scripts).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from kouprey.kernel.words.errors import Damaged
from kouprey.response.model.playbooks import HTTP, REQUESTS, Command, Planned, Playbook, Run, Step, StepKind, Variable
from kouprey.response.rules.requests import calls_of

MANUAL = "manual"
DEEPEST = 40
"""Branches inside one another."""


def plan(playbook: Playbook) -> tuple[Planned, ...]:
    """The tasks of a playbook, in the order of its workflow.

    Each step is one task however many ways lead to it; steps that nothing leads to are no tasks. A loop is one task
    that says as long as what its steps are repeated. Damaged (`too-deep`) for branches nested beyond `DEEPEST`.
    """
    found: list[Planned] = []
    places: dict[str, int] = {}
    _Walk(playbook, found, places).go(playbook.start, (), (), 0)
    return tuple(found)


class _Walk:
    """Depth first, branches before what follows them: `places` are those of the tasks made so far, by step."""

    def __init__(self, playbook: Playbook, found: list[Planned], places: dict[str, int]) -> None:
        self._steps = playbook.steps
        self._variables = playbook.variables
        self._found = found
        self._places = places
        self._seen: dict[str, tuple[int, ...]] = {}

    def go(self, start: str, after: tuple[int, ...], when: tuple[str, ...], deep: int) -> tuple[int, ...]:
        """Everything from a step on; which tasks come last there."""
        if deep > DEEPEST:
            raise Damaged(
                "This playbook cannot be followed.",
                f"Its branches are nested deeper than {DEEPEST} levels.",
                "Make smaller playbooks of it.",
                code="too-deep",
            )
        last = after
        # Chains are long and branches are not deep: only these call anew.
        step_id = start
        while step_id:
            step = self._steps[step_id]
            if step_id in self._seen:
                self._also_after(step_id, last)
                return self._seen[step_id]
            self._seen[step_id] = last
            last = self._task(step, last, when)
            self._seen[step_id] = last
            inner = [self.go(other, last, (*when, reason), deep + 1) for reason, other in self._branches(step)]
            ends = tuple(dict.fromkeys(each for places in inner for each in places))
            last = ends or last
            # That it was done, or succeeded, is what coming after it means.
            step_id = next((other for way, other in step.nexts if way in ("then", "success")), "")
        return last

    def _branches(self, step: Step) -> Iterator[tuple[str, str]]:
        """Ways that lead into a branch, each with the reason for which it is taken."""
        for way, other in step.nexts:
            match way:
                case "branch":
                    yield f"{_name(step)}: together", other
                case "true" if step.kind is StepKind.WHILE:
                    yield f"as long as {step.condition}", other
                case "true":
                    yield f"if {step.condition}", other
                case "false":
                    yield f"if not {step.condition}", other
                case "failure":
                    yield f"if “{_name(step)}” fails", other
                case _ if way.startswith("case "):
                    yield f"if {step.condition} is {way[5:]}", other

    def _also_after(self, step_id: str, last: tuple[int, ...]) -> None:
        """A step that several ways lead to waits for whichever was taken; a loop does not wait for itself."""
        place = self._places.get(step_id)
        if place is None:
            return
        more = tuple(each for each in last if each < place and each not in self._found[place].after)
        if more:
            self._found[place] = msgspec.structs.replace(self._found[place], after=(*self._found[place].after, *more))

    def _task(self, step: Step, after: tuple[int, ...], when: tuple[str, ...]) -> tuple[int, ...]:
        made = _planned(step, after, when, self._variables)
        if made is None:
            return after
        self._places[step.id] = len(self._found)
        self._found.append(made)
        return (self._places[step.id],)


def _planned(
    step: Step, after: tuple[int, ...], when: tuple[str, ...], variables: Sequence[Variable]
) -> Planned | None:
    match step.kind:
        case StepKind.ACTION:
            kinds = {each.kind for each in step.commands}
            sent = kinds <= REQUESTS
            text = "\n\n".join(filter(None, (step.description, *map(shown, step.commands), *_where(step))))
            return Planned(
                step=step.id,
                title=_name(step),
                text=text,
                run=Run.HTTP if sent else Run.PERSON,
                commands=step.commands if sent else (),
                after=after,
                when=when,
                not_run=tuple(sorted(kinds - {MANUAL, *REQUESTS})),
                calls=calls_of(step, variables) if sent else (),
                timeout_ms=step.timeout_ms,
            )
        case StepKind.PLAYBOOK:
            return Planned(
                step=step.id,
                title=_name(step),
                text=step.description,
                run=Run.PLAYBOOK,
                playbook=step.playbook,
                after=after,
                when=when,
                timeout_ms=step.timeout_ms,
            )
        case StepKind.IF | StepKind.WHILE | StepKind.SWITCH:
            text = "\n\n".join(filter(None, (step.description, step.condition)))
            return Planned(step=step.id, title=_name(step), text=text, run=Run.PERSON, after=after, when=when)
    return None


def shown(command: Command) -> str:
    """A command for a person to read: what it is, and its text as it stands."""
    parts = [command.description]
    if command.kind not in (MANUAL, HTTP):
        parts.append(f"[{command.kind}]")
    parts.append(command.text)
    parts += [f"{name}: {value}" for name, value in command.headers]
    parts.append(command.content)
    return "\n".join(filter(None, parts))


def _where(step: Step) -> Iterator[str]:
    if step.delay_ms:
        yield f"Begins {step.delay_ms / 1000:g} s later, says the playbook."
    if step.targets:
        yield f"→ {', '.join(step.targets)}"


def _name(step: Step) -> str:
    return step.name.strip() or step.condition.strip() or step.id.partition("--")[0]


__all__ = ["HTTP", "MANUAL", "plan", "shown"]
