"""Whether lanes still are what was signed: headers against checkpoints, bodies against headers; and how links fare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.service import Federation
from kouprey.federation.service.attested import examine
from kouprey.federation.service.epochs import new_row
from kouprey.federation.service.frontiers import frontier_at
from kouprey.federation.store import checks as looks
from kouprey.federation.wire import entry
from kouprey.kernel.seal.checkpoint import open_checkpoint
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.finding import Check, Finding
from kouprey.kernel.words.time import SECOND, format_second, wall_clock

MOST = 50
_STEP = 1_000
_STEP_BYTES = 4 << 20
_OF_GENESIS = (
    *("origin", "tag", "agreement", "agreement_version", "version_sha256"),
    *("author", "audience", "lane_class", "genesis", "mine"),
)
_NAME = ("has another genesis than its name says", "The name is the hash of the genesis.")
_SILENT = 24 * 3600 * SECOND


def checks(services: Services) -> list[Check]:
    """Lanes, what parties have signed, the quarantine and links."""
    federation = services.get(Federation)
    return [
        Check("lanes", lambda repair: islice(_lanes(federation, repair), MOST)),
        Check("papers", lambda repair: islice(examine(federation, repair), MOST)),
        Check("quarantine", lambda _: _quarantine(federation)),
        Check("links", lambda _: _links(federation)),
    ]


def _lanes(federation: Federation, repair: bool) -> Iterator[Finding]:
    with federation.store.read() as reader:
        lanes = rows.list_lanes(reader)
    for lane in lanes:
        examination = _Examination(federation, lane, repair)
        try:
            yield from examination.run()
        except KoupreyError as error:
            yield examination.bad("cannot be examined", str(error))


@dataclass
class _Examination:
    """One lane, walked from its genesis to its end."""

    federation: Federation
    lane: rows.Lane
    repair: bool

    def bad(self, what: str, why: str) -> Finding:
        lane = self.lane
        whose = "ours" if lane.mine else f"of {lane.author}"
        return Finding(
            level="bad",
            what=f"Lane {lane.tag} ({whose}) {what}.",
            why=why,
            remedy="Restore a backup: the node then opens a new epoch, which accuses nobody."
            if lane.mine
            else "Restore a backup; what came after it is fetched from the partner again.",
        )

    def damaged(self, what: str, why: str) -> Finding:
        """What others hold too: with `repair` it is asked for again at the next exchange."""
        found = self.bad(what, why)
        with self.federation.store.read() as reader:
            home = self.federation.people.home_id
            elsewhere = not self.lane.mine or any(
                each.party != home for each in rows.list_receipts(reader, self.lane.id)
            )
        if not elsewhere:
            return found
        if self.repair:
            self.federation.store.write(lambda tx: looks.mark(tx, self.lane.id))
        return Finding(
            level="mended" if self.repair else "bad",
            what=found.what,
            why=found.why,
            remedy="It is asked for again over the link."
            if self.repair
            else "Run `kouprey doctor --repair`: it is asked for again over the link.",
        )

    def run(self) -> Iterator[Finding]:
        """Every finding, in order of entries."""
        yield from self._row()
        lane, store = self.lane, self.federation.store
        with store.read() as reader:
            ends = {kept.size: kept for kept in looks.list_checkpoints(reader, lane.id)}
        keys = self.federation.admission.author_keys(lane.author)
        for kept in ends.values():
            yield from self._signature(kept, keys)
        if lane.signed_size and lane.signed_size not in ends:
            yield self.damaged("has lost a checkpoint", f"Nothing signs its first {lane.signed_size} entries.")
        frontier, good = Frontier(), 0
        while frontier.size < lane.size:
            start = frontier.size
            with store.read() as reader:
                end = rows.end_within(reader, lane.id, start, min(start + _STEP, lane.size), _STEP_BYTES)
                held = rows.list_entries(reader, lane.id, start, end)
            if [each.index for each in held] != list(range(start, end)):
                yield self.damaged("has lost entries", f"Some of {start} to {end - 1} are missing.")
                return
            for each in held:
                frontier.append(leaf_hash(each.header))
                yield from self._entry(each)
                signed = ends.get(frontier.size)
                if signed is None:
                    continue
                if frontier.root() != signed.root:
                    why = "Their headers do not hash to what was signed."
                    yield self.damaged(f"is damaged among entries {good} to {frontier.size - 1}", why)
                    # Go on from what was signed, so that later damage is found and named too.
                    frontier = _resume(signed) or frontier
                good = frontier.size
        among = f"is damaged among entries {good} to {lane.size - 1}, or in its own row"
        if not self._signed_whole(frontier):
            yield self.damaged(among, "Its headers do not give the compact range beside them.")
        if not self._tail_whole():
            yield self.bad(among, "Its headers do not give the checksum beside them; nothing more would be signed.")

    def _row(self) -> Iterator[Finding]:
        """Whether the row of the lane says what its genesis says, which is its first entry too, and how long it is."""
        lane = self.lane
        with self.federation.store.read() as reader:
            first = rows.list_entries(reader, lane.id, 0, 1)
            size, signed = looks.measure(reader, lane.id)
            tail = rows.sum_tail(rows.list_headers(reader, lane.id, signed, size))
        documents = (lane.genesis, *(each.body.partition(b"\n\n")[2] for each in first))
        named = {document: rules.lane_origin(document) for document in documents}
        good = [each for each, name in named.items() if lane.origin == name or lane.tag == rules.lane_tag(name)]
        if not good:
            yield self.bad(*_NAME)
            return
        true = new_row(entry.read_genesis(good[0]), good[0], mine=False, now=0)
        true = replace(true, mine=true.author == self.federation.people.home_id)
        if any(getattr(lane, each) != getattr(true, each) for each in _OF_GENESIS):
            yield self._rewritten(*_NAME, true)
        lengths = (lane.size, lane.signed_size)
        sure = lane.tail == tail if lane.mine else size == signed in lengths
        if lengths != (size, signed) and sure:
            true = replace(self.lane, size=size, signed_size=signed)
            yield self._rewritten("has another length than its row says", f"It has {size} entries.", true)

    def _rewritten(self, what: str, why: str, true: rows.Lane) -> Finding:
        """What the row should say is known without asking anybody."""
        found = self.bad(what, why)
        true = replace(true, id=self.lane.id, size=true.size or self.lane.size)
        true = replace(true, signed_size=true.signed_size or self.lane.signed_size)
        if self.repair:
            self.federation.store.write(lambda tx: looks.replace_row(tx, true))
            with self.federation.store.read() as reader:
                self.lane = rows.find_lane(reader, lane_id=true.id) or true
        return Finding(
            level="mended" if self.repair else "bad",
            what=found.what,
            why=found.why,
            remedy="Its row was written again." if self.repair else "Run `kouprey doctor --repair`.",
        )

    def _signed_whole(self, frontier: Frontier) -> bool:
        """Whether the row of the lane agrees with its headers about what is signed."""
        lane = self.lane
        with self.federation.store.read() as reader:
            try:
                signed = frontier if lane.signed_size == lane.size else frontier_at(reader, lane.id, lane.signed_size)
            except KoupreyError:
                return False
        return signed.to_bytes() == lane.frontier

    def _tail_whole(self) -> bool:
        """The same for what is not signed yet."""
        lane = self.lane
        with self.federation.store.read() as reader:
            tail = rows.sum_tail(rows.list_headers(reader, lane.id, lane.signed_size, lane.size))
        return lane.tail in (tail, rows.UNKNOWN)

    def _signature(self, kept: rows.StoredCheckpoint, keys: list[bytes]) -> Iterator[Finding]:
        try:
            opened = open_checkpoint(kept.note, self.lane.origin, keys)
            whole = (opened.size, opened.root) == (kept.size, kept.root)
            frontier = Frontier.from_bytes(kept.size, kept.frontier)
            whole = whole and frontier.root() == kept.root
        except (KoupreyError, ValueError):
            whole = False
        if not whole:
            yield self.damaged(
                f"has a damaged checkpoint of {kept.size} entries",
                "Its signature, its root or the compact range beside it does not hold.",
            )

    def _entry(self, each: rows.StoredEntry) -> Iterator[Finding]:
        if each.state != rows.HELD:
            return
        try:
            header = entry.read_header(each.header)
            if header.index != each.index:
                yield self.damaged(f"has a damaged entry {each.index}", f"Its header says {header.index}.")
            rules.verify_body(header, each.salt, each.body)
        except KoupreyError as error:
            found = self.damaged(f"has a damaged entry {each.index}", error.why)
            if found.level == "mended":
                # Of what we wrote ourselves even a damaged body stays until the true one has come.
                forget = looks.set_aside if self.lane.mine else looks.withhold
                self.federation.store.write(lambda tx: forget(tx, self.lane.id, each.index))
            yield found


def _resume(signed: rows.StoredCheckpoint) -> Frontier | None:
    try:
        frontier = Frontier.from_bytes(signed.size, signed.frontier)
        return frontier if frontier.root() == signed.root else None
    except (KoupreyError, ValueError):
        return None


def _quarantine(federation: Federation) -> Iterable[Finding]:
    with federation.store.read() as reader:
        count = looks.count_held_back(reader)
    if not count:
        return []
    return [
        Finding(
            level="warn",
            what=f"{count} entries are in quarantine.",
            why="They were received and kept, and could not be applied.",
            remedy="Look at each with its reason on the page of its partner.",
        )
    ]


def _links(federation: Federation) -> Iterable[Finding]:
    now = wall_clock()
    with federation.store.read() as reader:
        links = rows.list_links(reader)
    for link in links:
        if link.failures and now - link.last_ok > _SILENT and not link.paused:
            last = format_second(link.last_ok) if link.last_ok else "never"
            yield Finding(
                level="warn",
                what=f"The link to {link.party} has failed {link.failures} times; it last worked: {last}.",
                why=link.error,
                remedy="Ask the partner, or carry what waits: `kouprey parcel make`.",
            )
