"""Tokens: credentials of programs, each acting for one party up to a clearance."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

import msgspec

from kouprey.kernel.seal import keys
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Refused, Unknown, Unreachable
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import FOREVER, SECOND, Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.people import store as rows
from kouprey.people import wire
from kouprey.people.model import Permission, Person, Role, Token, permissions_of
from kouprey.people.service.epoch import bump_policy_epoch
from kouprey.people.service.persons import Persons, check_grant, record_widened
from kouprey.people.store import delegations

COLLECTIONS_MAX = 50
_COLLECTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_NOTED_EVERY: Instant = 3600 * SECOND


class Tokens(Persons):
    """Credentials of programs."""

    def create_token(
        self,
        party: str,
        role: Role,
        clearance: TLP,
        *,
        by: str,
        verbs: Iterable[Permission] = (),
        collections: Iterable[str] = (),
        life: Instant | None = None,
        name: str = "",
        granter: Person | None = None,
    ) -> tuple[Token, str]:
        """A credential for a program acting for `party`; the secret is shown once and never stored.

        `verbs` are those it may of what its role may, `collections` (ids or names) the only ones it may read; without
        any it may all. Refused (`bad-scope`) for a verb its role has not, or what cannot be a collection.
        `life` is in microseconds, None = without end; `name` is what people call it; `granter` as for `save_person`.
        """
        self.get_party(party)
        narrowed = _narrowed(role, verbs)
        check_grant(granter, narrowed or permissions_of((role,)), clearance)
        now = self._clock()
        token = Token(
            user=new_id("tok")[:20],
            party=party,
            role=role,
            clearance=clearance,
            verbs=narrowed,
            collections=_checked(collections),
            expires=FOREVER if life is None else now + life,
            name=_named(name),
        )
        secret = keys.token()

        def work(tx: Tx) -> None:
            rows.save_token(tx, token, keys.token_hash(secret), now)
            detail = {"party": party, **_told(token)}
            audit.append(tx, at=now, actor=by, action="token.create", subject=token.user, detail=detail)

        self._store.write(work)
        return token, secret

    def change_token(
        self,
        user: str,
        *,
        by: str,
        clearance: TLP | None = None,
        role: Role | None = None,
        verbs: Iterable[Permission] | None = None,
        collections: Iterable[str] | None = None,
        active: bool | None = None,
        name: str | None = None,
        granter: Person | None = None,
    ) -> Token:
        """Change what a token may see or do; what becomes visible by it is delivered, nothing is skipped.

        `verbs` and `collections` as for `create_token`; another role without verbs may all that the role may.
        """

        def work(tx: Tx) -> Token:
            held = rows.find_token(tx, user)
            if held is None:
                raise _unknown_token(user)
            if held.constituent and (clearance, role, verbs, collections) != (None, None, None, None):
                raise _of_constituent(held)
            wanted = held.role if role is None else role
            kept = held.verbs if role is None else ()
            changed = msgspec.structs.replace(
                held,
                clearance=held.clearance if clearance is None else clearance,
                role=wanted,
                verbs=_narrowed(wanted, kept if verbs is None else verbs),
                collections=held.collections if collections is None else _checked(collections),
                active=held.active if active is None else active,
                name=held.name if name is None else _named(name),
            )
            for token in (held, changed):
                check_grant(granter, token.verbs or permissions_of((token.role,)), token.clearance)
            rows.change_token(tx, changed)
            now = self._clock()
            detail = {**_told(changed), "active": changed.active}
            audit.append(tx, at=now, actor=by, action="token.change", subject=user, detail=detail)
            if held.clearance != changed.clearance:
                for before, after in self._readers(tx, held, changed):
                    record_widened(tx, before, after)
            bump_policy_epoch(tx)
            return changed

        return self._store.write(work)

    def _readers(self, tx: Tx, held: Token, changed: Token) -> Iterator[tuple[decision.Reader, decision.Reader]]:
        """As whom the program of a token reads before and after: for its own party, and by every delegation.

        Those that are over count too, because a client may go on where it stopped under another one.
        """
        yield self.reader_of_token(held), self.reader_of_token(changed)
        for party, most in {(each.party, each.clearance) for each in delegations.list_confirmed(tx, held.user)}:
            before, after = min(held.clearance, most), min(changed.clearance, most)
            if before != after:
                reader = decision.Reader(party=party, clearance=before, name=held.user)
                yield reader, msgspec.structs.replace(reader, clearance=after)

    def rotate_token(self, user: str, *, by: str, granter: Person | None = None) -> tuple[Token, str]:
        """A new secret for a token, shown once; the one before ends at once. `granter` as for `save_person`."""
        secret = keys.token()

        def work(tx: Tx) -> Token:
            held = rows.find_token(tx, user)
            if held is None:
                raise _unknown_token(user)
            check_grant(granter, held.verbs or permissions_of((held.role,)), held.clearance)
            rows.replace_secret(tx, user, keys.token_hash(secret))
            audit.append(tx, at=self._clock(), actor=by, action="token.rotate", subject=user, detail={})
            bump_policy_epoch(tx)
            return held

        return self._store.write(work), secret

    def list_tokens(self, constituent: str | None = None) -> list[Token]:
        """All tokens, by party; or those of a constituent, "" for those of none."""
        with self._store.read() as reader:
            return rows.list_tokens(reader, constituent)

    def find_token(self, authorization: str) -> Token | None:
        """The active token behind an `Authorization` header (Basic user:secret, or Bearer secret), or None."""
        scheme, _, rest = authorization.partition(" ")
        user: str | None = None
        secret = rest.strip()
        if scheme.lower() == "basic":
            try:
                user, _, secret = base64.b64decode(secret, validate=True).decode("utf-8").partition(":")
            except ValueError:
                return None
        elif scheme.lower() != "bearer":
            return None
        if not secret:
            return None
        with self._store.read() as reader:
            # The lookup is by the hash of 256 random bits: comparing hashes in an index reveals nothing of the secret.
            token = rows.find_token_by_secret(reader, keys.token_hash(secret), self._clock())
        if token is None or user not in (None, token.user):
            return None
        self._note_use(token)
        return token

    def _note_use(self, token: Token) -> None:
        """Keep that a token is in use, by the hour: a poller comes every minute, and each note is a write."""
        now = self._clock()
        if now - token.used >= _NOTED_EVERY:
            # A store that is too busy for a note is no reason to turn a reader away.
            with suppress(Unreachable):
                self._store.write(lambda tx: rows.note_token_use(tx, token.user, now))

    def reader_of_token(self, token: Token) -> decision.Reader:
        """The token as a reader; one of our own party reads as our people do, any other under its agreements.

        One of a constituent reads as that does.
        """
        if token.constituent:
            return self.constituent_reader(token.constituent, token.clearance, name=token.user)
        return decision.Reader(
            party=token.party, clearance=token.clearance, local=token.party == self.home_id, name=token.user
        )


def _of_constituent(token: Token) -> Refused:
    return Refused(
        "What this token may see cannot be changed here.",
        f"It belongs to {token.constituent}, a constituent hosted here, and reads as that does.",
        "Change the clearance of the constituent.",
        code="of-a-constituent",
    )


def _named(name: str) -> str:
    called = name.strip()
    if called and not wire.is_name(called):
        raise Refused(
            "A token cannot be called that.",
            "A name has at most 200 printable characters.",
            "Write what the program is, such as: SIEM of the operations room.",
            code="bad-token-name",
        )
    return called


def _narrowed(role: Role, verbs: Iterable[Permission]) -> tuple[Permission, ...]:
    wanted = set(verbs)
    beyond = sorted(wanted - permissions_of((role,)))
    if beyond:
        raise Refused(
            "A token cannot do more than its role.",
            f"{role} may not {', '.join(beyond)}.",
            "Choose a role that may, or leave the verb out.",
            code="bad-scope",
        )
    return tuple(each for each in Permission if each in wanted)


def _checked(collections: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(each.strip() for each in collections if each.strip()))
    for each in found:
        if not _COLLECTION.fullmatch(each):
            raise Refused(
                f"{each[:60]!r} is no collection.",
                "It is neither the id nor the name of one.",
                "`kouprey collection list` shows them.",
                code="bad-scope",
            )
    if len(found) > COLLECTIONS_MAX:
        raise Refused(
            "These are too many collections.",
            f"A token is bound to at most {COLLECTIONS_MAX}.",
            "Make two tokens, or one that is bound to none.",
            code="bad-scope",
        )
    return found


def _told(token: Token) -> dict[str, object]:
    return {
        "role": str(token.role),
        "verbs": list(token.verbs),
        "clearance": token.clearance.word,
        "collections": list(token.collections),
        "name": token.name,
    }


def _unknown_token(user: str) -> Unknown:
    return Unknown(f"No token {user[:60]!r}.", remedy="`kouprey token list` shows them.", code="unknown-token")
