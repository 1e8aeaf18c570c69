"""Passwords: set by the person alone, checked slowly, and throttled by name and by address."""

from __future__ import annotations

from kouprey.kernel.seal import keys
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Forbidden, Refused, Unidentified
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.people import store as rows
from kouprey.people.model import Halfway, Person, Session, Way
from kouprey.people.rules import FREE_OF_ACCOUNT, FREE_OF_ADDRESS, Weakness, normal, ready_at, weakness_of
from kouprey.people.service.persons import Persons
from kouprey.people.store import secrets

FRESH: Instant = 1800 * SECOND
"""So long after signing in somebody may change what they sign in with, without saying again who they are."""
_TICKET_LIFE: Instant = 300 * SECOND
"""Between the password and the code."""
_REMEMBERED: Instant = 24 * 3600 * SECOND


class Passwords(Persons):
    """What people sign in with, and from where they are signed in."""

    def has_password(self, person: Person) -> bool:
        """Whether somebody can sign in by a password."""
        with self._store.read() as reader:
            return bool(secrets.find_password(reader, person.id))

    def weakness(self, person: Person, password: str) -> Weakness | None:
        """Why not to take a password for this person; None when it is good."""
        home = self.home()
        return weakness_of(password, (person.name, home.id, home.name, "kouprey"))

    def is_fresh(self, session: Session) -> bool:
        """Whether somebody signed in so lately that nobody else can have sat down since."""
        return self._clock() - session.created < FRESH

    def set_password(self, session: Session, password: str, *, old: str = "", address: str = "") -> None:
        """Set one's own password, and end one's other sessions.

        Refused (`weak-password`) when it is too weak. Forbidden (`not-fresh`) when the session is not fresh and `old`
        is not the password that is replaced.
        """
        person = session.person
        if self.weakness(person, password) is not None:
            raise Refused("The password is too weak.", remedy="Choose a longer one.", code="weak-password")
        self.prove(session, old, address=address)
        hashed = self._hasher.hash(normal(password))

        def work(tx: Tx) -> None:
            now = self._clock()
            secrets.save_password(tx, person.id, hashed, now)
            ended = secrets.end_other_sessions(tx, person.id, session.key)
            detail = {"sessions_ended": ended}
            audit.append(tx, at=now, actor=person.id, action="password.set", subject=person.id, detail=detail)

        self._store.write(work)

    def prove(self, session: Session, password: str, *, address: str = "") -> None:
        """Forbidden (`not-fresh`) unless the session is fresh or this is the person's password."""
        if self.is_fresh(session):
            return
        if password:
            charged = self._charge(session.person.name, address)
            with self._store.read() as reader:
                held = secrets.find_password(reader, session.person.id)
            if self._hasher.verify(held, normal(password)):
                self._store.write(lambda tx: self._give_back(tx, charged))
                return
        raise Forbidden(
            "This needs a proof that it is still you.",
            "You signed in more than half an hour ago, and the present password was not given or is not right.",
            "Give your present password, or sign out and sign in again.",
            code="not-fresh",
        )

    def sign_in_by_password(
        self, name: str, password: str, *, address: str, agent: str = ""
    ) -> tuple[str, Person] | Halfway:
        """The secret of a new session and who signed in; Halfway for somebody who has an authenticator app.

        Unidentified (`wrong-password`) for a wrong password, an unknown name, somebody without a password and somebody
        who was shut out: the same answer after the same work. Refused (`too-many-attempts`) while one has to wait.
        """
        # No store keeps U+0000, so nobody is called so.
        name = name.replace("\0", "")
        charged = self._charge(name, address)
        with self._store.read() as reader:
            person = rows.find_person(reader, name)
            held = secrets.find_password(reader, person.id) if person is not None and person.active else ""
        if not self._hasher.verify(held, normal(password)) or person is None:
            raise Unidentified(
                "The name or the password is not right.",
                "They do not belong together here.",
                "Check both; whoever has no password signs in by a link.",
                code="wrong-password",
            )
        renewed = self._hasher.hash(normal(password)) if self._hasher.outgrown(held) else ""
        cookie = keys.token()

        def work(tx: Tx) -> Person | Halfway:
            # Asked again: the check took long, and whoever was shut out meanwhile must stay outside.
            now_held = secrets.find_password(tx, person.id)
            if now_held != held:
                raise Unidentified("The password was changed meanwhile.", code="wrong-password")
            if renewed:
                secrets.save_password(tx, person.id, renewed, self._clock())
            self._give_back(tx, charged)
            app = secrets.find_authenticator(tx, person.id)
            if app is not None and app.confirmed:
                return Halfway(ticket=self._make_ticket(person.id, renewed or held))
            self._open_session(tx, cookie, person, Way.PASSWORD, agent)
            return person

        outcome = self._store.write(work)
        return outcome if isinstance(outcome, Halfway) else (cookie, outcome)

    def sign_in(self, secret: str, agent: str = "") -> tuple[str, Person] | Halfway:
        """Spend a one-time link: the secret of a new session and who signed in. Unidentified when it is spent.

        Halfway for somebody who has an authenticator app: then the link is spent with the code.
        """
        cookie, secret_hash = keys.token(), keys.token_hash(secret)

        def work(tx: Tx) -> Person | Halfway:
            now = self._clock()
            person = rows.find_sign_in_link(tx, secret_hash, now)
            app = secrets.find_authenticator(tx, person.id) if person is not None else None
            if person is not None and app is not None and app.confirmed:
                return Halfway(ticket=self._make_ticket(person.id, "", secret_hash))
            person = rows.spend_sign_in_link(tx, secret_hash, now)
            if person is None:
                raise Unidentified(
                    "This sign-in link does not work any more.",
                    "It was used or revoked, it is older than 24 hours, or it was never made here.",
                    "Ask your administrator for a new one: `kouprey person link NAME`.",
                    code="link-spent",
                )
            self._open_session(tx, cookie, person, Way.LINK, agent)
            return person

        outcome = self._store.write(work)
        return outcome if isinstance(outcome, Halfway) else (cookie, outcome)

    def list_sessions(self, person: Person) -> list[Session]:
        """From where somebody is signed in, newest first."""
        with self._store.read() as reader:
            return secrets.list_sessions(reader, person, self._clock())

    def sign_out_elsewhere(self, session: Session) -> int:
        """End all sessions of a person but this one; how many there were."""
        person = session.person

        def work(tx: Tx) -> int:
            ended = secrets.end_other_sessions(tx, person.id, session.key)
            detail = {"sessions_ended": ended}
            audit.append(tx, at=self._clock(), actor=person.id, action="session.end", subject=person.id, detail=detail)
            return ended

        return self._store.write(work)

    def _make_ticket(self, person: str, held: str, link: bytes = b"") -> str:
        """Proof of the first step: for whom, until when, and under which password or link; nothing of it is stored."""
        until = self._clock() + _TICKET_LIFE
        return f"{person}.{until}.{link.hex()}.{self._sign_ticket(person, str(until), held or link.hex())}"

    def _sign_ticket(self, person: str, until: str, held: str) -> str:
        signed = f"kouprey-halfway/1\n{person}\n{until}\n{held}"
        return keys.hmac_sha256(self._keyring.cookie, signed.encode()).hex()

    def _read_ticket(self, ticket: str) -> str:
        """Whose ticket it says it is, "" for none that can still hold; only `_holds` proves it."""
        person, _, rest = ticket.partition(".")
        until = rest.partition(".")[0]
        if not (person.isascii() and person.isprintable()):
            return ""
        return person if until.isascii() and until.isdigit() and int(until[:20]) > self._clock() else ""

    def _holds(self, tx: Tx, ticket: str) -> bool:
        person, until, link, mark = (*ticket.split(".", 3), "", "", "")[:4]
        held = link or secrets.find_password(tx, person)
        if not held or not keys.equal(mark, self._sign_ticket(person, until, held)):
            return False
        if not link:
            return True
        holder = rows.find_sign_in_link(tx, bytes.fromhex(link), self._clock())
        return holder is not None and holder.id == person

    def _spend_link_of(self, tx: Tx, ticket: str) -> bool:
        """Whether the first step of a ticket that holds was a link, which is spent now."""
        link = ticket.split(".", 3)[2]
        return bool(link) and rows.spend_sign_in_link(tx, bytes.fromhex(link), self._clock()) is not None

    def _charge(self, name: str, address: str) -> tuple[bytes, bytes]:
        """Count an attempt before it is checked, so that many at once are not one; what to give back on success."""
        charged = (self._subject("name", name), self._subject("address", address))

        def work(tx: Tx) -> None:
            now = self._clock()
            secrets.forget_failures(tx, now - _REMEMBERED)
            (of_name, last_name), (of_address, last_address) = (secrets.find_failures(tx, each) for each in charged)
            ready = max(
                ready_at(of_name, last_name, FREE_OF_ACCOUNT), ready_at(of_address, last_address, FREE_OF_ADDRESS)
            )
            if ready > now:
                raise _throttled(ready - now)
            secrets.save_failures(tx, charged[0], of_name + 1, now)
            secrets.save_failures(tx, charged[1], of_address + 1, now)
            known = rows.find_person(tx, name) if of_name + 1 == FREE_OF_ACCOUNT else None
            if known is not None:
                audit.append(tx, at=now, actor="", action="session.throttle", subject=known.id, detail={})

        self._store.write(work)
        return charged

    def _give_back(self, tx: Tx, charged: tuple[bytes, bytes]) -> None:
        """The attempt was right: the name starts anew; the address loses this one only, for it may try many names."""
        for subject, starts_anew in zip(charged, (True, False), strict=True):
            failures, last = secrets.find_failures(tx, subject)
            secrets.save_failures(tx, subject, 0 if starts_anew else max(failures - 1, 0), last)

    def _subject(self, kind: str, value: str) -> bytes:
        # Keyed, for people type passwords into the field of the name, and addresses are few enough to try.
        return keys.hmac_sha256(self._keyring.cookie, f"kouprey-attempt/1\n{kind}\n{normal(value)}".encode())


def _throttled(wait: Instant) -> Refused:
    seconds = -(-wait // SECOND)
    return Refused(
        "There were too many wrong attempts.",
        f"The next one is taken in {seconds} seconds.",
        "Wait so long, or sign in by a link.",
        code="too-many-attempts",
        detail={"seconds": seconds},
    )
