"""Digests: queued once a period, written when they leave with the eyes of that moment, and given to the relay."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from functools import partial
from hashlib import sha256

import msgspec

from kouprey.constituents import rules
from kouprey.constituents import store as rows
from kouprey.constituents.model import (
    Constituent,
    Contact,
    Digest,
    Letter,
    LetterState,
    Mail,
    Rhythm,
    Told,
)
from kouprey.constituents.service.concerning import Concerning
from kouprey.kernel.net.mail import Relay, send
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.errors import KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import DAY, FOREVER, SECOND, Instant
from kouprey.kernel.words.tlp import TLP

Write = Callable[[Digest], Mail]
"""Makes a mail of a digest, in the language of its constituent."""

ONE_CLICK = "List-Unsubscribe=One-Click"
"""What stands in the header, and what a mail program then sends (RFC 8058)."""
HITS = 50
"""Things a mail tells of; the rest is on the page."""
COUNTED = 100
FOLLOWED = 100_000
"""Values of one network that a digest follows: nobody waits for it."""
PAUSE = 30 * DAY
_LEASE: Instant = 300 * SECOND
_AT_A_TIME = 20
_log = logging.getLogger(__name__)


class Digesting(Concerning):
    """Verbs for mail. Nothing is kept of what a mail says, so nothing stale can leave."""

    def queue(self) -> int:
        """Begin the digests whose period has begun; how many letters. Twice, or in two processes, changes nothing."""
        now = self._clock()
        with self._store.read() as reader:
            waiting = [each for each in rows.list_all(reader) if self._is_due(each, now)]
        return sum(self._store.write(partial(self._begin, constituent=each.id, now=now)) for each in waiting)

    def _is_due(self, each: Constituent, now: Instant) -> bool:
        if each.archived_at or each.rhythm is Rhythm.OFF:
            return False
        if each.rhythm is not Rhythm.AT_ONCE:
            return rules.slot(each.rhythm, each.hour, now)[1] > each.since
        if now < each.since + rules.AT_ONCE_GAP:
            return False
        return bool(self.inside(self.reader_of(each), after=each.since, limit=1, of=each.id, most=FOLLOWED).hits)

    def _begin(self, tx: Tx, constituent: str, now: Instant) -> int:
        each = rows.find(tx, constituent)
        if each is None or each.archived_at:
            return 0
        period, begun = rules.slot(each.rhythm, each.hour, now)
        if each.rhythm is Rhythm.OFF or (period and begun <= each.since):
            return 0
        return self._write_to(tx, each, period, now)

    def _write_to(self, tx: Tx, each: Constituent, period: str, now: Instant) -> int:
        # A position of our own: everything that is visible so far lies below it, and all that comes lies above.
        upto = tx.positions(1)
        contacts = [contact for contact in rows.list_contacts(tx, each.id) if contact.paused_until <= now]
        for contact in contacts:
            letter = Letter(
                contact=contact.id,
                period=period or f"n{upto}",
                constituent=each.id,
                after=each.since,
                upto=upto,
                due=now,
                made_at=now,
            )
            rows.insert_letter(tx, letter)
        rows.save(tx, msgspec.structs.replace(each, since=upto))
        return len(contacts)

    def write_now(self, constituent: str, *, by: str) -> int:
        """Write to them of what is new since the last digest, without waiting for the period; how many letters."""

        def work(tx: Tx) -> int:
            each = self._held(tx, constituent)
            if each.archived_at:
                raise Refused(f"{each.name} is archived.", "", "Restore it first.", code="archived")
            count = self._write_to(tx, each, "", self._clock())
            self._note(tx, by, "constituent.write", each, {"letters": count})
            return count

        return self._store.write(work)

    def post(self, write: Write) -> int:
        """Send what is due; how many the relay took. Without a relay everything waits."""
        relay = self._relay()
        now = self._clock()
        with self._store.read() as reader:
            due = rows.list_due(reader, now, _AT_A_TIME)
        sent = 0
        for letter in due:
            if letter.state is LetterState.HANDING:
                self._end(letter, LetterState.UNSURE, LetterState.HANDING, error=_BROKEN, remedy=_LOOK)
            elif relay is not None:
                sent += self._post_one(relay, letter, write, now)
        return sent

    def _post_one(self, relay: Relay, letter: Letter, write: Write, now: Instant) -> bool:
        if not self._store.write(
            lambda tx: _still(tx, letter) and _take(tx, letter, LetterState.SENDING, letter.state, now)
        ):
            return False
        with self._store.read() as reader:
            constituent, contact = rows.find(reader, letter.constituent), rows.find_contact(reader, letter.contact)
        if constituent is None or contact is None or constituent.archived_at or contact.paused_until > now:
            return self._end(letter, LetterState.DROPPED, LetterState.SENDING)
        try:
            digest = self.digest(constituent, contact, letter)
            if digest is None:
                return self._end(letter, LetterState.EMPTY, LetterState.SENDING)
            message = compose(relay, contact, write(digest), _message_id(relay, letter), now)
            send(relay, contact.address, message, lambda: self._hand(letter, now))
        except KoupreyError as error:
            return self._failed(letter, error, now)
        self._end(letter, LetterState.SENT, LetterState.HANDING)
        return True

    def _hand(self, letter: Letter, now: Instant) -> None:
        """From here on nobody knows whether the relay has it, unless it says so."""
        if not self._store.write(lambda tx: _take(tx, letter, LetterState.HANDING, LetterState.SENDING, now)):
            raise Refused("Another process sends this letter.", code="taken-over")

    def _failed(self, letter: Letter, error: KoupreyError, now: Instant) -> bool:
        attempts = letter.attempts + 1
        both = (LetterState.SENDING, LetterState.HANDING)
        if error.code == "taken-over":
            return False
        lasting = isinstance(error, Refused) or attempts >= rules.ATTEMPTS
        why, remedy = f"{error.what} {error.why}".strip()[:500], error.remedy[:500]
        if error.code == "unsure":
            return self._end(letter, LetterState.UNSURE, *both, error=why, remedy=remedy)
        if lasting:
            return self._end(letter, LetterState.FAILED, *both, error=why, remedy=remedy)
        _log.warning("a mail waits: %s", error.code)
        self._store.write(
            lambda tx: rows.change_letter(
                tx,
                letter,
                LetterState.WAITING,
                held=both,
                due=now + rules.wait(attempts),
                attempts=attempts,
                error=why,
                remedy=remedy,
            )
        )
        return False

    def _end(self, letter: Letter, state: LetterState, *held: LetterState, error: str = "", remedy: str = "") -> bool:
        now = self._clock()
        self._store.write(
            lambda tx: rows.change_letter(
                tx,
                letter,
                state,
                held=held,
                attempts=letter.attempts + 1,
                error=error,
                remedy=remedy,
                ended_at=now,
            )
        )
        return False

    def _ground(self, who: Reader, stix_id: str) -> tuple[Reason, ...]:
        """Why they get a thing; nothing of what they may not see any more since it was listed."""
        try:
            return self.why(who, self.show(who, stix_id))
        except Unknown:
            return ()

    def digest(self, constituent: Constituent, contact: Contact, letter: Letter) -> Digest | None:
        """What a letter may say at this moment; None when that is nothing."""
        who = self.reader_of(constituent)
        found = self.inside(
            who, after=letter.after, before=letter.upto + 1, limit=HITS, of=constituent.id, most=FOLLOWED
        )
        levels = {hit.tlp for hit in found.hits}
        threats = 0
        if constituent.rhythm is not Rhythm.AT_ONCE:
            page = self.threats(who, after=letter.after, upto=letter.upto, limit=COUNTED)
            threats = len(page.heads)
            levels |= {head.tlp for head in page.heads}
        if not found.hits and not threats:
            return None
        open_hits = [hit for hit in found.hits if hit.tlp <= constituent.content]
        counted = Counter(hit.tlp for hit in found.hits if hit.tlp > constituent.content)
        return Digest(
            constituent=constituent,
            contact=contact,
            period=letter.period,
            told=tuple(
                Told(
                    stix_id=hit.stix_id,
                    type=hit.type,
                    title=hit.title,
                    tlp=hit.tlp,
                    values=tuple(each.text for each in hit.values[:10]),
                    kind=hit.values[0].kind,
                    received_at=hit.received_at,
                    because=self._ground(who, hit.stix_id),
                )
                for hit in open_hits
            ),
            counted=tuple(sorted(counted.items())),
            threats=threats,
            more=bool(found.before),
            # A mail is held as closely as anything it speaks of, were it by a count alone.
            level=max(levels, default=TLP.CLEAR),
        )

    def preview(self, constituent: str) -> Digest | None:
        """What the next digest would say now."""
        each = self.get_constituent(constituent)
        nobody = Contact(id="", constituent=each.id, name=each.name, address="")
        return self.digest(
            each, nobody, Letter(contact="", period="", constituent=each.id, after=each.since, upto=FOREVER - 1)
        )

    def letters(self, constituent: str, limit: int = 20) -> list[Letter]:
        """The newest letters, and what became of them."""
        with self._store.read() as reader:
            return rows.list_letters(reader, constituent, limit)

    def count_troubled(self) -> int:
        """Letters a person has to look at."""
        with self._store.read() as reader:
            return rows.count_troubled(reader)

    def send_again(self, constituent: str, contact: str, period: str, *, by: str) -> None:
        """Try a letter again that failed, or of which nobody knows whether it arrived."""
        now = self._clock()

        def work(tx: Tx) -> None:
            letter = rows.find_letter(tx, contact, period)
            if letter is None or letter.constituent != constituent:
                raise Unknown("There is no such letter.", code="unknown-letter")
            held = (LetterState.FAILED, LetterState.UNSURE)
            if not rows.change_letter(tx, letter, LetterState.WAITING, held=held, due=now):
                raise Refused("This letter is under way, or has arrived.", code="letter-over")
            audit.append(tx, at=now, actor=by, action="constituent.send-again", subject=constituent, detail={})

        self._store.write(work)

    def send_test(self, constituent: str, contact: str, mail: Mail, *, by: str) -> Contact:
        """Send a mail at once to a contact, to see whether it arrives; raises what went wrong, with its remedy."""
        found = next((each for each in self.contacts(constituent) if each.id == contact), None)
        if found is None:
            raise Unknown("There is no such contact.", code="unknown-contact")
        relay = self._relay()
        if relay is None:
            raise Refused(
                "This node sends no mail.",
                "No relay is named in its settings.",
                "Set smtp_host and smtp_from in kouprey.toml, then start the node again.",
                code="no-relay",
            )
        now = self._clock()
        send(relay, found.address, compose(relay, found, mail, "", now))
        detail = {"contact": contact}
        self._store.write(
            lambda tx: audit.append(
                tx, at=now, actor=by, action="constituent.test-mail", subject=constituent, detail=detail
            )
        )
        return found

    def sends_mail(self) -> bool:
        """Whether this node has a relay."""
        return self._relay() is not None

    def find_contact(self, contact: str) -> tuple[Contact, Constituent] | None:
        """Whom a link in a mail was for, while they are contacts."""
        with self._store.read() as reader:
            found = rows.find_contact(reader, contact)
            held = rows.find(reader, found.constituent) if found is not None else None
        return (found, held) if found is not None and held is not None else None

    def pause(self, contact: str, until: Instant) -> None:
        """No mail to this contact until then; FOREVER for none any more, 0 for again."""

        def work(tx: Tx) -> None:
            found = rows.find_contact(tx, contact)
            if found is None:
                raise Unknown("There is no such contact.", code="unknown-contact")
            rows.pause_contact(tx, contact, until)
            detail = {"contact": contact, "ended": until >= FOREVER}
            audit.append(
                tx,
                at=self._clock(),
                actor="contact",
                action="constituent.pause",
                subject=found.constituent,
                detail=detail,
            )

        self._store.write(work)

    def now(self) -> Instant:
        """The time by which this node sends."""
        return self._clock()


_BROKEN = "The node stopped while the relay was being given this letter."
_LOOK = "Ask the recipient whether it came; if not, send it again."


def compose(relay: Relay, contact: Contact, mail: Mail, message_id: str, now: Instant) -> EmailMessage:
    """The message as it goes over the wire: plain text, and HTML beside it."""
    made = EmailMessage()
    made["From"] = formataddr(("Kouprey", relay.sender))
    made["To"] = formataddr((contact.name, contact.address))
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now))
    if message_id:
        made["Message-ID"] = message_id
    made["Auto-Submitted"] = "auto-generated"
    if mail.leave:
        made["List-Unsubscribe"] = f"<{mail.at_once or mail.leave}>"
        if mail.at_once:
            # RFC 8058, 3.1: the program of the reader ends it with one request, without opening a page.
            made["List-Unsubscribe-Post"] = ONE_CLICK
    made.set_content(mail.text, cte="base64")
    made.add_alternative(mail.html, subtype="html", cte="base64")
    return made


def _message_id(relay: Relay, letter: Letter) -> str:
    """The same for each attempt, so that a recipient's server can tell a repetition."""
    told = sha256(f"{letter.contact}\0{letter.period}\0{letter.upto}".encode()).hexdigest()[:40]
    return f"<{told}@{relay.sender.rpartition('@')[2]}>"


def _take(tx: Tx, letter: Letter, state: LetterState, held: LetterState, now: Instant) -> bool:
    """It is in this process's hands now, for as long as the lease lasts."""
    return rows.change_letter(tx, letter, state, held=(held,), due=now + _LEASE, attempts=letter.attempts + 1)


def _still(tx: Tx, letter: Letter) -> bool:
    """Whether nobody has taken it since it was listed: another process would have moved when it is due."""
    held = rows.find_letter(tx, letter.contact, letter.period)
    return held is not None and (held.state, held.due) == (letter.state, letter.due)
