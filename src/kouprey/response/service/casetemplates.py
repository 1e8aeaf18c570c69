"""Verbs about templates of cases: kept from a case, changed, retired, carried as files, and begun with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.kernel.storage import audit, labels
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Clock, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.response.model.cases import Act, Case, Sort, Task, Track
from kouprey.response.model.casetemplates import Template, TemplateTask
from kouprey.response.model.taxonomy import class_of
from kouprey.response.rules.casetemplates import taken_from, with_tasks, within
from kouprey.response.rules.tracks import readable, writable
from kouprey.response.service.casefiles import LONGEST, LONGEST_TITLE
from kouprey.response.service.cases import Cases
from kouprey.response.store import casetemplates as rows
from kouprey.response.store.notices import list_watching, set_watching
from kouprey.response.wire.casetemplates import LONGEST_DUE, MOST_TASKS, read_template, write_template

MOST = 200
CHANGEABLE = frozenset(
    ("name", "description", "title", "summary", "kind", "type", "severity", "tlp", "pap", "cross_border", "sectors")
) | {"watchers", "tasks"}


class CaseTemplates:
    """What the next case of a kind begins with. A reader sees the tasks of the tracks that are theirs."""

    def __init__(
        self, store: Store, people: People, agreements: Agreements, cases: Cases, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._cases = cases
        self._clock = clock

    def may_keep(self, who: decision.Reader) -> bool:
        """Whether they keep and change templates: whoever opens cases."""
        return self._cases.may_open(who)

    def keep(
        self, who: decision.Reader, case: str, name: str, *, description: str = "", tlp: TLP | None = None
    ) -> Template:
        """A template of a case as it stands: its head, the tasks of the tracks that they write on, who watches it.

        It is marked as the case is, or higher. Refused (`named`) for a case that is named to some alone.
        """
        self._check_may(who)
        opened = self._cases.get(who, case)
        held = opened.case
        if held.named:
            raise Refused(
                "A case that is named to some people gives no template.",
                "Others would learn what is done in it.",
                "Write its steps down as a strategy, or keep the template of another case.",
                code="named",
            )
        level = held.tlp if tlp is None else tlp
        if level < held.tlp:
            raise Refused(
                f"The case is {held.tlp.text}, and the template would be {level.text}.",
                "What stands in it comes from the case.",
                "Choose a marking that is no lower.",
                code="above-marking",
            )
        items, more = self._cases.items(who, opened, (Sort.TASK,), limit=MOST_TASKS)
        if more:
            raise Refused("The case has too many tasks.", f"{MOST_TASKS} may be.", code="too-many-tasks")
        with self._store.read() as reader:
            watching = list_watching(reader, held.id)
        same = ("kind", "type", "severity", "pap", "cross_border", "sectors")
        made = Template(
            id=new_id("tpl"),
            name=name,
            description=description,
            tlp=level,
            exercise=held.exercise,
            watchers=tuple(sorted(person for person, on in watching.items() if on)),
            # What is read in it stands in another case, with a marking and readers of its own.
            tasks=taken_from(held, [each for each in items[::-1] if each.case == held.id], opened.writes),
            **{each: getattr(held, each) for each in same},
        )
        return within(self._save(who, made, "template.keep"), readable_of(who))

    def take(self, who: decision.Reader, raw: bytes, *, tlp: TLP = TLP.CLEAR) -> Template:
        """A template out of a file, marked as it says and no lower than `tlp`; tasks on tracks that they do not write
        on are refused, since nobody puts words there for others.
        """
        self._check_may(who)
        read = read_template(raw)
        tracks = writable_of(who)
        if others := sorted({each.track for each in read.tasks if each.track not in tracks}):
            raise Forbidden(
                "It has tasks on tracks that are not yours to write on.",
                ", ".join(others),
                "Ask somebody who works on them to take it in.",
                code="role-missing",
            )
        made = msgspec.structs.replace(
            read, id=new_id("tpl"), tlp=max(tlp, read.tlp), exercise=who.exercise, watchers=()
        )
        return self._save(who, made, "template.take")

    def list(self, who: decision.Reader, *, retired: bool = False) -> Sequence[Template]:
        """Those that they may see, by name, with the tasks that are theirs to read."""
        eyes = self._cases.eyes(who)
        with self._store.read() as reader:
            found = rows.list_templates(reader, eyes, retired=retired, limit=MOST)
        return [within(each, readable_of(who)) for each in found]

    def get(self, who: decision.Reader, template: str) -> Template:
        """One, with the tasks that are theirs to read; Unknown where there is none that they may see."""
        return within(self._whole(who, template), readable_of(who))

    def list_versions(self, who: decision.Reader, template: str) -> Sequence[Template]:
        """Every version, the newest first, as far as they see each."""
        held, tracks = self._whole(who, template), readable_of(who)
        with self._store.read() as reader:
            found = rows.list_template_versions(reader, held.id)
        return [within(each, tracks) for each in found if each.tlp <= who.clearance]

    def change(self, who: decision.Reader, template: str, version: int, **changes: Any) -> Template:
        """A new version; `tasks` are all those on the tracks that they write on. Refused (`changed-meanwhile`) when
        somebody wrote another.
        """
        self._check_may(who)
        if unknown := set(changes) - CHANGEABLE:
            raise Damaged("That cannot be changed.", ", ".join(sorted(unknown)), code="bad-field")
        held, tracks = self._whole(who, template), writable_of(who)
        tasks: Sequence[TemplateTask] | None = changes.pop("tasks", None)
        made = msgspec.structs.replace(held, **changes)
        if made.tlp < held.tlp:
            raise Refused(
                f"The template is {held.tlp.text}.",
                "What stands in it was marked so.",
                "Keep its marking, or make another template.",
                code="above-marking",
            )
        if tasks is not None:
            if any(each.track not in tracks for each in tasks):
                raise Forbidden(
                    "That track is not yours to write on.", "", "Ask somebody who works on it.", code="role-missing"
                )
            made = with_tasks(made, tasks, tracks)
        return within(self._save(who, made, "template.change", version), readable_of(who))

    def retire(self, who: decision.Reader, template: str, version: int, *, retired: bool = True) -> Template:
        """Offer it no more, or again. It stays, with all of its versions."""
        self._check_may(who)
        made = msgspec.structs.replace(self._whole(who, template), retired=retired)
        action = "template.retire" if retired else "template.restore"
        return within(self._save(who, made, action, version), readable_of(who))

    def write(self, who: decision.Reader, template: str) -> tuple[Template, bytes]:
        """Its file, with what they see of it and without persons; that it was taken out is written down first."""
        found = self.get(who, template)
        self._store.write(lambda tx: self._audit(tx, who, found, "template.export"))
        return found, write_template(found)

    def open(self, who: decision.Reader, template: str, title: str = "", **given: Any) -> Case:
        """Open a case by it: its fields where `given` names no other, its tasks on all tracks, and its watchers.

        Refused (`above-marking`) below its marking, (`retired`) for one that is offered no more.
        """
        held = self._whole(who, template)
        if held.retired:
            raise Refused("This template is retired.", "", "Bring it back first, or choose another.", code="retired")
        same = ("summary", "kind", "type", "severity", "tlp", "pap", "cross_border", "sectors")
        how = {name: getattr(held, name) for name in same} | given
        if how["tlp"] < held.tlp or how["pap"] < held.pap:
            raise Refused(
                f"The template is {held.tlp.text} and {held.pap.text}.",
                "A case that is opened by it is marked no lower.",
                "Choose a higher marking for the case.",
                code="above-marking",
            )
        known = {each.id for each in self._people.list_persons()}
        now = self._clock()
        ids = [new_id("item") for _ in held.tasks]

        def also(tx: Tx, case: Case) -> None:
            laid = [(ids[place], each.track, _task(each, ids, now)) for place, each in enumerate(held.tasks)]
            self._cases.lay_tasks(tx, who, case, laid)
            for person in held.watchers:
                if person in known:
                    set_watching(tx, case.id, person, True, now)
            self._cases.note(tx, who, case, Act(did="case.template", detail={"template": held.name}), Track.TECHNICAL)

        return self._cases.open(who, title or held.title, also=also, **how)

    def _whole(self, who: decision.Reader, template: str) -> Template:
        eyes = self._cases.eyes(who)
        with self._store.read() as reader:
            found = rows.find_template(reader, template, eyes)
        if found is None:
            raise Unknown("There is no such template.", "Or it is not for you.", code="no-template")
        return found

    def _save(self, who: decision.Reader, template: Template, action: str, version: int = 0) -> Template:
        """A first version, or the next one after `version`, with its line in the audit."""
        made = msgspec.structs.replace(
            template,
            name=template.name.strip(),
            version=version + 1,
            changed_at=self._clock(),
            changed_by=who.name,
        )
        self._check(who, made)
        eyes = self._cases.eyes(who)

        def work(tx: Tx) -> Template:
            newest = rows.find_template(tx, made.id, eyes)
            if (newest.version if newest is not None else 0) != version:
                raise Refused(
                    "Somebody has changed this template meanwhile.",
                    "What you saw is not what stands there now.",
                    "Look at it again, and write your change once more.",
                    code="changed-meanwhile",
                )
            label = Label(owner=self._people.home_id, tlp=made.tlp, pap=made.pap, kind="case", exercise=made.exercise)
            rows.save_template(tx, made, self._agreements.label_set(tx, [labels.intern_label(tx, label)]))
            self._audit(tx, who, made, action)
            return made

        return self._store.write(work)

    def _audit(self, tx: Tx, who: decision.Reader, template: Template, action: str) -> None:
        audit.append(tx, at=self._clock(), actor=who.name, action=action, subject=template.id, detail={})

    def _check_may(self, who: decision.Reader) -> None:
        if not self.may_keep(who):
            raise Forbidden(
                "Templates are kept by those who open cases.", "", "Ask an analyst or a lead.", code="role-missing"
            )

    def _check(self, who: decision.Reader, made: Template) -> None:
        if not made.name or len(made.name) > LONGEST_TITLE or "\x00" in made.name:
            raise Damaged(
                "The template has no name, or too long a one.", remedy="Say when it is used.", code="bad-title"
            )
        texts = [made.title, made.summary, made.description, *(each.text for each in made.tasks)]
        if len(made.title) > LONGEST_TITLE or any(len(each) > LONGEST or "\x00" in each for each in texts):
            raise Damaged("The words are too long, or cannot be kept.", remedy="Divide them.", code="bad-text")
        if made.type and not class_of(made.type):
            raise Damaged(
                "There is no such type of incident.", made.type[:80], "Choose one of the list.", code="bad-type"
            )
        if made.tlp > who.clearance:
            raise Refused(
                f"{made.tlp.text} is above what you are cleared for.",
                "You would not see the template yourself.",
                "Choose a lower marking.",
                code="above-clearance",
            )
        if len(made.tasks) > MOST_TASKS:
            raise Refused("The template has too many tasks.", f"{MOST_TASKS} may be.", code="too-many-tasks")
        for task in made.tasks:
            if not 0 < len(task.title.strip()) <= LONGEST_TITLE or "\x00" in task.title:
                raise Damaged(
                    "A task has no title, or too long a one.", remedy="Say what is to be done.", code="no-title"
                )
            if not 0 <= task.due_s <= LONGEST_DUE:
                raise Damaged("A task is due too late.", f"{task.due_s} s", "Choose fewer days.", code="bad-time")
        persons = {each.id for each in self._people.list_persons()}
        if unknown := [each for each in made.watchers if each not in persons]:
            raise Damaged(
                "That person is not known.", ", ".join(unknown)[:200], "Choose one of ours.", code="bad-person"
            )


def readable_of(who: decision.Reader) -> tuple[Track, ...]:
    """The tracks of which they read tasks."""
    return tuple(Track) if who.name == "operator" else readable(who.roles)


def writable_of(who: decision.Reader) -> tuple[Track, ...]:
    """The tracks of which they change tasks."""
    return tuple(Track) if who.name == "operator" else writable(who.roles)


def _task(task: TemplateTask, ids: Sequence[str], now: int) -> Task:
    return Task(
        title=task.title,
        text=task.text,
        who=task.who,
        due=now + task.due_s * SECOND if task.due_s else 0,
        after=tuple(ids[each] for each in task.after),
        under="" if task.under is None else ids[task.under],
        calls=task.calls,
    )
