"""Tokens: credentials of programs, each acting for one party up to a clearance."""

from __future__ import annotations

import base64
from contextlib import suppress

import msgspec

from kouprey.kernel.seal import keys
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Unknown, Unreachable
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import FOREVER, SECOND, Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.people import store as rows
from kouprey.people.model import Person, Role, Token, permissions_of
from kouprey.people.service.epoch import bump_policy_epoch
from kouprey.people.service.persons import Persons, check_grant, record_widened

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
        collection: str = "",
        life: Instant | None = None,
        granter: Person | None = None,
    ) -> tuple[Token, str]:
        """A credential for a program acting for `party`; the secret is shown once and never stored.

        `life` is in microseconds, None = without end; `granter` as for `save_person`.
        """
        self.get_party(party)
        check_grant(granter, permissions_of((role,)), clearance)
        now = self._clock()
        token = Token(
            user=new_id("tok")[:20],
            party=party,
            role=role,
            clearance=clearance,
            collection=collection,
            expires=FOREVER if life is None else now + life,
        )
        secret = keys.token()

        def work(tx: Tx) -> None:
            rows.save_token(tx, token, keys.token_hash(secret), now)
            detail = {"party": party, "role": str(role), "clearance": clearance.word, "collection": collection}
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
        active: bool | None = None,
        granter: Person | None = None,
    ) -> Token:
        """Change what a token may see or do; what becomes visible by it is delivered, nothing is skipped."""

        def work(tx: Tx) -> Token:
            held = rows.find_token(tx, user)
            if held is None:
                raise _unknown_token(user)
            changed = msgspec.structs.replace(
                held,
                clearance=held.clearance if clearance is None else clearance,
                role=held.role if role is None else role,
                active=held.active if active is None else active,
            )
            for token in (held, changed):
                check_grant(granter, permissions_of((token.role,)), token.clearance)
            rows.change_token(tx, changed)
            now = self._clock()
            detail = {"clearance": changed.clearance.word, "role": str(changed.role), "active": changed.active}
            audit.append(tx, at=now, actor=by, action="token.change", subject=user, detail=detail)
            if held.clearance != changed.clearance:
                record_widened(tx, self.reader_of_token(held), self.reader_of_token(changed))
            bump_policy_epoch(tx)
            return changed

        return self._store.write(work)

    def rotate_token(self, user: str, *, by: str, granter: Person | None = None) -> tuple[Token, str]:
        """A new secret for a token, shown once; the one before ends at once. `granter` as for `save_person`."""
        secret = keys.token()

        def work(tx: Tx) -> Token:
            held = rows.find_token(tx, user)
            if held is None:
                raise _unknown_token(user)
            check_grant(granter, permissions_of((held.role,)), held.clearance)
            rows.replace_secret(tx, user, keys.token_hash(secret))
            audit.append(tx, at=self._clock(), actor=by, action="token.rotate", subject=user, detail={})
            bump_policy_epoch(tx)
            return held

        return self._store.write(work), secret

    def list_tokens(self) -> list[Token]:
        """All tokens, by party."""
        with self._store.read() as reader:
            return rows.list_tokens(reader)

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
        """The token as a reader; one of our own party reads as our people do, any other under its agreements."""
        return decision.Reader(
            party=token.party, clearance=token.clearance, local=token.party == self.home_id, name=token.user
        )


def _unknown_token(user: str) -> Unknown:
    return Unknown(f"No token {user[:60]!r}.", remedy="`kouprey token list` shows them.", code="unknown-token")
