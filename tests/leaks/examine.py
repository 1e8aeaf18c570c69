"""The examination: everything is asked of the world and of its twin, and the oracle says what must not be found."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from kouprey.kernel.web.door import Door
from leaks import catalogue, exemptions, probes
from leaks.asking import Answer, Asking, Probe
from leaks.oracle import CEILINGS, Sight, hidden_from, judge, seen_by
from leaks.things import HOME, HUB, THINGS, Thing
from leaks.world import Asker, Base, numbered, opened

# Which labels somebody sees at all is worked out anew for each question: how many there are shows in no answer.
_BY_LABEL = re.compile(r"label_set_member|FROM visible|tally")

_STATEMENTS, _ROWS = 14, 24
"""So many statements, and rows of them, may be more or fewer: below what the hidden things of the world have."""

LEARNS = """
{what}
If the door reads what is labelled, it must join `visible_join` (docs/why/one-decision.md); if the difference is meant,
say so with a reason in tests/leaks/exemptions.py (DIFFERS, ROADS or UNASKED)."""


@dataclass
class Lab:
    """A base, the world, and the twins that were needed so far."""

    base: Base
    folder: Path
    loop: asyncio.AbstractEventLoop
    stack: ExitStack
    open_world: Callable[..., object] = opened
    twins: dict[Sight, Asking] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = self.open_one("world", THINGS)
        self.known = probes.known_of(self.world.world)

    def open_one(self, name: str, things: Iterable[Thing]) -> Asking:
        """Another node with some of the things."""
        world = self.stack.enter_context(self.open_world(self.base, self.folder / name, things))  # type: ignore[arg-type]  # a factory of two shapes
        return Asking(world, self.loop)

    def twin(self, sight: Sight) -> Asking:
        """What the world would be without that which somebody may not see."""
        if sight not in self.twins:
            self.twins[sight] = self.open_one(f"twin-{len(self.twins)}", seen_by(sight))
        return self.twins[sight]

    @property
    def doors(self) -> Sequence[Door]:
        """Of the assembled node."""
        return self.world.world.web.doors


@dataclass
class Findings:
    """What is wrong, and all that was seen on the way."""

    wrong: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)
    papers: set[str] = field(default_factory=set)
    """Doors that gave a paper or an archive, which was read."""


@contextmanager
def laboratory(base: Base, folder: Path, open_world: Callable[..., object] = opened) -> Iterator[Lab]:
    """A world with everything that is needed to ask it."""
    loop = asyncio.new_event_loop()
    try:
        with ExitStack() as stack:
            yield Lab(base, folder, loop, stack, open_world)
    finally:
        loop.close()


def targets(sight: Sight, *, every: bool) -> tuple[list[Thing], list[Thing]]:
    """Things to ask for: hidden ones and shown ones; without `every` those that differ most."""
    hidden = [thing for thing in THINGS if not judge(sight, thing)[0]]
    shown = seen_by(sight)
    if every:
        return hidden, shown
    why: dict[str, Thing] = {}
    for thing in hidden:
        why.setdefault(judge(sight, thing)[1], thing)
    # What most was done with teaches most: erased, merged, held, saved.
    richest = sorted(hidden, key=lambda thing: -len(thing.extra))[:1]
    return list(dict.fromkeys([*richest, *why.values()])), sorted(shown, key=lambda thing: -len(thing.extra))[:1]


def examine(lab: Lab, asker: Asker, only: Collection[str] = (), *, every: bool = False, enough: int = 0) -> Findings:
    """Ask every door that reads (or `only` these paths) as somebody; stop when there are `enough` findings."""
    findings = Findings()
    hidden, shown = targets(asker.sight, every=every)
    twin = lab.twin(asker.sight) if asker.deep else None
    secrets = hidden_from(asker.sight)
    here = [thing for thing in THINGS if judge(asker.sight, thing)[0]]
    for method, door in probes.asked_doors(lab.doors):
        if method != "GET" or (only and door.path not in only):
            continue
        about = [*hidden, *shown, catalogue.NOWHERE] if asker.deep else [*hidden[:1], *here]
        first = probes.reads(door, lab.known, about)
        names: set[str] = set()
        for probe in first:
            names |= _compare(lab.world, twin, asker, probe, secrets, findings)
            if enough and len(findings.wrong) >= enough:
                return findings
        if asker.deep:
            names = {*names, *probes.declared(door), *catalogue.WHOLE.get(door.path, ())} & catalogue.QUERIES.keys()
            for probe in probes.questions(door, sorted(names), lab.known, [*hidden[:2], *shown], first[:1]):
                _compare(lab.world, twin, asker, probe, secrets, findings)
                if enough and len(findings.wrong) >= enough:
                    return findings
    return findings


def write_and_look(lab: Lab, asker: Asker) -> Findings:
    """Send every form and body as somebody, about what is hidden and what does not exist; then look around."""
    findings, secrets = Findings(), hidden_from(asker.sight)
    hidden, shown = targets(asker.sight, every=False)
    twin = lab.open_one(f"twin of {asker.name}", seen_by(asker.sight)) if asker.deep else None
    fields = sorted(catalogue.FIELDS.keys() - {"csrf", "file"})
    doors = list(probes.asked_doors(lab.doors))
    sent = [
        probe
        for method, door in doors
        if method != "GET"
        for probe in probes.writes(method, door, fields, lab.known, [*hidden[:2], catalogue.NOWHERE, *shown])
    ]
    for place, probe in enumerate(sent):
        _compare(lab.world, twin, asker, probe, secrets, findings, numbers=f"{place}")
    for method, door in doors:
        if method == "GET":
            for probe in probes.reads(door, lab.known, [*hidden[:1], *shown])[:6]:
                _compare(lab.world, twin, asker, probe, secrets, findings)
    return findings


def expected_of(asker: Asker) -> set[str]:
    """Words that somebody who may read must find somewhere."""
    found = {HUB} if asker.sight.party == HOME or asker.sight.party in CEILINGS else set()
    for thing in seen_by(asker.sight):
        if asker.sight.hosted and asker.csrf:
            # Their pages list what names their values, and no id of anything else.
            found |= {thing.canary("name"), thing.canary("host")}
            continue
        found |= {thing.canary("name"), thing.canary("text"), thing.ids["malware"].partition("--")[2]}
    return found


def _compare(
    world: Asking,
    twin: Asking | None,
    asker: Asker,
    probe: Probe,
    secrets: dict[str, str],
    findings: Findings,
    numbers: str = "",
) -> set[str]:
    """Ask one thing of both; the names of the parameters that were looked at. With `numbers` both name things alike."""
    where = f"{probe.method} {probe.target} as {asker.name}"
    with numbered(numbers) if numbers else nullcontext():
        answer = world.ask(asker, probe)
    findings.asked.add(f"{probe.method} {probe.door}")
    findings.statuses.add(answer.status)
    everything, said = answer.everything, probe.said
    if answer.status >= 500:
        findings.wrong.append(f"{where}: {answer.status}\n{answer.logged}")
    for text, place in ((everything, "answer"), (answer.logged, "log")):
        for canary, why in secrets.items():
            if canary in text and canary not in said and not why.endswith(_told_by(probe)):
                findings.wrong.append(f"{where}: its {place} shows the {why} ({canary})")
    if answer.packed:
        findings.papers.add(f"{probe.method} {probe.door}")
    if 200 <= answer.status < 300:
        findings.seen |= {word for word in _WORDS if word in everything and word not in said}
    for name in answer.asked - catalogue.QUERIES.keys() - catalogue.FIELDS.keys() - {"*"}:
        findings.wrong.append(
            f"{probe.door} looks at the parameter {name!r}: give it values in catalogue.QUERIES or FIELDS"
        )
    if "*" in answer.asked and probe.method == "GET" and probe.door not in catalogue.WHOLE:
        findings.wrong.append(f"{probe.door} reads its whole address: name its parameters in catalogue.WHOLE")
    if twin is not None and f"{probe.method} {probe.door}" not in exemptions.DIFFERS:
        with numbered(numbers) if numbers else nullcontext():
            other = twin.ask(asker, probe)
        if answer.lasting != other.lasting:
            findings.wrong.append(f"{where}: the answer depends on what is hidden\n{_difference(answer, other)}")
        elif not exemptions.ROADS.keys() & dict(probe.query).keys():
            unlike = _unlike(answer, other, exact=any(canary in probe.path for canary in secrets))
            if unlike:
                findings.wrong.append(f"{where}: the work depends on what is hidden\n{unlike}")
    return answer.asked - {"*"}


def _told_by(probe: Probe) -> tuple[str, ...]:
    """The reasons for hiding something that do not hold for a door, ends of what the oracle says."""
    told = exemptions.TELLS.get(f"{probe.method} {probe.door}")
    return () if told is None else (told[0],)


_WORDS = frozenset({*(canary for thing in THINGS for canary in thing.canaries), HUB})


def _work(answer: Answer) -> list[tuple[str, int]]:
    return [(sql, 0 if _BY_LABEL.search(sql) else rows) for sql, rows in answer.work if "FROM profile" not in sql]


def _difference(one: Answer, other: Answer) -> str:
    def lines(answer: Answer) -> list[str]:
        status, headers, body = answer.lasting
        return [str(status), *map(str, headers), *body.decode("utf-8", "replace").splitlines()]  # type: ignore[attr-defined, call-overload]  # a tuple of three kinds

    return "\n".join(line[:300] for line in list(unified_diff(lines(other), lines(one), "twin", "world", n=0))[:12])


def _unlike(one: Answer, other: Answer, *, exact: bool) -> str:
    """How the work differs, "" when it is of one class.

    What is asked for by an id that is hidden takes exactly the statements and rows of one that does not exist. What is
    shown and has hidden things said of it takes a statement more here and there: about these, a few are allowed.
    """
    mine, theirs = _work(one), _work(other)
    if mine == theirs:
        return ""
    more = len(mine) - len(theirs), sum(rows for _, rows in mine) - sum(rows for _, rows in theirs)
    if not exact and abs(more[0]) <= _STATEMENTS and abs(more[1]) <= _ROWS:
        return ""
    sql, rows = next((each for each, same in zip(mine, theirs, strict=False) if each != same), ("", 0))
    return f"{more[0]} statements and {more[1]} rows more, first at: {sql[:200]} ({rows} rows)"


def told(findings: Findings) -> str:
    """For the developer whose test fails."""
    first = "\n".join(findings.wrong[:12])
    more = f"\n... and {len(findings.wrong) - 12} more" if len(findings.wrong) > 12 else ""
    return LEARNS.format(what=first + more)
