"""Passkeys: added by whoever is signed in, and enough by themselves to sign in."""

from __future__ import annotations

from kouprey.kernel.seal import keys, passkeys
from kouprey.kernel.seal.passkeys import Passkey, Place
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Refused, Unidentified, Unknown
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.people import store as rows
from kouprey.people.model import PROVEN, KnownPasskey, Person, Session, Way
from kouprey.people.service.codes import Codes
from kouprey.people.store import passkeys as kept

NAME_MAX = 60
_LIFE: Instant = 600 * SECOND
_NONCE, _TIME, _MARK = 16, 8, 16


class Passkeys(Codes):
    """Signing in with what a phone, a computer or a key holds."""

    def list_passkeys(self, person: Person) -> list[KnownPasskey]:
        """Those of one person, oldest first."""
        with self._store.read() as reader:
            return kept.list_passkeys(reader, person.id)

    def ask_for_passkey(self, session: Session, place: Place) -> str:
        """What the browser is told to make a new one, as JSON."""
        person = session.person
        known = [each.id for each in self.list_passkeys(person)]
        return passkeys.ask_for_new(place, self._challenge(person.id), person.id.encode(), person.name, known)

    def add_passkey(
        self, session: Session, place: Place, answer: str, name: str, *, password: str = "", address: str = ""
    ) -> None:
        """Keep a new one; Forbidden (`not-fresh`) as `prove`, Unidentified (`bad-passkey`) when it does not hold."""
        self.prove(session, password, address=address)
        self.check_may_enrol(session)
        person = session.person
        challenge = passkeys.read_new_challenge(answer)
        expires = self._check_challenge(challenge, person.id)
        made = passkeys.check_new(place, challenge, answer)
        called = "".join(filter(str.isprintable, name)).strip()[:NAME_MAX]

        def work(tx: Tx) -> None:
            now = self._clock()
            new = KnownPasskey(
                id=made.id, person=person.id, public=made.public, uses=made.uses, name=called, created=now
            )
            if not (kept.answer_challenge(tx, challenge, expires, now) and kept.add_passkey(tx, new)):
                raise Refused("This passkey is known already.", code="passkey-known")
            if session.way not in PROVEN:
                rows.change_way(tx, session.key, Way.PASSKEY)
            audit.append(tx, at=now, actor=person.id, action="passkey.add", subject=person.id, detail={"name": called})

        self._store.write(work)

    def forget_passkey(self, session: Session, passkey: bytes, *, password: str = "", address: str = "") -> None:
        """It signs nobody in any more; Forbidden (`not-fresh`) as `prove`, Unknown when it is not one's own."""
        self.prove(session, password, address=address)
        self.check_may_enrol(session)
        person = session.person

        def work(tx: Tx) -> None:
            if not kept.forget_passkey(tx, person.id, passkey):
                raise Unknown("There is no such passkey.", code="unknown-passkey")
            audit.append(tx, at=self._clock(), actor=person.id, action="passkey.forget", subject=person.id, detail={})

        self._store.write(work)

    def ask_to_sign_in(self, place: Place) -> str:
        """What the browser is told to sign in by any passkey of this node, as JSON."""
        return passkeys.ask_for_proof(place, self._challenge(""))

    def sign_in_by_passkey(self, place: Place, answer: str, *, agent: str = "") -> tuple[str, Person]:
        """The secret of a new session and who signed in; Unidentified (`bad-passkey`) when it does not hold."""
        claimed, challenge = passkeys.read_claim(answer)
        expires = self._check_challenge(challenge, "")
        with self._store.read() as reader:
            known = kept.find_passkey(reader, claimed)
        if known is None:
            raise _not_accepted("It is not known here.")
        uses = passkeys.check_proof(place, challenge, Passkey(known.id, known.public, known.uses), answer)
        cookie = keys.token()

        def work(tx: Tx) -> Person:
            now = self._clock()
            # Asked again: whoever was shut out meanwhile has no passkey any more.
            held, person = kept.find_passkey(tx, known.id), rows.find_person(tx, known.person)
            if held is None or person is None or not person.active:
                raise _not_accepted("It is not known here.")
            if not kept.answer_challenge(tx, challenge, expires, now):
                raise _not_accepted("The answer was used already.")
            kept.note_use(tx, known.id, uses, now)
            self._open_session(tx, cookie, person, Way.PASSKEY, agent)
            return person

        return cookie, self._store.write(work)

    def _challenge(self, person: str) -> bytes:
        """Something new to sign, which says itself until when and for whom, so that asking stores nothing."""
        body = keys.random_bytes(_NONCE) + (self._clock() + _LIFE).to_bytes(_TIME, "big")
        return body + self._mark_challenge(body, person)

    def _mark_challenge(self, body: bytes, person: str) -> bytes:
        return keys.hmac_sha256(self._keyring.cookie, b"kouprey-passkey/1\n" + person.encode() + b"\n" + body)[:_MARK]

    def _check_challenge(self, challenge: bytes, person: str) -> Instant:
        """Until when it holds; Unidentified unless it is one of ours for this purpose, and not over."""
        body, mark = challenge[: _NONCE + _TIME], challenge[_NONCE + _TIME :]
        expires = int.from_bytes(body[_NONCE:], "big")
        if not keys.equal(mark, self._mark_challenge(body, person)) or expires <= self._clock():
            raise _not_accepted("The page was opened too long ago.")
        return expires


def _not_accepted(why: str) -> Unidentified:
    return Unidentified("The passkey was not accepted.", why, "Open the page again and try.", code="bad-passkey")
