"""The desk: what people have heard, the answers that are written to it, and the two persons who let one go out."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.advisories import store as rows
from kouprey.advisories.model import Answered, Approval, Content, Draft, DraftState, Published, Rumour
from kouprey.advisories.rules.normalising import normal_url
from kouprey.advisories.rules.standing import (
    APPROVING,
    LONGEST_CLAIM,
    LONGEST_TITLE,
    LONGEST_URL,
    NEEDED,
    WRITING,
    check_content,
    enough,
)
from kouprey.advisories.service.statements import Statements
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People

LISTED = 200
_DIGITS = frozenset("0123456789abcdef")


class Desk:
    """Verbs about drafts and rumours. They are read by the roles of the desk at our own node, and never go out."""

    def __init__(self, store: Store, people: People, statements: Statements, clock: Clock = wall_clock) -> None:
        self._store = store
        self._people = people
        self._statements = statements
        self._clock = clock

    def take_rumour(
        self, who: decision.Reader, text: str, *, url: str = "", media: str = "", heard_from: str = ""
    ) -> Rumour:
        """Write down what was heard; `media` is the SHA-256 of a file that carries it, in hex."""
        self._statements.check_roles(who, WRITING)
        rumour = Rumour(
            id=new_id("rum"),
            text=text.strip(),
            url=url.strip(),
            media=media.strip().lower(),
            heard_from=heard_from.strip(),
            came_at=self._clock(),
            taken_by=who.name,
        )
        _check_rumour(rumour)

        def work(tx: Tx) -> None:
            rows.add_rumour(tx, rumour)
            self._note(tx, who, "rumour.take", rumour.id)

        self._store.write(work)
        return rumour

    def list_rumours(self, who: decision.Reader) -> list[Rumour]:
        """What was heard, the newest first."""
        self._statements.check_reads(who)
        with self._store.read() as reader:
            return rows.list_rumours(reader, LISTED)

    def set_aside(self, who: decision.Reader, rumour: str, *, aside: bool = True) -> Rumour:
        """That it needs no answer, or does after all; Refused while one is written to it."""
        self._statements.check_roles(who, WRITING)

        def work(tx: Tx) -> Rumour:
            held = self._find_rumour(tx, rumour)
            if held.draft and aside:
                raise Refused(
                    "An answer to it is being written.", remedy="Abandon the draft first.", code="being-answered"
                )
            changed = msgspec.structs.replace(
                held, aside_by=who.name if aside else "", aside_at=self._clock() if aside else 0
            )
            rows.change_rumour(tx, changed)
            self._note(tx, who, "rumour.aside" if aside else "rumour.reopen", held.id)
            return changed

        return self._store.write(work)

    def draft(self, who: decision.Reader, content: Content, rumours: Sequence[str] = ()) -> Draft:
        """Begin a statement, as the answer to these rumours if there are any; nothing of it is public yet."""
        self._statements.check_roles(who, WRITING)
        check_content(content)
        now = self._clock()
        made = Draft(
            id=new_id("drf"),
            content=content,
            revision=1,
            state=DraftState.OPEN,
            statement="",
            made_by=who.name,
            made_at=now,
            changed_by=who.name,
            changed_at=now,
        )

        def work(tx: Tx) -> None:
            rows.save_draft(tx, made)
            for each in rumours:
                held = self._find_rumour(tx, each)
                if held.draft:
                    raise Refused("That rumour is answered already.", held.id, "Open its draft.", code="being-answered")
                rows.change_rumour(tx, msgspec.structs.replace(held, draft=made.id, aside_by="", aside_at=0))
            self._note(tx, who, "statement.draft", made.id)

        self._store.write(work)
        return made

    def change(self, who: decision.Reader, draft: str, content: Content, revision: int) -> Draft:
        """Put other words into a draft of this revision; approvals of the words before hold no more."""
        self._statements.check_roles(who, WRITING)
        check_content(content)

        def work(tx: Tx) -> Draft:
            held = self._open(tx, draft, revision)
            changed = msgspec.structs.replace(
                held,
                content=content,
                revision=held.revision + 1,
                changed_by=who.name,
                changed_at=self._clock(),
                approvals=(),
            )
            rows.save_draft(tx, changed)
            self._note(tx, who, "statement.change", draft, revision=changed.revision)
            return changed

        return self._store.write(work)

    def approve(self, who: decision.Reader, draft: str, revision: int) -> Draft:
        """That a person has read this revision and wants it published; each once, and never a program."""
        self._check_person(who)

        def work(tx: Tx) -> Draft:
            held = self._open(tx, draft, revision)
            if not rows.add_approval(tx, held, Approval(person=who.name, at=self._clock())):
                raise Refused(
                    "You have approved this draft already.",
                    f"It needs {NEEDED} different persons.",
                    "Ask somebody else to read it.",
                    code="approved-already",
                )
            self._note(tx, who, "statement.approve", draft, revision=revision)
            return self._find(tx, draft)

        return self._store.write(work)

    def publish(self, who: decision.Reader, draft: str, revision: int) -> Published:
        """Sign and publish what two persons have approved; Refused (`approvals-missing`) before."""
        self._statements.check_roles(who, APPROVING)
        home = self._people.home()

        def work(tx: Tx) -> str:
            held = self._open(tx, draft, revision)
            if not enough(held.approvals):
                raise Refused(
                    "It may not be published yet.",
                    f"{len(held.approvals)} of {NEEDED} persons have approved these words.",
                    "Ask somebody else to read and approve it.",
                    code="approvals-missing",
                )
            said = self._statements.issue(tx, held.content, home, by=who.name)
            rows.save_draft(
                tx,
                msgspec.structs.replace(held, state=DraftState.PUBLISHED, statement=said.id, changed_at=self._clock()),
            )
            return said.id

        made = self._store.write(work)
        self._statements.send_waiting()
        return self._statements.get_public(made)

    def abandon(self, who: decision.Reader, draft: str) -> Draft:
        """Give a draft up; its rumours wait for another answer. It stays to be read."""
        self._statements.check_roles(who, WRITING)

        def work(tx: Tx) -> Draft:
            held = self._open(tx, draft, 0)
            changed = msgspec.structs.replace(held, state=DraftState.ABANDONED, changed_at=self._clock())
            rows.save_draft(tx, changed)
            for each in rows.list_of_draft(tx, draft):
                rows.change_rumour(tx, msgspec.structs.replace(each, draft=""))
            self._note(tx, who, "statement.abandon", draft)
            return changed

        return self._store.write(work)

    def get_draft(self, who: decision.Reader, draft: str) -> tuple[Draft, list[Rumour]]:
        """One, and the rumours that it answers."""
        self._statements.check_reads(who)
        with self._store.read() as reader:
            return self._find(reader, draft), rows.list_of_draft(reader, draft)

    def list_drafts(self, who: decision.Reader, state: DraftState = DraftState.OPEN) -> list[Draft]:
        """Those of a state, what was changed last first."""
        self._statements.check_reads(who)
        with self._store.read() as reader:
            return rows.list_drafts(reader, state, LISTED)

    def get_rumour(self, who: decision.Reader, rumour: str) -> Rumour:
        """One by its id."""
        self._statements.check_reads(who)
        with self._store.read() as reader:
            return self._find_rumour(reader, rumour)

    def list_answered(self, who: decision.Reader) -> list[Answered]:
        """How long answers took from the first report of what they answer, the newest first."""
        self._statements.check_reads(who)
        with self._store.read() as reader:
            found = rows.list_answered(reader, LISTED)
        return [Answered(statement=one, first=first, issued=issued, rumours=n) for one, first, issued, n in found]

    def may_write(self, who: decision.Reader) -> bool:
        """Whether they write drafts."""
        return who.local and not WRITING.isdisjoint(who.roles)

    def may_approve(self, who: decision.Reader) -> bool:
        """Whether they approve and publish."""
        return who.local and not APPROVING.isdisjoint(who.roles)

    def _check_person(self, who: decision.Reader) -> None:
        self._statements.check_roles(who, APPROVING)
        if who.name not in {each.id for each in self._people.list_persons() if each.active}:
            raise Forbidden(
                "A statement is approved by persons.",
                "A program, or the command line of the node, is none.",
                "Sign in to the pages of the node and approve it there.",
                code="no-person",
            )

    def _open(self, reader: Reader, draft: str, revision: int) -> Draft:
        """A draft that can still be changed; `revision` 0 takes any."""
        held = self._find(reader, draft)
        if held.state is not DraftState.OPEN:
            raise Refused(f"This draft is {held.state}.", "It changes no more.", code="draft-closed")
        if revision and revision != held.revision:
            raise Refused(
                "Somebody has changed the draft meanwhile.",
                f"You have read revision {revision}, and it is at {held.revision}.",
                "Read it again.",
                code="draft-changed",
            )
        return held

    def _find(self, reader: Reader, draft: str) -> Draft:
        held = rows.find_draft(reader, draft)
        if held is None:
            raise Unknown("There is no such draft.", code="unknown-draft")
        return held

    def _find_rumour(self, reader: Reader, rumour: str) -> Rumour:
        held = rows.find_rumour(reader, rumour)
        if held is None:
            raise Unknown("There is no such rumour.", code="unknown-rumour")
        return held

    def _note(self, tx: Tx, who: decision.Reader, action: str, subject: str, **detail: object) -> None:
        audit.append(tx, at=self._clock(), actor=who.name, action=action, subject=subject, detail=detail)


def _check_rumour(rumour: Rumour) -> None:
    if not rumour.text:
        raise Damaged("It is not said what was heard.", remedy="Write it as you heard it.", code="bad-rumour")
    long = len(rumour.text) > LONGEST_CLAIM or len(rumour.url) > LONGEST_URL or len(rumour.heard_from) > LONGEST_TITLE
    if long or "\x00" in f"{rumour.text}{rumour.url}{rumour.heard_from}":
        raise Damaged("The rumour is too long, or cannot be kept.", remedy="Write what it claims.", code="bad-rumour")
    if rumour.url and not (rumour.url.startswith(("http://", "https://")) and normal_url(rumour.url)):
        raise Damaged("That is no web address.", rumour.url[:80], "It begins with https://.", code="bad-rumour")
    if rumour.media and (len(rumour.media) != 64 or not _DIGITS.issuperset(rumour.media)):
        raise Damaged("That is no SHA-256 of a file.", "It has 64 digits in hex.", code="bad-rumour")
