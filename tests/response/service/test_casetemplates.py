"""Templates: kept from a case, changed, retired, carried as files, begun with; each role has its tracks."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import PAP, TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Note, Severity, Sort, Task, TaskState, Track
from kouprey.response.model.casetemplates import Template, TemplateTask
from kouprey.response.rules.planning import plan
from kouprey.response.service import CaseTemplates, Notices
from kouprey.response.wire.cacao import read_playbook
from response.bureaus import Bureau
from response.playbooks import calling, raw

pytestmark = pytest.mark.parametrize("neighbours", ["sqlite"], indirect=True)
"""The store is tested on both engines beside its own; these are rules of the service."""


class Drawer:
    """Templates of a bureau, and people of several tracks."""

    def __init__(self, bureau: Bureau) -> None:
        actor = bureau.actor
        self.bureau, self.cases, self.lead, self.analyst = bureau, bureau.cases, bureau.lead, bureau.analyst
        self.templates = CaseTemplates(actor.store, actor.people, actor.agreements, bureau.cases, actor.now)
        self.notices = Notices(actor.store, actor.people, actor.agreements, bureau.cases, clock=actor.now)
        self.legal, self.press = bureau.who(Role.LEGAL), bureau.who(Role.COMMUNICATIONS)

    def whole(self) -> tuple[Any, Template]:
        """A case with a task on two tracks, watched, and a template of it with both."""
        case = self.bureau.open(
            "The page of the ministry", tlp=TLP.AMBER, pap=PAP.GREEN, type="phishing", severity=Severity.HIGH
        )
        first = self.cases.add(self.lead, case.id, Track.TECHNICAL, Task(title="Take it off", who=self.lead.name))
        later = self.cases.now() + 7_200 * SECOND
        self.cases.add(
            self.lead, case.id, Track.TECHNICAL, Task(title="Look again", due=later, after=(first.id,), result="x")
        )
        self.cases.finish(self.lead, first.id, first.version, "CANARY it is off")
        self.cases.add(self.lead, case.id, Track.COMMUNICATION, Task(title="Tell the press"))
        self.cases.add(self.lead, case.id, Track.TECHNICAL, Task(title="Dropped", state=TaskState.DROPPED))
        self.cases.add(self.lead, case.id, Track.TECHNICAL, Note(text="CANARY note"))
        self.notices.watch(self.analyst, case.id, watching=True)
        return case, self.templates.keep(self.lead, case.id, " A page is defaced ", description="When a page changed.")

    def audited(self) -> list[str]:
        return [each for each in self.bureau.audited() if each.startswith("template.")]


@pytest.fixture
def drawer(bureau: Bureau) -> Drawer:
    return Drawer(bureau)


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    assert caught.value.what
    return str(caught.value.code)


def test_a_case_becomes_a_template_and_the_template_a_case(drawer: Drawer) -> None:
    case, made = drawer.whole()
    assert (made.name, made.tlp, made.pap, made.type, made.severity) == (
        "A page is defaced",
        TLP.AMBER,
        PAP.GREEN,
        "phishing",
        Severity.HIGH,
    )
    assert [each.title for each in made.tasks] == ["Take it off", "Look again", "Tell the press"]
    assert made.tasks[1].after == (0,) and 7_190 <= made.tasks[1].due_s <= 7_200 and not made.title
    assert "CANARY" not in repr(made) and made.watchers == (drawer.analyst.name,)
    opened = drawer.templates.open(drawer.lead, made.id, "Another page")
    bodies = drawer.bureau.bodies(drawer.lead, opened, Sort.TASK)
    assert [each.title for each in bodies] == ["Take it off", "Look again", "Tell the press"]
    assert all(each.state is TaskState.OPEN and not each.result for each in bodies)
    assert bodies[0].who == drawer.lead.name and bodies[1].due > drawer.cases.now() + 7_000 * SECOND
    ids = [
        each.id for each in drawer.cases.items(drawer.lead, drawer.cases.get(drawer.lead, opened.id), [Sort.TASK])[0]
    ]
    assert bodies[1].after == (ids[-1],)
    assert (opened.type, opened.severity, opened.tlp, opened.pap) == ("phishing", Severity.HIGH, TLP.AMBER, PAP.GREEN)
    assert drawer.notices.watches(drawer.analyst, opened.id) and not drawer.notices.watches(drawer.lead, opened.id)
    other = drawer.templates.open(drawer.lead, made.id, "Third", severity=Severity.LOW, tlp=TLP.RED)
    assert (other.severity, other.tlp) == (Severity.LOW, TLP.RED) and case.number == 1


def test_what_is_read_in_a_case_from_another_one_stays_there(drawer: Drawer) -> None:
    first, second = drawer.bureau.open(), drawer.bureau.open()
    for case, title in ((first, "Ours"), (second, "Theirs")):
        drawer.cases.add(drawer.lead, case.id, Track.TECHNICAL, Task(title=title))
    drawer.cases.merge(drawer.lead, second.id, first.id)
    assert [each.title for each in drawer.templates.keep(drawer.lead, first.id, "x").tasks] == ["Ours"]


def test_requests_and_nested_tasks_come_along(drawer: Drawer) -> None:
    case = drawer.bureau.open()
    (step,) = plan(read_playbook(raw(calling("https://a.example", {"command": "GET /x HTTP/1.1"}))))
    inner = msgspec.structs.replace(step, under=0, step="action--2")
    drawer.cases.add_tasks(drawer.lead, case.id, Track.TECHNICAL, [step, inner], "course-of-action--1")
    made = drawer.templates.keep(drawer.lead, case.id, "x")
    opened = drawer.templates.open(drawer.lead, made.id, "y")
    first, second = drawer.bureau.bodies(drawer.lead, opened, Sort.TASK)
    assert first.calls == step.calls == second.calls and second.under and not first.under


def test_each_role_sees_and_changes_the_tasks_of_its_tracks(drawer: Drawer) -> None:
    _, made = drawer.whole()
    seen = drawer.templates.get(drawer.analyst, made.id)
    assert [each.title for each in seen.tasks] == ["Take it off", "Look again"] and "press" not in repr(seen)
    assert [each.title for each in drawer.templates.get(drawer.press, made.id).tasks] == ["Tell the press"]
    assert [len(each.tasks) for each in drawer.templates.list(drawer.analyst)] == [2]
    added = (TemplateTask(track=Track.TECHNICAL, title="Only this", after=()),)
    changed = drawer.templates.change(drawer.analyst, made.id, made.version, tasks=added, name="Shorter")
    assert [each.title for each in changed.tasks] == ["Only this"]
    whole = drawer.templates.get(drawer.lead, made.id)
    assert [each.title for each in whole.tasks] == ["Only this", "Tell the press"] and whole.name == "Shorter"
    wrong = (TemplateTask(track=Track.LEGAL, title="Not mine"),)
    assert refusal(lambda: drawer.templates.change(drawer.analyst, made.id, 2, tasks=wrong)) == "role-missing"
    opened = drawer.templates.open(drawer.analyst, made.id, "By the analyst")
    assert [each.title for each in drawer.bureau.bodies(drawer.press, opened, Sort.TASK)] == ["Tell the press"]
    assert [each.title for each in drawer.bureau.bodies(drawer.analyst, opened, Sort.TASK)] == ["Only this"]
    assert [each.version for each in drawer.templates.list_versions(drawer.analyst, made.id)] == [2, 1]
    assert "press" not in repr(drawer.templates.list_versions(drawer.analyst, made.id))


def test_markings_names_and_exercises_keep_templates_out_of_sight(drawer: Drawer) -> None:
    _, made = drawer.whole()
    low = drawer.bureau.who(Role.LEAD, clearance=TLP.GREEN)
    assert not drawer.templates.list(low)
    for call in (
        lambda: drawer.templates.get(low, made.id),
        lambda: drawer.templates.open(low, made.id, "x"),
        lambda: drawer.templates.write(low, made.id),
        lambda: drawer.templates.list_versions(low, made.id),
        lambda: drawer.templates.retire(low, made.id, 1),
        lambda: drawer.templates.change(low, made.id, 1, name="x"),
    ):
        assert refusal(call) == "no-template"
    assert refusal(lambda: drawer.templates.list(drawer.bureau.who(Role.ADMINISTRATOR))) == "role-missing"
    assert refusal(lambda: drawer.templates.change(drawer.lead, made.id, 1, tlp=TLP.GREEN)) == "above-marking"
    assert refusal(lambda: drawer.templates.open(drawer.lead, made.id, "x", tlp=TLP.GREEN)) == "above-marking"
    named = drawer.bureau.open("Named")
    drawer.cases.name_to(drawer.lead, named.id, [drawer.analyst.name], named=True)
    assert refusal(lambda: drawer.templates.keep(drawer.lead, named.id, "x")) == "named"
    red = drawer.bureau.open("Red", tlp=TLP.RED)
    assert refusal(lambda: drawer.templates.keep(drawer.lead, red.id, "x", tlp=TLP.AMBER)) == "above-marking"
    assert refusal(lambda: drawer.templates.keep(low, red.id, "x")) == "unknown-case"
    player = msgspec.structs.replace(drawer.lead, exercise="drill-1")
    assert not drawer.templates.list(player) and refusal(lambda: drawer.templates.get(player, made.id)) == "no-template"


def test_retired_it_is_offered_no_more_and_comes_back_whole(drawer: Drawer) -> None:
    _, made = drawer.whole()
    gone = drawer.templates.retire(drawer.lead, made.id, 1)
    assert gone.retired and not drawer.templates.list(drawer.lead)
    assert [each.id for each in drawer.templates.list(drawer.lead, retired=True)] == [made.id]
    assert refusal(lambda: drawer.templates.open(drawer.lead, made.id, "x")) == "retired"
    assert refusal(lambda: drawer.templates.retire(drawer.lead, made.id, 1, retired=False)) == "changed-meanwhile"
    back = drawer.templates.retire(drawer.lead, made.id, 2, retired=False)
    assert back.tasks == made.tasks and drawer.audited() == ["template.restore", "template.retire", "template.keep"]


def test_a_file_goes_to_another_drawer_without_persons_and_is_looked_at_there(drawer: Drawer) -> None:
    _, made = drawer.whole()
    _, written = drawer.templates.write(drawer.lead, made.id)
    assert drawer.lead.name.encode() not in written and drawer.analyst.name.encode() not in written
    assert drawer.audited()[0] == "template.export"
    taken = drawer.templates.take(drawer.lead, written, tlp=TLP.RED)
    assert [each.title for each in taken.tasks] == [each.title for each in made.tasks] and taken.tlp is TLP.RED
    assert drawer.templates.take(drawer.lead, written).tlp is TLP.AMBER and taken.id != made.id
    assert refusal(lambda: drawer.templates.take(drawer.analyst, written)) == "role-missing"
    assert refusal(lambda: drawer.templates.take(drawer.lead, b"{}")) == "bad-template"
    assert len(drawer.templates.list(drawer.lead)) == 3


def test_what_is_wrong_is_refused_and_nothing_is_half_kept(drawer: Drawer) -> None:
    case, made = drawer.whole()
    templates, lead = drawer.templates, drawer.lead
    task = TemplateTask(track=Track.TECHNICAL, title="x")
    for call, code in [
        (lambda: templates.keep(lead, case.id, " "), "bad-title"),
        (lambda: templates.keep(lead, case.id, "x" * 201), "bad-title"),
        (lambda: templates.change(lead, made.id, 1, id="x"), "bad-field"),
        (lambda: templates.change(lead, made.id, 1, type="nonsense"), "bad-type"),
        (lambda: templates.change(lead, made.id, 1, watchers=("psn_nobody",)), "bad-person"),
        (lambda: templates.change(lead, made.id, 1, tasks=(msgspec.structs.replace(task, title=" "),)), "no-title"),
        (lambda: templates.change(lead, made.id, 1, tasks=(msgspec.structs.replace(task, due_s=-1),)), "bad-time"),
        (lambda: templates.change(lead, made.id, 1, tasks=(task,) * 501), "too-many-tasks"),
        (lambda: templates.change(lead, made.id, 1, summary="x" * 30_000), "bad-text"),
        (lambda: templates.change(lead, made.id, 7, name="x"), "changed-meanwhile"),
        (lambda: templates.get(lead, "tpl_nothing"), "no-template"),
        (lambda: templates.keep(drawer.bureau.who(Role.POLICY), case.id, "x"), "role-missing"),
    ]:
        assert refusal(call) == code
    assert templates.get(lead, made.id) == made and len(templates.list(lead)) == 1
