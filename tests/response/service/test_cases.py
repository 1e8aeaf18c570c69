"""Cases on both engines: opened, written into, joined and parted; nothing is lost, and each role sees its own."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.migrate import migrate
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import (
    Act,
    Evidence,
    Fact,
    Item,
    Link,
    LinkTo,
    Moment,
    Note,
    Phase,
    Precision,
    Seen,
    Sort,
    Task,
    TaskState,
    Track,
)
from kouprey.response.model.playbooks import Planned, Run
from kouprey.response.rules.tracks import Deed
from kouprey.response.service import Cases
from kouprey.response.store.cases import Wanted
from response.conftest import Neighbours

ABOUT = Evidence(name="mail.eml", media_type="message/rfc822", size=0, sha256="", source="The press office")


class Bureau:
    """Cases of one node, and people who look at them."""

    def __init__(self, world: Neighbours) -> None:
        self.actor: Any = world.actor("ministry.example")
        migrate(self.actor.store, [("exchange", "kouprey.exchange.migrations")])
        actor = self.actor
        exchange = Exchange(actor.store, actor.people, actor.agreements, actor.lanes, actor.now)
        self.cases = Cases(actor.store, actor.people, actor.agreements, exchange, actor.handoffs, actor.now)
        self.lead, self.analyst = self.who(Role.LEAD), self.who(Role.ANALYST)

    def who(self, *roles: Role, clearance: TLP = TLP.RED) -> Reader:
        person = self.actor.people.save_person(
            f"P{len(self.actor.people.list_persons())}", roles, clearance, by="test"
        ).id
        words = tuple(map(str, roles))
        return Reader(party=self.actor.party, clearance=clearance, local=True, roles=words, name=person)

    def open(self, title: str = "A page shows another text", **given: Any) -> Any:
        return self.cases.open(self.lead, title, tlp=given.pop("tlp", TLP.AMBER), **given)

    def bodies(self, who: Reader, case: Any, *sorts: Sort, hidden: bool = False) -> list[Any]:
        items, _ = self.cases.items(who, self.cases.get(who, case.id), sorts or tuple(Sort), hidden=hidden)
        return [each.body for each in reversed(items)]

    def audited(self) -> list[str]:
        with self.actor.store.read() as reader:
            return [each.action for each in audit.list_audit(reader, limit=500)]


@pytest.fixture
def bureau(neighbours: Neighbours) -> Bureau:
    return Bureau(neighbours)


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


def test_a_case_from_its_first_word_to_its_last(bureau: Bureau) -> None:
    cases, lead = bureau.cases, bureau.lead
    made = cases.open(
        lead, " A page shows another text ", tlp=TLP.AMBER, type="application-compromise", cross_border=True
    )
    assert made.number == 1 and made.title == "A page shows another text" and made.category == "intrusions"
    assert cases.get(lead, "1").case == made == cases.get(bureau.analyst, made.id).case
    (line,), more = cases.list_cases(lead)
    assert line.case == made and line.tasks == 0 and not more
    task = cases.add(lead, made.id, Track.TECHNICAL, Task(title="Take the page off"))
    assert [each.tasks for each in cases.list_cases(lead)[0]] == [1] and cases.count(lead) == 1
    cases.finish(bureau.analyst, task.id, task.version, "It is off.")
    assert [each.tasks for each in cases.list_cases(lead)[0]] == [0]
    assert [each.body.state for each in cases.list_item_versions(lead, task.id)] == [TaskState.DONE, TaskState.OPEN]  # type: ignore[union-attr]
    for phase, moment in [
        (Phase.ANALYSED, "acknowledged"),
        (Phase.CONTAINED, "contained"),
        (Phase.RECOVERED, "recovered"),
        (Phase.CLOSED, "closed"),
    ]:
        made = cases.change(lead, made.id, made.version, phase=phase)
        assert moment in made.moments
    assert not cases.list_cases(lead)[0] and cases.list_cases(lead, Wanted(closed=True))[0][0].case == made
    made = cases.change(lead, made.id, made.version, phase=Phase.ANALYSED, severity_why="It came back.")
    assert "closed" not in made.moments
    assert [each.version for each, _ in cases.list_versions(lead, made.id)] == [6, 5, 4, 3, 2, 1]


def test_what_is_wrong_is_refused_and_nothing_is_half_kept(bureau: Bureau) -> None:
    cases, lead, made = bureau.cases, bureau.lead, bureau.open()
    later = Moment(cases.now() + 3_600 * SECOND)
    for call, code in [
        (lambda: cases.open(lead, "  "), "bad-title"),
        (lambda: cases.open(lead, "x" * 201), "bad-title"),
        (lambda: cases.open(lead, "x", type="nonsense"), "bad-type"),
        (lambda: cases.open(bureau.who(Role.LEAD, clearance=TLP.GREEN), "x", tlp=TLP.RED), "above-clearance"),
        (lambda: cases.open(bureau.who(Role.ADMINISTRATOR), "x"), "role-missing"),
        (lambda: cases.open(bureau.who(Role.POLICY), "x"), "role-missing"),
        (lambda: cases.change(lead, made.id, made.version, lead="psn_nobody"), "bad-person"),
        (lambda: cases.change(lead, made.id, made.version, moments={"occurred": later}), "bad-moment"),
        (lambda: cases.change(lead, made.id, made.version, moments={"never": Moment(1)}), "bad-moment"),
        (lambda: cases.change(lead, made.id, made.version, number=9), "bad-field"),
        (lambda: cases.change(bureau.analyst, made.id, made.version, phase=Phase.CLOSED), "role-missing"),
        (lambda: cases.get(lead, "99"), "unknown-case"),
        (lambda: cases.add(lead, made.id, Track.LEGAL, Note(text="x")), "role-missing"),
        (lambda: cases.add(lead, made.id, Track.TECHNICAL, Note(text=" ")), "no-text"),
        (lambda: cases.add(lead, made.id, Track.TECHNICAL, Task(title="")), "no-title"),
        (lambda: cases.add(lead, made.id, Track.TECHNICAL, Seen(kind="ipv4-addr", text="no value")), "bad-value"),
        (lambda: cases.add(lead, made.id, Track.TECHNICAL, Fact(text="x", moment=later)), "bad-moment"),
        (lambda: cases.add(lead, made.id, Track.TECHNICAL, Act(did="case.open")), "bad-item"),
        (lambda: cases.add(lead, made.id, Track.TECHNICAL, ABOUT), "bad-item"),
        (lambda: cases.keep_evidence(lead, made.id, Track.TECHNICAL, BytesIO(b""), ABOUT), "empty-file"),
    ]:
        assert refusal(call) == code
    assert cases.count(lead, Wanted(closed=None)) == 1 and len(bureau.bodies(lead, made)) == 1
    assert cases.get(lead, made.id).case == made


def test_two_who_change_the_same_do_not_undo_each_other(bureau: Bureau) -> None:
    cases, lead, made = bureau.cases, bureau.lead, bureau.open()
    note = cases.add(lead, made.id, Track.TECHNICAL, Note(text="One"))
    cases.change(lead, made.id, made.version, title="Another title")
    assert refusal(lambda: cases.change(bureau.analyst, made.id, made.version, title="A third")) == "changed-meanwhile"
    cases.revise(lead, note.id, note.version, Note(text="Two"))
    late = lambda: cases.revise(bureau.analyst, note.id, note.version, Note(text="Three"))  # noqa: E731
    assert refusal(late) == "changed-meanwhile"
    assert cases.get(lead, made.id).case.title == "Another title" and bureau.bodies(lead, made, Sort.NOTE) == [
        Note(text="Two")
    ]


def test_joined_and_parted_everything_is_as_it_was(bureau: Bureau) -> None:
    cases, lead = bureau.cases, bureau.lead
    first, second = bureau.open("Phishing host"), bureau.open("The same host")
    for made, text in [(first, "203.0.113.7"), (second, "203.0.113.8")]:
        cases.add(lead, made.id, Track.TECHNICAL, Seen(kind="", text=text))
        cases.keep_evidence(lead, made.id, Track.TECHNICAL, BytesIO(text.encode() * 1000), ABOUT)
    before = {
        made.id: (cases.get(lead, made.id).case, bureau.bodies(lead, made), bureau.audited())
        for made in (first, second)
    }
    cases.merge(lead, second.id, str(first.number))
    opened = cases.get(lead, first.id)
    assert [each.id for each in opened.merged] == [second.id] and cases.get(lead, second.id).into == first.number
    seen = {each.text for each in bureau.bodies(lead, first, Sort.OBSERVABLE)}
    assert seen == {"203.0.113.7", "203.0.113.8"} and len(bureau.bodies(lead, first, Sort.EVIDENCE)) == 2
    assert [each.case.id for each in cases.list_cases(lead)[0]] == [first.id]
    assert refusal(lambda: cases.add(lead, second.id, Track.TECHNICAL, Note(text="x"))) == "merged"
    assert refusal(lambda: cases.merge(lead, first.id, second.id)) == "bad-merge"
    assert refusal(lambda: cases.merge(lead, second.id, first.id)) in ("bad-merge", "merged")
    cases.unmerge(lead, second.id)
    for made in (first, second):
        case, bodies, log = before[made.id]
        now = cases.get(lead, made.id)
        assert now.merged == () and (now.case.title, now.case.number) == (case.title, case.number)
        assert bureau.bodies(lead, made)[: len(bodies)] == bodies
        assert bureau.audited()[-len(log) :] == log
    assert (
        len(bureau.bodies(lead, second, Sort.ACT)) == len([b for b in before[second.id][1] if isinstance(b, Act)]) + 2
    )
    assert refusal(lambda: cases.unmerge(lead, second.id)) == "not-merged"
    assert refusal(lambda: cases.merge(bureau.analyst, second.id, first.id)) == "role-missing"


def test_a_chain_of_joined_cases_is_read_as_one(bureau: Bureau) -> None:
    cases, lead = bureau.cases, bureau.lead
    made = [bureau.open(f"Case {n}") for n in range(3)]
    cases.merge(lead, made[2].id, made[1].id)
    cases.merge(lead, made[1].id, made[0].id)
    assert {each.id for each in cases.get(lead, made[0].id).merged} == {made[1].id, made[2].id}
    secret = bureau.open("Higher", tlp=TLP.RED)
    assert refusal(lambda: cases.merge(lead, secret.id, made[0].id)) == "bad-merge"


def test_nothing_is_deleted_and_who_wanted_it_is_written_down(bureau: Bureau) -> None:
    cases, lead, made = bureau.cases, bureau.lead, bureau.open()
    note = cases.add(lead, made.id, Track.TECHNICAL, Note(text="One"))
    for item in ("", note.id):
        assert refusal(lambda item=item: cases.refuse_deletion(bureau.analyst, made.id, item)) == "never-deleted"
    assert bureau.audited()[:2] == ["case.not-deleted", "case.not-deleted"]
    hidden = cases.hide(lead, note.id, note.version, hidden=True)
    assert not bureau.bodies(lead, made, Sort.NOTE) and bureau.bodies(lead, made, Sort.NOTE, hidden=True)
    cases.hide(lead, note.id, hidden.version, hidden=False)
    assert bureau.bodies(lead, made, Sort.NOTE) == [Note(text="One")]
    (act, *_), _more = cases.items(lead, cases.get(lead, made.id), [Sort.ACT])
    assert refusal(lambda: cases.hide(lead, act.id, act.version, hidden=True)) == "act-stays"


def test_each_role_reads_its_tracks_and_the_acts_on_them(bureau: Bureau) -> None:
    cases, made = bureau.cases, bureau.open()
    writers = {
        Track.TECHNICAL: bureau.analyst,
        Track.LEGAL: bureau.who(Role.LEGAL),
        Track.POLICY: bureau.who(Role.POLICY),
        Track.DIPLOMATIC: bureau.who(Role.DIPLOMAT),
        Track.COMMUNICATION: bureau.who(Role.COMMUNICATIONS),
    }
    items: dict[Track, Item] = {}
    for track, who in writers.items():
        items[track] = cases.add(who, made.id, track, Note(text=f"CANARY {track}"))
        cases.keep_evidence(who, made.id, track, BytesIO(f"CANARY {track}".encode()), ABOUT)
    for who in [*writers.values(), bureau.lead, bureau.who(Role.LIAISON), bureau.who(Role.DUTY_OFFICER)]:
        opened = cases.get(who, made.id)
        found = {each.track for each in cases.items(who, opened, tuple(Sort))[0]}
        assert found <= set(opened.reads) and (found == set(opened.reads) or Track.TECHNICAL not in found)
        for track, item in items.items():
            if track in opened.reads:
                assert cases.get_item(who, item.id)[1] == item
            else:
                assert refusal(lambda who=who, item=item: cases.get_item(who, item.id)) == "unknown-item"
                assert refusal(lambda who=who, item=item: cases.hide(who, item.id, 1, hidden=True)) == "unknown-item"
                assert f"CANARY {track}" not in repr(cases.items(who, opened, tuple(Sort)))
            if track not in opened.writes:
                assert refusal(lambda who=who, t=track: cases.add(who, made.id, t, Note(text="x"))) == "role-missing"
    for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.FEED, Role.AGREEMENT_MANAGER, Role.TRAINER):
        nobody = bureau.who(role)
        for call in (cases.list_cases, cases.count, cases.measured, lambda who: cases.get(who, made.id)):
            assert refusal(lambda call=call, who=nobody: call(who)) == "role-missing"


def test_marking_exercise_and_names_keep_a_case_out_of_sight(bureau: Bureau) -> None:
    cases, lead = bureau.cases, bureau.lead
    red, plain = bureau.open("Red one", tlp=TLP.RED), bureau.open("Plain one")
    named = cases.name_to(lead, bureau.open("Named one").id, [bureau.analyst.name], named=True)
    low = bureau.who(Role.LEAD, clearance=TLP.AMBER)
    drill = Reader(party=lead.party, clearance=TLP.RED, local=True, roles=("lead",), name=lead.name, exercise="drill-1")
    played = cases.open(drill, "Played one")
    for made, value in ((red, "203.0.113.7"), (plain, "203.0.113.7"), (named, "203.0.113.7")):
        cases.add(lead, made.id, Track.TECHNICAL, Seen(kind="", text=value))
    seen = {each.case.title for each in cases.list_cases(low)[0]}
    assert seen == {"Plain one"} and cases.count(low) == 1
    for made in (red, named, played):
        assert refusal(lambda made=made: cases.get(low, made.id)) == "unknown-case"
        assert refusal(lambda made=made: cases.get(low, str(made.number))) == "unknown-case"
    opened = cases.get(low, plain.id)
    shared = cases.common(low, opened, cases.items(low, opened, [Sort.OBSERVABLE])[0])
    assert shared.cases == [] and cases.measured(low)[""]["detect"][:2] == (0, 1)
    both = cases.common(
        lead, cases.get(lead, plain.id), cases.items(lead, cases.get(lead, plain.id), [Sort.OBSERVABLE])[0]
    )
    assert {each.title for _, each in both.cases} == {"Red one", "Named one"}
    assert cases.get(bureau.analyst, named.id).members == tuple(sorted((lead.name, bureau.analyst.name)))
    assert refusal(lambda: cases.name_to(lead, named.id, ["psn_nobody"], named=True)) == "bad-person"
    cases.name_to(lead, named.id, [], named=False)
    assert "Named one" in {each.case.title for each in cases.list_cases(low)[0]}
    assert {each.case.title for each in cases.list_cases(drill)[0]} == {"Played one"}
    foreign = Reader(party="operator.example", clearance=TLP.RED, roles=("lead",), name="x")
    assert refusal(lambda: cases.list_cases(foreign)) == "not-local"


def test_evidence_is_what_was_handed_in_and_who_fetched_it_is_known(bureau: Bureau) -> None:
    cases, lead, made = bureau.cases, bureau.lead, bureau.open()
    raw = bytes(range(256)) * 10_000
    item = cases.keep_evidence(lead, made.id, Track.TECHNICAL, BytesIO(raw), ABOUT)
    body, parts = cases.read_evidence(bureau.analyst, item.id)
    assert bureau.audited()[0] == "case.evidence-read"
    assert b"".join(parts) == raw and body.size == len(raw) and body.source == "The press office"
    acts = [each.did for each in bureau.bodies(lead, made, Sort.ACT)]
    assert acts == ["case.open", "case.evidence", "case.evidence-read"]
    assert refusal(lambda: cases.revise(lead, item.id, item.version, ABOUT)) == "bad-item"
    note = cases.add(lead, made.id, Track.TECHNICAL, Note(text="x"))
    assert refusal(lambda: cases.read_evidence(lead, note.id)) == "no-evidence"
    bureau.actor.store.write(lambda tx: tx.execute("UPDATE case_piece SET body = ? WHERE part = 2", (b"x" * 100,)))
    _, parts = cases.read_evidence(lead, item.id)
    assert refusal(lambda: b"".join(parts)) == "broken"


def test_a_strategy_becomes_tasks_in_their_order_or_none(bureau: Bureau) -> None:
    cases, lead, made = bureau.cases, bureau.lead, bureau.open()
    steps = [
        Planned(step=f"action--{n}", title=f"Step {n}", text="Do it.", run=Run.PERSON, after=(n - 1,) if n else ())
        for n in range(3)
    ]
    items = cases.add_tasks(lead, made.id, Track.TECHNICAL, steps, "course-of-action--1")
    bodies = bureau.bodies(lead, made, Sort.TASK)
    assert [each.title for each in bodies] == ["Step 0", "Step 1", "Step 2"]
    assert bodies[2].after == (items[1].id,) and bodies[0].origin == "course-of-action--1#action--0"
    assert bureau.bodies(lead, made, Sort.LINK) == [Link(to=LinkTo.STRATEGY, ref="course-of-action--1")]
    assert refusal(lambda: cases.add_tasks(lead, made.id, Track.TECHNICAL, steps * 200, "x")) == "too-many-tasks"
    assert len(bureau.bodies(lead, made, Sort.TASK)) == 3
    opened = cases.open_by(lead, "Another", "course-of-action--1", steps, tlp=TLP.AMBER)
    assert len(bureau.bodies(lead, opened, Sort.TASK)) == 3
    assert refusal(lambda: cases.open_by(lead, "Third", "x", steps * 200, tlp=TLP.AMBER)) == "too-many-tasks"
    assert cases.count(lead) == 2


def test_lists_go_on_and_find_by_word_number_and_what_it_is(bureau: Bureau) -> None:
    cases, lead = bureau.cases, bureau.lead
    for n in range(60):
        cases.open(
            lead, f"Case 100% sure {n}", tlp=TLP.AMBER, cross_border=n % 2 == 0, type="phishing" if n < 5 else ""
        )
    first, more = cases.list_cases(lead)
    last = first[-1].case
    rest, over = cases.list_cases(lead, before=(last.changed_at, last.id))
    assert len(first) == 50 and more and len(rest) == 10 and not over
    assert len({each.case.id for each in [*first, *rest]}) == 60
    assert [each.case.number for each in cases.list_cases(lead, Wanted(text="#7"))[0]][-1] == 7
    assert cases.count(lead, Wanted(text="100% SURE")) == 60 and cases.count(lead, Wanted(text="100_")) == 0
    assert cases.count(lead, Wanted(cross_border=True)) == 30 and cases.count(lead, Wanted(category="fraud")) == 5


def test_times_are_measured_over_what_is_known(bureau: Bureau) -> None:
    cases, lead = bureau.cases, bureau.lead
    now = cases.now()
    for n in range(1, 11):
        moments = {"occurred": Moment(now - n * 60 * SECOND), "detected": Moment(now, 0, Precision.SECOND)}
        cases.open(lead, f"Case {n}", tlp=TLP.AMBER, type="ddos", moments=moments)
    bureau.open("Unknown times")
    found = cases.measured(lead)
    assert found[""]["detect"] == (10, 1, 330, 540) and found["availability"]["detect"][:2] == (10, 0)
    assert Deed.CLOSE in cases.get(lead, "1").may


def test_two_that_are_joined_with_each_other_at_once_make_no_ring(bureau: Bureau) -> None:
    cases, lead = bureau.cases, bureau.lead
    a, b = bureau.open("A"), bureau.open("B")
    # Both were looked at before either was joined.
    looks = {each.id: cases.get(lead, each.id) for each in (a, b)}
    get = cases.get
    cases.merge(lead, a.id, b.id)
    cases.get = lambda who, case: looks.get(case) or get(who, case)  # type: ignore[method-assign]  # what was seen before
    assert refusal(lambda: cases.merge(lead, b.id, a.id)) == "bad-merge"
    cases.get = get  # type: ignore[method-assign]  # as it was
    assert [each.id for each in cases.get(lead, b.id).merged] == [a.id] and not cases.get(lead, a.id).merged
    assert "case.parted" not in bureau.audited() and bureau.audited().count("case.merged") == 1


def test_a_case_is_never_marked_below_what_it_leads_to(bureau: Bureau) -> None:
    cases, lead = bureau.cases, bureau.lead
    floors = {"high": TLP.RED, "low": TLP.GREEN}
    cases._floor_of = lambda who, body: floors.get(getattr(body, "ref", ""), TLP.CLEAR)  # type: ignore[method-assign]  # what objects are marked
    made = bureau.open(tlp=TLP.RED)
    link = cases.add(lead, made.id, Track.TECHNICAL, Link(to=LinkTo.TICKET, ref="high"))
    version = cases.get(lead, made.id).case.version
    assert refusal(lambda: cases.change(lead, made.id, version, tlp=TLP.AMBER)) == "above-marking"
    cases.hide(lead, link.id, link.version, hidden=True)
    assert refusal(lambda: cases.change(lead, made.id, version, tlp=TLP.AMBER)) == "above-marking"
    other = bureau.open(tlp=TLP.AMBER)
    low = cases.add(lead, other.id, Track.TECHNICAL, Link(to=LinkTo.TICKET, ref="low"))
    raised = Link(to=LinkTo.TICKET, ref="high")
    assert refusal(lambda: cases.add(lead, other.id, Track.TECHNICAL, raised)) == "above-marking"
    assert refusal(lambda: cases.revise(lead, low.id, low.version, raised)) == "above-marking"
    assert refusal(lambda: bureau.open(tlp=TLP.AMBER, bodies=[raised])) == "above-marking"
    assert cases.change(lead, other.id, other.version, tlp=TLP.GREEN).tlp is TLP.GREEN


def test_what_a_legal_officer_begins_stands_on_the_legal_track(bureau: Bureau) -> None:
    cases, legal = bureau.cases, bureau.who(Role.LEGAL)
    made = cases.open(legal, "A request", tlp=TLP.AMBER, bodies=[Note(text="CANARY")])
    assert bureau.bodies(legal, made, Sort.NOTE) == [Note(text="CANARY")]
    assert not bureau.bodies(bureau.lead, made, Sort.NOTE)
