"""What two persons release, and the basis that an emergency owes: nothing leaves by the word of one."""

from __future__ import annotations

from functools import partial

import msgspec

from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import DAY, Clock, wall_clock
from kouprey.people.model import Person
from kouprey.people.service import People
from kouprey.response.facts import ClockNeared, WordGiven
from kouprey.response.model import Side, Verb
from kouprey.response.model.releasing import Proposed, Word, WordState
from kouprey.response.rules.releasing import Two
from kouprey.response.service.handoffs import HandOffs, Said, Told
from kouprey.response.store import handoffs as files
from kouprey.response.store import releasing as rows
from kouprey.response.store.handoffs import Line

CLOCK = "basis"
"""What is told each day while a legal basis is owed."""


class Releasing:
    """Verbs about words of two persons. Only people who sign in give one: programs and command lines are nobody."""

    def __init__(self, store: Store, people: People, handoffs: HandOffs, clock: Clock = wall_clock) -> None:
        self._store = store
        self._people = people
        self._handoffs = handoffs
        self._clock = clock

    def give(self, who: decision.Reader, handoff: str, words: Said) -> Word:
        """The first word to what would be said; nothing leaves by it, and whoever gave it may take it back."""
        held = self._handoffs.get(who, handoff)
        self._handoffs.check_said(who, held, words, alone=False)
        two = self._handoffs.two_for(held, words)
        if two is None:
            raise Refused("One person is enough for this.", remedy="Say it.", code="one-is-enough")
        role = self._role(who, two, ())
        proposed = Proposed(
            verb=words.verb,
            text=words.text.strip(),
            number=words.number,
            items=words.items,
            roles=two.roles,
            apart=two.apart,
        )
        word = Word(
            id=new_id("word"),
            handoff=held.asked.id,
            proposed=proposed,
            state=WordState.WAITING,
            first=who.name,
            first_role=role,
            first_at=self._clock(),
        )

        def work(tx: Tx) -> Word:
            rows.add(tx, word)
            self._note(tx, who, "handoff.first-word", held, word)
            outbox.record(tx, WordGiven(handoff=held.asked.id, kind=held.asked.kind, by=who.name))
            return word

        return self._store.write(work)

    def second(self, who: decision.Reader, handoff: str, word: str) -> Told:
        """The second word, of another person: what the first one wrote is said, as they wrote it, and leaves."""
        held, found = self._waiting(who, handoff, word)
        if who.name == found.first:
            raise Refused(
                "You have given the first word.",
                "It takes two persons, so that no one alone releases it.",
                "Ask a colleague to read it and give theirs.",
                code="same-person",
            )
        proposed = found.proposed
        words = Said(proposed.verb, proposed.text, number=proposed.number, items=proposed.items)
        # What was agreed or set since the first word holds for the second.
        two = self._handoffs.two_for(held, words) or Two(proposed.roles, proposed.apart)
        person = self._person(found.first)
        first = self._handoffs.speaker(self._people.reader_of(person), tuple(map(str, person.roles)))
        if not two.part_of(first.roles, ()):
            raise Refused(
                "Whoever gave the first word may not give it any more.",
                "Their role is another one now.",
                "Let somebody else give it anew.",
                code="first-word-lapsed",
            )
        role = self._role(who, two, (found.first_role,))
        self._handoffs.check_said(who, held, words, alone=False)
        names = {"role": found.first_role, "person": self._handoffs.name_of(first)}
        names |= {"also_role": role, "also_person": self._handoffs.name_of(who)}
        ready = self._handoffs.ready(held, words, who, first, **names)
        given = msgspec.structs.replace(
            found,
            state=WordState.GIVEN,
            second=who.name,
            second_role=role,
            second_at=self._clock(),
            message=ready.message.id,
        )

        def work(tx: Tx) -> None:
            if not rows.move(tx, given):
                raise _too_late()
            ready.send(tx)
            self._note(tx, who, "handoff.second-word", held, given)

        self._store.write(work)
        return self._handoffs.get(who, handoff)

    def take_back(self, who: decision.Reader, handoff: str, word: str) -> Word:
        """Take a first word back before the second is given; it stays written down that it was given."""
        held, found = self._waiting(who, handoff, word)
        if who.name != found.first:
            raise Forbidden("That is not your word.", "", "Whoever gave it takes it back.", code="not-your-word")
        back = msgspec.structs.replace(found, state=WordState.BACK, second_at=self._clock())

        def work(tx: Tx) -> None:
            if not rows.move(tx, back):
                raise _too_late()
            self._note(tx, who, "handoff.word-back", held, back)

        self._store.write(work)
        return back

    def list(self, who: decision.Reader, handoff: str) -> list[Word]:
        """Words of a hand-off, the newest first, for whoever sees it."""
        held = self._handoffs.get(who, handoff)
        with self._store.read() as reader:
            return rows.list_words(reader, held.asked.id)

    def may_give(self, who: decision.Reader, word: Word) -> bool:
        """Whether theirs is the second word that is missing."""
        two = Two(word.proposed.roles, word.proposed.apart)
        waits = word.state is WordState.WAITING and who.name != word.first
        return waits and self._is_person(who) and bool(two.part_of(who.roles, (word.first_role,)))

    def file_basis(self, who: decision.Reader, handoff: str, basis: str) -> Told:
        """File the legal basis of what was asked for in an emergency; it changes no stage, and goes out at once."""
        held = self._handoffs.get(who, handoff)
        if held.side is not Side.ASKING or not held.asked.ground:
            raise Refused(
                "No basis is owed for this.", "It is owed by whoever asked in an emergency.", code="no-basis-owed"
            )
        self._handoffs.check_may(who, Verb.REQUEST, held.asked.kind)
        words = basis.strip()
        if not words:
            raise Damaged(
                "The legal basis is missing.",
                remedy="Name the instrument, the article and the reference.",
                code="no-basis",
            )
        said = Said(Verb.ANSWER, text=f"Legal basis: {words}")
        self._store.write(self._handoffs.ready(held, said, who, basis=words).send)
        return self._handoffs.get(who, handoff)

    def remind(self) -> int:
        """Tell, once a day, that files were given in an emergency and their basis is owed; of how many."""
        with self._store.read() as reader:
            lines = files.list_lacking(reader)
        return sum(self._store.write(partial(self._remind, line=line)) for line in lines)

    def _remind(self, tx: Tx, *, line: Line) -> int:
        now = self._clock()
        found = files.find(tx, line.id)
        if found is None or not found.lacking:
            return 0
        # Days since it was asked for: the first is told at once, and none twice.
        day = max(0, now - line.at) // DAY
        if not files.add_warning(tx, line.id, CLOCK, day, now):
            return 0
        detail: dict[str, object] = {"clock": CLOCK, "day": day, "agreement": line.agreement}
        audit.append(tx, at=now, actor="node", action="handoff.warn", subject=line.id, detail=detail)
        outbox.record(tx, ClockNeared(handoff=line.id, kind=line.kind, clock=CLOCK, percent=day))
        return 1

    def _waiting(self, who: decision.Reader, handoff: str, word: str) -> tuple[Told, Word]:
        held = self._handoffs.get(who, handoff)
        with self._store.read() as reader:
            found = rows.find(reader, held.asked.id, word)
        if found is None:
            raise Unknown("There is no such word.", remedy="Look at the hand-off again.", code="unknown-word")
        if found.state is not WordState.WAITING:
            raise _too_late()
        return held, found

    def _role(self, who: decision.Reader, two: Two, given: tuple[str, ...]) -> str:
        if not self._is_person(who):
            raise Forbidden(
                "A word is given by a person who signs in.",
                "A program, or whoever has the command line, is nobody whose name can stand beside it.",
                "Sign in, and give it on the page of the hand-off.",
                code="no-person",
            )
        role = two.part_of(who.roles, given)
        if not role:
            needed = ", ".join(each for each in two.roles if not (two.apart and each in given))
            raise Forbidden(
                "That word is not yours to give.",
                f"It needs one of these roles: {needed}.",
                "Ask one of them.",
                code="role-missing",
            )
        return role

    def _is_person(self, who: decision.Reader) -> bool:
        return who.local and any(each.id == who.name and each.active for each in self._people.list_persons())

    def _person(self, name: str) -> Person:
        found = next((each for each in self._people.list_persons() if each.id == name and each.active), None)
        if found is None:
            raise Refused(
                "Whoever gave the first word is here no more.",
                remedy="Let somebody else give it anew.",
                code="first-word-lapsed",
            )
        return found

    def _note(self, tx: Tx, who: decision.Reader, action: str, held: Told, word: Word) -> None:
        detail: dict[str, object] = {
            "word": word.id,
            "verb": str(word.proposed.verb),
            "agreement": held.asked.agreement,
        }
        audit.append(tx, at=self._clock(), actor=who.name, action=action, subject=held.asked.id, detail=detail)


def _too_late() -> Refused:
    return Refused(
        "This word waits no more.",
        "It was taken back, or the second one was given meanwhile.",
        "Look at the hand-off again.",
        code="word-gone",
    )
