"""The publish gate: what may go to all parties of an agreement, without references to what may not, and why."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, NamedTuple
from uuid import uuid4

import msgspec

from kouprey.agreements.model import CLAUSES, Standing
from kouprey.agreements.model.citing import spoken
from kouprey.agreements.service import Agreements
from kouprey.exchange.facts import ObjectsPublished
from kouprey.exchange.model.rights import SourceRight
from kouprey.exchange.rules import may_version, released
from kouprey.exchange.rules.releasing import Rule, in_emergency, rules_for, waits
from kouprey.exchange.rules.rights import handling_for, keeps_inside, passable
from kouprey.exchange.store import giving as rows
from kouprey.exchange.store import releasing as approvals
from kouprey.exchange.store.rights import list_rights, list_shown
from kouprey.exchange.store.seeing import Eyes
from kouprey.exchange.wire import prune, references
from kouprey.federation.model import BODY_MAX, EntryBody
from kouprey.federation.service import Lanes
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import NOT_SHOWN, Decision, Reason
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.label import Label, label_line
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import SECOND, Clock
from kouprey.kernel.words.tlp import parse_tlp

MEDIA_TYPE = "application/stix+json;version=2.1"
"""Of an entry that carries one STIX object."""


class Passed(NamedTuple):
    """What became of one object at the gate."""

    stix_id: str
    fate: Literal["queued", "waiting", "already", "refused"]
    because: tuple[Reason, ...] = ()
    pruned: bool = False
    withheld: tuple[str, ...] = ()
    """Ids it names and goes without."""


class _Ready(NamedTuple):
    """An object that may go: which body of it, the bytes to send, their label, and the ground."""

    candidate: rows.Candidate
    body: int
    content: bytes
    label: Label
    pruned: bool
    because: str
    withheld: tuple[str, ...] = ()
    waits: Reason | None = None
    """Why it does not go before somebody has released it."""
    emergency: bool = False


class Gate:
    """One publishing under one agreement; `identities` maps STIX identity ids to the parties that own them.

    `released`: (version, body) pairs that everybody released who has to; anything else that needs it waits.
    `emergency`: why a duty officer sends at once what the terms let go that way; "" for none.
    `parties`: those who are to have it, an audience of the agreement (clause 19); none for all of them. What goes to
    some is sealed to them, so that it stays among them there too.
    """

    def __init__(
        self,
        agreements: Agreements,
        lanes: Lanes,
        standing: Standing,
        identities: Mapping[str, str],
        clock: Clock,
        by: str,
        *,
        released: Collection[tuple[int, int]] = (),
        emergency: str = "",
        parties: Collection[str] = (),
    ) -> None:
        self._agreements = agreements
        self._lanes = lanes
        self._standing = standing
        self._clock = clock
        self._by = by
        self._released = released
        self._emergency = emergency
        self._rules = rules_of(standing)
        # Who has left is given nothing any more, and keeps nobody from giving to the others.
        meant = set(parties) & set(standing.parties) if parties else set(standing.parties)
        self._others = tuple(
            party for party in standing.parties if party in meant and party not in (standing.home, *standing.left)
        )
        everybody = {standing.home, *meant} == set(standing.parties)
        self._aim = () if everybody else tuple(sorted({standing.home, *meant}))
        self._rights: Mapping[int, SourceRight] = {}
        self._eyes: Eyes | None = None
        self._cards: dict[str, set[str]] = {}
        for stix_id, party in identities.items():
            self._cards.setdefault(party, set()).add(stix_id)
        # Cards are exchanged before anything else: who a party is, is no secret among them.
        self._on_cards = {stix_id.lower() for stix_id, party in identities.items() if party in standing.parties}

    @property
    def parties(self) -> tuple[str, ...]:
        """To whom it goes."""
        return self._others

    @property
    def title(self) -> str:
        """What people call the agreement."""
        return self._standing.title

    def _for_audience(self, label: Label) -> Label:
        if not self._aim:
            return label
        sealed = set(self._aim) & {self._standing.home, *label.sealed_to} if label.sealed_to else set(self._aim)
        return msgspec.structs.replace(label, sealed_to=tuple(sorted(sealed)))

    def pass_through(self, tx: Tx, eyes: Eyes, stix_ids: Sequence[str]) -> list[Passed]:
        """Decide objects and queue those that may go, in one transaction; what became of each, in order."""
        outcomes, ready = self._judge_all(tx, eyes, stix_ids)
        self._queue(tx, [each for each in ready if each.waits is None])
        self._wish(tx, [each for each in ready if each.waits is not None or each.emergency])
        return outcomes

    def foresee(self, reader: Snapshot, eyes: Eyes, stix_ids: Sequence[str]) -> list[Passed]:
        """What would become of objects if they were published now; nothing is queued."""
        return self._judge_all(reader, eyes, stix_ids)[0]

    def _judge_all(self, reader: Snapshot, eyes: Eyes, stix_ids: Sequence[str]) -> tuple[list[Passed], list[_Ready]]:
        book = rows.LabelBook(reader)
        candidates = rows.list_candidates(reader, eyes, stix_ids, book, bodies=True)
        given = rows.list_published(reader, self._standing.agreement, [c.version for c in candidates.values()])
        published = {key for key, parties in given.items() if parties >= set(self._others)}
        decided: dict[frozenset[Label], Decision] = {}
        forbidden = self._forbidden(reader, book, decided, candidates)
        self._rights, self._eyes = list_rights(reader), eyes
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
                fate: Literal["queued", "waiting"] = "queued" if judged.waits is None else "waiting"
                because = () if judged.waits is None else (judged.waits,)
                outcomes[stix_id] = Passed(stix_id, fate, because, judged.pruned, judged.withheld)
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
        came = [label for label in candidate.all_labels if label.agreement == self._standing.agreement]
        if came and not candidate.shown.isdisjoint(came):
            return Passed(stix_id, "already", (self._under("came-under-it", "It came under this agreement itself."),))
        if came:
            return Passed(stix_id, "refused", (NOT_SHOWN,))
        reserved = may_version(
            None, self._standing.home, self._cards, stix_id=stix_id, earlier_creators=candidate.creators
        )
        if not reserved.allowed:
            return Passed(stix_id, "refused", reserved.because)
        whole = self._decide(reader, candidate.all_labels, decided)
        if not whole.allowed:
            seen = self._decide(reader, tuple(candidate.shown), decided)
            return Passed(stix_id, "refused", (NOT_SHOWN,) if seen.allowed or not candidate.shown else seen.because)
        barring: list[Reason] = []
        inside: list[int] = []
        for body in candidate.labels:
            # A body goes only under labels of its own: what others say of the version does not open this one.
            left = passable(candidate.said.get(body, ()), self._rights)
            inside += left.inside
            made = [self._decide(reader, [label], decided) for label in left.labels]
            allowed = [label for label, each in zip(left.labels, made, strict=True) if each.allowed]
            if not allowed:
                for each, label in zip(made, left.labels, strict=True):
                    barring += each.because if label in candidate.shown else (NOT_SHOWN,)
                continue
            if (candidate.version, body) in published:
                return Passed(stix_id, "already", (self._under("published", "It was published under this agreement."),))
            label = self._for_audience(released(allowed, self._standing.home))
            if left.credits:
                handling = tuple(sorted({*label.handling, *handling_for(left.credits)}))
                label = msgspec.structs.replace(label, handling=handling)
            return self._ready(candidate, body, label, forbidden, whole)
        if inside:
            shown = list_shown(reader, self._eyes, candidate.version) if self._eyes is not None else ()
            names = [self._rights[source].name for source in dict.fromkeys(inside) if source in shown]
            return Passed(stix_id, "refused", (keeps_inside(names),))
        own = self._under("no-body", "No body of it is allowed by its own label.")
        return Passed(stix_id, "refused", (own, *dict.fromkeys(barring)))

    def _ready(
        self, candidate: rows.Candidate, body: int, label: Label, forbidden: frozenset[str], whole: Decision
    ) -> _Ready | Passed:
        raw = candidate.raws[body]
        content = prune(raw, forbidden)
        if content is None:
            named = sorted(set(references(decode(raw))) & forbidden)
            text = f"It cannot go without {', '.join(named) or 'what it refers to'}, which may not travel."
            return Passed(candidate.stix_id, "refused", (self._clause("reference", text, "references"),))
        withheld = tuple(sorted(set(references(decode(raw))) & forbidden)) if content is not raw else ()
        if withheld and self._standing.terms.references == "block":
            text = (
                f"It names {', '.join(withheld)}, which may not travel, and nothing is left out under this agreement."
            )
            return Passed(candidate.stix_id, "refused", (self._clause("reference", text, "references"),))
        size = len(MEDIA_TYPE) + len(label_line(label)) + len(content) + 2
        limit = min(BODY_MAX, self._standing.terms.quotas.body_max)
        if size > limit:
            text = f"It has {size} bytes with its label; an entry holds {limit}. Publish a smaller version of it."
            return Passed(candidate.stix_id, "refused", (self._clause("too-large", text, "quotas"),))
        because = " ".join(map(spoken, whole.because))
        ready = _Ready(candidate, body, content, label, content is not raw, because, withheld)
        wanted = rules_for(self._rules, label)
        if not wanted or (candidate.version, body) in self._released:
            return ready
        if not self._emergency:
            return ready._replace(
                waits=waits(wanted, self._standing.agreement, CLAUSES["approvals"], self._standing.title)
            )
        if in_emergency(self._standing.terms.emergency.tlp, label):
            return ready._replace(emergency=True)
        ceiling = self._standing.terms.emergency.tlp
        text = f"It is {label.tlp.text}; " + (
            f"in an emergency at most TLP:{ceiling.upper()} goes at once." if ceiling else "there is no emergency lane."
        )
        return Passed(candidate.stix_id, "refused", (self._clause("emergency", text, "emergency"),))

    def _clause(self, code: str, text: str, clause: str) -> Reason:
        return Reason(code, text, self._standing.agreement, CLAUSES[clause], self._standing.title)

    def _under(self, code: str, text: str) -> Reason:
        """A ground that rests on the agreement as a whole."""
        return Reason(code, text, self._standing.agreement, title=self._standing.title)

    def _decide(self, reader: Snapshot, labels: Sequence[Label], decided: dict[frozenset[Label], Decision]) -> Decision:
        """Allowed when it is for every other party. Suspension is the lane's and the serve gate's to heed.

        Whether somebody has to release it is asked apart, because what is asked for waits and is not refused.
        """
        key = frozenset(labels)
        if key not in decided:
            decided[key] = self._ask(reader, labels)
        return decided[key]

    def _ask(self, reader: Snapshot, labels: Sequence[Label]) -> Decision:
        made = Decision(False, (self._clause("nobody", "The agreement has no other party.", "parties"),))
        for party in self._others:
            made = self._agreements.decide(
                labels,
                self._agreements.party_reader(party),
                under=self._standing.agreement,
                reader=reader,
                once_resumed=True,
                released=True,
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
        going = {c.stix_id for c in candidates.values() if any((c.version, b) in self._released for b in c.raws)}
        unreleased = {
            stix_id
            for stix_id, labels in held.items()
            if stix_id not in going and any(rules_for(self._rules, label) for label in labels)
        }
        # What waits for release itself is not given away by what names it, before they have been given it.
        known = rows.list_published_ids(reader, self._standing.agreement, unreleased)
        unreleased -= {stix_id for stix_id, parties in known.items() if parties >= set(self._others)}
        barred = {
            stix_id.lower()
            for stix_id, labels in held.items()
            if not any(label.agreement == self._standing.agreement for label in labels)
            and (stix_id in unreleased or not self._decide(reader, labels, decided).allowed)
        }
        return frozenset(target for target in named if target.lower() in barred)

    def _queue(self, tx: Tx, ready: Sequence[_Ready]) -> None:
        if not ready:
            return
        agreement, now = self._standing.agreement, self._clock()
        bodies = [EntryBody(media_type=MEDIA_TYPE, label=each.label, content=each.content) for each in ready]
        numbers = self._lanes.queue(tx, agreement, bodies, parties=self._aim)
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
        approvals.end_sent(tx, agreement, ((e.candidate.version, e.body) for e in ready), self._by, now)
        detail = {"count": len(ready), "first": numbers[0], "last": numbers[-1], "parties": list(self._others)}
        audit.append(tx, at=now, actor=self._by, action="exchange.publish", subject=agreement, detail=detail)
        outbox.record(tx, ObjectsPublished(agreement=agreement, count=len(ready)))

    def _wish(self, tx: Tx, ready: Sequence[_Ready]) -> None:
        """Ask for release, once for each; what went in an emergency stands here to be reviewed."""
        now, agreement = self._clock(), self._standing.agreement
        wishes = [
            approvals.Wish(
                id=f"apr_{uuid4().hex}",
                version=each.candidate.version,
                body=each.body,
                stix_id=each.candidate.stix_id,
                tlp=int(each.label.tlp),
                kind=each.label.kind,
                emergency=self._emergency if each.emergency else "",
                review_by=now + self._standing.terms.emergency.review_s * SECOND if each.emergency else 0,
            )
            for each in ready
        ]
        fresh = approvals.insert(tx, wishes, agreement, self._others, self._by, now)
        for urgent in (False, True):
            count = sum(bool(each.emergency) is urgent for each in fresh)
            if count:
                clause = CLAUSES["emergency" if urgent else "approvals"]
                detail = {"count": count, "clause": clause, "parties": list(self._others)}
                detail |= {"because": self._emergency} if urgent else {}
                action = "exchange.send-in-emergency" if urgent else "exchange.ask-release"
                audit.append(tx, at=now, actor=self._by, action=action, subject=agreement, detail=detail)


def parties_of(standing: Standing, audience: str) -> tuple[str, ...]:
    """The parties of an audience, to be given to a gate; none for "", which means all. Unknown for any other name."""
    if not audience:
        return ()
    found = standing.audience(audience)
    if not found:
        named = ", ".join(f"“{group.name}”" for group in standing.groups)
        raise Unknown(
            f"“{standing.title}” has no audience “{audience[:60]}”.",
            f"Clause 19 names {named}." if named else "Its clause 19 names none.",
            "Choose one of them, or all parties.",
            code="unknown-audience",
        )
    return found


def rules_of(standing: Standing) -> tuple[Rule, ...]:
    """The approval rules of an agreement."""
    return tuple(Rule(parse_tlp(r.tlp), r.role, r.persons, r.kinds) for r in standing.terms.approvals)


_UNKNOWN = Reason("unknown-object", "It is not held here, or you may not see it.")
