"""Which hand-offs lack what they ought to rest on, for everything that lists them or goes out with their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown
from kouprey.response.model import Lack
from kouprey.response.model.cases import Item, Link, LinkTo
from kouprey.response.rules.lacking import lacks
from kouprey.response.service.handoffs import HandOffs, Line
from kouprey.response.store.contacts import find_contact

Lacks = Mapping[str, tuple[Lack, ...]]
"""Hand-off -> what it lacks; those that lack nothing are not in it."""


class Lacking:
    """Asks of each hand-off whether a basis is owed, and whether an agreement in force allows its kind."""

    def __init__(self, store: Store, handoffs: HandOffs) -> None:
        self._store = store
        self._handoffs = handoffs

    def of(self, lines: Iterable[Line]) -> Lacks:
        """Of lines that a reader may see."""
        return self._of((each.id, each.kind, each.agreement, each.asked, each.lacking, each.ended) for each in lines)

    def of_links(self, who: Reader, items: Iterable[Item]) -> Lacks:
        """Of the hand-offs to which items of a case lead, as far as `who` may see them."""
        found = []
        for item in items:
            if isinstance(item.body, Link) and item.body.to is LinkTo.HANDOFF:
                with suppress(Unknown):
                    held = self._handoffs.get(who, item.body.ref)
                    asked, course = held.asked, held.course
                    found.append((asked.id, asked.kind, asked.agreement, asked.asked, course.lacking, course.ended))
        return self._of(found)

    def _of(self, every: Iterable[tuple[str, str, str, str, bool, bool]]) -> Lacks:
        allowed = {(standing.agreement, term.kind) for standing, term in self._handoffs.terms()}
        made = {}
        with self._store.read() as reader:
            for handoff, kind, agreement, asked, owed, ended in every:
                contact = None if agreement else find_contact(reader, asked)
                paper = contact.paper if contact is not None else ""
                if found := lacks(kind, agreement, basis_owed=owed, ended=ended, allowed=allowed, paper=paper):
                    made[handoff] = found
        return made
