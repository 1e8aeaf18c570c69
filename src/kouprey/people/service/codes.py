"""Codes of an authenticator app, asked for after the password, and recovery codes for a lost phone."""

from __future__ import annotations

from base64 import b32encode

from kouprey.kernel.seal import box, keys, totp
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Forbidden, Refused, Unidentified, Unknown
from kouprey.people import store as rows
from kouprey.people.model import PROVEN, Authenticator, Person, Role, Session, Way, permissions_of
from kouprey.people.service.passwords import Passwords
from kouprey.people.service.persons import check_grant
from kouprey.people.store import passkeys, secrets

RECOVERY_CODES = 10


class Codes(Passwords):
    """The second step of signing in by a password."""

    _demanded: frozenset[Role] = frozenset()

    def demand_second_factor(self, roles: frozenset[Role]) -> None:
        """From now on people with one of these roles need an app or a passkey to do anything but set one up."""
        self._demanded = roles

    def lacks_proof(self, session: Session) -> bool:
        """Whether the person's role needs a second factor, and this session was opened without one."""
        return bool(self._demanded & set(session.person.roles)) and not self._is_proven(session)

    def _is_proven(self, session: Session) -> bool:
        return session.way in PROVEN

    def has_second_factor(self, person: Person) -> bool:
        """Whether somebody has an app or a passkey."""
        with self._store.read() as reader:
            app = secrets.find_authenticator(reader, person.id)
            return (app is not None and app.confirmed) or bool(passkeys.list_passkeys(reader, person.id))

    def check_may_enrol(self, session: Session) -> None:
        """Forbidden (`second-factor`) to change second factors without the one that is demanded and there already."""
        if self.lacks_proof(session) and self.has_second_factor(session.person):
            raise Forbidden(
                "Sign in with your second factor first.",
                "You have one, and this sign-in was made without it.",
                "Sign out, and in by your passkey or with a code; when it is lost, ask your administrator.",
                code="second-factor",
            )

    def reset_second_factor(self, person: Person, *, by: str, granter: Person | None = None) -> None:
        """For somebody who lost theirs: app, recovery codes and passkeys are forgotten, and their sessions end."""

        def work(tx: Tx) -> None:
            held = rows.find_person(tx, person.id)
            if held is None:
                raise Unknown("There is nobody by that id.", code="unknown-person")
            check_grant(granter, permissions_of(held.roles), held.clearance)
            secrets.forget_codes(tx, held.id)
            passkeys.forget_passkeys(tx, held.id)
            ended = secrets.end_other_sessions(tx, held.id, b"")
            detail = {"sessions_ended": ended}
            now = self._clock()
            audit.append(tx, at=now, actor=by, action="person.reset-factor", subject=held.id, detail=detail)

        self._store.write(work)

    def has_authenticator(self, person: Person) -> bool:
        """Whether somebody is asked for a code."""
        with self._store.read() as reader:
            held = secrets.find_authenticator(reader, person.id)
        return held is not None and held.confirmed

    def count_recovery_codes(self, person: Person) -> int:
        """How many are left."""
        with self._store.read() as reader:
            return secrets.count_recovery_codes(reader, person.id)

    def begin_authenticator(self, session: Session, *, password: str = "", address: str = "") -> bytes:
        """A new secret to be put into an app; nothing is asked for until `confirm_authenticator`.

        Forbidden (`not-fresh`) as `prove`; Refused for somebody without a password, or who has one already.
        """
        self.prove(session, password, address=address)
        self.check_may_enrol(session)
        person = session.person
        secret = totp.new_secret()
        sealed = box.seal(secret, [self._keyring.age_recipient])

        def work(tx: Tx) -> None:
            held = secrets.find_authenticator(tx, person.id)
            if not secrets.find_password(tx, person.id) or (held is not None and held.confirmed):
                raise Refused(
                    "An authenticator app cannot be set up now.",
                    "There is no password yet, or there is an app already.",
                    "Set a password, or turn the present app off first.",
                    code="no-authenticator-now",
                )
            secrets.save_authenticator(tx, person.id, sealed)

        self._store.write(work)
        return secret

    def pending_secret(self, person: Person) -> bytes | None:
        """The secret that waits to be confirmed."""
        with self._store.read() as reader:
            held = secrets.find_authenticator(reader, person.id)
        return self._open(held) if held is not None and not held.confirmed else None

    def confirm_authenticator(self, session: Session, code: str, *, address: str = "") -> list[str]:
        """From now on a code is asked for; the recovery codes, shown once. Unidentified for a wrong code."""
        self.check_may_enrol(session)
        person = session.person
        charged = self._charge(f"code:{person.id}", address)
        codes = [b32encode(keys.random_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]

        def work(tx: Tx) -> None:
            now = self._clock()
            held = secrets.find_authenticator(tx, person.id)
            counter = None
            if held is not None and not held.confirmed:
                counter = totp.find_counter(self._open(held), _typed(code), now, 0)
            if counter is None:
                raise _wrong_code()
            secrets.confirm_authenticator(tx, person.id, counter, now)
            secrets.save_recovery_codes(tx, person.id, [keys.token_hash(each) for each in codes])
            self._give_back(tx, charged)
            if session.way not in PROVEN:
                rows.change_way(tx, session.key, Way.CODE)
            audit.append(tx, at=now, actor=person.id, action="authenticator.set", subject=person.id, detail={})

        self._store.write(work)
        return ["-".join(code[place : place + 4] for place in range(0, 16, 4)) for code in codes]

    def forget_authenticator(self, session: Session, *, password: str = "", address: str = "") -> None:
        """Ask for no code any more; Forbidden (`not-fresh`) as `prove`."""
        self.prove(session, password, address=address)
        self.check_may_enrol(session)
        person = session.person

        def work(tx: Tx) -> None:
            secrets.forget_codes(tx, person.id)
            now = self._clock()
            audit.append(tx, at=now, actor=person.id, action="authenticator.forget", subject=person.id, detail={})

        self._store.write(work)

    def finish_sign_in(self, ticket: str, code: str, *, address: str, agent: str = "") -> tuple[str, Person]:
        """The second step: a code of the app, or a recovery code, which then is spent.

        Unidentified: `wrong-code`, or `ticket-spent` when the first step is over. Refused (`too-many-attempts`).
        """
        person_id = self._read_ticket(ticket)
        if not person_id:
            raise _ticket_spent()
        charged = self._charge(f"code:{person_id}", address)
        cookie = keys.token()

        def work(tx: Tx) -> Person:
            person = rows.find_person(tx, person_id)
            held = secrets.find_authenticator(tx, person_id)
            # Asked again: a password that was changed meanwhile, and whoever was shut out, ends the first step.
            if person is None or held is None or not self._holds(tx, ticket):
                raise _ticket_spent()
            typed = _typed(code)
            counter = totp.find_counter(self._open(held), typed, self._clock(), held.last_counter)
            by_app = counter is not None and secrets.use_counter(tx, person_id, counter)
            if not by_app and not secrets.use_recovery_code(tx, person_id, keys.token_hash(typed)):
                raise _wrong_code()
            self._give_back(tx, charged)
            by_link = self._spend_link_of(tx, ticket)
            way = (Way.LINK_CODE if by_link else Way.CODE) if by_app else Way.RECOVERY
            self._open_session(tx, cookie, person, way, agent)
            return person

        return cookie, self._store.write(work)

    def _open(self, held: Authenticator) -> bytes:
        return box.open_box(held.sealed, self._keyring.age_secrets)


def _typed(code: str) -> str:
    """A code as people type it, with blanks or hyphens between."""
    return "".join(code.split()).replace("-", "").lower()


def _wrong_code() -> Unidentified:
    return Unidentified(
        "The code is not right.",
        "It was used already, it is over, or the clocks of phone and node are apart.",
        "Take the next one, or one of your recovery codes.",
        code="wrong-code",
    )


def _ticket_spent() -> Unidentified:
    return Unidentified("Begin again with name and password.", "It took longer than five minutes.", code="ticket-spent")
