"""People and programs of constituents: readers without a node, whom we let in to see what concerns them."""

from __future__ import annotations

from kouprey.kernel.seal import keys
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import FOREVER, Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.people import store as rows
from kouprey.people import wire
from kouprey.people.model import Permission, Person, Role, Token
from kouprey.people.service.epoch import bump_policy_epoch
from kouprey.people.service.persons import record_widened
from kouprey.people.service.tokens import Tokens


class Hosted(Tokens):
    """Verbs for whoever keeps constituents. Whether they may is asked there; here nobody is given more than reading."""

    def add_hosted_person(self, constituent: str, name: str, clearance: TLP, *, by: str) -> Person:
        """Somebody of a constituent; Refused when the name cannot be one, or somebody is called that already."""
        if not wire.is_name(name) or name.startswith("psn_"):
            raise Refused(
                f"{name[:60]!r} cannot be added.",
                "A person needs a name of 1 to 200 printable characters.",
                "Write the name by which they sign in.",
                code="bad-person",
            )
        person = Person(id=new_id("psn"), name=name, roles=(), clearance=clearance, constituent=constituent)

        def work(tx: Tx) -> Person:
            if rows.find_person(tx, name) is not None:
                raise Refused(
                    f"Somebody is called {name} here already.",
                    "People sign in by their name, so it must be the only one.",
                    "Add the name of the organisation to it.",
                    code="name-taken",
                )
            self._keep_person(tx, None, person, by)
            return person

        return self._store.write(work)

    def create_hosted_token(
        self, constituent: str, clearance: TLP, *, name: str, by: str, life: Instant | None = None
    ) -> tuple[Token, str]:
        """A credential with which a program reads as a constituent does; the secret is shown once, never stored."""
        if not wire.is_name(name.strip()):
            raise Refused(
                "A token cannot be called that.",
                "A name has 1 to 200 printable characters.",
                "Write what the program is, such as: SIEM of the bank.",
                code="bad-token-name",
            )
        now = self._clock()
        token = Token(
            user=new_id("tok")[:20],
            party=constituent,
            role=Role.FEED,
            verbs=(Permission.READ,),
            clearance=clearance,
            expires=FOREVER if life is None else now + life,
            name=name.strip(),
            constituent=constituent,
        )
        secret = keys.token()

        def work(tx: Tx) -> None:
            rows.save_token(tx, token, keys.token_hash(secret), now)
            detail = {"constituent": constituent, "clearance": clearance.word, "name": token.name}
            audit.append(tx, at=now, actor=by, action="token.create", subject=token.user, detail=detail)

        self._store.write(work)
        return token, secret

    def narrow_constituent(self, tx: Tx, constituent: str, before: TLP, after: TLP) -> None:
        """Everybody and every program of a constituent is cleared otherwise, within the caller's transaction."""
        rows.narrow_constituent(tx, constituent, after)
        record_widened(tx, self.constituent_reader(constituent, before), self.constituent_reader(constituent, after))
        bump_policy_epoch(tx)

    def shut_out(self, tx: Tx, constituent: str, *, by: str) -> None:
        """Nobody and no program of a constituent comes in any more, at once, within the caller's transaction."""
        for person in rows.list_persons(tx, constituent):
            if person.active:
                rows.end_access(tx, person.id)
        rows.stop_tokens(tx, constituent)
        now = self._clock()
        audit.append(tx, at=now, actor=by, action="constituent.shut-out", subject=constituent, detail={})
        bump_policy_epoch(tx)
