"""The shelf: all statements as the public sees them, made once for each change and shared by everybody who reads."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from threading import Lock

import msgspec

from kouprey.advisories import store as rows
from kouprey.advisories.model import Chain, Link, Published, Signed
from kouprey.advisories.rules.matching import Claimed, Index, Key, build_index
from kouprey.advisories.wire.statement import read_statement
from kouprey.federation.service.nodekeys import NodeKeys
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import SECOND, Clock, wall_clock
from kouprey.people.service import People

log = logging.getLogger("kouprey.advisories")

_AGAIN = 60 * SECOND
"""After so long keys that nobody knew are looked for again."""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the shelf: `every` the newest first, `public` of whom everybody may read, ours first."""

    stamp: tuple[int, int]
    home: str
    every: Sequence[Published]
    by_key: Mapping[Key, Published]
    chains: Mapping[str, Chain]
    public: Sequence[str]
    index: Index

    def of(self, publisher: str) -> list[Published]:
        """The statements of one publisher, the newest first; those whose key nobody knows are left out."""
        return [each for each in self.every if each.statement.publisher == publisher and each.trusted]


class Shelf:
    """Makes a view when something has changed, and hands the same one to everybody else."""

    def __init__(self, store: Store, people: People, clock: Clock = wall_clock) -> None:
        self._store, self._people, self._clock = store, people, clock
        self._keys = NodeKeys(store, people, clock)
        self._view: View | None = None
        self._lock = Lock()

    def view(self) -> View:
        """The view of now; a rush of readers costs one small question each."""
        stamp = self._stamp()
        held = self._view
        if held is not None and held.stamp == stamp:
            return held
        with self._lock:
            held = self._view
            if held is None or held.stamp != stamp:
                self._view = held = self._make(stamp)
            return held

    def keys_of(self, party: str) -> set[bytes]:
        """Every node key that a party has, or had, on its cards; none of a party that nobody knows."""
        return self._known(party)

    def _stamp(self) -> tuple[int, int]:
        with self._store.read() as reader:
            number = rows.revision(reader)
        held = self._view
        doubtful = held is not None and not all(each.trusted for each in held.every)
        return number, self._clock() // _AGAIN if doubtful else 0

    def _make(self, stamp: tuple[int, int]) -> View:
        with self._store.read() as reader:
            kept, mirrored = rows.list_statements(reader), rows.list_mirrored(reader)
        home = self._people.home_id
        every = _published(kept, {each.publisher: self._known(each.publisher) for each in kept})
        names = {each.publisher: each.publisher for each in kept}
        names |= {each.statement.publisher: each.statement.name for each in reversed(every)}
        names.setdefault(home, self._people.home().name)
        chains = {party: _chain(party, name, kept, every) for party, name in names.items()}
        public = (home, *sorted(mirrored - {home}))
        return View(
            stamp=stamp,
            home=home,
            every=every,
            by_key={(each.statement.publisher, each.id): each for each in every},
            chains=chains,
            public=public,
            index=build_index(
                _claimed(each) for each in reversed(every) if each.trusted and each.statement.publisher in public
            ),
        )

    def _known(self, party: str) -> set[bytes]:
        try:
            return set(self._keys.every(party))
        except KoupreyError:
            # A party whose card nobody has brought.
            return set()


def _published(kept: Sequence[rows.Kept], keys: Mapping[str, set[bytes]]) -> list[Published]:
    hashes = {(each.publisher, each.number): each.hash for each in kept}
    made: list[Published] = []
    for each in kept:
        if each.erased:
            continue
        try:
            said = read_statement(each.body)
        except KoupreyError as error:
            # One that was damaged here must not take the others off the page.
            log.error("statement %s cannot be read: %s", each.id, error.why)
            continue
        made.append(
            Published(
                statement=said,
                signed=Signed(raw=each.body, key=each.key, signature=each.signature),
                hash=each.hash,
                came_at=each.came_at,
                trusted=VerifyKey.parse(each.key).public in keys[each.publisher],
                chained=hashes.get((each.publisher, each.number - 1), "") == said.previous,
            )
        )
    followed: dict[Key, list[Published]] = {}
    for one in made:
        for old in one.content.replaces:
            followed.setdefault((one.statement.publisher, old), []).append(one)
    made = [_followed(one, followed.get((one.statement.publisher, one.id), ())) for one in made]
    return sorted(made, key=lambda one: (-one.statement.issued, -one.statement.number, one.statement.publisher))


def _followed(one: Published, by: Sequence[Published]) -> Published:
    # What an exercise says of a statement made in earnest counts for nothing, and the other way round.
    counts = [each for each in by if each.content.exercise == one.content.exercise]
    return msgspec.structs.replace(
        one, followed=tuple(each.id for each in counts), withdrawn=any(each.content.cancels for each in counts)
    )


def _chain(party: str, name: str, kept: Sequence[rows.Kept], every: Sequence[Published]) -> Chain:
    previous_of = {one.statement.number: one.statement.previous for one in every if one.statement.publisher == party}
    own = [each for each in kept if each.publisher == party]
    numbers = {each.number for each in own}
    broken = 0
    hashes = {each.number: each.hash for each in own}
    for each in own:
        previous = hashes.get(each.number - 1, "")
        if not broken and not each.erased and previous and previous_of.get(each.number, previous) != previous:
            broken = each.number
    return Chain(
        publisher=party,
        name=name,
        links=tuple(
            Link(number=each.number, id=each.id, hash=each.hash, issued=each.issued, erased=each.erased) for each in own
        ),
        missing=tuple(sorted(set(range(1, max(numbers, default=0))) - numbers))[:100],
        broken=broken,
    )


def _claimed(each: Published) -> Claimed:
    content = each.content
    return Claimed(
        key=(each.statement.publisher, each.id),
        claims=[
            (claim.text, claim.urls, [media.sha256 for media in claim.media])
            for claim in content.claims
            if content.verdict is not None
        ],
        texts=[f"{words.title}\n{words.body}" for words in content.languages.values()],
    )
