"""Verbs of people: know parties by their cards, let persons in, issue tokens."""

from __future__ import annotations

import base64

import msgspec

from kouprey.kernel.seal import keys
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import audit, meta, outbox
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Refused, Unidentified, Unknown
from kouprey.kernel.words.ids import is_party_id, new_id
from kouprey.kernel.words.time import FOREVER, SECOND, Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people import store as rows
from kouprey.people import wire
from kouprey.people.facts import PartyTrusted, ReaderWidened
from kouprey.people.model import Card, Party, Person, Role, Session, Token

LINK_LIFE: Instant = 24 * 3600 * SECOND
SESSION_LIFE: Instant = 12 * 3600 * SECOND


class People:
    """Parties, persons, sessions and tokens of one node."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock = wall_clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._home_id = ""
        with store.read() as reader:
            home = rows.find_home(reader)
        if home is not None:
            self._home_id = home.id

    # parties

    def found(self, party: str, name: str, *, urls: tuple[str, ...] = (), identity: str) -> Party:
        """Make this node speak for `party`: sign its first card. Refused when the node speaks for one already."""
        if not is_party_id(party):
            raise Refused(
                f"{party[:60]!r} cannot be a party id.",
                "A party id is a lower-case name with dots, like a domain you own.",
                "Choose one such as cert.example.",
                code="bad-party-id",
            )
        with self._store.read() as reader:
            if rows.find_home(reader) is not None:
                raise Refused("This node already speaks for a party.", code="home-exists")
        return self._sign_card(party, name, urls, (identity,), after=0)

    def renew_card(self, *, urls: tuple[str, ...] | None = None) -> Party:
        """Sign a newer card of our own, with the keys and addresses of today."""
        card = self.home().card
        wanted = card.urls if urls is None else urls
        return self._sign_card(card.party, card.name, wanted, card.identities, after=card.serial)

    def _sign_card(
        self, party: str, name: str, urls: tuple[str, ...], identities: tuple[str, ...], *, after: int
    ) -> Party:
        ring = self._keyring
        now = self._clock()
        card = Card(
            party=party,
            name=name,
            root=ring.require_root().vkey(f"{party}/root"),
            nodes=(ring.node.vkey(f"{party}/node"),),
            receipts=(ring.receipt.vkey(f"{party}/receipt", alg=keys.ALG_COSIGNATURE),),
            ages=(ring.age_recipient,),
            urls=urls,
            identities=identities,
            # The clock, not a counter: a restored database must not give a serial out twice.
            serial=max(now, after + 1),
            issued=now,
        )
        note = wire.render_card(card, ring)
        self._store.write(lambda tx: rows.save_party(tx, card, note, home=True, now=now))
        self._home_id = party
        return self.home()

    def home(self) -> Party:
        """Our own party; Unknown before `kouprey init`."""
        with self._store.read() as reader:
            home = rows.find_home(reader)
        if home is None:
            raise Unknown("This node speaks for nobody yet.", "It was never initialised.", "Run `kouprey init` first.")
        return home

    @property
    def home_id(self) -> str:
        """Our own party id; it never changes, so it is read once."""
        if not self._home_id:
            self._home_id = self.home().id
        return self._home_id

    def trust(self, note: bytes, *, by: str) -> Party:
        """Pin a party's root key from its card, or take a newer card under the pinned root key.

        Refused when another root key is pinned for that party, or the card is older than the one held.
        """
        card = wire.parse_card(note)

        def work(tx: Tx) -> None:
            held = rows.find_party(tx, card.party)
            if held is not None:
                self._check_newer(held, card, note)
            now = self._clock()
            rows.save_party(tx, card, note, home=held is not None and held.home, now=now)
            audit.append(tx, at=now, actor=by, action="party.trust", subject=card.party, detail={"serial": card.serial})
            outbox.record(tx, PartyTrusted(party=card.party, serial=card.serial))
            bump_policy_epoch(tx)

        self._store.write(work)
        return self.get_party(card.party)

    def _check_newer(self, held: Party, card: Card, note: bytes) -> None:
        if held.card.root != card.root:
            raise Refused(
                f"Another root key is already trusted for {card.party}.",
                "A card signed by a different root key is a different party, or a theft.",
                "Call the party, compare the fingerprint words, and re-attest the root key together.",
                code="other-root",
            )
        if held.card.serial > card.serial or (held.card.serial == card.serial and held.note != note):
            raise Refused(
                f"A newer card of {card.party} is already held.",
                f"Held serial {held.card.serial}, offered {card.serial}.",
                "Ask for the current card.",
                code="old-card",
            )

    def receive_card(self, note: bytes, *, by: str) -> None:
        """Take a newer card of a party whose root key is trusted already; nobody becomes trusted this way."""
        card = wire.parse_card(note)
        if self.find_party(card.party) is None:
            raise Refused(
                f"{card.party} is not a trusted party.",
                "A card from the network can renew trust but never begin it.",
                "Run `kouprey party trust` with the card and compare the words by voice.",
                code="untrusted-party",
            )
        self.trust(note, by=by)

    def find_party(self, party: str) -> Party | None:
        with self._store.read() as reader:
            return rows.find_party(reader, party)

    def get_party(self, party: str) -> Party:
        found = self.find_party(party)
        if found is None:
            raise Unknown(
                f"No party {party[:80]!r} is known here.",
                "Its card was never trusted on this node.",
                "Run `kouprey party trust FILE` with its card.",
                code="unknown-party",
            )
        return found

    def list_parties(self) -> list[Party]:
        """Ourselves first."""
        with self._store.read() as reader:
            return rows.list_parties(reader)

    def list_identities(self, reader: Reader | None = None) -> dict[str, str]:
        """STIX identity id -> the party whose card reserves it; inside a transaction, pass it."""
        if reader is not None:
            return rows.list_identities(reader)
        with self._store.read() as snapshot:
            return rows.list_identities(snapshot)

    def fingerprint(self, party: str) -> tuple[str, ...]:
        """Words to read out over the telephone; equal words mean the same root key."""
        return keys.words_of(keys.VerifyKey.parse(self.get_party(party).card.root).public)

    # persons and sessions

    def save_person(self, name: str, roles: tuple[Role, ...], clearance: TLP, *, by: str) -> Person:
        """Create somebody, or change the roles and clearance of somebody."""
        with self._store.read() as reader:
            held = rows.find_person(reader, name)
        person = Person(id=held.id if held else new_id("psn"), name=name, roles=roles, clearance=clearance)

        def work(tx: Tx) -> None:
            now = self._clock()
            rows.save_person(tx, person, now)
            detail = {"roles": [str(role) for role in roles], "clearance": clearance.word}
            audit.append(tx, at=now, actor=by, action="person.save", subject=person.id, detail=detail)
            bump_policy_epoch(tx)

        self._store.write(work)
        return person

    def get_person(self, name_or_id: str) -> Person:
        with self._store.read() as reader:
            found = rows.find_person(reader, name_or_id)
        if found is None:
            raise Unknown(
                f"Nobody called {name_or_id[:60]!r} is known here.",
                remedy="`kouprey person list` shows everybody; `kouprey person invite` adds somebody.",
                code="unknown-person",
            )
        return found

    def list_persons(self) -> list[Person]:
        with self._store.read() as reader:
            return rows.list_persons(reader)

    def make_sign_in_link(self, person: Person, *, by: str) -> str:
        """The secret of a one-time link, valid for 24 hours; it is spent by a form, never by opening it."""
        secret = keys.token()

        def work(tx: Tx) -> None:
            now = self._clock()
            rows.add_sign_in_link(tx, keys.token_hash(secret), person.id, now + LINK_LIFE)
            audit.append(tx, at=now, actor=by, action="person.link", subject=person.id, detail={})

        self._store.write(work)
        return secret

    def find_link_holder(self, secret: str) -> Person | None:
        """Whom a link that can still be spent is for."""
        with self._store.read() as reader:
            return rows.find_sign_in_link(reader, keys.token_hash(secret), self._clock())

    def sign_in(self, secret: str) -> tuple[str, Person]:
        """Spend a one-time link; the secret of a new session and who signed in. Unidentified when it is spent."""
        cookie = keys.token()

        def work(tx: Tx) -> Person:
            now = self._clock()
            person = rows.spend_sign_in_link(tx, keys.token_hash(secret), now)
            if person is None:
                raise Unidentified(
                    "This sign-in link does not work any more.",
                    "It was used, it is older than 24 hours, or it was never made here.",
                    "Ask your administrator for a new one: `kouprey person link NAME`.",
                    code="link-spent",
                )
            rows.add_session(tx, keys.token_hash(cookie), person.id, now, now + SESSION_LIFE)
            audit.append(tx, at=now, actor=person.id, action="session.open", subject=person.id, detail={})
            return person

        return cookie, self._store.write(work)

    def find_session(self, cookie: str) -> Session | None:
        with self._store.read() as reader:
            return rows.find_session(reader, keys.token_hash(cookie), self._clock())

    def sign_out(self, cookie: str) -> None:
        self._store.write(lambda tx: rows.end_session(tx, keys.token_hash(cookie)))

    def reader_of(self, person: Person) -> decision.Reader:
        """The person as a reader of our own party."""
        return decision.Reader(party=self.home_id, clearance=person.clearance, local=True, roles=(), name=person.id)

    # tokens

    def create_token(
        self, party: str, role: Role, clearance: TLP, *, by: str, collection: str = "", life: Instant | None = None
    ) -> tuple[Token, str]:
        """A credential for a program acting for `party`; the secret is shown once and never stored."""
        self.get_party(party)
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
    ) -> Token:
        """Change what a token may see or do; what becomes visible by it is delivered, nothing is skipped."""

        def work(tx: Tx) -> Token:
            held = rows.find_token(tx, user)
            if held is None:
                raise Unknown(
                    f"No token {user[:60]!r}.", remedy="`kouprey token list` shows them.", code="unknown-token"
                )
            changed = msgspec.structs.replace(
                held,
                clearance=held.clearance if clearance is None else clearance,
                role=held.role if role is None else role,
                active=held.active if active is None else active,
            )
            rows.change_token(tx, changed)
            now = self._clock()
            detail = {"clearance": changed.clearance.word, "role": str(changed.role), "active": changed.active}
            audit.append(tx, at=now, actor=by, action="token.change", subject=user, detail=detail)
            before, after = self.reader_of_token(held), self.reader_of_token(changed)
            if before != after:
                outbox.record(tx, ReaderWidened(before=msgspec.to_builtins(before), after=msgspec.to_builtins(after)))
            bump_policy_epoch(tx)
            return changed

        return self._store.write(work)

    def list_tokens(self) -> list[Token]:
        with self._store.read() as reader:
            return rows.list_tokens(reader)

    def find_token(self, authorization: str) -> Token | None:
        """The active token behind an `Authorization` header (Basic user:secret, or Bearer secret), or None."""
        scheme, _, rest = authorization.partition(" ")
        user = ""
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
        return token if token is not None and (not user or user == token.user) else None

    def reader_of_token(self, token: Token) -> decision.Reader:
        """The token as a reader; one of our own party reads as our people do, any other under its agreements."""
        return decision.Reader(
            party=token.party, clearance=token.clearance, local=token.party == self.home_id, name=token.user
        )


_EPOCH_KEY = "policy-epoch"


def bump_policy_epoch(tx: Tx) -> None:
    """Make every cache of identities, standings and decisions ask again."""
    meta.put(tx, _EPOCH_KEY, str(policy_epoch(tx) + 1).encode())


def policy_epoch(reader: Reader) -> int:
    """Grows whenever people or agreements change; caches compare it per request."""
    return int(meta.get(reader, _EPOCH_KEY) or b"0")
