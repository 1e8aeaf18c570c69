"""Verbs of audit: read the trail, write it down for others, and see whether it is whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import msgspec

from kouprey.audit.model import Line, Page, Question
from kouprey.audit.wire import Form, head, render
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.audit import AuditCheck
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.capability import Services, Subjects
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.finding import Check, Finding
from kouprey.kernel.words.time import Clock, wall_clock

PAGE = 50
"""Lines of one page."""
_AT_ONCE = 500
"""Lines of an export that are read together."""


class Audit:
    """Reads who did what; nobody writes through it, except that they have read."""

    def __init__(self, store: Store, clock: Clock = wall_clock) -> None:
        self._store = store
        self._clock = clock
        self.subjects: list[Subjects] = []
        """Those above who know what ids are called; names are for pages, so commands do without."""

    def name(self, who: Reader, ids: Collection[str]) -> dict[str, str]:
        """What people call these, as far as somebody above knows and `who` may see them."""
        found: dict[str, str] = {}
        for each in self.subjects:
            found.update(each(who, ids))
        return found

    def read(self, question: Question = Question(), *, by: str, before: int | None = None) -> Page:
        """A page of the trail, newest first; that `by` read it stands in the trail from then on.

        `before` is the `older` of the page before.
        """
        found = self._list(question, before, PAGE + 1)
        page = Page(lines=tuple(found[:PAGE]), older=found[PAGE - 1].id if len(found) > PAGE else None)
        self._note(by, "audit.read", question, [line.id for line in page.lines], len(page.lines))
        return page

    def export(self, form: Form, question: Question = Question(), *, by: str) -> Iterator[bytes]:
        """The trail as bytes, newest first, a few hundred lines at a time; noted before the first of them is given."""
        newest = self._list(question, None, 1)
        self._note(by, "audit.export", question, [line.id for line in newest], None, form=str(form))
        return self._export(form, question, newest[0].id + 1 if newest else None)

    def _export(self, form: Form, question: Question, before: int | None) -> Iterator[bytes]:
        yield head(form)
        while before is not None:
            lines = self._list(question, before, _AT_ONCE)
            yield b"".join(render(line, form) for line in lines)
            before = lines[-1].id if len(lines) == _AT_ONCE else None

    def _list(self, question: Question, before: int | None, limit: int) -> list[Line]:
        with self._store.read() as reader:
            found = audit.list_audit(reader, before, limit, **msgspec.structs.asdict(question))
        return [
            Line(
                id=each.id,
                at=each.at,
                actor=each.actor,
                party=each.party,
                action=each.action,
                subject=each.subject,
                detail=each.detail,
            )
            for each in found
        ]

    def _note(
        self, by: str, action: str, question: Question, ids: list[int], count: int | None, form: str = ""
    ) -> None:
        """A range and a count, not the lines: a trail that copied itself would double with each look."""
        detail: dict[str, object] = {"asked": question.told()}
        if ids:
            detail |= {"newest": ids[0]} if count is None else {"newest": ids[0], "oldest": ids[-1]}
        if count is not None:
            detail["count"] = count
        if form:
            detail["form"] = form
        now = self._clock()
        self._store.write(lambda tx: audit.append(tx, at=now, actor=by, action=action, subject="", detail=detail))

    def list_actions(self) -> list[str]:
        """Every action that stands in the trail, for a choice."""
        with self._store.read() as reader:
            return audit.list_actions(reader)

    def verify(self) -> AuditCheck:
        """Whether every line is as it was written and none is missing."""
        with self._store.read() as reader:
            return audit.verify(reader)

    def has_link(self, digest: str) -> bool:
        """Whether a hash that was noted once belongs to a line of the trail."""
        try:
            wanted = bytes.fromhex(digest)
        except ValueError:
            return False
        with self._store.read() as reader:
            return audit.has_link(reader, wanted)


def checks(services: Services) -> list[Check]:
    """What the doctor asks of the trail; it is never mended, because a trail that is mended proves nothing."""

    def chain(repair: bool) -> Iterable[Finding]:
        found = services.get(Audit).verify()
        if found.whole:
            return []
        where = f"at line {found.broken}" if found.broken else f"at its end, after {found.lines:,} lines"
        return [
            Finding(
                level="bad",
                what=f"The audit trail is not whole {where}.",
                why="A line was changed, removed or put in by something else than Kouprey.",
                remedy="Keep a copy of the database, compare it with a backup, and find out who could write to it.",
            )
        ]

    return [Check("audit", chain)]
