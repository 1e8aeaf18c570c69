"""What is learnt from a case: a draft, the text that people keep, and recommendations that become tasks."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.response.model.cases import Act, Case, Item, Link, LinkTo, Note, Sort, Task, Track
from kouprey.response.model.lessons import LESSON, Draft, Learnt
from kouprey.response.rules.lessons import draft
from kouprey.response.service.caseitems import CaseItems
from kouprey.response.store import cases as rows
from kouprey.response.store.cases import Wanted

DID = "case.lessons"
MOST, MOST_RECOMMENDED = 2_000, 50
MOST_CASES, MOST_LINKS = 500, 1_000
"""Cases that changed last, and their links, among which intelligence is looked for that changed one."""


class CaseLessons(CaseItems):
    """Verbs after a case. Every read is of tracks that the reader's roles are for."""

    def draft_lessons(self, who: decision.Reader, case: str) -> Draft:
        """From the times and tasks that `who` sees, beside the cases of the same class that they see; not kept."""
        opened = self.get(who, case)
        items, _ = self.items(who, opened, (Sort.TASK,), limit=MOST)
        figures = self.measured(who) if opened.case.category else {}
        return draft(opened.case, items[::-1], figures.get(opened.case.category, {}), self._clock())

    def learnt(self, who: decision.Reader, case: str) -> Learnt:
        """What was kept, the newest text, as far as `who` reads its track."""
        opened = self.get(who, case)
        acts, _ = self.items(who, opened, (Sort.ACT,), limit=MOST)
        notes, _ = self.items(who, opened, (Sort.NOTE,), limit=MOST)
        held = {each.id: each.body.text for each in notes if isinstance(each.body, Note)}
        kept = [each.body.what for each in acts if isinstance(each.body, Act) and each.body.did == DID]
        tasks, _ = self.items(who, opened, (Sort.TASK,), limit=MOST)
        return Learnt(
            text=next((held[item] for item in kept if item in held), ""),
            recommended=[each for each in tasks[::-1] if isinstance(each.body, Task) and each.body.origin == LESSON],
        )

    def keep_lessons(
        self, who: decision.Reader, case: str, track: Track, text: str = "", recommended: Sequence[Task] = ()
    ) -> list[Item]:
        """Keep the text as a note, and each recommendation as a task with an owner and a day; all or nothing.

        What was kept before stays beside it.
        """
        opened = self._writable(who, case, track)
        if not text.strip() and not recommended:
            raise Damaged("There is nothing to keep.", remedy="Write a text, or recommend something.", code="no-text")
        if len(recommended) > MOST_RECOMMENDED:
            raise TooLarge("So much is recommended that nobody would do it.", f"{MOST_RECOMMENDED} at once.")
        persons = {each.id for each in self._people.list_persons()}
        bodies = [self._checked_body(who, Note(text=text.strip()))] if text.strip() else []
        for each in recommended:
            if each.who not in persons or not each.due:
                raise Damaged(
                    "A recommendation has no owner, or no day.",
                    each.title[:100],
                    "Name one of ours, and by when: else nobody does it.",
                    code="no-owner",
                )
            bodies.append(
                self._checked_body(
                    who, Task(title=each.title, text=each.text, who=each.who, due=each.due, origin=LESSON)
                )
            )

        def work(tx: Tx) -> list[Item]:
            made = [self._put(tx, opened.case, track, body, who) for body in bodies]
            for item in made:
                did = DID if item.sort is Sort.NOTE else "case.add-task"
                self._act(tx, who, opened.case, Act(did=did, what=item.id), track)
            return made

        return self._store.write(work)

    def changed_by(self, who: decision.Reader) -> list[tuple[Case, Link]]:
        """Objects that changed a case, by the word of whoever linked them, with the case; the newest first.

        Of the cases and tracks that `who` sees; whether they may see the object decides whoever shows it.
        """
        eyes = self.eyes(who)
        with self._store.read() as reader:
            found = rows.list_cases(reader, eyes, Wanted(closed=None), before=None, limit=MOST_CASES)
            cases = {each.id: each for each in found}
            links = rows.list_items(reader, list(cases), eyes.tracks, (Sort.LINK,), limit=MOST_LINKS) if cases else []
        return [
            (cases[item.case], item.body)
            for item in links
            if isinstance(item.body, Link) and item.body.changed and item.body.to is LinkTo.OBJECT
        ]
