"""What there is to know of keys: ours, those that were revoked, those of partners, and who has heard of a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kouprey.federation import store as rows
from kouprey.federation.rules import lane_tag
from kouprey.federation.service.ledger import Ledger
from kouprey.federation.service.nodekeys import NodeKeys
from kouprey.federation.store import statements
from kouprey.federation.wire.statement import KeyStatement, read_statement
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, VerifyKey, words_of
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Card, Party
from kouprey.people.service import People

Words = tuple[str, ...]


class KeyKind(StrEnum):
    """What a key is for."""

    ROOT = "root"
    NODE = "node"
    RECEIPT = "receipt"
    AGE = "age"


@dataclass(frozen=True)
class OwnKey:
    """A key on our card; `since` is when a card of ours first named it, `leaving` that another takes its place."""

    kind: KeyKind
    key: str
    words: Words
    since: Instant
    leaving: bool = False


@dataclass(frozen=True)
class CutOff:
    """Up to which size a revoked key counts in a lane; `title` is its agreement's, "" where the lane is not held."""

    tag: str
    title: str
    size: int


@dataclass(frozen=True)
class Revoked:
    """A node or receipt key that signs no more since `issued` (a claim), and where it counts; nowhere else."""

    kind: KeyKind
    key: str
    words: Words
    issued: Instant
    cuts: tuple[CutOff, ...]


@dataclass(frozen=True)
class PartnerKeys:
    """The keys of a partner: the words of its root key, and of those before it, the newest first.

    `issued` is of its card, as it says. `heard` is that it was brought our newest papers; what a parcel brought it
    nobody tells us. `linked` is that this node calls it.
    """

    party: str
    name: str
    words: Words
    earlier: tuple[Words, ...]
    issued: Instant
    trusted_at: Instant
    revoked: tuple[Revoked, ...]
    heard: bool
    linked: bool


@dataclass(frozen=True)
class Keys:
    """Everything of `Ceremonies.look`; `root_here` is that the root key lies on this machine.

    `replacing` names the key whose replacement was begun and awaits the person.
    """

    own: tuple[OwnKey, ...]
    root_here: bool
    replacing: KeyKind | None
    revoked: tuple[Revoked, ...]
    partners: tuple[PartnerKeys, ...]

    @property
    def heard(self) -> tuple[PartnerKeys, ...]:
        """The partners that have our newest papers."""
        return tuple(each for each in self.partners if each.heard)


class Ceremonies:
    """Looks at keys, and changes none: that is done by commands, beside no server."""

    def __init__(self, store: Store, people: People, keyring: Keyring, keys: NodeKeys, ledger: Ledger) -> None:
        self._store = store
        self._people = people
        self._keyring = keyring
        self._keys = keys
        self._ledger = ledger

    def look(self) -> Keys:
        """How it stands now; nothing in it is a secret."""
        ring = self._keyring
        home, *others = self._people.list_parties()
        titles = {lane.origin: lane.title or lane.agreement for lane in self._ledger.list_lanes()}
        with self._store.read() as reader:
            waiting = rows.count_papers(reader)
            linked = {link.party for link in rows.list_links(reader)}
        begun = {KeyKind.ROOT: ring.root_before, KeyKind.NODE: ring.node_before, KeyKind.RECEIPT: ring.receipt_before}
        replacing = next((kind for kind, before in begun.items() if before), None)
        return Keys(
            own=tuple(self._own(home)),
            root_here=ring.root is not None,
            replacing=replacing,
            revoked=self._revoked(home.id, titles),
            partners=tuple(
                PartnerKeys(
                    party=party.id,
                    name=party.name,
                    words=self._people.fingerprint(party.id),
                    earlier=tuple(map(_words, self._people.earlier_roots(party.id))),
                    issued=party.card.issued,
                    trusted_at=party.trusted_at,
                    revoked=self._revoked(party.id, titles),
                    heard=not waiting.get(party.id),
                    linked=party.id in linked,
                )
                for party in sorted(others, key=lambda party: party.name)
            ),
        )

    def _own(self, home: Party) -> Iterable[OwnKey]:
        since: dict[str, Instant] = {}
        with self._store.read() as reader:
            kept = statements.list_cards_of(reader, home.id)
        for card in (home.card, *(self._people.read_card(note)[0] for _, note in kept)):
            for _, key in _named(card):
                since[key] = min(since.get(key, card.issued), card.issued)
        present = {home.card.root, home.card.node, home.card.receipt, home.card.age}
        for kind, key in _named(home.card):
            yield OwnKey(kind, key, _words(key), since[key], leaving=key not in present)

    def _revoked(self, party: str, titles: dict[str, str]) -> tuple[Revoked, ...]:
        found: dict[str, list[KeyStatement]] = {}
        for note in self._keys.statements(party):
            said = read_statement(note)
            found.setdefault(said.revoked, []).append(said)
        return tuple(
            Revoked(
                kind=KeyKind.RECEIPT if VerifyKey.parse(key).alg == ALG_COSIGNATURE else KeyKind.NODE,
                key=key,
                words=_words(key),
                issued=several[-1].issued,
                cuts=tuple(
                    CutOff(lane_tag(cut.origin), titles.get(cut.origin, ""), cut.size)
                    for said in several
                    for cut in said.after
                ),
            )
            for key, several in found.items()
        )


def _named(card: Card) -> list[tuple[KeyKind, str]]:
    return [
        (KeyKind.ROOT, card.root),
        *((KeyKind.NODE, key) for key in card.nodes),
        *((KeyKind.RECEIPT, key) for key in card.receipts),
        *((KeyKind.AGE, key) for key in card.ages),
    ]


def _words(key: str) -> Words:
    """Words of a verifier key, which are those of the key itself, or of an age recipient, which are of its text."""
    return words_of(VerifyKey.parse(key).public if "+" in key else key.encode())
