"""Contacts without a node, as they are kept: who they are, and what was agreed with them."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from kouprey.kernel.net.mail import Relay
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.response.model.contacts import NOWHERE, TONGUES, Contact
from kouprey.response.rules.intake import is_mailbox
from kouprey.response.rules.rights import DUTY, LEADING
from kouprey.response.service.handoffs import HandOffs
from kouprey.response.store import contacts as rows

LONGEST = 200
LONGEST_NOTE = 2_000


class Keeping:
    """Verbs about contacts themselves."""

    def __init__(
        self,
        store: Store,
        people: People,
        handoffs: HandOffs,
        relay: Callable[[], Relay | None] = lambda: None,
        clock: Clock = wall_clock,
        *,
        origin: str = "",
    ) -> None:
        self._store = store
        self._people = people
        self._handoffs = handoffs
        self._relay = relay
        self._clock = clock
        self.origin = origin

    def may_keep(self, who: decision.Reader) -> bool:
        """Whether they write contacts down and make links."""
        return who.name == "operator" or not LEADING.isdisjoint(who.roles)

    def may_write_down(self, who: decision.Reader) -> bool:
        """Whether they write down what a contact has told them."""
        return who.name == "operator" or not DUTY.isdisjoint(who.roles)

    def list(self, who: decision.Reader) -> list[Contact]:
        """All of them, those that are archived last."""
        self._check_local(who)
        with self._store.read() as reader:
            return rows.list_contacts(reader)

    def get(self, who: decision.Reader, contact: str) -> Contact:
        """By its id; Unknown for none."""
        self._check_local(who)
        with self._store.read() as reader:
            found = rows.find_contact(reader, contact)
        if found is None:
            raise _unknown_contact()
        return found

    def names(self) -> dict[str, str]:
        """Id -> how a contact is called on pages, for our own people."""
        with self._store.read() as reader:
            return {each.id: f"{each.name}, {each.team}" for each in rows.list_contacts(reader)}

    def record(self, who: decision.Reader, contact: Contact) -> Contact:
        """Write one down, or change one that has an id."""
        self._check_keeper(who)
        checked = self._checked(contact)

        def work(tx: Tx) -> Contact:
            held = rows.find_contact(tx, checked.id) if checked.id else None
            if checked.id and held is None:
                raise _unknown_contact()
            made = msgspec.structs.replace(
                checked,
                id=held.id if held else new_id("contact").replace("_", "-") + NOWHERE,
                made_at=held.made_at if held else self._clock(),
                archived_at=held.archived_at if held else 0,
            )
            rows.save_contact(tx, made)
            if held is not None and held.mail != made.mail:
                # Who read the old mailbox is not known to read the new one, and the other way round.
                rows.revoke(tx, self._clock(), contact=made.id)
            self._note(tx, who, "contact.save", made.id, {"party": made.party})
            return made

        return self._store.write(work)

    def set_archived(self, who: decision.Reader, contact: str, archived: bool) -> Contact:
        """Out of use, and all their links with them; or in use again."""
        self._check_keeper(who)

        def work(tx: Tx) -> Contact:
            held = rows.find_contact(tx, contact)
            if held is None:
                raise _unknown_contact()
            made = msgspec.structs.replace(held, archived_at=self._clock() if archived else 0)
            rows.save_contact(tx, made)
            if archived:
                rows.revoke(tx, self._clock(), contact=contact)
            self._note(tx, who, "contact.archive" if archived else "contact.restore", contact, {})
            return made

        return self._store.write(work)

    def _checked(self, contact: Contact) -> Contact:
        words = (contact.name, contact.team, contact.mail, contact.phone, contact.paper, contact.zone)
        if not contact.name.strip() or not contact.team.strip():
            raise Damaged("A name and a team are needed.", remedy="Write down who it is.", code="bad-contact")
        if any(len(word) > LONGEST or not word.isprintable() for word in words) or len(contact.note) > LONGEST_NOTE:
            raise Damaged("A word is too long or cannot be shown.", remedy="Make it shorter.", code="bad-contact")
        if contact.mail and not is_mailbox(contact.mail):
            raise Damaged("That is no mail address.", contact.mail[:100], "Write it as name@host.", code="bad-contact")
        if contact.language not in TONGUES:
            raise Damaged("There is no such language.", remedy=f"One of {', '.join(TONGUES)}.", code="bad-contact")
        try:
            ZoneInfo(contact.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise Damaged(
                "There is no such time zone.", contact.zone[:100], "Write it as Asia/Bangkok.", code="bad-contact"
            ) from None
        if contact.party and self._people.find_party(contact.party) is None:
            raise Damaged(
                "That party is not known here.", remedy="Trust its card, or leave it out.", code="bad-contact"
            )
        if contact.ceiling is TLP.RED or contact.content > contact.ceiling or contact.content is TLP.RED:
            raise Damaged(
                "The markings do not fit.",
                "Nothing that is TLP:RED is asked so, and a mail says no more than may be asked.",
                "Choose lower ones.",
                code="bad-contact",
            )
        if (
            min(contact.acknowledge_s, contact.decide_s) < 0
            or max(contact.acknowledge_s, contact.decide_s) > 31_536_000
        ):
            raise Damaged("A deadline is too far away.", remedy="A year at most.", code="bad-contact")
        return contact

    def _check_keeper(self, who: decision.Reader) -> None:
        self._check_local(who)
        if not self.may_keep(who):
            raise Forbidden("Contacts are kept by leads and liaison.", "", "Ask one of them.", code="role-missing")

    @staticmethod
    def _check_local(who: decision.Reader) -> None:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")

    def _note(self, tx: Tx, who: decision.Reader, action: str, subject: str, detail: dict[str, str]) -> None:
        audit.append(tx, at=self._clock(), actor=who.name, action=action, subject=subject, detail=dict(detail))


def _unknown_contact() -> Unknown:
    return Unknown("There is no such contact.", "", "Look at the list.", code="unknown-contact")
