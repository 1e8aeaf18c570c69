"""What stands in a case: read, written down, said otherwise, and taken out of sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import Instant
from kouprey.response.model.cases import (
    Act,
    Body,
    Case,
    Evidence,
    Fact,
    Item,
    Link,
    Note,
    Seen,
    Sort,
    Task,
    TaskState,
    Track,
)
from kouprey.response.rules.items import key_of, sort_of
from kouprey.response.service.casefiles import AHEAD, LONGEST, LONGEST_TITLE, Opened
from kouprey.response.service.casejoining import CaseJoining
from kouprey.response.store import cases as rows

ITEMS = 100
WORKED = (Sort.TASK, Sort.NOTE, Sort.OBSERVABLE, Sort.EVIDENCE, Sort.LINK)
HAPPENED = (Sort.FACT, Sort.ACT)


class CaseItems(CaseJoining):
    """Verbs about items. Every read is of tracks that the reader's roles are for."""

    def items(
        self,
        who: decision.Reader,
        opened: Opened,
        sorts: Sequence[Sort] = tuple(Sort),
        *,
        hidden: bool = False,
        before: tuple[Instant, str] | None = None,
        limit: int = ITEMS,
    ) -> tuple[list[Item], bool]:
        """What stands in a case and in those read in it, the latest first; whether there is more."""
        tracks = self.eyes(who).tracks
        with self._store.read() as reader:
            found = rows.list_items(reader, opened.ids, tracks, sorts, hidden=hidden, before=before, limit=limit + 1)
        return found[:limit], len(found) > limit

    def get_item(self, who: decision.Reader, item: str) -> tuple[Opened, Item]:
        """One with the case it stands in; Unknown where they may not see it."""
        with self._store.read() as reader:
            found = rows.find_item(reader, item, self.eyes(who).tracks)
        if found is None:
            raise _unknown_item()
        try:
            return self.get(who, found.case), found
        except Unknown:
            raise _unknown_item() from None

    def item_of(self, who: decision.Reader, opened: Opened, item: str) -> Item:
        """One that stands in this case or in one read there; Unknown for any other."""
        _, held = self.get_item(who, item)
        if held.case not in opened.ids:
            raise _unknown_item()
        return held

    def list_item_versions(self, who: decision.Reader, item: str) -> list[Item]:
        """What it was before, the newest first."""
        _, held = self.get_item(who, item)
        with self._store.read() as reader:
            return rows.list_item_versions(reader, held.id)

    def add(self, who: decision.Reader, case: str, track: Track, body: Body) -> Item:
        """Put something into a case."""
        opened = self._writable(who, case, track)
        checked = self._checked_body(who, body)
        self._check_floor(who, opened.case, [checked])
        if isinstance(checked, Act | Evidence):
            raise Damaged("That is written down by the node.", remedy="Hand in the file.", code="bad-item")

        def work(tx: Tx) -> Item:
            item = self._put(tx, opened.case, track, checked, who)
            self._act(tx, who, opened.case, Act(did=f"case.add-{item.sort}", what=item.id), track)
            return item

        return self._store.write(work)

    def add_all(
        self,
        who: decision.Reader,
        case: str,
        track: Track,
        bodies: Sequence[Body],
        also: Callable[[Tx, Case], object] = lambda tx, case: None,
    ) -> Case:
        """Put what the node has taken in into a case, evidence too, with what is done `also`: all of it or nothing."""
        opened = self._writable(who, case, track)
        self._check_floor(who, opened.case, bodies)

        def work(tx: Tx) -> Case:
            for body in bodies:
                item = self._put(tx, opened.case, track, body, who)
                self._act(tx, who, opened.case, Act(did=f"case.add-{item.sort}", what=item.id), track)
            also(tx, opened.case)
            return opened.case

        return self._store.write(work)

    def revise(self, who: decision.Reader, item: str, version: int, body: Body) -> Item:
        """A new version of what it says; Refused when somebody wrote another meanwhile. Evidence is never another."""
        opened, held = self.get_item(who, item)
        self._writable(who, opened.case.id, held.track)
        checked = self._checked_body(who, body)
        if sort_of(checked) is not held.sort or isinstance(held.body, Act | Evidence):
            raise Damaged("It cannot be made into that.", remedy="Add another item.", code="bad-item")
        if isinstance(checked, Task) and isinstance(held.body, Task):
            checked = msgspec.structs.replace(checked, under=held.body.under, calls=held.body.calls)
        if checked != held.body:
            self._check_floor(who, opened.case, [checked])
        return self._next(who, opened, held, version, _did(held.body, checked), body=checked)

    def finish(self, who: decision.Reader, item: str, version: int, result: str = "") -> Item:
        """Say that a task is done, and what came of it."""
        _, held = self.get_item(who, item)
        if not isinstance(held.body, Task):
            raise Damaged("That is no task.", code="bad-item")
        made = msgspec.structs.replace(held.body, state=TaskState.DONE, result=result or held.body.result)
        return self.revise(who, item, version, made)

    def lay_tasks(
        self, tx: Tx, who: decision.Reader, case: Case, laid: Sequence[tuple[str, Track, Task]]
    ) -> list[Item]:
        """Tasks with the ids by which they name one another, in their order, in a step of somebody else's."""
        now = self._clock()
        made = [
            Item(
                id=id_,
                case=case.id,
                version=1,
                sort=Sort.TASK,
                track=track,
                # One microsecond apart: in lists they stand as they are to be done.
                at=now + place,
                made_at=now,
                made_by=who.name,
                hidden=False,
                body=task,
            )
            for place, (id_, track, task) in enumerate(laid)
        ]
        for item in made:
            rows.save_item(tx, item)
        return made

    def bring_on(self, tx: Tx, who: decision.Reader, item: Item, state: TaskState, result: str) -> None:
        """Say how far a task is by what was done for it, in a step of somebody else's; what is over stays over."""
        newest = rows.find_item(tx, item.id, (item.track,))
        if (
            newest is None
            or not isinstance(newest.body, Task)
            or newest.body.state in (TaskState.DONE, TaskState.DROPPED)
        ):
            return
        body = msgspec.structs.replace(newest.body, state=state, result=result[:LONGEST])
        made = msgspec.structs.replace(
            newest, version=newest.version + 1, made_at=self._clock(), made_by=who.name, body=body
        )
        rows.save_item(tx, made, key_of(body))

    def hide(self, who: decision.Reader, item: str, version: int, *, hidden: bool) -> Item:
        """Out of sight, or back. Nothing of a case is deleted."""
        opened, held = self.get_item(who, item)
        self._writable(who, opened.case.id, held.track)
        if isinstance(held.body, Act):
            raise Refused("What was done stays in sight.", code="act-stays")
        return self._next(who, opened, held, version, "case.hide" if hidden else "case.show", hidden=hidden)

    def refuse_deletion(self, who: decision.Reader, case: str, item: str = "") -> None:
        """Say that nothing of a case is deleted, and write down that somebody wanted it; always raises."""
        found = self.get_item(who, item)[0].case if item else self.get(who, case).case
        detail: dict[str, object] = {"case": found.number, **({"item": item} if item else {})}
        self._store.write(
            lambda tx: audit.append(
                tx, at=self._clock(), actor=who.name, action="case.not-deleted", subject=found.id, detail=detail
            )
        )
        raise Forbidden(
            "Nothing of a case is deleted.",
            "What was written down may be asked for by a court.",
            "Hide the item, or close the case.",
            code="never-deleted",
        )

    def writable(self, who: decision.Reader, case: str, track: Track) -> Opened:
        """A case into which they may write on this track, for verbs beside these; Forbidden, or Refused ("merged")."""
        return self._writable(who, case, track)

    def note(self, tx: Tx, who: decision.Reader, case: Case, act: Act, track: Track) -> None:
        """Write down in the case and in the audit what was done beside these verbs, in their step."""
        self._act(tx, who, case, act, track)

    def keep(self, tx: Tx, who: decision.Reader, case: Case, body: Body, track: Track) -> Item:
        """Put into the case what came of something beside these verbs, in its step."""
        return self._put(tx, case, track, body, who)

    def _next(
        self,
        who: decision.Reader,
        opened: Opened,
        held: Item,
        version: int,
        did: str,
        *,
        body: Body | None = None,
        hidden: bool | None = None,
    ) -> Item:
        now = self._clock()
        said = held.body if body is None else body
        at = said.moment.at if isinstance(said, Fact) else held.at
        made = msgspec.structs.replace(
            held,
            version=held.version + 1,
            at=at,
            made_at=now,
            made_by=who.name,
            body=said,
            hidden=held.hidden if hidden is None else hidden,
        )

        def work(tx: Tx) -> Item:
            newest = rows.find_item(tx, held.id, (held.track,))
            if newest is None or newest.version != version:
                raise Refused(
                    "Somebody has changed this meanwhile.",
                    "What you saw is not what stands there now.",
                    "Look at it again, and write your change once more.",
                    code="changed-meanwhile",
                )
            rows.save_item(tx, made, key_of(made.body))
            self._act(tx, who, opened.case, Act(did=did, what=held.id), held.track)
            return made

        return self._store.write(work)

    def _writable(self, who: decision.Reader, case: str, track: Track) -> Opened:
        opened = self.get(who, case)
        if track not in opened.writes:
            raise Forbidden(
                "That track is not yours to write on.", "", "Ask somebody who works on it.", code="role-missing"
            )
        if opened.case.merged_into:
            raise Refused(
                "This case is read in another one.",
                f"That is number {opened.into}." if opened.into else "",
                "Write it there, or part the two first.",
                code="merged",
            )
        return opened

    def _checked_body(self, who: decision.Reader, body: Body) -> Body:
        for text in _texts(body):
            if len(text) > LONGEST or "\x00" in text:
                raise Damaged("The words are too long, or cannot be kept.", remedy="Divide them.", code="bad-text")
        if isinstance(body, Task) and not 0 < len(body.title.strip()) <= LONGEST_TITLE:
            raise Damaged("The task has no title.", remedy="Say in a few words what is to be done.", code="no-title")
        if isinstance(body, Note | Fact) and not body.text.strip():
            raise Damaged("There are no words.", remedy="Say it in a sentence or more.", code="no-text")
        if isinstance(body, Fact) and body.moment.at > self._clock() + AHEAD:
            raise Damaged("That time has not come yet.", remedy="Write when it was.", code="bad-moment")
        if isinstance(body, Link) and not body.ref.strip():
            raise Damaged("It is not said what it leads to.", code="no-ref")
        if isinstance(body, Seen):
            read = self._exchange.observables_of(body.text, body.kind)
            if not read:
                raise Damaged(
                    "That is no technical value.",
                    body.text[:100],
                    "Write a domain, an address, a URL, a hash or a mail address.",
                    code="bad-value",
                )
            return msgspec.structs.replace(body, kind=read[0].kind, text=read[0].text)
        return body


def _texts(body: Body) -> Iterator[str]:
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if isinstance(value, str):
            yield value


def _unknown_item() -> Unknown:
    return Unknown("There is no such thing in a case.", "Or it is not for you.", code="unknown-item")


def _did(before: Body, after: Body) -> str:
    """What somebody did by writing something anew: brought a task on, or said something otherwise."""
    if isinstance(before, Task) and isinstance(after, Task) and before.state is not after.state:
        return f"case.task-{after.state}"
    return "case.revise"
