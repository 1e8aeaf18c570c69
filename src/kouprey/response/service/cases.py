"""Verbs about what stands in a case: tasks, notes, facts, observables, evidence and links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, BinaryIO

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Found
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused, TooLarge, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.response.model import LEGAL_KINDS
from kouprey.response.model.cases import (
    Act,
    Body,
    Case,
    Evidence,
    Item,
    Link,
    LinkTo,
    Seen,
    Sort,
    Task,
    Track,
)
from kouprey.response.model.playbooks import Planned
from kouprey.response.rules.items import key_of
from kouprey.response.service.casebundles import CaseBundles
from kouprey.response.service.casefiles import LONGEST, LONGEST_TITLE, Opened, tlp_of
from kouprey.response.service.caseitems import HAPPENED, WORKED
from kouprey.response.service.caselessons import CaseLessons
from kouprey.response.service.handoffs import HandOffs
from kouprey.response.service.lacking import Lacking
from kouprey.response.store import cases as rows
from kouprey.response.store.cases import PIECE

LARGEST_EVIDENCE = 1 << 30
"""Bytes of one piece of evidence."""
SHARING = 200
MOST_TASKS = 500


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What a case begins with that is opened from something; its marking is at least `tlp`."""

    title: str = ""
    summary: str = ""
    bodies: Sequence[Body] = ()
    origin: str = ""
    tlp: TLP = TLP.CLEAR


class Common(msgspec.Struct, frozen=True, kw_only=True):
    """What a case shares with others: observables that objects of the exchange name, and cases with the same things."""

    found: Mapping[str, tuple[Found, ...]]
    cases: Sequence[tuple[str, Case]]


class Cases(CaseBundles, CaseLessons):
    """Verbs about cases and what stands in them. Every read is of tracks that the reader's roles are for."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        exchange: Exchange,
        handoffs: HandOffs,
        clock: Clock = wall_clock,
    ) -> None:
        super().__init__(store, people, agreements, exchange, clock)
        self._handoffs = handoffs
        self.lacking = Lacking(store, handoffs)

    def add_tasks(
        self, who: decision.Reader, case: str, track: Track, tasks: Sequence[Planned], origin: str
    ) -> list[Item]:
        """Tasks of a strategy, in their order, all or none; those that come before one are named by it."""
        opened = self._writable(who, case, track)
        links, _ = self.items(who, opened, (Sort.LINK,), limit=SHARING)
        due = self._due_under(who, [each.body for each in links if each.track is track])
        return self._store.write(lambda tx: self._adopt(tx, who, opened.case, track, tasks, origin, due))

    def _due_under(self, who: decision.Reader, bodies: Sequence[Body]) -> Instant:
        """When the work of a case is due by an agreement: the nearest clock of hand-offs it answers, 0 for none."""
        dues = []
        for body in bodies:
            if isinstance(body, Link) and body.to is LinkTo.HANDOFF:
                asked = self._handoffs.get(who, body.ref).asked
                if asked.asked == self._people.home_id:
                    dues.append(asked.due.report or asked.due.decide)
        return min(filter(None, dues), default=0)

    def _adopt(
        self,
        tx: Tx,
        who: decision.Reader,
        case: Case,
        track: Track,
        tasks: Sequence[Planned],
        origin: str,
        due: Instant = 0,
    ) -> list[Item]:
        if len(tasks) > MOST_TASKS:
            raise Refused("The strategy has too many steps for a case.", remedy="Divide it.", code="too-many-tasks")
        if (floor := max((each.tlp for each in tasks), default=TLP.CLEAR)) > case.tlp:
            raise Refused(
                f"The strategy is {floor.text}, and the case is {case.tlp.text}.",
                "Whoever sees the case would learn of what is marked higher.",
                "Choose a higher marking for the case.",
                code="above-marking",
            )
        ids, now = [new_id("item") for _ in tasks], self._clock()
        made = [
            Task(
                title=each.title[:LONGEST_TITLE],
                text=_told(each)[:LONGEST],
                after=tuple(ids[before] for before in each.after),
                origin=f"{origin}#{each.step}",
                # The agreement goes before what the author of a playbook thinks of machines (10 minutes, often).
                due=due or (now + each.timeout_ms * 1000 if each.timeout_ms and not each.calls else 0),
                under="" if each.under is None else ids[each.under],
                calls=each.calls,
            )
            for each in tasks
        ]
        laid = self.lay_tasks(tx, who, case, [(id_, track, task) for id_, task in zip(ids, made, strict=True)])
        self._put(tx, case, track, Link(to=LinkTo.STRATEGY, ref=origin), who)
        detail = {"strategy": origin, "tasks": str(len(laid))}
        self._act(tx, who, case, Act(did="case.adopt", detail=detail), track)
        return laid

    def note_outcome(
        self, tx: Tx, who: decision.Reader, opened: Opened, track: Track, strategy: str, verdict: str
    ) -> None:
        """Write down in a case that the author of a strategy was told how it went."""
        detail = {"strategy": strategy, "outcome": verdict}
        self._act(tx, who, opened.case, Act(did="case.outcome", detail=detail), track)

    def keep_evidence(self, who: decision.Reader, case: str, track: Track, source: BinaryIO, about: Evidence) -> Item:
        """A file as it is; size and SHA-256 of `about` are filled in. Killed in between, none was kept."""
        opened = self._writable(who, case, track)
        if not about.name.strip() or len(about.name) > 255 or not about.name.isprintable():
            raise Damaged("The file has no name that can be shown.", code="bad-name")
        size, digest = _measured(source)
        number = 0
        while piece := source.read(PIECE):
            self._store.write(lambda tx, number=number, piece=piece: rows.add_piece(tx, digest, number, piece))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            number += 1
        body = msgspec.structs.replace(about, size=size, sha256=digest)

        def work(tx: Tx) -> Item:
            item = self._put(tx, opened.case, track, body, who)
            self._act(tx, who, opened.case, Act(did="case.evidence", what=item.id, detail={"sha256": digest}), track)
            return item

        return self._store.write(work)

    def keep_record(
        self, tx: Tx, who: decision.Reader, case: Case, track: Track, about: Evidence, record: bytes
    ) -> Item:
        """What the node itself wrote down, at most one piece of bytes, as evidence, in a step of somebody else's."""
        rows.add_piece(tx, about.sha256, 0, record)
        item = self._put(tx, case, track, about, who)
        self._act(tx, who, case, Act(did="case.evidence", what=item.id, detail={"sha256": about.sha256}), track)
        return item

    def read_evidence(self, who: decision.Reader, item: str) -> tuple[Evidence, Iterator[bytes]]:
        """Its bytes, checked as they are read; that it was read is written down before the first byte leaves."""
        opened, held = self.get_item(who, item)
        if not isinstance(held.body, Evidence):
            raise Unknown("This is no evidence.", code="no-evidence")
        body = held.body
        act = Act(did="case.evidence-read", what=held.id, detail={"sha256": body.sha256})
        self._store.write(lambda tx: self._act(tx, who, opened.case, act, held.track))
        return body, self.pieces(body)

    def common(self, who: decision.Reader, opened: Opened, items: Sequence[Item]) -> Common:
        """What `items` share with the exchange and with other cases, as far as the reader sees those."""
        texts = sorted({each.body.text for each in items if isinstance(each.body, Seen)})
        found = self._exchange.look_up(who, texts) if texts else {}
        keys = sorted({key for each in items if (key := key_of(each.body))})
        with self._store.read() as reader:
            sharing = rows.list_sharing(reader, self.eyes(who), keys, limit=SHARING) if keys else []
        return Common(found=found, cases=[pair for pair in sharing if pair[1].id not in opened.ids])

    def begin_with(self, who: decision.Reader, *, from_object: str = "", from_handoff: str = "") -> Begun:
        """What is taken over from an object (title, a link, the observables it names) or from a hand-off."""
        if from_object:
            view = self._exchange.get_object(who, from_object)
            named = self._exchange.observables_in(decode(view.newest.served.raw))
            bodies: list[Body] = [Link(to=LinkTo.OBJECT, ref=from_object)]
            bodies += [Seen(kind=each.kind, text=each.text) for each in named[:SHARING]]
            title = view.title[:LONGEST_TITLE]
            return Begun(title=title, bodies=bodies, origin=from_object, tlp=tlp_of(view))
        if from_handoff:
            asked = self._handoffs.get(who, from_handoff).asked
            link = Link(to=LinkTo.HANDOFF, ref=asked.id)
            begun = Begun(bodies=[link], origin=asked.id, tlp=asked.tlp)
            if asked.kind in LEGAL_KINDS:
                # Fewer read it than see the head of a case: what is said there is said by whoever opens it, and where
                # it comes from says the link alone, on its track.
                return msgspec.structs.replace(begun, origin="")
            return msgspec.structs.replace(begun, title=asked.title[:LONGEST_TITLE], summary=asked.text)
        return Begun()

    def open_by(self, who: decision.Reader, title: str, strategy: str, tasks: Sequence[Planned], **given: Any) -> Case:
        """Open a case with the tasks of a strategy, all of it or nothing."""
        track = given.pop("track", None) or self.first_track(who)
        self._check_track(who, track)
        due = self._due_under(who, given.get("bodies", ()))

        def also(tx: Tx, case: Case) -> None:
            self._adopt(tx, who, case, track, tasks, strategy, due)

        return self.open(who, title, track=track, also=also, **given)

    def _floor_of(self, who: decision.Reader, body: Body) -> TLP:
        if isinstance(body, Link) and body.to is LinkTo.HANDOFF:
            return self._handoffs.get(who, body.ref).asked.tlp
        return super()._floor_of(who, body)

    def pieces(self, body: Evidence) -> Iterator[bytes]:
        """Bytes that are kept, checked as they are read: for services that have decided who reads them."""
        digest, size = sha256(), 0
        part = 0
        while size < body.size:
            with self._store.read() as reader:
                piece = rows.find_piece(reader, body.sha256, part)
            if piece is None:
                raise Damaged(
                    "A part of this evidence is missing.", f"Part {part}.", "Restore it from a backup.", code="broken"
                )
            digest.update(piece)
            size, part = size + len(piece), part + 1
            if size >= body.size and digest.hexdigest() != body.sha256:
                # The last part stays here: whoever fetches it is left with too few bytes, and not with wrong ones.
                raise Damaged("This evidence is not what it was.", "Its hash is another.", "Restore it.", code="broken")
            yield piece


def _measured(source: BinaryIO) -> tuple[int, str]:
    """Bytes and SHA-256 of a file, which is read once more after."""
    size, digest = 0, sha256()
    while piece := source.read(PIECE):
        size += len(piece)
        digest.update(piece)
        if size > LARGEST_EVIDENCE:
            raise TooLarge(
                "The file is too large.",
                f"{LARGEST_EVIDENCE:,} bytes may be.",
                "Keep it elsewhere, and write down its hash.",
                code="too-large",
            )
    if not size:
        raise Damaged("The file is empty.", remedy="Choose another one.", code="empty-file")
    source.seek(0)
    return size, digest.hexdigest()


def _told(task: Planned) -> str:
    """What a step of a strategy says to whoever does it, with commands as text: this node runs none."""
    parts = [task.text, *(f"{each.kind}: {each.text}" for each in task.commands if each.text and not task.calls)]
    if task.missing:
        parts.append(f"The playbook {task.missing} is not here, or not for you: do by hand what it would do.")
    if task.when:
        parts.insert(0, "Only: " + "; ".join(task.when))
    return "\n\n".join(part for part in parts if part)


__all__ = ["HAPPENED", "WORKED", "Begun", "Cases", "Common"]
