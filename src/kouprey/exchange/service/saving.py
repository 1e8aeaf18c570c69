"""Saved searches: a query and filters under a name, run anew for whoever opens them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import msgspec

from kouprey.exchange.model.searching import News, SavedSearch, Search
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import saved as rows
from kouprey.exchange.store.narrowing import Sought
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import SECOND, Instant

LONGEST_NAME = 80
MOST_SAVED = 100
"""Searches that one person keeps."""
MOST_NEWS = 1_000
"""New hits that are counted; beyond that a person is told "1,000+"."""
_KEPT = 24 * 3600 * SECOND
"""How long a deleted search can be brought back."""


class Saving(Reading):
    """Verbs on saved searches, which belong to people of our own party: `by` is the person."""

    def save_search(
        self, who: Reader, name: str, search: Search, *, by: str, shared: bool = False, looked: Instant = 0
    ) -> SavedSearch:
        """Keep a search under a name; `looked` is the position up to which the person has seen its hits."""
        chosen = _name(name)
        self._check_own(who)
        if search.collection:
            search = msgspec.structs.replace(search, collection=self.get_collection(search.collection, who).id)
        seen = self._seen(who, looked)
        made = SavedSearch(
            id=str(uuid4()), name=chosen, person=by, shared=shared, search=search, saved_at=self._clock()
        )

        def work(tx: Tx) -> SavedSearch:
            own = self._check_free(tx, by, chosen)
            if own >= MOST_SAVED:
                raise Refused(
                    "You have as many saved searches as one person keeps.",
                    f"There are {own}, and {MOST_SAVED} are the most.",
                    "Delete one that you do not need.",
                    code="too-many-searches",
                )
            rows.insert_saved(tx, made)
            rows.set_look(tx, made.id, by, seen)
            self._record_saved(tx, by, "search.save", made)
            return made

        return self._store.write(work)

    def list_saved(self, who: Reader, *, by: str) -> list[SavedSearch]:
        """A person's own searches, then what others share, each by name."""
        self._check_own(who)
        with self._store.read() as reader:
            return rows.list_saved(reader, by)

    def get_saved(self, who: Reader, name_or_id: str, *, by: str) -> SavedSearch:
        """By id or name, the person's own before those that others share; Unknown when there is none."""
        self._check_own(who)
        with self._store.read() as reader:
            return _get(reader, by, name_or_id)

    def count_news(self, who: Reader, searches: Sequence[SavedSearch], *, by: str) -> dict[str, News]:
        """Search -> how many hits became news to `who` since the person last looked, up to 1,000.

        Positions are given in one order and never behind what was seen, so nothing is missed between two looks.
        """
        self._check_own(who)
        sought = {each.id: self._sought_by(who, each.search) for each in searches}
        eyes = self._eyes(who)
        with self._store.read() as reader:
            looks = rows.list_looks(reader, by)
            return {
                key: rows.count_news(reader, eyes, what, looks.get(key, 0), MOST_NEWS) for key, what in sought.items()
            }

    def looked(self, who: Reader, search: str, *, by: str) -> Instant:
        """Up to which position the person has seen the hits; 0 before the first look."""
        self._check_own(who)
        with self._store.read() as reader:
            return rows.list_looks(reader, by).get(search, 0)

    def newest(self, who: Reader, *, collection: str = "") -> Instant:
        """The position of the newest thing that the reader sees at all, or in a collection.

        Whoever reads this and then a list has seen in the list all its hits up to here.
        """
        heads = self.list_objects(who, collection=collection, limit=1).heads
        return heads[0].position if heads else 0

    def mark_looked(self, who: Reader, name_or_id: str, position: Instant, *, by: str) -> None:
        """The person has seen the hits up to a position; what was seen before stays seen."""
        self._check_own(who)
        seen = self._seen(who, position)

        def work(tx: Tx) -> None:
            rows.set_look(tx, _get(tx, by, name_or_id).id, by, seen)

        self._store.write(work)

    def _seen(self, who: Reader, position: Instant) -> Instant:
        """Nobody has looked at what is not there yet; and what others see is not there for him."""
        return min(position, self.newest(who)) if position else 0

    def change_search(self, who: Reader, search: str, *, name: str, shared: bool, by: str) -> SavedSearch:
        """Rename one's own search, share it, or take it back; Forbidden when it is somebody else's."""
        chosen = _name(name)
        self._check_own(who)

        def work(tx: Tx) -> SavedSearch:
            held = _get_own(tx, by, search)
            if chosen != held.name:
                self._check_free(tx, by, chosen)
            rows.change_saved(tx, held.id, name=chosen, shared=shared)
            made = msgspec.structs.replace(held, name=chosen, shared=shared)
            self._record_saved(tx, by, "search.change", made)
            return made

        return self._store.write(work)

    def delete_search(self, who: Reader, search: str, *, by: str) -> SavedSearch:
        """Delete one's own search; for a day it can be brought back."""
        self._check_own(who)
        now = self._clock()

        def work(tx: Tx) -> SavedSearch:
            held = _get_own(tx, by, search)
            rows.forget_deleted(tx, now - _KEPT)
            rows.mark_deleted(tx, held.id, now)
            self._record_saved(tx, by, "search.delete", held)
            return held

        return self._store.write(work)

    def restore_search(self, who: Reader, search: str, *, by: str) -> SavedSearch:
        """Undo a deletion; Refused when its name was given anew meanwhile."""
        self._check_own(who)

        def work(tx: Tx) -> SavedSearch:
            held = rows.find_deleted(tx, by, search)
            if held is None:
                raise _unknown(search)
            self._check_free(tx, by, held.name)
            rows.mark_deleted(tx, held.id, 0)
            self._record_saved(tx, by, "search.restore", held)
            return held

        return self._store.write(work)

    def _sought_by(self, who: Reader, search: Search) -> Sought:
        return self._sought(who, search.collection, search.types, search.text, search.filters)

    @staticmethod
    def _check_own(who: Reader) -> None:
        if not who.local:
            raise Forbidden(
                "Saved searches are for people of this node's own party.",
                remedy="Search without saving.",
                code="not-local",
            )

    @staticmethod
    def _check_free(tx: Tx, person: str, name: str) -> int:
        """How many searches the person has, none of which has this name."""
        own = [each.name for each in rows.list_saved(tx, person) if each.person == person]
        if name in own:
            raise Refused(
                f"You have a saved search {name!r} already.", remedy="Choose another name.", code="name-taken"
            )
        return len(own)

    def _record_saved(self, tx: Tx, by: str, action: str, search: SavedSearch) -> None:
        audit.append(
            tx,
            at=self._clock(),
            actor=by,
            action=action,
            subject=search.id,
            detail={"name": search.name, "shared": search.shared},
        )


def _get(reader: Snapshot, person: str, name_or_id: str) -> SavedSearch:
    held = rows.list_saved(reader, person)
    for each in held:
        if name_or_id in (each.id, each.name):
            return each
    raise _unknown(name_or_id)


def _get_own(reader: Snapshot, person: str, search: str) -> SavedSearch:
    held = _get(reader, person, search)
    if held.person != person:
        raise Forbidden(
            "This saved search is somebody else's.", remedy="Save it under a name of yours.", code="not-yours"
        )
    return held


def _unknown(name: str) -> Unknown:
    return Unknown(
        f"No saved search {name[:LONGEST_NAME]!r}.",
        "It was deleted, or it is not shared with you.",
        "Look at the list of saved searches.",
        code="unknown-search",
    )


def _name(text: str) -> str:
    name = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Damaged(
            "A saved search needs a name.", f"It has 1 to {LONGEST_NAME} characters.", "Write one.", code="bad-name"
        )
    return name
