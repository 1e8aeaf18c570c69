"""Persons of our own party: who they are, how they sign in, and how they are shut out."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kouprey.kernel.seal import keys
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Forbidden, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.look import Look
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.people import store as rows
from kouprey.people import wire
from kouprey.people.facts import ReaderWidened
from kouprey.people.model import Invitation, Permission, Person, Role, Session, Way, permissions_of
from kouprey.people.service.epoch import bump_policy_epoch
from kouprey.people.service.parties import Parties

LINK_LIFE: Instant = 24 * 3600 * SECOND
LINKS_LISTED: Instant = 30 * 24 * 3600 * SECOND
"""So long a link is listed after it has ended."""
SESSION_LIFE: Instant = 12 * 3600 * SECOND
AGENT_MAX = 200
"""Characters kept of what a browser calls itself."""


class Persons(Parties):
    """People of our own party and their sessions."""

    def save_person(
        self, name: str, roles: tuple[Role, ...], clearance: TLP, *, by: str, granter: Person | None = None
    ) -> Person:
        """Create somebody, or change the roles and clearance of somebody; whether they may come in stays as it is.

        `granter` is the person who does it, None for the operator at the machine; Forbidden to grant more than one has.
        """
        if not wire.is_name(name) or name.startswith("psn_") or not roles:
            raise Refused(
                f"{name[:60]!r} cannot be added.",
                "A person needs a name of 1 to 200 printable characters and at least one role.",
                "Give both.",
                code="bad-person",
            )
        check_grant(granter, permissions_of(roles), clearance)

        def work(tx: Tx) -> Person:
            held = rows.find_person(tx, name)
            wanted = tuple(sorted(set(roles)))
            if held is None:
                person = Person(id=new_id("psn"), name=name, roles=wanted, clearance=clearance)
            else:
                _check_own(held)
                check_grant(granter, permissions_of(held.roles), held.clearance)
                person = msgspec.structs.replace(held, roles=wanted, clearance=clearance)
            self._keep_person(tx, held, person, by)
            return person

        return self._store.write(work)

    def set_active(self, person: Person, active: bool, *, by: str, granter: Person | None = None) -> Person:
        """Let somebody in again, or no longer: then sessions and all they could sign in with end at once."""

        def work(tx: Tx) -> Person:
            held = rows.find_person(tx, person.id)
            if held is None:
                raise _unknown_person(person.name)
            check_grant(granter, permissions_of(held.roles), held.clearance)
            changed = msgspec.structs.replace(held, active=active)
            self._keep_person(tx, held, changed, by)
            return changed

        return self._store.write(work)

    def _keep_person(self, tx: Tx, held: Person | None, person: Person, by: str) -> None:
        if held is not None and _lets_people_in(held) and not _lets_people_in(person):
            others = (each for each in rows.list_persons(tx) if each.id != person.id)
            if not any(map(_lets_people_in, others)):
                raise Refused(
                    f"{person.name} is the only administrator.",
                    "Nobody could let people in any more.",
                    "Make somebody else an administrator first.",
                    code="last-administrator",
                )
        now = self._clock()
        rows.save_person(tx, person, now)
        if not person.active:
            rows.end_access(tx, person.id)
        if held is not None and held.clearance != person.clearance:
            record_widened(tx, self.reader_of(held), self.reader_of(person))
        detail = {
            "roles": [str(role) for role in person.roles],
            "clearance": person.clearance.word,
            "active": person.active,
        }
        audit.append(tx, at=now, actor=by, action="person.save", subject=person.id, detail=detail)
        bump_policy_epoch(tx)

    def get_person(self, name_or_id: str) -> Person:
        """Somebody by name or id; Unknown when there is nobody."""
        with self._store.read() as reader:
            found = rows.find_person(reader, name_or_id)
        if found is None:
            raise _unknown_person(name_or_id)
        return found

    def list_persons(self, constituent: str = "", reader: Reader | None = None) -> list[Person]:
        """Everybody of our own party, or of a constituent, by name; inside a transaction, pass it."""
        if reader is not None:
            return rows.list_persons(reader, constituent)
        with self._store.read() as snapshot:
            return rows.list_persons(snapshot, constituent)

    def count_accounts(self) -> int:
        """How many persons and programs there are, of ours and of constituents, in use or not."""
        with self._store.read() as reader:
            return rows.count_accounts(reader)

    def make_sign_in_link(self, person: Person, *, by: str, granter: Person | None = None) -> str:
        """The secret of a one-time link, valid for 24 hours; it is spent by a form, never by opening it."""
        secret = keys.token()
        self._store.write(lambda tx: self._add_link(tx, person, secret, by, granter))
        return secret

    def _add_link(self, tx: Tx, person: Person, secret: str, by: str, granter: Person | None) -> None:
        now = self._clock()
        held = rows.find_person(tx, person.id)
        if held is None or not held.active:
            raise Refused(
                f"{person.name} may not sign in.",
                "The person was deactivated.",
                f"Let them in again: `kouprey person activate {person.name!r}`.",
                code="inactive-person",
            )
        check_grant(granter, permissions_of(held.roles), held.clearance)
        self._forget_expired(tx)
        secret_hash = keys.token_hash(secret)
        rows.add_sign_in_link(tx, secret_hash, person.id, now + LINK_LIFE, by, now)
        detail = {"link": secret_hash.hex()[:16]}
        audit.append(tx, at=now, actor=by, action="person.link", subject=person.id, detail=detail)

    def list_invitations(self) -> list[Invitation]:
        """Links that are open, or ended within the last thirty days, newest first; never their secrets."""
        with self._store.read() as reader:
            return [each for _, each in rows.list_sign_in_links(reader)]

    def revoke_invitation(self, invitation: str, *, by: str, granter: Person | None = None) -> Invitation:
        """Nobody comes in by this link any more; the person stays as they are.

        Unknown when there is no such link, Refused (`link-over`) when it is spent, expired or revoked already.
        """

        def work(tx: Tx) -> Invitation:
            return self._revoke_invitation(tx, invitation, by, granter)

        return self._store.write(work)

    def renew_invitation(self, invitation: str, *, by: str, granter: Person | None = None) -> tuple[Invitation, str]:
        """A new link for the same person, and the one before is revoked when it was still open; its new secret."""
        secret = keys.token()

        def work(tx: Tx) -> Invitation:
            held = self._find_invitation(tx, invitation)[1]
            if held.is_open(self._clock()):
                self._revoke_invitation(tx, invitation, by, granter)
            self._add_link(tx, held.person, secret, by, granter)
            return self._find_invitation(tx, keys.token_hash(secret).hex()[:16])[1]

        return self._store.write(work), secret

    def _find_invitation(self, tx: Tx, invitation: str) -> tuple[bytes, Invitation]:
        for secret_hash, held in rows.list_sign_in_links(tx):
            if held.id == invitation:
                return secret_hash, held
        raise Unknown(
            f"There is no link {invitation[:40]!r}.",
            "It was never made here, or it ended more than thirty days ago.",
            "`kouprey person links` lists them.",
            code="unknown-link",
        )

    def _revoke_invitation(self, tx: Tx, invitation: str, by: str, granter: Person | None) -> Invitation:
        secret_hash, held = self._find_invitation(tx, invitation)
        check_grant(granter, permissions_of(held.person.roles), held.person.clearance)
        now = self._clock()
        if not held.is_open(now) or not rows.revoke_sign_in_link(tx, secret_hash, now):
            raise Refused(
                "This link lets nobody in any more.",
                "It was used, revoked, or it is older than 24 hours.",
                "Nothing has to be done.",
                code="link-over",
            )
        detail = {"link": invitation}
        audit.append(tx, at=now, actor=by, action="person.revoke-link", subject=held.person.id, detail=detail)
        return msgspec.structs.replace(held, revoked=now)

    def _forget_expired(self, tx: Tx) -> None:
        now = self._clock()
        rows.forget_expired(tx, now, now - LINKS_LISTED)

    def find_link_holder(self, secret: str) -> Person | None:
        """Whom a link that can still be spent is for."""
        with self._store.read() as reader:
            return rows.find_sign_in_link(reader, keys.token_hash(secret), self._clock())

    def _open_session(self, tx: Tx, cookie: str, person: Person, way: Way, agent: str) -> None:
        now = self._clock()
        self._forget_expired(tx)
        session = Session(
            key=keys.token_hash(cookie),
            person=person,
            expires=now + SESSION_LIFE,
            created=now,
            way=way,
            agent="".join(filter(str.isprintable, agent))[:AGENT_MAX],
        )
        rows.add_session(tx, session)
        audit.append(tx, at=now, actor=person.id, action="session.open", subject=person.id, detail={"way": str(way)})

    def find_session(self, cookie: str) -> Session | None:
        """The running session of a cookie's secret; none for somebody who was deactivated."""
        with self._store.read() as reader:
            return rows.find_session(reader, keys.token_hash(cookie), self._clock())

    def set_look(self, session: Session, chosen: Look) -> None:
        """Keep what somebody chose of how pages look to them; what they did not choose stays as it was."""

        def work(tx: Tx) -> None:
            held = rows.find_session(tx, session.key, self._clock())
            if held is not None:
                rows.save_look(tx, held.person.id, held.look.changed_by(chosen))

        self._store.write(work)

    def sign_out(self, cookie: str) -> None:
        """End a session."""
        self._store.write(lambda tx: rows.end_session(tx, keys.token_hash(cookie)))

    def reader_of(self, person: Person) -> decision.Reader:
        """The person as a reader of our own party, or of the constituent they belong to."""
        if person.constituent:
            return self.constituent_reader(person.constituent, person.clearance, name=person.id)
        # Roles say what one may do, never what one may see: without them there are few profiles.
        return decision.Reader(party=self.home_id, clearance=person.clearance, local=True, name=person.id)

    def constituent_reader(self, constituent: str, clearance: TLP, *, name: str = "") -> decision.Reader:
        """A constituent as a reader of its own: never as our people, and never more than they."""
        return decision.Reader(
            party=constituent, clearance=clearance, constituents=(constituent,), beside=self.home_id, name=name
        )


def _check_own(person: Person) -> None:
    if person.constituent:
        raise Refused(
            f"{person.name} is not of this party.",
            f"They belong to {person.constituent}, a constituent hosted here, and have no role.",
            "Change them on the page of the constituent.",
            code="of-a-constituent",
        )


def check_grant(granter: Person | None, permissions: Iterable[Permission], clearance: TLP) -> None:
    """Forbidden when `granter` would give, or take from somebody, more than they have; None may grant anything."""
    if granter is None:
        return
    beyond = sorted(set(permissions) - permissions_of(granter.roles))
    if beyond or clearance > granter.clearance:
        raise Forbidden(
            "Nobody can grant more than they have.",
            f"{granter.name} has no permission to {', '.join(beyond)}."
            if beyond
            else f"{granter.name} is cleared up to {granter.clearance.text}.",
            "Ask somebody who has it.",
            code="beyond-own-rights",
        )


def record_widened(tx: Tx, before: decision.Reader, after: decision.Reader) -> None:
    """Say that a reader's clearance has changed, in the transaction that changes it."""
    outbox.record(tx, ReaderWidened(before=msgspec.to_builtins(before), after=msgspec.to_builtins(after)))


def _lets_people_in(person: Person) -> bool:
    return person.active and Permission.PEOPLE in permissions_of(person.roles)


def _unknown_person(name: str) -> Unknown:
    return Unknown(
        f"Nobody called {name[:60]!r} is known here.",
        remedy="`kouprey person list` shows everybody; `kouprey person invite` adds somebody.",
        code="unknown-person",
    )
