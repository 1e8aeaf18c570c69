"""Where a ground rests: the address of the clause, and the names that people know everything by."""

from __future__ import annotations

import re
from typing import NamedTuple

from kouprey.agreements.model.citing import clause_title
from kouprey.exchange.pages.reading import plainly
from kouprey.kernel.web.language import _, told
from kouprey.kernel.words.decision import Reason
from kouprey.people.service import People


class Cited(NamedTuple):
    """The agreement by id and title, the clause by number and English name; "" for none."""

    agreement: str
    title: str
    clause: str
    name: str


class Citing:
    """Tells the grounds of decisions as people read them: in their language, with parties by their names."""

    def __init__(self, people: People) -> None:
        self._names = {party.id: plainly(party.name) for party in people.list_parties()}
        known = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True)))
        # What stands in quotation marks is a title somebody chose, and stays as it is.
        self._ids = re.compile(rf"“[^”]*”|(?<![\w.-])(?:{known})(?![\w-]|\.\w)") if known else None

    def __call__(self, reason: Reason) -> Cited | None:
        """What a reason rests on; None when no agreement has to do with it."""
        if not reason.agreement:
            return None
        title = plainly(reason.title or reason.agreement)
        return Cited(reason.agreement, title, reason.clause, clause_title(reason.clause))

    def say(self, sentence: str) -> str:
        """A sentence of the one decision, told in the reader's language."""
        text = plainly(told(sentence))
        return self._ids.sub(lambda found: self._names.get(found[0], found[0]), text) if self._ids is not None else text

    def kept(self, sentence: str) -> str:
        """A ground that was kept in one line with what it rests on, as `citing.spoken` writes it."""
        text, says, rests = sentence.partition(" So says ")
        return " ".join(self.say(each) for each in (text, says.lstrip() + rests) if each)

    def in_words(self, reason: Reason) -> str:
        """A ground with the clause and the agreement it rests on, without links."""
        text, rests = self.say(reason.text), self(reason)
        if rests is None:
            return text
        words = {"n": rests.clause, "name": told(rests.name), "title": rests.title}
        named = (_("clause %(n)s (%(name)s) of “%(title)s”") if rests.clause else _("“%(title)s”")) % words
        return f"{text} ({named})"
