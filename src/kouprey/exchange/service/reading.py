"""Reading: lists, objects, counts and pages, each as far as the reader may see."""

from __future__ import annotations

from collections.abc import Collection as Several
from collections.abc import Mapping, Sequence
from hashlib import sha256

import msgspec

from kouprey.exchange.model import (
    BodyView,
    Counts,
    Event,
    Filters,
    Findings,
    HeadPage,
    ObjectView,
    Page,
    PublicationView,
    Tombstone,
    VersionView,
    Waiting,
)
from kouprey.exchange.service.importing import Importing
from kouprey.exchange.store import entries, narrowing, pages, tombstones, views
from kouprey.exchange.store.entries import EntryObject
from kouprey.exchange.store.observables import sightings_of
from kouprey.exchange.store.pages import VersionFilter
from kouprey.exchange.store.seeing import Eyes
from kouprey.exchange.wire.terms import read_query
from kouprey.federation.service import EntryKey
from kouprey.kernel.storage.engine import Reader as StoreReader
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown, Unreachable
from kouprey.kernel.words.time import Instant, format_second


class Reading(Importing):
    """Verbs that show; nothing is filtered after it was fetched."""

    def list_objects(
        self,
        who: Reader,
        *,
        collection: str = "",
        types: Several[str] = (),
        text: str = "",
        findings: Findings = "",
        filters: Filters = Filters(),
        before_position: Instant | None = None,
        after_position: Instant | None = None,
        limit: int = 50,
    ) -> HeadPage:
        """The newest visible version of each object, latest news first.

        The next page is `before_position` the last head's; `after_position` the first head's gives what is newer, and
        of that the nearest. `text` is words, "phrases" and beginnings* that must all be there, or an id or the
        beginning of one; nothing typed is an error. `findings` is short for that filter. `collection` is a name or id.
        """
        if findings:
            filters = msgspec.structs.replace(filters, findings=findings)
        sought = self._sought(who, collection, types, text, filters)
        eyes = self._eyes(who)
        with self._store.read() as reader:
            heads = pages.list_heads(
                reader, eyes, sought, before=before_position, after=after_position, limit=limit + 1
            )
        rising = after_position is not None and before_position is None
        shown = heads[-limit:] if rising else heads[:limit]
        self._noted(
            who, "list", [head.position for head in shown], subject=collection, asked=_asked(types, text, filters)
        )
        return HeadPage(heads=tuple(shown), more=len(heads) > limit)

    def get_object(self, who: Reader, stix_id: str) -> ObjectView:
        """An object with everything said of it; Unknown when there is none, or none the reader may see."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            seen, versions = self._versions(reader, who, eyes, stix_id)
            return ObjectView(
                stix_id=stix_id,
                type=seen[0].type,
                versions=versions,
                times_seen=sightings_of(reader, eyes, [stix_id]).get(stix_id, 0),
                publications=views.list_publications(reader, eyes, stix_id) if who.local else (),
                tombstones=tuple(tombstones.list_tombstones(reader, eyes, stix_id)),
            )

    def list_versions(self, who: Reader, stix_id: str) -> tuple[VersionView, ...]:
        """The versions of an object, newest first, without what others say of it; Unknown as `get_object`."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return self._versions(reader, who, eyes, stix_id)[1]

    def _versions(
        self, reader: StoreReader, who: Reader, eyes: Eyes, stix_id: str
    ) -> tuple[Sequence[views.SeenVersion], tuple[VersionView, ...]]:
        seen = views.list_versions(reader, eyes, stix_id)
        if not seen:
            raise _absent(stix_id, tombstones.list_tombstones(reader, eyes, stix_id))
        versions = views.show_versions(reader, eyes, seen)
        self._noted(who, "object", [version.position for version in seen], subject=stix_id)
        for body in (body for version in versions for body in version.bodies):
            _check(stix_id, body)
        return seen, versions

    def counts(self, who: Reader) -> Counts:
        """How many versions the reader may see, by type and level."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return views.count_visible(reader, eyes)

    def list_recent(self, who: Reader, limit: int = 20) -> list[Event]:
        """What was said lately, newest first."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return views.list_events(reader, eyes, limit)

    def list_publications(self, who: Reader, limit: int = 200) -> tuple[PublicationView, ...]:
        """What was given to others, newest first; for our own people only."""
        if not who.local:
            return ()
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return views.list_publications(reader, eyes, limit=limit)

    def list_entry_objects(self, who: Reader, keys: Several[EntryKey]) -> Mapping[EntryKey, EntryObject]:
        """Which objects were given or came in these entries of lanes, of those the reader may see."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            given = entries.list_given_objects(reader, eyes, [key for key in keys if isinstance(key, int)])
            came = entries.list_received_objects(reader, eyes, [key for key in keys if isinstance(key, tuple)])
        return {**given, **came}

    def count_waiting(self) -> dict[str, int]:
        """Agreement -> how many bodies wait to be appended to its lane."""
        return self._lanes.count_waiting()

    def page(
        self,
        who: Reader,
        collection: str,
        *,
        after_position: Instant = 0,
        added_after: Instant = 0,
        limit: int = 1000,
        types: Several[str] = (),
        ids: Several[str] = (),
        versions: VersionFilter | Several[Instant] = "last",
        bodies: bool = True,
    ) -> Page:
        """A page of a collection (name or id) for TAXII, in order of position, strictly above both positions given.

        `versions`: "first", "last" and "all" are meant among those the reader may see in this collection; else a set
        of instants. Where bodies conflict the reader is given the author's, else the oldest, of those he may see.
        Without `bodies` it is a manifest. One row a version: `raw` is the body as received.
        """
        chosen = self.get_collection(collection, who).id
        eyes = self._eyes(who)
        with self._store.read() as reader:
            rows = pages.list_page(
                reader,
                eyes,
                chosen,
                after=max(after_position, added_after),
                limit=limit + 1,
                types=types,
                ids=ids,
                versions=versions,
                bodies=bodies,
            )
        given = rows[:limit]
        what = "page" if bodies else "manifest"
        self._noted(who, what, [row.position for row in given], subject=chosen, asked=_asked(types, "", ids=ids))
        return Page(rows=tuple(given), more=len(rows) > limit)

    def waiting(
        self, who: Reader, collection: str, *, after_position: Instant, types: Several[str] = (), limit: int = 1000
    ) -> Waiting:
        """What a client that has come to `after_position` would be given next; of more than `limit`, so many.

        Nobody is given anything, so it stands in no log.
        """
        chosen = self.get_collection(collection, who).id
        eyes = self._eyes(who)
        with self._store.read() as reader:
            rows = pages.list_page(
                reader,
                eyes,
                chosen,
                after=after_position,
                limit=limit + 1,
                types=types,
                ids=(),
                versions="last",
                bodies=False,
            )
        oldest = rows[0].position if rows else 0
        return Waiting(count=min(len(rows), limit), more=len(rows) > limit, oldest=oldest)

    def _noted(self, who: Reader, what: str, positions: Sequence[Instant], *, subject: str, asked: str = "") -> None:
        """Who was given what, for the audit."""
        first, last = (min(positions), max(positions)) if positions else (0, 0)
        self.reads.note(who, what, subject=subject, asked=asked, count=len(positions), first=first, last=last)

    def _sought(
        self, who: Reader, collection: str, types: Several[str], text: str, filters: Filters
    ) -> narrowing.Sought:
        chosen = self.get_collection(collection, who).id if collection else ""
        typed = text.strip()
        by_id = narrowing.looks_like_id(typed)
        wanted = () if by_id else read_query(typed)
        return narrowing.Sought(
            collection=chosen,
            types=types,
            phrases=[(each.terms, each.open_end) for each in wanted],
            stix_id=typed if by_id else "",
            nothing=bool(typed) and not by_id and not wanted,
            filters=filters,
        )

    def _eyes(self, who: Reader) -> Eyes:
        # Interning a new reader writes, so it comes before the snapshot.
        return Eyes(self._agreements.profile(who), self._clock(), who.local)


def _absent(stix_id: str, erased: Sequence[Tombstone]) -> Unknown:
    """Who could see what is no longer here is told that it was erased, and our own people also why."""
    if not erased:
        return Unknown(
            f"No object {stix_id[:100]!r}.", "It is not held here, or you may not see it.", code="unknown-object"
        )
    last = max(erased, key=lambda each: each.at)
    what = f"{stix_id} was erased here, {format_second(last.at)}."
    if not last.because:
        return Unknown(what, code="erased")
    again = f"To take it in anew, lift that on the command line: `kouprey erase {stix_id} --lift`."
    return Unknown(what, f"The reason: {last.because} ({last.by})", again, code="erased")


def _check(stix_id: str, body: BodyView) -> None:
    """Rather nothing than something nobody sent."""
    if sha256(body.raw).digest() != body.sha256:
        raise Unreachable(
            f"{stix_id} is damaged in the database of this node.",
            "Its bytes are not those that were received.",
            "Run `kouprey doctor`, then restore a backup, or ask its source for it again.",
            code="damaged-body",
        )


def _asked(types: Several[str], text: str, filters: Filters = Filters(), *, ids: Several[str] = ()) -> str:
    """What narrowed a read, in short; "" for nothing."""
    said = {"types": sorted(types), "text": text[:200], "ids": sorted(ids)[:20]}
    told: dict[str, object] = {name: value for name, value in said.items() if value}
    if filters != Filters():
        told["filters"] = msgspec.to_builtins(filters)
    return msgspec.json.encode(told).decode() if told else ""
