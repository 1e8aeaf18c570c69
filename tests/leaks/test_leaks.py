"""The leak test: who asks what, and what they must not learn of it. See docs/how-to/keep-it-tight.md."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP
from kouprey.node.main import kouprey, open_for
from kouprey.performance.model import SMALL
from kouprey.performance.service import Performance
from leaks import exemptions, probes, unasked
from leaks.asking import Probe, listened, overheard
from leaks.examine import Lab, examine, expected_of, laboratory, told, write_and_look
from leaks.oracle import Sight, hidden_from, judge, seen_by
from leaks.papers import few_in_tables, few_on_paper, wrong_in_mail
from leaks.things import BANK, HOME, HUB, NEIGHBOUR, OPERATOR, STRANGER, THINGS, TOOL, UTILITY
from leaks.unpacking import is_packed
from leaks.world import ASKERS, found_base, opened

DEEPLY = ("green", "operator's")
"""Who asks every question of every door each time, and is compared with a twin; the others do with --long."""
WORDS = {
    "/partners/keys/ceremonies.pdf": OPERATOR,
    "/situation/briefing.pdf": "TLP:",
    "/readiness/readiness.pdf": "Index",
    "/api/v1/readiness/paper": "Index",
    "/api/v1/situation/paper": "TLP:",
    "/cases/{case}/report.pdf": "TLP:AMBER",
    "/api/v1/cases/{case}/paper": "TLP:AMBER",
    "/handoffs/{handoff}/paper.pdf": "TLP:",
    "/api/v1/handoffs/{handoff}/paper": "TLP:",
    **{
        f"/statements{of}/{paper}": "The border stays open"
        for of in ("", "/mirror/{publisher}")
        for paper in ("export.zip", "{said}/card.pdf")
    },
}
"""Path of a paper -> what stands on it, where that is not the title of an agreement."""
_MORE_WRITERS = ("operator's", "program", "a peer", "nobody", "bound")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("leaks")
    with laboratory(found_base(folder / "base"), folder) as made, listened():
        yield made


_ALIKE = ("strict", "low administrator")
"""Who differs from somebody else who is asked for by clearance alone: asked with --long."""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.long if name in _ALIKE else ()) for name in ASKERS]
)
def test_nobody_learns_of_what_they_may_not_see(lab: Lab, name: str, request: pytest.FixtureRequest) -> None:
    """No answer and no log line bears a canary; and where there is a twin, it answers the same after the same work."""
    long = request.config.getoption("--long")
    asker = lab.base.askers[name]
    if not long and name not in DEEPLY:
        asker = replace(asker, deep=False)
    doors = {door.path for method, door in probes.asked_doors(lab.doors) if method == "GET"}
    some = set() if long else _own_doors(lab, name)
    findings = examine(lab, asker, some or doors, every=long)
    assert not findings.wrong, told(findings)
    assert findings.asked == {f"GET {path}" for path in some or doors}
    # What they may see is found, so that a node that answers nothing does not pass.
    expected = expected_of(asker) if asker.reads and not some else set()
    assert expected <= findings.seen, sorted(expected - findings.seen)


def _own_doors(lab: Lab, name: str) -> set[str]:
    """For somebody who is there for a role: the doors that open to it and not to everybody; else none.

    Without --long the others are left to whoever differs in what they see (`tests/node/test_matrix.py` asks who comes
    in where).
    """
    role = name.removeprefix("a ")
    return {
        door.path
        for method, door in probes.asked_doors(lab.doors)
        if method == "GET" and name.startswith("a ") and role in door.roles
    }


WRITERS = ("green", *(pytest.param(each, marks=pytest.mark.long) for each in _MORE_WRITERS))


@pytest.mark.parametrize("name", WRITERS)
def test_what_somebody_writes_teaches_them_nothing(lab: Lab, name: str, tmp_path: Path) -> None:
    """Not that a hidden id exists already, and nothing shows afterwards that did not before."""
    asker = lab.base.askers[name]
    with laboratory(lab.base, tmp_path) as fresh:
        findings = write_and_look(fresh, asker)
    assert not findings.wrong, told(findings)
    assert findings.asked == {f"{method} {door.path}" for method, door in probes.asked_doors(lab.doors)}
    if asker.sight.takes:
        given = {thing.canary("name") for thing in seen_by(asker.sight)}
        assert given <= findings.seen, sorted(given - findings.seen)


def test_commands_read_with_the_eyes_of_a_party(lab: Lab, tmp_path: Path) -> None:
    for name in ("operator's", "neighbour's", "stranger's"):
        asker = lab.base.askers[name]
        file = tmp_path / name
        words = ["export", "--format", "ndjson", "--as", asker.sight.party, "-o", str(file)]
        assert run(kouprey(), [*words, "--data", str(lab.world.world.folder)], opener=open_for) == 0
        text = file.read_text("utf-8")
        assert not [why for canary, why in hidden_from(asker.sight).items() if canary in text]
        assert all(thing.canary("text") in text for thing in seen_by(asker.sight))


_EYES = [(name, party) for name in ("red", "green") for party in (OPERATOR, NEIGHBOUR, STRANGER)]
_OFTEN = (("red", NEIGHBOUR), ("green", OPERATOR))


@pytest.mark.parametrize(
    ("name", "party"), [pytest.param(*each, marks=() if each in _OFTEN else pytest.mark.long) for each in _EYES]
)
def test_with_the_eyes_of_a_party_nobody_sees_more_than_it_and_they(lab: Lab, name: str, party: str) -> None:
    """A page read as a party reads it bears nothing the party would not get, and nothing hidden from the reader."""
    asker = lab.base.askers[name]
    theirs = Sight(party, asker.sight.clearance, asker.sight.exercise)
    hidden = hidden_from(asker.sight) | hidden_from(theirs)
    both = [thing for thing in seen_by(theirs) if judge(asker.sight, thing)[0]]
    found: set[str] = set()
    for stix_id in [HUB, TOOL, *(each for thing in THINGS for each in thing.ids.values())]:
        for more in ((), (("depth", "3"), ("before", "1800000000000000"))):
            probe = Probe("/intelligence/{stix_id}", f"/intelligence/{stix_id}", query=(("as", party), *more))
            answer = lab.world.ask(asker, probe)
            wrong = [why for canary, why in hidden.items() if canary in answer.everything and canary not in probe.said]
            assert not wrong, f"{probe.target} as {name}: {wrong}"
            if answer.status == 200:
                found |= {thing.key for thing in both if thing.canary("text") in answer.everything}
    assert found == {thing.key for thing in both}


def test_jobs_and_listeners_say_nothing_of_what_they_work_on(lab: Lab, tmp_path: Path) -> None:
    """Whoever keeps the log may see none of the things."""
    with overheard() as log, laboratory(lab.base, tmp_path) as fresh:
        node = fresh.world.world.node
        for job in node.jobs():
            job.call()
        assert {job.name for job in node.jobs()} == unasked.JOBS.keys()
        assert {listener.name for listener in node.listeners()} == unasked.LISTENERS.keys()
    assert not [canary for canary in hidden_from(Sight()) if canary in log.logged]


@pytest.mark.parametrize("constituent", [BANK, UTILITY])
def test_no_mail_bears_what_its_reader_may_not_see(lab: Lab, constituent: str) -> None:
    """Whatever lies in their networks: a mail says of it what they may see now, and of that what mail may carry."""
    assert not wrong_in_mail(lab, constituent)


def test_every_paper_and_archive_is_read(lab: Lab) -> None:
    """As somebody for whom all of them are made: what is drawn on them is found, so canaries would be."""
    given = set[str]()
    for _, door in probes.asked_doors(lab.doors):
        # Cases are for those who work on them: an administrator, who sees all else, is told nothing of one.
        cased = "{case}" in door.path
        asker = lab.base.askers["amber" if cased else "red"]
        of = "case" if cased else "ask" if "{handoff}" in door.path else ""
        things = [each for each in THINGS if of in each.extra] if of else THINGS[:1]
        for probe in probes.reads(door, lab.known, things) if "GET" in door.methods else ():
            answer = lab.world.ask(asker, probe)
            if is_packed(answer.body) or answer.packed:
                # What each of them names: an agreement by its title, or what `WORDS` has of it.
                wanted = WORDS.get(door.path, "Exchange with ")
                assert wanted in answer.packed, probe.target
                given.add(door.path)
    # Nobody who asks belongs to a dossier, and none has a badge: tests/…/wire/test_paper.py draw those papers.
    named = {
        door.path
        for door in lab.doors
        if "GET" in door.methods
        and door.path.endswith((".pdf", ".zip", "/paper"))
        and not {"{dossier}", "{badge}"} & set(door.path.split("/"))
    }
    assert given == named and len(named) >= 5


def test_no_table_and_no_paper_tells_of_few(lab: Lab) -> None:
    """There are few, and who may see everything is told so; nobody else is, and no paper says it."""
    red, performance = lab.base.askers["red"], lab.world.world.node.services.get(Performance)
    cleared = Reader(party=HOME, clearance=TLP.RED, local=True)
    told = [each.now.n for name in lab.known.agreements for each in performance.report(name, cleared).measures]
    assert [n for n in told if n is not None and 0 < n < SMALL], "nothing in this world is few"
    assert [n for n in told if n is not None and n >= SMALL], "and nothing is many"
    assert few_in_tables(lab, red), "who may see everything is told of few"
    for name in ("clear", "green", "amber", "strict", "program"):
        assert not few_in_tables(lab, lab.base.askers[name])
    assert not few_on_paper(lab, red)


@pytest.mark.long
def test_the_same_on_postgres(fresh_postgres: Callable[[], str], tmp_path: Path) -> None:
    """One world is enough: twins are about the same SQL, of which only few texts are pairs."""
    base = found_base(tmp_path / "base", (fresh_postgres(), fresh_postgres()))
    with opened(base, base.folder) as world, listened():
        lab = Lab(base, tmp_path, asyncio.new_event_loop(), ExitStack(), lambda *_: nullcontext(world))
        for name in ("green", "operator's", "a bank's"):
            asker = replace(base.askers[name], deep=False)
            findings = examine(lab, asker)
            assert not findings.wrong, told(findings)
            assert expected_of(asker) <= findings.seen
        lab.loop.close()


def test_every_exemption_is_still_needed(lab: Lab) -> None:
    known = {f"{method} {door.path}" for door in lab.doors for method in door.methods}
    stale = {*exemptions.UNASKED, *exemptions.DIFFERS} - known
    assert not stale, f"these doors are gone: take them out of tests/leaks/exemptions.py: {sorted(stale)}"
