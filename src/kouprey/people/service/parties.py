"""Parties: our own, and those whose root key somebody has deliberately trusted."""

from __future__ import annotations

from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.seal import keys, notes
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.passwords import Hasher
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.errors import Damaged, Refused, Unknown, Unreachable
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.time import SECOND, Clock, wall_clock
from kouprey.people import rules, wire
from kouprey.people import store as rows
from kouprey.people.facts import PartyTrusted
from kouprey.people.model import Card, Party, RootStatement
from kouprey.people.service.epoch import bump_policy_epoch
from kouprey.people.store.roots import list_root_statements


class Parties:
    """Cards: our own, and those of others."""

    def __init__(self, store: Store, keyring: Keyring, clock: Clock = wall_clock, hasher: Hasher | None = None) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._hasher = hasher or Hasher()
        with store.read() as reader:
            home = rows.find_home(reader)
        self._home_id = home.id if home is not None else ""

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

    def renew_card(self, *, urls: tuple[str, ...] | None = None, name: str | None = None, by: str = "") -> Party:
        """Sign a newer card of our own, with the keys and addresses of today, and perhaps another name.

        Unknown (`no-root-key`) while the root key is kept elsewhere; Damaged (`bad-party-name`) for what is no name.
        `by` is who does it, for the audit.
        """
        card = self.home().card
        wanted = card.urls if urls is None else urls
        called = card.name if name is None else name.strip()
        if not wire.is_name(called):
            raise Damaged(
                "A party cannot be called that.",
                "A name has 1 to 200 printable characters.",
                "Write it as others shall read it.",
                code="bad-party-name",
            )
        return self._sign_card(card.party, called, wanted, card.identities, after=card.serial, by=by)

    def _sign_card(
        self, party: str, name: str, urls: tuple[str, ...], identities: tuple[str, ...], *, after: int, by: str = ""
    ) -> Party:
        ring = self._keyring
        now = self._clock()
        card = Card(
            party=party,
            name=name,
            # By the clock, so that a node restored from a backup does not sign another card with a serial it used.
            serial=max(now // SECOND, after + 1),
            issued=now // SECOND * SECOND,
            root=ring.require_root().vkey(f"{party}/root"),
            nodes=tuple(key.vkey(f"{party}/node") for key in ring.signers),
            receipts=(ring.receipt.vkey(f"{party}/receipt", alg=keys.ALG_COSIGNATURE),),
            ages=(ring.age_recipient,),
            url=urls[0] if urls else "",
            identities=identities,
        )
        note = wire.render_card(card, ring)
        wire.parse_card(note)

        def work(tx: Tx) -> None:
            rows.save_party(tx, card, note, home=True, now=now)
            if by:
                detail = {"name": name, "serial": card.serial}
                audit.append(tx, at=now, actor=by, action="party.card", subject=party, detail=detail)
            bump_policy_epoch(tx)

        self._store.write(work)
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

    def read_card(self, note: bytes) -> tuple[Card, tuple[str, ...]]:
        """A card and the words of its root key, to be compared before it is trusted; nothing is kept."""
        card = wire.parse_card(note)
        return card, _words(card)

    def trust(self, note: bytes, *, by: str) -> Party:
        """Pin a party's root key from its card, or take a newer card under the pinned root key.

        Refused when another root key is pinned for that party and does not vouch for it, or the card is older than
        the one held.
        """
        return self._take(note, by, begin=True)

    def receive_card(self, note: bytes, *, by: str) -> None:
        """Take a newer card of a party whose root key is trusted already; nobody becomes trusted this way."""
        self._take(note, by, begin=False)

    def _take(self, note: bytes, by: str, *, begin: bool) -> Party:
        card = wire.parse_card(note)

        def work(tx: Tx) -> None:
            held = rows.find_party(tx, card.party)
            if held is None and not begin:
                raise Refused(
                    f"{card.party} is not a trusted party.",
                    "A card from the network can renew trust but never begin it.",
                    "Run `kouprey party trust` with the card and compare the words by voice.",
                    code="untrusted-party",
                )
            if held is not None and _is_held(held, card, read_root_statements(tx, card.party)):
                return
            now = self._clock()
            claimed = rows.save_party(tx, card, note, home=False, now=now)
            detail = {"serial": card.serial, "claimed_by_others": claimed}
            audit.append(tx, at=now, actor=by, action="party.trust", subject=card.party, detail=detail)
            outbox.record(tx, PartyTrusted(party=card.party, serial=card.serial))
            bump_policy_epoch(tx)

        self._store.write(work)
        return self.get_party(card.party)

    def find_party(self, party: str, reader: Reader | None = None) -> Party | None:
        """A party by its id; inside a transaction, pass it."""
        if reader is not None:
            return rows.find_party(reader, party)
        with self._store.read() as snapshot:
            return rows.find_party(snapshot, party)

    def get_party(self, party: str, reader: Reader | None = None) -> Party:
        """A party by its id; Unknown when its card was never trusted here. Inside a transaction, pass it."""
        found = self.find_party(party, reader)
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
        return _words(self.get_party(party).card)


def read_root_statements(reader: Reader, party: str) -> list[RootStatement]:
    """Which root keys of a party follow which, as was verified when each statement was kept."""
    return [wire.parse_root_statement(note) for note in list_root_statements(reader, party)]


def _is_held(held: Party, card: Card, said: list[RootStatement]) -> bool:
    """True when exactly this card is held already; Refused when it cannot follow the one that is."""
    before = rules.earlier_roots(said, card.root)
    if card.root in rules.earlier_roots(said, held.card.root):
        raise _old_card(held, card)
    if held.card.root != card.root and held.card.root not in before:
        raise Refused(
            f"Another root key is already trusted for {card.party}.",
            "A card signed by a different root key is a different party, or a theft.",
            "Call the party. If it has changed its root key, a parcel of it brings the statement of the one before.",
            code="other-root",
        )
    if held.card == card:
        return True
    if held.home:
        raise Refused(
            "This is another card of our own.",
            "Only this node signs its card; a copy of its keys may be in use elsewhere.",
            "Find out who has signed it.",
            code="own-card",
        )
    if held.card.serial >= card.serial:
        raise _old_card(held, card)
    return False


def _old_card(held: Party, card: Card) -> Refused:
    return Refused(
        f"A newer card of {card.party} is already held.",
        f"Held serial {held.card.serial}, offered {card.serial}.",
        "Ask for the current card.",
        code="old-card",
    )


def _words(card: Card) -> tuple[str, ...]:
    return keys.words_of(keys.VerifyKey.parse(card.root).public)


def fetch_card(url: str, fetcher: Fetcher) -> bytes:
    """The card a node hands out at its address; who it is from is still to be compared by voice."""
    answer = fetcher.request("GET", url.rstrip("/") + "/link/v1/card", cap=notes.MAX_NOTE)
    if answer.status != 200:
        raise Unreachable(
            f"{url[:120]} gives no card.",
            f"It answered with status {answer.status}.",
            "Check that this is the address of the partner's node.",
            code="no-card",
            detail={"status": answer.status},
        )
    return answer.body
