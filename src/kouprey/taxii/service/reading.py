"""Reading through TAXII: which collections a client sees, and pages of what is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID, uuid5

from kouprey.exchange.model import Collection, Observable, Page, PageRow
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.time import Instant
from kouprey.taxii import rules
from kouprey.taxii.model import Cursor, Match, Query, View
from kouprey.taxii.wire.cursor import read_cursor, write_cursor

_NAME = re.compile(r"[!-~]{1,200}", re.ASCII)
_MOST_LOOKS = 20
"""Pages looked through for rows that pass before the client is asked to come again."""


YOURS = "yours"
"""The short name of the collection that nobody fills: what concerns the constituent that asks."""
_SPACE = UUID("c0a1f0e5-5e1f-4c3b-9d0e-3c1d5f7a9b21")


class Reading:
    """Collections and pages as far as `who` may see; `scope` are the collections a client is bound to, or ().

    `within` says what is theirs of a constituent; taxii knows nothing else of those who are hosted.
    """

    def __init__(
        self,
        exchange: Exchange,
        sign: Callable[[bytes], bytes],
        page_max: int,
        within: Callable[[Reader], Sequence[Observable]] = lambda _: (),
    ) -> None:
        self._exchange = exchange
        self._sign = sign
        self._page_max = page_max
        self._within = within

    def list_collections(self, who: Reader, scope: tuple[str, ...]) -> list[Collection]:
        """Always in the same order."""
        seen = [*self._exchange.list_collections(who), *([own] if (own := _own(who)) else [])]
        return sorted(
            (one for one in seen if not scope or one.id in scope or one.name in scope), key=lambda one: one.id
        )

    def get_collection(self, name_or_id: str, who: Reader, scope: tuple[str, ...]) -> Collection:
        """Unknown when there is none, and in the same words when this client may not know of it."""
        own = _own(who)
        if own is not None and name_or_id in (own.id, own.name) and (not scope or own.id in scope):
            return own
        if _NAME.fullmatch(name_or_id) is not None:
            try:
                one = self._exchange.get_collection(name_or_id, who)
            except Unknown:
                one = None
            if one is not None and not one.archived_at and (not scope or one.id in scope or one.name in scope):
                return one
        raise Unknown(
            "There is no such collection.",
            "None has this id or name, or you may not see it.",
            "Ask for the list of collections.",
            code="unknown-collection",
        )

    def read(self, who: Reader, collection: Collection, query: Query, *, bodies: bool = True) -> View:
        """One page; `bodies` False leaves the bytes out."""
        cursor = None
        if query.cursor:
            cursor = read_cursor(query.cursor, party=who.party, collection=collection.id, sign=self._sign)
        return self._view(who, collection, rules.settle(query, cursor, self._page_max), bodies)

    def read_object(
        self, who: Reader, collection: Collection, stix_id: str, query: Query, *, bodies: bool = True
    ) -> View:
        """Versions of one object; Unknown when this reader sees none of them here, whatever the filters say."""
        match = Match(ids=(stix_id,), versions=query.match.versions, specs=query.match.specs)
        asked = Query(added_after=query.added_after, limit=query.limit, cursor=query.cursor, match=match)
        if stix_type(stix_id) is not None:
            view = self.read(who, collection, asked, bodies=bodies)
            if view.rows or self._holds(who, collection, stix_id):
                return view
        raise no_object()

    def list_versions(self, who: Reader, collection: Collection, stix_id: str, query: Query) -> View:
        """Every version of one object without the bytes, oldest first, whatever `match[version]` says."""
        match = Match(versions=("all",), specs=query.match.specs)
        asked = Query(added_after=query.added_after, limit=query.limit, cursor=query.cursor, match=match)
        return self.read_object(who, collection, stix_id, asked, bodies=False)

    def _holds(self, who: Reader, collection: Collection, stix_id: str) -> bool:
        return bool(self._rows(who, collection, ids=(stix_id,), limit=1, bodies=False).rows)

    def _rows(self, who: Reader, collection: Collection, **asked: Any) -> Page:
        """A page of the exchange: of a collection, or of what concerns a constituent."""
        own = _own(who)
        if own is not None and collection.id == own.id:
            return self._exchange.page_inside(who, self._within(who), **asked)
        return self._exchange.page(who, collection.id, **asked)

    def _view(self, who: Reader, collection: Collection, want: Cursor, bodies: bool) -> View:
        if rules.exchange_versions(want.match) is None or want.match.specs:
            page, reached = self._sift(who, collection, want, bodies)
        else:
            page = self._page(who, collection, want, want.after, bodies)
            reached = page.rows[-1].position if page.rows else want.after
        following = ""
        if page.more:
            on = Cursor(after=reached, limit=want.limit, match=want.match)
            following = write_cursor(on, party=who.party, collection=collection.id, sign=self._sign)
        if not page.rows:
            return View(rows=(), first=reached, last=reached, next=following)
        return View(rows=page.rows, first=page.rows[0].position, last=page.rows[-1].position, next=following)

    def _sift(self, who: Reader, collection: Collection, want: Cursor, bodies: bool) -> tuple[Page, Instant]:
        """A page by filters the exchange does not know, and the position that was looked at last.

        After a while it stops with what there is, so that a rare thing cannot keep the server busy for ever.
        """
        found: list[PageRow] = []
        reached = want.after
        for _ in range(_MOST_LOOKS):
            page = self._page(who, collection, want, reached, bodies or bool(want.match.specs))
            for row in self._wanted(who, collection, page.rows, want.match):
                found.append(row)
                if len(found) == want.limit:
                    more = page.more or row.position < page.rows[-1].position
                    return Page(rows=tuple(found), more=more), row.position
            reached = page.rows[-1].position if page.rows else reached
            if not page.more:
                return Page(rows=tuple(found), more=False), reached
        return Page(rows=tuple(found), more=True), reached

    def _wanted(
        self, who: Reader, collection: Collection, rows: tuple[PageRow, ...], match: Match
    ) -> Iterator[PageRow]:
        """The rows that pass; a version that ceases to be the last between two looks comes anew further on."""
        chosen = self._chosen(who, collection, rows, match)
        for row in rows:
            if match.specs and rules.spec_of(row.raw) not in match.specs:
                continue
            if chosen is None or (row.stix_id, row.instant) in chosen:
                yield row

    def _chosen(
        self, who: Reader, collection: Collection, rows: tuple[PageRow, ...], match: Match
    ) -> set[tuple[str, Instant]] | None:
        """The versions among these rows that `match[version]` names; None for all of them."""
        if match.versions == ("all",) or not rows:
            return None
        chosen = {(row.stix_id, row.instant) for row in rows if row.instant in match.versions}
        ids = tuple({row.stix_id for row in rows})
        for word in ("first", "last"):
            if word in (match.versions or ("last",)):
                found = self._rows(
                    who, collection, ids=ids, limit=len(ids), versions=word, bodies=bool(match.specs)
                ).rows
                fit = [row for row in found if not match.specs or rules.spec_of(row.raw) in match.specs]
                chosen.update((row.stix_id, row.instant) for row in fit)
                others = {row.stix_id for row in found} - {row.stix_id for row in fit}
                chosen.update(self._of_specs(who, collection, others, match.specs, min if word == "first" else max))
        return chosen

    def _of_specs(
        self,
        who: Reader,
        collection: Collection,
        ids: set[str],
        specs: tuple[str, ...],
        pick: Callable[[list[Instant]], Instant],
    ) -> set[tuple[str, Instant]]:
        """The first or last version in one of these STIX versions, for objects that have another before or after it."""
        held: dict[str, list[Instant]] = {}
        after: Instant = 0
        while ids:
            want = Cursor(after=after, limit=self._page_max, match=Match(ids=tuple(ids), versions=("all",)))
            page = self._page(who, collection, want, after, bodies=True)
            for row in page.rows:
                if rules.spec_of(row.raw) in specs:
                    held.setdefault(row.stix_id, []).append(row.instant)
            if not page.more:
                break
            after = page.rows[-1].position
        return {(stix_id, pick(instants)) for stix_id, instants in held.items()}

    def _page(self, who: Reader, collection: Collection, want: Cursor, after: Instant, bodies: bool) -> Page:
        return self._rows(
            who,
            collection,
            after_position=after,
            limit=want.limit,
            types=want.match.types,
            ids=want.match.ids,
            versions="all" if want.match.specs else rules.exchange_versions(want.match) or "all",
            bodies=bodies,
        )


def _own(who: Reader) -> Collection | None:
    """The collection of what concerns a constituent, None for anybody else."""
    if len(who.constituents) != 1:
        return None
    (constituent,) = who.constituents
    return Collection(
        id=str(uuid5(_SPACE, constituent)),
        name=YOURS,
        title=f"What concerns {constituent}",
        description="Everything you may see that names your networks and names, also when it was revoked.",
        readers=(),
        writable=False,
    )


def no_object() -> Unknown:
    """The same words whether there is none or the client may not know of it."""
    return Unknown(
        "There is no such object.",
        "None in this collection has this id, or you may not see it.",
        "Ask for the manifest of the collection.",
        code="unknown-object",
    )
