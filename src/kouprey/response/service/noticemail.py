"""The mail that says that something waits, and how much: never what. Told once, or not at all where nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from hashlib import sha256

import msgspec

from kouprey.kernel.net.mail import Relay, send
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Person
from kouprey.response.model.contacts import Letter
from kouprey.response.model.notices import About, Choice, Often, Posted
from kouprey.response.rules.telling import ATTEMPTS, GAP, wait
from kouprey.response.service.notices import COUNTED, Notices
from kouprey.response.store import notices as rows

Write = Callable[[Mapping[About, int], str], Letter]
"""Makes the mail of how many of each sort wait, in a language."""


class NoticeMail:
    """Writes to whoever wants mail and has something waiting."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    def post(self, write: Write) -> int:
        """Send what is due; how many mails the relay took. Without a relay nothing is tried."""
        relay, now = self._notices.relay(), self._notices.now()
        if relay is None:
            return 0
        with self._notices.store.read() as reader:
            due = rows.list_by_mail(reader, now)
        return sum(self._post_one(relay, person, choice, write, now) for person, choice in due)

    def _post_one(self, relay: Relay, person: str, choice: Choice, write: Write, now: Instant) -> bool:
        found = self._notices.find(person)
        if found is None:
            return False
        if choice.state is Posted.HANDING:
            # Whoever gave it away has ended before the relay answered: nobody knows, so it is not given again.
            self._end(person, choice, Posted.SENT, now)
            return False
        upto, counted = self._waiting(found, choice)
        if not counted:
            return False
        letter = write(counted, choice.language)
        message = _message(relay, found, choice, letter, now)
        held = msgspec.structs.replace(choice, state=Posted.HANDING, mailed=upto, due=now + GAP[choice.often])
        try:
            send(relay, choice.address, message, lambda: self._hand(person, choice, held))
        except KoupreyError as error:
            self._failed(person, choice, held, error, now)
            return False
        self._end(person, held, Posted.SENT, now)
        return True

    def _waiting(self, person: Person, choice: Choice) -> tuple[int, dict[About, int]]:
        """The newest fact, and how many of each sort wait that no mail has told of, as far as they may see them now."""
        who: decision.Reader = self._notices.reader_of(person)
        eyes = self._notices.eyes(who)
        if eyes is None:
            return 0, {}
        with self._notices.store.read() as reader:
            upto = rows.last_fact(reader, person.id)
            return upto, rows.count_unread(reader, eyes, after=choice.mailed, most=COUNTED)

    def _hand(self, person: str, choice: Choice, held: Choice) -> None:
        """From here on nobody knows whether the relay has it, unless it says so; of two processes one comes here."""

        def work(tx: Tx) -> bool:
            if rows.find_choice(tx, person) != choice:
                return False
            rows.save_choice(tx, person, held)
            return True

        if not self._notices.store.write(work):
            raise Refused("Another process writes to them, or they chose anew.", code="taken-over")

    def _failed(self, person: str, choice: Choice, held: Choice, error: KoupreyError, now: Instant) -> None:
        if error.code == "taken-over":
            return
        if error.code == "unsure":
            self._end(person, held, Posted.SENT, now)
            return
        attempts = choice.attempts + 1
        lasting = isinstance(error, Refused) or attempts >= ATTEMPTS
        why = f"{error.what} {error.why}".strip()[:500]
        # What lasts waits for somebody to choose anew, a day at a time; what passes is tried again soon.
        made = msgspec.structs.replace(
            choice,
            state=Posted.FAILED if lasting else Posted.WAITS,
            attempts=attempts,
            due=now + (GAP[Often.DAILY] if lasting else wait(attempts)),
            error=why,
        )
        self._save(person, made)

    def _end(self, person: str, held: Choice, state: Posted, now: Instant) -> None:
        due = max(held.due, now + 1)
        self._save(person, msgspec.structs.replace(held, state=state, attempts=0, error="", due=due))

    def _save(self, person: str, made: Choice) -> None:
        """What they have chosen meanwhile stays: only how the mail stands is written."""

        def work(tx: Tx) -> None:
            now = rows.find_choice(tx, person)
            if now is None or (now.address, now.often) != (made.address, made.often):
                return
            rows.save_choice(tx, person, msgspec.structs.replace(made, told=now.told, language=now.language))

        self._notices.store.write(work)


def _message(relay: Relay, person: Person, choice: Choice, letter: Letter, now: Instant) -> EmailMessage:
    made = EmailMessage()
    made["From"] = formataddr(("Kouprey", relay.sender))
    made["To"] = formataddr((person.name, choice.address))
    made["Subject"] = letter.subject
    made["Date"] = format_datetime(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=now))
    # The same for each attempt, so that the server of whoever gets it can tell a repetition.
    told = sha256(f"notice\0{person.id}\0{choice.mailed}\0{choice.address}".encode()).hexdigest()[:40]
    made["Message-ID"] = f"<{told}@{relay.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(letter.text, cte="base64")
    return made
