"""The publish gate: what may go to all parties of an agreement, without references to what may not, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from kouprey.agreements.model import Standing
from kouprey.agreements.service import Agreements
from kouprey.exchange.facts import ObjectsPublished
from kouprey.exchange.rules import may_version, released
from kouprey.exchange.store import giving as rows
from kouprey.exchange.store.seeing import Eyes
from kouprey.exchange.wire import prune, references
from kouprey.federation.model import BODY_MAX, EntryBody
from kouprey.federation.service import Lanes
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Decision, Reason
from kouprey.kernel.words.label import Label, label_line
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Clock

MEDIA_TYPE = "application/stix+json;version=2.1"
"""Of an entry that carries one STIX object."""


class Passed(NamedTuple):
    """What became of one object at the gate."""

    stix_id: str
    fate: Literal["queued", "already", "refused"]
    because: tuple[Reason, ...] = ()
    pruned: bool = False


class _Ready(NamedTuple):
    """An object that may go: which body of it, the bytes to send, their label, and the ground."""

    candidate: rows.Candidate
    body: int
    content: bytes
    label: Label
    pruned: bool
    because: str


class Gate:
    """One publishing under one agreement; `identities` maps STIX identity ids to the parties that own them."""

    def __init__(
        self,
        agreements: Agreements,
        lanes: Lanes,
        standing: Standing,
        identities: Mapping[str, str],
        clock: Clock,
        by: str,
    ) -> None:
        self._agreements = agreements
        self._lanes = lanes
        self._standing = standing
        self._clock = clock
        self._by = by
        self._others = tuple(party for party in standing.parties if party != standing.home)
        self._cards: dict[str, set[str]] = {}
        for stix_id, party in identities.items():
            self._cards.setdefault(party, set()).add(stix_id)
        # Cards are exchanged before anything else: who a party is, is no secret among them.
        self._on_cards = {stix_id.lower() for stix_id, party in identities.items() if party in standing.parties}

    def pass_through(self, tx: Tx, eyes: Eyes, stix_ids: Sequence[str]) -> list[Passed]:
        """Decide objects and queue those that may go, in one transaction; what became of each, in order."""
        outcomes, ready = self._judge_all(tx, eyes, stix_ids)
        self._queue(tx, ready)
        return outcomes

    def foresee(self, reader: Snapshot, eyes: Eyes, stix_ids: Sequence[str]) -> list[Passed]:
        """What would become of objects if they were published now; nothing is queued."""
        return self._judge_all(reader, eyes, stix_ids)[0]

    def _judge_all(self, reader: Snapshot, eyes: Eyes, stix_ids: Sequence[str]) -> tuple[list[Passed], list[_Ready]]:
        book = rows.LabelBook(reader)
        candidates = rows.list_candidates(reader, eyes, stix_ids, book, bodies=True)
        published = rows.list_published(reader, self._standing.agreement, [c.version for c in candidates.values()])
        decided: dict[frozenset[Label], Decision] = {}
        forbidden = self._forbidden(reader, book, decided, candidates)
        outcomes: dict[str, Passed] = {}
        ready: list[_Ready] = []
        for stix_id in stix_ids:
            candidate = candidates.get(stix_id)
            if candidate is None:
                outcomes[stix_id] = Passed(stix_id, "refused", (_UNKNOWN,))
                continue
            judged = self._judge(reader, candidate, published, decided, forbidden)
            if isinstance(judged, _Ready):
                ready.append(judged)
                outcomes[stix_id] = Passed(stix_id, "queued", pruned=judged.pruned)
            else:
                outcomes[stix_id] = judged
        return [outcomes[stix_id] for stix_id in stix_ids], ready

    def _judge(
        self,
        reader: Snapshot,
        candidate: rows.Candidate,
        published: Collection[tuple[int, int]],
        decided: dict[frozenset[Label], Decision],
        forbidden: frozenset[str],
    ) -> _Ready | Passed:
        stix_id = candidate.stix_id
        if any(label.agreement == self._standing.agreement for label in candidate.all_labels):
            return Passed(stix_id, "already", (Reason("came-under-it", "It came under this agreement itself."),))
        reserved = may_version(
            None, self._standing.home, self._cards, stix_id=stix_id, earlier_creators=candidate.creators
        )
        if not reserved.allowed:
            return Passed(stix_id, "refused", reserved.because)
        whole = self._decide(reader, candidate.all_labels, decided)
        if not whole.allowed:
            return Passed(stix_id, "refused", whole.because)
        for body, labels in candidate.labels.items():
            # A body goes only under labels of its own: what others say of the version does not open this one.
            allowed = [label for label in labels if self._decide(reader, [label], decided).allowed]
            if not allowed:
                continue
            if (candidate.version, body) in published:
                return Passed(stix_id, "already", (Reason("published", "It was published under this agreement."),))
            return self._ready(candidate, body, released(allowed, self._standing.home), forbidden, whole)
        return Passed(stix_id, "refused", (Reason("no-body", "No body of it is allowed by its own label."),))

    def _ready(
        self, candidate: rows.Candidate, body: int, label: Label, forbidden: frozenset[str], whole: Decision
    ) -> _Ready | Passed:
        raw = candidate.raws[body]
        content = prune(raw, forbidden)
        if content is None:
            named = sorted(set(references(decode(raw))) & forbidden)
            text = f"It cannot go without {', '.join(named) or 'what it refers to'}, which may not travel."
            return Passed(candidate.stix_id, "refused", (Reason("reference", text, self._standing.agreement),))
        size = len(MEDIA_TYPE) + len(label_line(label)) + len(content) + 2
        limit = min(BODY_MAX, self._standing.terms.quotas.body_max)
        if size > limit:
            text = f"It has {size} bytes with its label; an entry holds {limit}. Publish a smaller version of it."
            return Passed(candidate.stix_id, "refused", (Reason("too-large", text, self._standing.agreement, "8"),))
        because = "; ".join(reason.text for reason in whole.because)
        return _Ready(candidate, body, content, label, content is not raw, because)

    def _decide(self, reader: Snapshot, labels: Sequence[Label], decided: dict[frozenset[Label], Decision]) -> Decision:
        """Allowed when it is for every other party. Suspension is the lane's and the serve gate's to heed."""
        key = frozenset(labels)
        if key not in decided:
            decided[key] = self._ask(reader, labels)
        return decided[key]

    def _ask(self, reader: Snapshot, labels: Sequence[Label]) -> Decision:
        made = Decision(False, (Reason("nobody", "The agreement has no other party."),))
        for party in self._others:
            made = self._agreements.decide(
                labels,
                self._agreements.party_reader(party),
                under=self._standing.agreement,
                reader=reader,
                once_resumed=True,
            )
            if not made.allowed:
                return made
        return made

    def _forbidden(
        self,
        reader: Snapshot,
        book: rows.LabelBook,
        decided: dict[frozenset[Label], Decision],
        candidates: Mapping[str, rows.Candidate],
    ) -> frozenset[str]:
        """Ids of held objects, referred to by these, that the parties may not learn of."""
        raws = (raw for candidate in candidates.values() for raw in candidate.raws.values())
        named = {target for raw in raws for target in references(decode(raw)) if target.lower() not in self._on_cards}
        held = rows.list_held_labels(reader, {*named, *(target.lower() for target in named)}, book)
        barred = {
            stix_id.lower()
            for stix_id, labels in held.items()
            if not any(label.agreement == self._standing.agreement for label in labels)
            and not self._decide(reader, labels, decided).allowed
        }
        return frozenset(target for target in named if target.lower() in barred)

    def _queue(self, tx: Tx, ready: Sequence[_Ready]) -> None:
        if not ready:
            return
        agreement, now = self._standing.agreement, self._clock()
        bodies = [EntryBody(media_type=MEDIA_TYPE, label=each.label, content=each.content) for each in ready]
        numbers = self._lanes.queue(tx, agreement, bodies)
        rows.insert_publications(
            tx,
            (
                rows.Publication(
                    number=number,
                    version=each.candidate.version,
                    body=each.body,
                    agreement=agreement,
                    parties=self._others,
                    tlp=int(each.label.tlp),
                    pruned=each.pruned,
                    by=self._by,
                    at=now,
                    because=each.because,
                )
                for number, each in zip(numbers, ready, strict=True)
            ),
        )
        detail = {"count": len(ready), "first": numbers[0], "last": numbers[-1], "parties": list(self._others)}
        audit.append(tx, at=now, actor=self._by, action="exchange.publish", subject=agreement, detail=detail)
        outbox.record(tx, ObjectsPublished(agreement=agreement, count=len(ready)))


_UNKNOWN = Reason("unknown-object", "It is not held here, or you may not see it.")
