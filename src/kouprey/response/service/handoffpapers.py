"""Verbs about hand-offs on paper: for a party without a node, for a file, for a court."""

from __future__ import annotations

from kouprey.agreements.service import Agreements
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.decision import Reader
from kouprey.people.service import People
from kouprey.response.model.handoffpapers import HandOffPaper
from kouprey.response.service.contacts import Contacts
from kouprey.response.service.handoffs import HandOffs


class HandOffPapers:
    """Reads with the eyes of who asks, as the page of the hand-off does."""

    def __init__(
        self, store: Store, people: People, agreements: Agreements, handoffs: HandOffs, contacts: Contacts
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._handoffs = handoffs
        self._contacts = contacts

    def paper(self, who: Reader, handoff: str) -> HandOffPaper:
        """The hand-off as `who` sees it; Unknown where there is none for them."""
        held = self._handoffs.get(who, handoff)
        standing = self._agreements.standings().get(held.asked.agreement)
        contact = self._contacts.contact_of(held)
        under = standing.title if standing is not None else contact.paper if contact is not None else ""
        return HandOffPaper(
            asked=held.asked,
            course=held.course,
            under=under or held.asked.agreement,
            stopped=held.stopped,
            at=self._handoffs.now(),
            by=who.name,
            home=self._people.home_id,
        )

    def note_printed(self, who: Reader, made: HandOffPaper, language: str) -> None:
        """Write down that it was put on paper: paper goes on to others."""
        detail: dict[str, object] = {"language": language}
        self._store.write(
            lambda tx: audit.append(
                tx, at=made.at, actor=who.name, action="handoff.print", subject=made.asked.id, detail=detail
            )
        )
