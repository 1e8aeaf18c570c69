"""Whether lanes still are what was signed: headers against checkpoints, bodies against headers; and how links fare."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.service import Federation
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
_SILENT = 24 * 3600 * SECOND


def checks(services: Services) -> list[Check]:
    """Lanes, the quarantine and links."""
    federation = services.get(Federation)
    return [
        Check("lanes", lambda repair: islice(_lanes(federation, repair), MOST)),
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

    def run(self) -> Iterator[Finding]:
        """Every finding, in order of entries."""
        lane, store = self.lane, self.federation.store
        if rules.lane_origin(lane.genesis) != lane.origin or rules.lane_tag(lane.origin) != lane.tag:
            yield self.bad("has another genesis than its name says", "The name is the hash of the genesis.")
        with store.read() as reader:
            ends = {kept.size: kept for kept in looks.list_checkpoints(reader, lane.id)}
        keys = self.federation.admission.author_keys(lane.author)
        for kept in ends.values():
            yield from self._signature(kept, keys)
        if lane.signed_size and lane.signed_size not in ends:
            yield self.bad("has lost a checkpoint", f"Nothing signs its first {lane.signed_size} entries.")
        frontier, good = Frontier(), 0
        while frontier.size < lane.size:
            start = frontier.size
            with store.read() as reader:
                end = rows.end_within(reader, lane.id, start, min(start + _STEP, lane.size), _STEP_BYTES)
                held = rows.list_entries(reader, lane.id, start, end)
            if [each.index for each in held] != list(range(start, end)):
                yield self.bad("has lost entries", f"Some of {start} to {end - 1} are missing.")
                return
            for each in held:
                frontier.append(leaf_hash(each.header))
                yield from self._entry(each)
                signed = ends.get(frontier.size)
                if signed is None:
                    continue
                if frontier.root() != signed.root:
                    why = "Their headers do not hash to what was signed."
                    yield self.bad(f"is damaged among entries {good} to {frontier.size - 1}", why)
                    # Go on from what was signed, so that later damage is found and named too.
                    frontier = _resume(signed) or frontier
                good = frontier.size
        if not self._whole(frontier):
            yield self.bad(
                f"is damaged among entries {good} to {lane.size - 1}, or in its own row",
                "Its headers do not give the compact range or the checksum beside them; nothing more would be signed.",
            )

    def _whole(self, frontier: Frontier) -> bool:
        """Whether the row of the lane agrees with its headers: the range of what is signed, the sum behind it."""
        lane = self.lane
        with self.federation.store.read() as reader:
            try:
                signed = frontier if lane.signed_size == lane.size else frontier_at(reader, lane.id, lane.signed_size)
            except KoupreyError:
                return False
            tail = rows.sum_tail(rows.list_headers(reader, lane.id, lane.signed_size, lane.size))
        return signed.to_bytes() == lane.frontier and lane.tail in (tail, rows.UNKNOWN)

    def _signature(self, kept: rows.StoredCheckpoint, keys: list[bytes]) -> Iterator[Finding]:
        try:
            opened = open_checkpoint(kept.note, self.lane.origin, keys)
            whole = (opened.size, opened.root) == (kept.size, kept.root)
            frontier = Frontier.from_bytes(kept.size, kept.frontier)
            whole = whole and frontier.root() == kept.root
        except (KoupreyError, ValueError):
            whole = False
        if not whole:
            yield self.bad(
                f"has a damaged checkpoint of {kept.size} entries",
                "Its signature, its root or the compact range beside it does not hold.",
            )

    def _entry(self, each: rows.StoredEntry) -> Iterator[Finding]:
        if each.state != rows.HELD:
            return
        try:
            header = entry.read_header(each.header)
            if header.index != each.index:
                yield self.bad(f"has a damaged entry {each.index}", f"Its header says {header.index}.")
            rules.verify_body(header, each.salt, each.body)
        except KoupreyError as error:
            found = self.bad(f"has a damaged entry {each.index}", error.why)
            if self.lane.mine:
                yield found
                return
            if self.repair:
                self.federation.store.write(lambda tx: looks.withhold(tx, self.lane.id, each.index))
            yield Finding(
                level="mended" if self.repair else "bad",
                what=found.what,
                why=found.why,
                remedy="Its body was forgotten and is asked for again over the link."
                if self.repair
                else "Run `kouprey doctor --repair`: the body is asked for again over the link.",
            )


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
