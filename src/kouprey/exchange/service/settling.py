"""Settling a deed: a few objects at a time, each written down as settled with what was done to it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from kouprey.exchange.model import Collection, ObjectView, Source, SourceKind
from kouprey.exchange.model.acting import Act, Deed, Fate, Item
from kouprey.exchange.rules import acting as grounds
from kouprey.exchange.rules import released
from kouprey.exchange.service.collections import MAIN
from kouprey.exchange.service.commenting import Commenting
from kouprey.exchange.service.gate import Gate, parties_of
from kouprey.exchange.service.holding import Holding
from kouprey.exchange.service.saying import Also
from kouprey.exchange.service.texts import Texts, revoked_version
from kouprey.exchange.store import acting as rows
from kouprey.exchange.store import holds
from kouprey.exchange.store.seeing import Eyes
from kouprey.exchange.wire import read_object
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import SECOND

STEP = 25
"""Objects that are said something of, revoked or held between two looks at the clock; each is a transaction."""
WIDE_STEP = 200
"""Objects published, or put into a collection or out of it, in one transaction."""
LEASE = 60 * SECOND
"""How long a step may take before somebody else goes on with the deed."""
_FALSE_POSITIVE = "False positive."


class OvertakenError(Exception):
    """Somebody else has done it meanwhile; what was about to be done again is rolled back."""


@dataclass(frozen=True)
class _Scope:
    """An act with whose eyes it is done, into or out of which collection, and the identities that are ours."""

    act: Act
    eyes: Eyes
    collection: Collection | None
    ours: Sequence[str]


class Settling(Texts, Commenting, Holding):
    """What becomes of each object of a deed; its effects are those of the verbs for one."""

    def _work(self, deed: Deed, who: Reader, seconds: float) -> None:
        """Take a deed, if nobody else works on it, and do steps of it for about so long."""
        until = time.monotonic() + seconds
        while True:
            now = self._clock()
            if not self._store.write(lambda tx, now=now: rows.hold(tx, deed.id, now, now + LEASE)):  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
                return
            try:
                more = self._step(deed, who)
            except OvertakenError:
                return
            except KoupreyError as error:
                trouble = f"{error.what} {error.why} {error.remedy}".strip()
                self._store.write(lambda tx, trouble=trouble: rows.release(tx, deed.id, trouble=trouble))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
                return
            if not more:
                self._store.write(lambda tx: rows.end(tx, deed.id, self._clock()))
                return
            self._store.write(lambda tx: rows.release(tx, deed.id))
            if time.monotonic() >= until:
                return

    def _step(self, deed: Deed, who: Reader) -> bool:
        """Settle the next few objects; False when none waits."""
        wide = deed.act.kind in ("publish", "collect", "release")
        with self._store.read() as reader:
            items = rows.list_items(reader, deed.id, ("kept", "waiting"), WIDE_STEP if wide else STEP)
        if not items:
            return False
        if deed.act.kind == "publish":
            self._publish_some(deed, who, items)
        elif wide:
            self._move_some(deed, who, items)
        else:
            for item in items:
                self._settle_one(deed, who, item)
        return True

    def _settle_one(self, deed: Deed, who: Reader, item: Item) -> None:
        act = deed.act
        if item.fate == "kept":
            # It was kept when somebody stopped; whom it was told to already is told nothing twice.
            for agreement in item.tell:
                self._tell(agreement, (self._author().card.identities[0], *item.made), deed.by)
            self._settle(deed, item, "done", made=item.made)
            return
        if act.kind == "lift":
            self._lift(deed, item)
            return
        scope = self._scope(who, act)
        with self._store.read() as reader:
            ((_, ground),) = self._judge_subjects(reader, scope, [item.stix_id]).values()
        if ground is not None:
            self._settle(deed, item, "left", because=ground)
            return
        try:
            made, tell = self._do(deed, who, item)
        except KoupreyError as error:
            if error.code == "constraint" or error.http_status >= 500:
                raise
            self._settle(deed, item, "left", because=Reason(error.code, f"{error.what} {error.why}".strip()))
            return
        kept = Item(place=item.place, stix_id=item.stix_id, fate="kept", made=(), tell=tell, because="")
        self._settle(deed, kept, "done", made=made)

    def _do(self, deed: Deed, who: Reader, item: Item) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Do it with one object; what was made, and under which agreements that was told."""
        act, by = deed.act, deed.by
        noted: list[tuple[str, tuple[str, ...]]] = []

        def also(tx: Tx, made: str, tell: Sequence[str] = ()) -> None:
            self._mark(tx, deed, item, "kept", made=(made,), tell=tell)
            noted[:] = [(made, tuple(tell))]

        if act.kind == "seen":
            self.sight(item.stix_id, who=who, by=by, description=act.text.strip(), also=also)
        elif act.kind == "note":
            self.note(item.stix_id, act.text, who=who, by=by, also=also)
        elif act.kind == "opinion":
            self.opine(item.stix_id, act.opinion, who=who, by=by, because=act.text, also=also)
        elif act.kind == "false-positive":
            because = f"{_FALSE_POSITIVE} {act.text.strip()}"
            self.opine(item.stix_id, "strongly-disagree", who=who, by=by, because=because, also=also)
        elif act.kind == "hold":
            self.place_hold("object", item.stix_id, because=act.text, who=who, by=by, also=also)
        else:
            self._revoke(item.stix_id, who, by, also)
        made, tell = noted[0]
        return (made,), tell

    def _revoke(self, stix_id: str, who: Reader, by: str, also: Also) -> None:
        """Give an object of ours its last version, where the one before was, and tell whoever was given that."""
        found = self.get_object(who, stix_id)
        home, now = self._author(), self._clock()
        value = decode(found.newest.served.raw)
        if not isinstance(value.get("modified"), str):
            raise Damaged("It has no time of modification.", "So it cannot get a later version.", code="no-versions")
        last = read_object(msgspec.json.encode(revoked_version(value, now)))
        label = released(_labels(found), home.id)
        eyes = self._eyes(who)

        def work(tx: Tx) -> tuple[str, ...]:
            subject = rows.list_subjects(tx, eyes, [stix_id])[stix_id]
            into = [self._main(tx).id, *rows.list_curated(tx, subject.version)]
            tell = tuple(sorted(rows.list_given(tx, eyes, [stix_id]).get(stix_id, ())))
            source = Source(kind=SourceKind.PERSON, party=home.id, name=by)
            (outcome,) = self.receive(tx, [last], source=source, label_of=lambda *_: label, into=into)
            if outcome.error is not None:
                raise outcome.error
            also(tx, stix_id, tell)
            audit.append(tx, at=now, actor=by, action="exchange.revoke", subject=stix_id, detail={})
            return tell

        for agreement in self._store.write(work):
            self._tell(agreement, (stix_id,), by)

    def _lift(self, deed: Deed, item: Item) -> None:
        def work(tx: Tx) -> None:
            ended = [holds.lift(tx, hold, deed.by, self._clock()) for hold in item.made]
            ground = None if any(ended) else Reason("unknown-hold", "The hold was lifted already.")
            self._mark(tx, deed, item, "left" if ground else "done", made=item.made, because=ground)
            for hold in item.made if any(ended) else ():
                self._record_hold(tx, "hold.lift", hold, deed.by, {})

        self._store.write(work)

    def _publish_some(self, deed: Deed, who: Reader, items: Sequence[Item]) -> None:
        gate, _ = self._gate(deed.act, deed.by)
        eyes = self._eyes(who)

        def work(tx: Tx) -> None:
            passed = gate.pass_through(tx, eyes, [item.stix_id for item in items])
            for item, each in zip(items, passed, strict=True):
                if each.fate in ("queued", "waiting"):
                    self._mark(tx, deed, item, "done")
                else:
                    self._mark(tx, deed, item, "left", because=each.because[0] if each.because else None)

        self._store.write(work)

    def _move_some(self, deed: Deed, who: Reader, items: Sequence[Item]) -> None:
        """Into a collection, or out of it. What takes such a deed back names the very versions it moved."""
        act = deed.act
        scope = self._scope(who, act)
        assert scope.collection is not None
        collection, eyes = scope.collection.id, scope.eyes

        def work(tx: Tx) -> None:
            judged = self._judge_subjects(tx, scope, [item.stix_id for item in items])
            visible = rows.list_visible_versions(tx, eyes, [item.stix_id for item in items])
            moved: list[int] = []
            for item in items:
                subject, ground = judged[item.stix_id]
                if subject is None or ground is not None:
                    self._mark(tx, deed, item, "left", because=ground)
                    continue
                here = visible.get(item.stix_id, [])
                members = rows.list_members(tx, collection, here)
                if item.made:
                    named = {int(each) for each in item.made}
                elif act.kind == "collect":
                    named = {subject.version}
                else:
                    named = members
                mine = sorted(each for each in named & set(here) if (each in members) == (act.kind == "release"))
                moved += mine
                self._mark(tx, deed, item, "done", made=[str(each) for each in mine])
            if act.kind == "collect":
                rows.join(tx, collection, moved)
            else:
                rows.leave(tx, collection, moved)
            if moved:
                action = f"collection.{'join' if act.kind == 'collect' else 'leave'}"
                detail = {"versions": len(moved), "deed": deed.id}
                audit.append(tx, at=self._clock(), actor=deed.by, action=action, subject=collection, detail=detail)

        self._store.write(work)

    def _scope(self, who: Reader, act: Act) -> _Scope:
        """What every object is judged by; looked up before a transaction begins."""
        joins = act.kind == "collect"
        collection = self._curated(who, act.collection, joins) if joins or act.kind == "release" else None
        ours = self._people.home().card.identities if act.kind == "revoke" else ()
        return _Scope(act, self._eyes(who), collection, ours)

    @staticmethod
    def _judge_subjects(
        reader: Snapshot, scope: _Scope, ids: Sequence[str]
    ) -> dict[str, tuple[rows.Subject | None, Reason | None]]:
        """Each object with what is known of it, and why nothing is done with it."""
        act, eyes = scope.act, scope.eyes
        subjects = rows.list_subjects(reader, eyes, ids)
        inside: set[str] = set()
        if scope.collection is not None:
            looked = {stix_id: [each.version] for stix_id, each in subjects.items()}
            if act.kind == "release":
                looked = rows.list_visible_versions(reader, eyes, ids)
            members = rows.list_members(reader, scope.collection.id, [v for held in looked.values() for v in held])
            inside = {stix_id for stix_id, held in looked.items() if members & set(held)}
        held = rows.list_held(reader, ids) if act.kind == "hold" else set()
        judged: dict[str, tuple[rows.Subject | None, Reason | None]] = {}
        for stix_id in ids:
            subject = subjects.get(stix_id)
            if subject is None:
                judged[stix_id] = (None, grounds.UNKNOWN)
                continue
            ground = grounds.hinders(
                act,
                type_=subject.type,
                created_by=subject.created_by,
                revoked=subject.revoked,
                ours=scope.ours,
                member=stix_id in inside,
                strict_breach=scope.collection is not None and scope.collection.strict and subject.musts > 0,
                held=stix_id in held,
            )
            judged[stix_id] = (subject, ground)
        return judged

    def _gate(self, act: Act, by: str) -> tuple[Gate, str]:
        standing = self._agreements.get_standing(act.agreement)
        waits_because = self._may_publish(standing)
        gate = Gate(
            self._agreements,
            self._lanes,
            standing,
            self._people.list_identities(),
            self._clock,
            by,
            parties=parties_of(standing, act.audience),
        )
        return gate, waits_because

    def _others(self, agreements: Sequence[str]) -> tuple[str, ...]:
        """The other parties of these agreements."""
        standings = self._agreements.standings()
        found = {party for each in agreements if each in standings for party in standings[each].parties}
        return tuple(sorted(found - {self._people.home_id}))

    def _settle(
        self, deed: Deed, item: Item, fate: Fate, *, made: Sequence[str] = (), because: Reason | None = None
    ) -> None:
        self._store.write(lambda tx: self._mark(tx, deed, item, fate, made=made, because=because))

    @staticmethod
    def _mark(
        tx: Tx,
        deed: Deed,
        item: Item,
        fate: Fate,
        *,
        made: Sequence[str] = (),
        tell: Sequence[str] = (),
        because: Reason | None = None,
    ) -> None:
        if not rows.settle(tx, deed.id, item, fate, made=made, tell=tell, because=because):
            raise OvertakenError

    def _curated(self, who: Reader, name: str, joins: bool) -> Collection:
        # Out of an archived collection things may still be taken.
        found = self.get_open_collection(name, who) if joins else self.get_collection(name, who)
        if found.agreement or found.name == MAIN:
            raise Refused(
                "Nobody puts anything into this collection by hand.",
                "It holds what came under an agreement, or everything.",
                "Choose one that was made for a purpose.",
                code="not-curated",
            )
        return found


def _labels(found: ObjectView) -> list[Label]:
    return [said.label for version in found.versions for body in version.bodies for said in body.assertions]
