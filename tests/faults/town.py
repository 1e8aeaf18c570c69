"""The parties of a simulated run, the agreements between them, and the network that betrays them."""

from __future__ import annotations

import atexit
import random
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec
import zstandard

from faults.nodes import CANARY, START, Answer, Crash, Node, Unreachable, seeded
from federation.conftest import IDENTITY
from kouprey.agreements.model import Terms
from kouprey.federation.model import ReasonCode
from kouprey.federation.wire import link
from kouprey.kernel.seal.box import open_box
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP, parse_tlp

_PAPERS = "SELECT papers FROM paper_outgoing WHERE party = ? AND delivered_at > 0"
_RECEIPTS = (
    "SELECT receipt FROM lane_receipt JOIN lane ON lane.id = lane_receipt.lane_id"
    " WHERE lane_receipt.party = ? AND mine = 0 AND author = ? AND delivered_size >= lane_receipt.size"
)
PARTIES = ("ministry.example", "operator.example", "cert.example", "bank.example")
INTERVAL = 15 * SECOND
"""Simulated time between two turns, as a link waits between two exchanges."""


@dataclass
class Published:
    """One acknowledged entry: its canary, and what may become of it."""

    canary: str
    number: int
    author: str
    agreement: str
    tlp: TLP
    at: int
    erasing: bool = False
    erased: bool = False
    hostile: bool = False


@dataclass
class Kept:
    """A request as somebody on the way has kept it; one that a crash left unanswered may come for the first time."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    at: int
    answered: bool = False

    @property
    def server(self) -> str:
        return self.url.split("/")[2].partition(":")[0]


@dataclass
class Weather:
    """How often the network does what; 0 to 1."""

    lose_request: float = 0.0
    lose_answer: float = 0.0
    duplicate: float = 0.0
    keep: float = 0.0
    flip: float = 0.0
    flip_request: float = 0.0
    truncate: float = 0.0


STORM = Weather(0.06, 0.06, 0.04, 0.04, 0.05, 0.04, 0.03)
CALM = Weather()


def _folder() -> Path:
    """In memory where the machine offers that: a run makes thousands of commits, and each one waits for its disk."""
    shared = Path("/dev/shm")  # a folder of our own is made below it
    made = Path(tempfile.mkdtemp(prefix="kouprey-faults-", dir=shared if shared.is_dir() else None))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


@cache
def template() -> tuple[Path, str, str]:
    """Folders of the four before anything happened; agreement of the first three, agreement of the first two."""
    folder = _folder()
    now = START - 3600 * SECOND
    with seeded(random.Random(0)):
        nodes = []
        for number, party in enumerate(PARTIES):
            (folder / party).mkdir()
            node = Node(party, folder / party, lambda: now, None).open(start=False)
            node.people.found(party, party, urls=(node.origin,), identity=f"{IDENTITY}{number}")
            nodes.append(node)
        for a, b in combinations(nodes, 2):
            for one, other in ((a, b), (b, a)):
                one.people.trust(other.people.home().note, by="test")
                one.federation.links.add(other.party, other.origin, allow_private=True, by="test")
        three = _agree(nodes[:3], "Among three", now)
        two = _agree(nodes[:2], "Between two", now)
        for node in nodes:
            node.close()
    return folder, three, two


def _agree(nodes: list[Node], title: str, now: int) -> str:
    first, *others = nodes
    version = first.agreements.draft(title, [n.party for n in nodes], Terms(), starts=now - 10**7, by="test")
    signed = first.agreements.sign(version.agreement, by="test")
    for node in others:
        node.agreements.receive_note(signed.note, signed.document_bytes, by="test")
        signed = node.agreements.sign(version.agreement, by="test")
    for node in nodes[:-1]:
        node.agreements.receive_note(signed.note, signed.document_bytes, by="test")
    return version.agreement


@dataclass
class Town:
    """A run: nodes, time, weather, what was acknowledged, and every rule that was broken on the way."""

    seed: str
    dice: random.Random
    folder: Path = field(default_factory=_folder)
    now: int = START
    weather: Weather = field(default_factory=Weather)
    nodes: dict[str, Node] = field(default_factory=dict)
    cuts: set[tuple[str, str]] = field(default_factory=set)
    published: dict[str, Published] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    copies: list[tuple[str, Path]] = field(default_factory=list)
    mail: list[tuple[str, str, bytes]] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    restored: dict[str, set[str]] = field(default_factory=dict)
    restored_at: dict[str, int] = field(default_factory=dict)
    gone: dict[str, set[str]] = field(default_factory=dict)
    hostile: set[str] = field(default_factory=set)
    lying: float = 0.0
    forked: set[tuple[str, str]] = field(default_factory=set)
    lied: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    taken: set[tuple[str, bytes]] = field(default_factory=set)
    sent: Counter[str] = field(default_factory=Counter)
    bytes_sent: int = 0
    bytes_again: int = 0
    log: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        source, self.three, self.two = template()
        for party in PARTIES:
            shutil.copytree(source / party, self.folder / party)
            self.nodes[party] = Node(party, self.folder / party, lambda: self.now, self.send, self.applied)
            self.nodes[party].open()

    def close(self) -> None:
        for node in self.nodes.values():
            node.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def fault(self, kind: str, about: str = "") -> None:
        self.faults[kind] += 1
        self.log.append(f"{self.now - START} {kind} {about}")

    def broken(self, rule: str) -> None:
        self.wrong.append(f"{(self.now - START) // SECOND} s: {rule}")

    # the network

    def send(self, asker: Node, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """One request, as the weather lets it through."""
        party = url.split("/")[2].partition(":")[0]
        server, weather, dice = self.nodes[party], self.weather, self.dice
        if (asker.party, party) in self.cuts or not server.alive:
            raise Unreachable(f"{party} could not be reached.", code="timeout")
        # Where it hurts most: what is said once, and not again unless it is known not to have come.
        once = 8 if url.endswith(("/receipt", "/notes")) else 1
        if dice.random() < once * weather.lose_request:
            self.fault("request lost")
            raise Unreachable(f"{party} did not answer.", code="timeout")
        kept = dice.random() < weather.keep
        if body and dice.random() < weather.flip_request:
            self.fault("request flipped")
            flipped = self._deliver(asker.party, server, method, url, headers, flip(body, dice))
            if flipped.status < 300:
                self.broken(f"{party} accepted a request that was changed on the way: {method} {url}")
            return flipped
        mine = Kept(method, url, headers, body, self.now)
        if kept:
            self.kept.append(mine)
        answer = self._deliver(asker.party, server, method, url, headers, body)
        mine.answered = True
        if dice.random() < weather.duplicate:
            self.replay(mine)
        if (party, asker.party) in self.cuts or dice.random() < weather.lose_answer:
            self.fault("answer lost")
            raise Unreachable(f"{party} did not answer.", code="timeout")
        if party in self.hostile and answer.status == 200 and dice.random() < self.lying:
            answer = self._lie(answer, url)
        return self._spoil(answer, url)

    def _lie(self, answer: Answer, url: str) -> Answer:
        """A hostile party gives other entries than it has signed, or other bodies than its headers commit to."""
        what, body = url.rsplit("/", 1)[1].partition("?")[0], answer.body
        if what == "headers" and (page := link.read_headers_answer(body)).headers:
            *others, last = page.headers
            false = (*others, msgspec.structs.replace(last, at_ms=last.at_ms + 1))
            body = link.render_headers_answer(msgspec.structs.replace(page, headers=false))
        elif what == "bodies" and (frames := list(link.read_frames(body))) and frames[-1].body:
            *before, ours = frames
            body = b"".join(
                map(link.render_frame, (*before, msgspec.structs.replace(ours, body=ours.body[:-1] + b" ")))
            )
        if body != answer.body:
            self.fault("lie")
        return Answer(answer.status, answer.headers, body, answer.url)

    def _spoil(self, answer: Answer, url: str) -> Answer:
        body, dice = answer.body, self.dice
        if body and url.endswith("/bodies") and dice.random() < 10 * self.weather.flip:
            # Where it hurts most: in what was published, which ends the answer.
            self.fault("body flipped")
            near = max(0, len(body) - 60)
            return Answer(answer.status, answer.headers, body[:near] + flip(body[near:], dice), answer.url)
        # What is asked once after a start is asked again when its answer was spoilt.
        once = 10 if url.endswith("/held") else 1
        if body and dice.random() < once * self.weather.truncate:
            self.fault("answer truncated")
            body = body[: int(len(body) * dice.random())]
        elif body and dice.random() < self.weather.flip:
            self.fault("answer flipped")
            body = flip(body, dice)
        return Answer(answer.status, answer.headers, body, answer.url)

    def replay(self, kept: Kept) -> None:
        """The very same request once more: nothing but a refusal may come of it."""
        method, url, headers, body = kept.method, kept.url, kept.headers, kept.body
        server = self.nodes[kept.server]
        if not server.alive:
            return
        self.fault("request replayed")
        try:
            answer = self._deliver("", server, method, url, headers, body)
        except Unreachable:
            return
        code = link.read_problem(answer.body).code
        # A node that forgot its nonces with its database, or is paused, has other reasons to refuse.
        forgetful = not kept.answered or kept.at <= self.restored_at.get(server.party, -1)
        if answer.status < 300 and not forgetful:
            self.broken(f"{server.party} answered a replayed request: {method} {url}")
        elif answer.status >= 300 and not forgetful and code not in ("replayed", "clock-skew", "suspended"):
            self.broken(f"a replayed request was refused as {code}")

    def _deliver(self, asker: str, server: Node, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        try:
            answer = server.answer(method, url, headers, body)
        except Crash as crash:
            assert crash.node is server
            self.died(server)
            raise Unreachable(f"{server.party} did not answer.", code="timeout") from None
        self.sent[url.rsplit("/", 1)[1].partition("?")[0]] += 1
        heard = answer.status < 300
        if answer.status >= 400:
            code = link.read_problem(answer.body).code
            self.refusals[code] += 1
            heard = code in (ReasonCode.MISMATCH, ReasonCode.UNKNOWN_LANE)
            if code not in set(ReasonCode):
                self.broken(f"a refusal has no reason of the list: {answer.status} {code!r} of {method} {url}")
        if heard and method == "POST":
            self.taken.add((server.party, sha256(body).digest()))
        if asker:
            self.look_at_answer(asker, server, answer.body)
            self.look_at_lane(asker, server, url, answer)
        return answer

    def died(self, node: Node) -> None:
        """A node crashed; it stays down until somebody starts it."""
        self.fault("crash", node.party)
        node.close()

    # the oracle of what may be seen

    def look_at_answer(self, reader: str, server: Node, body: bytes) -> None:
        """Each canary in what leaves a node is one its reader may have, by the author's agreement as it is now."""
        seen = set(CANARY.findall(body))
        for canary in sorted(seen):
            held = self.published[canary.decode()]
            if why := self.forbids(held, reader, server):
                self.broken(f"{server.party} gave {held.canary} to {reader}: {why}")
            key = f"{reader} {held.canary}"
            self.sent[key] += 1
            self.bytes_sent += 1
            self.bytes_again += self.sent[key] > 1

    def look_at_lane(self, reader: str, server: Node, url: str, answer: Answer) -> None:
        """Nothing of a lane, not even its headers, is served under an agreement that one of the two has suspended."""
        tag, what = url.split("/")[-2], url.rsplit("/", 1)[1].partition("?")[0]
        if answer.status >= 300 or what not in ("checkpoint", "headers", "bodies"):
            return
        lane = next((lane for lane in server.lanes_held(mine=True) if lane.tag == tag), None)
        standing = lane and server.agreements.standings().get(lane.agreement)
        if standing and {reader, server.party} & {*standing.suspended_by, *standing.left}:
            self.broken(f"{server.party} served {what} to {reader}, though the agreement is suspended or left")

    def look_at_growth(self, node: Node, before: dict[str, int]) -> None:
        """What is written goes into a lane under the version that counts, whose audience are its parties."""
        standings = node.agreements.standings()
        for lane in node.lanes_held(mine=True):
            if lane.state == "open" and lane.size > before.get(lane.origin, 0):
                standing = standings.get(lane.agreement)
                if standing and standing.signed and lane.version_sha256 != standing.note_sha256.hex():
                    self.broken(f"{node.party} went on writing under an older version of the agreement")

    def look_at_delivered(self, reader: Node, author: Node) -> None:
        """A paper or a receipt that counts as delivered is with whom it was for."""
        with reader.store.read() as held:
            brought = [*held.all(_PAPERS, (author.party,)), *held.all(_RECEIPTS, (reader.party, author.party))]
        for (sent,) in brought:
            if (author.party, sha256(sent).digest()) not in self.taken:
                self.broken(f"{reader.party} takes {author.party} to have what never came: {bytes(sent[:60])!r}")

    def look_at_parcel(self, maker: Node, party: str, data: bytes) -> None:
        reader = self.nodes[party]
        plain = zstandard.ZstdDecompressor().stream_reader(open_box(data, reader.ring.age_secrets)).read()
        self.look_at_answer(party, maker, plain)

    def forbids(self, held: Published, reader: str, server: Node) -> str:
        """Why this may not leave `server` for `reader` now, "" when it may; on its own two feet, not the product's."""
        if held.author == reader:
            # What it had signed and lost comes back to it, whatever became of the agreement.
            return ""
        if held.author != server.party:
            return "it is not its author"
        if held.author in self.hostile:
            return ""
        standing = server.agreements.standings().get(held.agreement)
        if standing is None or reader not in standing.parties:
            return "no party of the agreement"
        if {reader, server.party} & set(standing.suspended_by):
            return "suspended"
        if held.tlp > parse_tlp(standing.terms.tlp_ceiling):
            return "above the ceiling"
        return "erased" if held.erased else ""

    def applied(self, node: Node, tx: Any, delivery: Any, again: bool) -> None:
        """The same, where something is taken in."""
        if again:
            self.broken(f"{node.party} applied entry {delivery.index} of {delivery.origin} twice")
        names = CANARY.findall(delivery.content)
        if len(names) != 1 or delivery.content != content_of(names[0].decode()):
            self.broken(f"{node.party} applied something nobody has published")
            return
        held = self.published[names[0].decode()]
        standing = node.agreements.standings(tx).get(delivery.agreement)
        if standing is None or delivery.agreement != held.agreement or delivery.author != held.author:
            self.broken(f"{node.party} applied {held.canary} under another agreement or author")
        elif held.tlp > parse_tlp(standing.terms.tlp_ceiling):
            self.broken(f"{node.party} applied {held.canary}, which is above the ceiling")
        elif {node.party, held.author} & set(standing.suspended_by):
            self.broken(f"{node.party} applied {held.canary} while suspended")


def content_of(canary: str) -> bytes:
    """What is published under a canary: the canary, and enough to be worth a chunk."""
    return b'{"mark":"%s","more":"%s"}' % (canary.encode(), b"x" * (int(canary.rpartition("-")[2][:-1]) % 90))


def flip(data: bytes, dice: random.Random) -> bytes:
    """One bit is another."""
    at = int(dice.random() * len(data))
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]


__all__ = ["CALM", "INTERVAL", "PARTIES", "STORM", "TLP", "Kept", "Published", "Town", "Weather", "content_of", "flip"]
