"""Lines of the ledger: one for each thing given or received, newest first, with who has confirmed it and when."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from kouprey.agreements.model import Standing
from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import LABELLED, BodyState, EntryKind
from kouprey.federation.store import Cursor
from kouprey.federation.wire import entry
from kouprey.kernel.storage.engine import Reader, Store
from kouprey.kernel.words.errors import KoupreyError, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.people.service import People

PAGE = 50
"""Lines of one page."""


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry for people; `media_type` and `label` are missing where the body is not held."""

    index: int
    kind: str
    length: int
    at: Instant
    publication: int
    state: BodyState
    media_type: str
    label: Label | None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing given or received; `place` is where it stands among the others.

    `tag` and `origin` are "" while it waits to be appended, `title` is the agreement's. `at`: when it was published, or
    came here. `signed_at`: since when it is provable, 0 while it is not. `confirmed`: each party that receives it, with
    when we learnt that it holds it (0 = not yet); for what was received, ourselves and when we said so.
    """

    place: Cursor
    tag: str
    origin: str
    agreement: str
    title: str
    author: str
    entry: EntryView
    at: Instant
    signed_at: Instant
    confirmed: tuple[tuple[str, Instant], ...]


@dataclass(frozen=True, slots=True)
class LinePage:
    """Lines, newest first; `newer` and `older` are the places from which the neighbouring pages go on."""

    lines: tuple[Line, ...] = ()
    newer: Cursor = ()
    older: Cursor = ()


_Fetch = Callable[[Cursor, bool, int], list[Line]]
"""Lines beyond a place, rising or falling, at most so many, nearest first."""


class Lines:
    """Reads what was given and received, over all lanes and page by page."""

    def __init__(self, store: Store, people: People, agreements: Agreements, clock: Clock = wall_clock) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._clock = clock

    def list_given(self, *, party: str = "", agreement: str = "", before: Cursor = (), after: Cursor = ()) -> LinePage:
        """What we published, to `party` and under `agreement` ("" = any); what waits to be appended is among it."""
        home = self._people.home_id
        with self._store.read() as reader:
            standings = self._agreements.standings(reader)
            lanes = {
                lane.id: lane
                for lane in rows.list_lanes(reader, mine=True, agreement=agreement)
                if not party or party in lane.audience
            }
            queues = {
                each.agreement: each
                for each in standings.values()
                if agreement in ("", each.agreement) and (not party or party in each.parties)
            }

            def fetch(bound: Cursor, rising: bool, limit: int) -> list[Line]:
                appended = rows.list_given_lines(reader, lanes, bound, rising=rising, limit=limit)
                queued = rows.list_queued_lines(reader, queues, bound, rising=rising, limit=limit)
                found = list(_lines(reader, lanes, appended, standings))
                found += [_queued_line(each, queues[each.agreement], home) for each in queued]
                return sorted(found, key=lambda line: line.place, reverse=not rising)[:limit]

            return _page(fetch, before, after)

    def list_received(
        self, *, party: str = "", agreement: str = "", before: Cursor = (), after: Cursor = ()
    ) -> LinePage:
        """What came from `party` and under `agreement` ("" = any)."""
        with self._store.read() as reader:
            standings = self._agreements.standings(reader)
            found = rows.list_lanes(reader, mine=False, agreement=agreement, author=party)
            lanes = {lane.id: lane for lane in found}

            def fetch(bound: Cursor, rising: bool, limit: int) -> list[Line]:
                stored = rows.list_received_lines(reader, lanes, bound, rising=rising, limit=limit)
                made = _lines(reader, lanes, stored, standings, self._people.home_id)
                return sorted(made, key=lambda line: line.place, reverse=not rising)

            return _page(fetch, before, after)

    def list_of_lane(self, tag: str, start: int = 0, limit: int = PAGE) -> list[Line]:
        """Every entry of a lane from `start` on in its order, also those that speak about the lane itself."""
        with self._store.read() as reader:
            lane = rows.find_lane(reader, tag=tag)
            if lane is None:
                raise Unknown("There is no such lane.", code="unknown-lane")
            held = rows.list_entries(reader, lane.id, start, start + limit)
            stored = [rows.StoredLine(lane.id, each) for each in held]
            home = "" if lane.mine else self._people.home_id
            return list(_lines(reader, {lane.id: lane}, stored, self._agreements.standings(reader), home))


def _page(fetch: _Fetch, before: Cursor, after: Cursor) -> LinePage:
    """The page below `before`, or above `after`; when fewer than a page are above, the first page shows them all."""
    if after:
        found = fetch(after, True, PAGE + 1)
        if len(found) > PAGE:
            shown = found[:PAGE][::-1]
            return LinePage(tuple(shown), shown[0].place, shown[-1].place)
        before = ()
    found = fetch(before, False, PAGE + 1)
    shown = found[:PAGE]
    if not shown:
        return LinePage()
    return LinePage(tuple(shown), shown[0].place if before else (), shown[-1].place if len(found) > PAGE else ())


def _lines(
    reader: Reader,
    lanes: dict[int, rows.Lane],
    stored: Iterable[rows.StoredLine],
    standings: dict[str, Standing],
    home: str = "",
) -> Iterable[Line]:
    """Lines of entries; `home` is the one who confirms what was received."""
    in_order = sorted(stored, key=lambda each: (each.lane_id, each.entry.index))
    for lane_id, group in groupby(in_order, key=lambda each: each.lane_id):
        entries = [each.entry for each in group]
        lane, first, last = lanes[lane_id], entries[0].index, entries[-1].index
        signed = rows.list_signed(reader, lane_id, first, last)
        confirmed = rows.list_confirmed(reader, lane_id, first, last)
        receivers = [home] if home else [party for party in lane.audience if party != lane.author]
        standing = standings.get(lane.agreement)
        for held in entries:
            yield Line(
                place=(held.at, lane_id, held.index) if home else (held.publication,),
                tag=lane.tag,
                origin=lane.origin,
                agreement=lane.agreement,
                title=standing.title if standing else "",
                author=lane.author,
                entry=view_entry(lane, held),
                # The number of a publication is the instant at which it was published.
                at=held.publication or held.at,
                signed_at=_first_beyond(signed, held.index),
                confirmed=tuple((party, _first_beyond(confirmed.get(party, []), held.index)) for party in receivers),
            )


def _first_beyond(marks: list[tuple[int, Instant]], index: int) -> Instant:
    """When the first of these (size, when) that holds the entry was made, 0 when none does."""
    found = bisect_right(marks, index, key=lambda mark: mark[0])
    return marks[found][1] if found < len(marks) else 0


def _queued_line(queued: rows.QueuedLine, standing: Standing, home: str) -> Line:
    media_type, label = _read(queued.body, queued.kind, home, "")
    view = EntryView(
        index=-1,
        kind=queued.kind.name.lower(),
        length=0,
        at=queued.publication,
        publication=queued.publication,
        state=BodyState.PRESENT,
        media_type=media_type,
        label=label,
    )
    return Line(
        place=(queued.publication,),
        tag="",
        origin="",
        agreement=queued.agreement,
        title=standing.title,
        author=home,
        entry=view,
        at=queued.publication,
        signed_at=0,
        confirmed=tuple((party, 0) for party in standing.parties if party != home),
    )


def view_entry(lane: rows.Lane, held: rows.StoredEntry) -> EntryView:
    """A stored entry for people; the beginning of its body is enough."""
    header = entry.read_header(held.header)
    media_type, label = "", None
    if held.state == rows.HELD:
        agreement = lane.agreement if header.kind in LABELLED and not lane.mine else ""
        media_type, label = _read(held.body, header.kind, lane.author, agreement)
    return EntryView(
        index=held.index,
        kind=header.kind.name.lower(),
        length=header.length,
        at=held.at,
        publication=held.publication,
        state=BodyState(held.state),
        media_type=media_type,
        label=label,
    )


def _read(body: bytes, kind: EntryKind, owner: str, agreement: str) -> tuple[str, Label | None]:
    try:
        read = entry.read_body(body, kind, owner=owner, agreement=agreement)
    except KoupreyError:
        return "not readable", None
    return read.media_type, read.label
