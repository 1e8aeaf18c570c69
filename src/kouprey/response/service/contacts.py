"""Links by which contacts answer, the mail that brings them, and what contacts tell us otherwise."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from threading import Lock
from typing import Any

import msgspec

from kouprey.kernel.net.mail import send
from kouprey.kernel.seal import keys
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, TooMany, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.response.model import HandOff, Side, Verb, Wanted
from kouprey.response.model.contacts import Contact, Link, Outlook, Via
from kouprey.response.rules import outside
from kouprey.response.rules.folding import verbs_for
from kouprey.response.service.handoffs import Told
from kouprey.response.service.keeping import Keeping
from kouprey.response.service.outside import Words
from kouprey.response.store import contacts as rows
from kouprey.response.wire.letter import write_letter

WRONG_FREE = 20
"""Wrong links of one address within `WRONG_WINDOW` that are looked up; those that follow are not."""
WRONG_WINDOW: Instant = 600 * SECOND
_ADDRESSES = 10_000


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What a link opens: the hand-off, for whom, and what they may say; `outlook` says what is shown."""

    link: Link
    contact: Contact
    held: Told
    outlook: Outlook
    may: tuple[Verb, ...]


class Contacts(Keeping):
    """Verbs about contacts and their links."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._wrong: OrderedDict[str, tuple[int, Instant]] = OrderedDict()
        self._guard = Lock()

    def sends_mail(self) -> bool:
        """Whether this node has a relay."""
        return self._relay() is not None

    def ask(self, who: decision.Reader, contact: str, wanted: Wanted) -> HandOff:
        """Ask them; nothing leaves by it: send a link, or call."""
        return self._handoffs.request_outside(who, self.get(who, contact), wanted)

    def write_down(self, who: decision.Reader, handoff: str, words: Words, via: Via) -> Told:
        """What the contact of a hand-off told one of ours, by telephone or mail."""
        if not self.may_write_down(who):
            raise Forbidden("That is not yours to write down.", "", "Ask a duty officer.", code="role-missing")
        held = self._handoffs.get(who, handoff)
        contact = self._contact_of(held)
        if contact is None or via is Via.LINK:
            raise Refused("They have a node, or a link: they say it themselves.", code="not-outside")
        self._handoffs.say_outside(who, held.asked, contact, words, via)
        return self._handoffs.get(who, handoff)

    def contact_of(self, held: Told) -> Contact | None:
        """Who is asked in a hand-off that stays here, None for one between nodes."""
        return self._contact_of(held)

    def may_link(self, who: decision.Reader, held: Told) -> bool:
        """Whether they may make a link for that hand-off; its keepers are those who could accept it themselves."""
        local = held.side is Side.ASKING and not held.asked.agreement
        return not held.course.ended and self.may_keep(who) and (local or held.side is Side.ASKED)

    def linkable(self, who: decision.Reader, held: Told) -> list[tuple[Contact, Outlook]]:
        """For whom a link could be made: who is asked, or officers of ours where we are."""
        if held.side is Side.ASKING:
            only = self._contact_of(held)
            found = [] if only is None else [only]
        else:
            home = self._people.home_id
            found = [each for each in self.list(who) if each.party == home]
        return [(each, self.outlook(held, each)) for each in found if not each.archived_at]

    def outlook(self, held: Told, contact: Contact) -> Outlook:
        """What may leave for a contact, and why not more."""
        sealed = self._handoffs.sealed_to(held.asked)
        return outside.outlook(held.asked, contact, self._people.home_id, sealed=sealed)

    def make_link(self, who: decision.Reader, handoff: str, contact: str) -> tuple[str, Link]:
        """A secret, told this once, and the link it belongs to; Refused with the reason where nothing may leave."""
        held = self._handoffs.get(who, handoff)
        found = next((each for each in self.linkable(who, held) if each[0].id == contact), None)
        if not self.may_link(who, held) or found is None:
            raise Forbidden(
                "No link can be made for them.",
                "It is for whoever is asked, and made by leads and liaison while the hand-off runs.",
                code="no-link",
            )
        if not found[1].link:
            raise Refused("No link may be made for this.", found[1].why, found[1].remedy, code="not-outside")
        secret, now = keys.token(), self._clock()
        link = Link(
            id=new_id("link"),
            hashed=keys.token_hash(secret),
            handoff=held.asked.id,
            contact=contact,
            made_by=who.name,
            made_at=now,
            expires=outside.expires(held.asked, now),
        )

        def work(tx: Tx) -> None:
            rows.add_link(tx, link)
            self._note(tx, who, "handoff.link", link.handoff, {"contact": contact, "link": link.id})

        self._store.write(work)
        return secret, link

    def list_links(self, who: decision.Reader, handoff: str) -> list[tuple[Link, str]]:
        """Those of a hand-off that `who` sees, with the name of the contact."""
        held, names = self._handoffs.get(who, handoff), self.names()
        with self._store.read() as reader:
            return [(each, names.get(each.contact, "")) for each in rows.list_links(reader, held.asked.id)]

    def revoke_link(self, who: decision.Reader, handoff: str, link: str) -> None:
        """It opens nothing any more; twice changes nothing."""
        self._check_keeper(who)
        held = self._handoffs.get(who, handoff)

        def work(tx: Tx) -> None:
            found = rows.find_link(tx, id=link)
            if found is None or found.handoff != held.asked.id:
                raise Unknown("There is no such link.", code="unknown-link")
            if rows.revoke(tx, self._clock(), id=link):
                self._note(tx, who, "handoff.unlink", found.handoff, {"contact": found.contact, "link": link})

        self._store.write(work)

    def letter(self, who: decision.Reader, handoff: str, secret: str) -> tuple[Contact, EmailMessage]:
        """The mail that brings a link, as it would go out."""
        opened = self.open(secret)
        held = self._handoffs.get(who, handoff)
        if not self.may_keep(who) or opened.held.asked.id != held.asked.id:
            raise Unknown("There is no such link.", code="unknown-link")
        made, relay = EmailMessage(), self._relay()
        letter = write_letter(
            opened.held.asked,
            opened.held.course,
            opened.contact,
            opened.outlook,
            address=self.address(secret),
            expires=opened.link.expires,
            party=self._party_name(held.asked.asking),
        )
        if relay is not None:
            made["From"] = formataddr((self._people.home().name, relay.sender))
        if opened.contact.mail:
            made["To"] = formataddr((opened.contact.name, opened.contact.mail))
        made["Subject"] = letter.subject
        made["Date"] = format_datetime(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=self._clock()))
        made["Auto-Submitted"] = "auto-generated"
        made.set_content(letter.text, cte="base64")
        return opened.contact, made

    def send(self, who: decision.Reader, handoff: str, secret: str) -> Contact:
        """Give the mail to the relay; raises what went wrong, with its remedy."""
        relay = self._relay()
        if relay is None:
            raise Refused(
                "This node sends no mail.",
                "No relay is named in its settings.",
                "Set smtp_host and smtp_from in kouprey.toml, then start the node again.",
                code="no-relay",
            )
        contact, message = self.letter(who, handoff, secret)
        if not contact.mail:
            raise Refused("This contact has no mail address.", remedy="Write it down first.", code="no-address")
        send(relay, contact.mail, message)
        detail = {"contact": contact.id}
        self._store.write(lambda tx: self._note(tx, who, "handoff.mail", handoff, detail))
        return contact

    def address(self, secret: str) -> str:
        """Where a link leads."""
        return f"{self.origin}/reply/{secret}"

    def open(self, secret: str, address: str = "") -> Opened:
        """What a secret opens now. One Unknown for every secret that opens nothing, whatever the reason.

        It changes nothing of the hand-off. `address` is from where it was asked, for slowing down who tries many.
        """
        opened = self._find(secret) if not self._is_slowed(address) else None
        if opened is None:
            self._count_wrong(address)
            raise nothing_here()
        return opened

    def note_opened(self, opened: Opened) -> None:
        """Write down that somebody looked behind a link."""
        detail = {"contact": opened.contact.id, "link": opened.link.id}
        self._store.write(lambda tx: self._note_contact(tx, "handoff.link-look", opened, detail))

    def answer(self, secret: str, words: Words, address: str = "") -> bool:
        """Say something by a link; False when it had been said. Refused when the state has moved on."""
        opened = self.open(secret, address)
        if words.verb not in outside.ANSWERS:
            raise Damaged("It is not clear what is meant.", remedy="Choose what to say.", code="bad-verb")
        who = self._eyes(opened.contact)
        said = self._handoffs.say_outside(who, opened.held.asked, opened.contact, words, Via.LINK)
        if said:
            detail = {"contact": opened.contact.id, "link": opened.link.id, "verb": str(words.verb)}
            self._store.write(lambda tx: self._note_contact(tx, "handoff.link-answer", opened, detail))
        return said

    def _find(self, secret: str) -> Opened | None:
        if not secret.isascii() or not 20 <= len(secret) <= 100:
            return None
        with self._store.read() as reader:
            link = rows.find_link(reader, hashed=keys.token_hash(secret))
            contact = rows.find_contact(reader, link.contact) if link is not None else None
        if link is None or contact is None or contact.archived_at or not link.holds(self._clock()):
            return None
        held = None
        with suppress(KoupreyError):
            held = self._handoffs.get(self._eyes(contact), link.handoff)
        if held is None:
            return None
        outlook = self.outlook(held, contact)
        if not outlook.link:
            # What was agreed with them is narrower than when the link was made.
            return None
        may = tuple(verb for verb in verbs_for(held.course, Side.ASKED) if verb in outside.ANSWERS)
        return Opened(link=link, contact=contact, held=held, outlook=outlook, may=may)

    def _eyes(self, contact: Contact) -> decision.Reader:
        """Our own eyes, up to what was agreed with the contact: a link shows one hand-off and nothing beside it."""
        return decision.Reader(
            party=self._people.home_id, clearance=contact.ceiling, local=True, name=f"contact:{contact.id}"
        )

    def _contact_of(self, held: Told) -> Contact | None:
        if held.asked.agreement:
            return None
        with self._store.read() as reader:
            return rows.find_contact(reader, held.asked.asked)

    def _party_name(self, party: str) -> str:
        found = self._people.find_party(party)
        return found.name if found is not None else party

    def _is_slowed(self, address: str) -> bool:
        with self._guard:
            count, since = self._wrong.get(address, (0, 0))
        if count >= WRONG_FREE and self._clock() - since < WRONG_WINDOW:
            raise TooMany(
                "There were too many wrong attempts.", "", "Wait some minutes, then open the link again.", code="slowed"
            )
        return False

    def _count_wrong(self, address: str) -> None:
        """Count it, and write it down the first time and when it is slowed, so that the trail is not flooded."""
        now = self._clock()
        with self._guard:
            count, since = self._wrong.pop(address, (0, now))
            if now - since >= WRONG_WINDOW:
                count, since = 0, now
            self._wrong[address] = (count + 1, since)
            while len(self._wrong) > _ADDRESSES:
                self._wrong.popitem(last=False)
        if count + 1 in (1, WRONG_FREE):
            detail = {"attempts": count + 1}
            self._store.write(
                lambda tx: audit.append(
                    tx, at=now, actor="", action="handoff.link-wrong", subject="", detail=dict(detail)
                )
            )

    def _note_contact(self, tx: Tx, action: str, opened: Opened, detail: dict[str, str]) -> None:
        audit.append(
            tx, at=self._clock(), actor="contact", action=action, subject=opened.held.asked.id, detail=dict(detail)
        )


def nothing_here() -> Unknown:
    """The one answer to every link that opens nothing."""
    return Unknown(
        "This link leads nowhere.",
        "It is not as it was sent, its time is over, or it was taken back.",
        "Call whoever sent it.",
        code="no-such-link",
    )
