"""Saying something about what is held: an object of our own, which inherits what binds its target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from uuid import uuid4

import msgspec

from kouprey.exchange.model import ObjectView, PublishReport, Source, SourceKind, Why
from kouprey.exchange.rules import released
from kouprey.exchange.service.giving import Giving
from kouprey.exchange.store.giving import LabelBook, list_held_labels, object_exists
from kouprey.exchange.wire import read_object
from kouprey.exchange.wire.comments import write_object
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Party

Also = Callable[[Tx, str, Sequence[str]], None]
"""What is written down with a new object of ours in the same transaction: its id, and the agreements to tell of it."""


def nothing(_: Tx, __: str, ___: Sequence[str]) -> None:
    """Nothing is written down with it."""


class Saying(Giving):
    """What sightings, notes and opinions have in common."""

    def _say(
        self,
        target: ObjectView,
        kind: str,
        said: Mapping[str, object],
        *,
        by: str,
        detail: Mapping[str, object],
        also: Also = nothing,
    ) -> tuple[str, tuple[PublishReport, ...]]:
        """Make an object by our own identity, keep it, and publish it under the agreements its target came under.

        Its label is what all labels of the target have in common, the strictest level above all. What `also` writes is
        kept with it or not at all.
        """
        home = self._author()
        author = home.card.identities[0]
        labels = [a.label for version in target.versions for body in version.bodies for a in body.assertions]
        label = released(labels, home.id)
        if kind == "sighting":  # the terms of agreements speak of these apart; all else is what its target is
            label = msgspec.structs.replace(label, kind=kind)
        made = f"{kind}--{uuid4()}"
        ours = _Ours(write_object(made, kind, author, label.tlp, self._clock(), said), label, _ACTIONS[kind], detail)
        agreements = sorted({label.agreement for label in labels if label.agreement})

        def work(tx: Tx) -> None:
            self._keep(tx, home, ours, by)
            also(tx, made, agreements)

        self._store.write(work)
        return made, tuple(self._tell(agreement, (author, made), by) for agreement in agreements)

    def _author(self) -> Party:
        """Our party, which has an identity to speak as."""
        home = self._people.home()
        if not home.card.identities:
            raise Refused(
                "Our card lists no STIX identity.",
                "What we make says who has made it.",
                "Renew the card with an identity.",
                code="no-identity",
            )
        return home

    def _keep(self, tx: Tx, home: Party, ours: _Ours, by: str) -> None:
        into = [self._main(tx).id]
        source = Source(kind=SourceKind.PERSON, party=home.id, name=by)
        self._ensure_identity(tx, home, into)
        arrival = read_object(ours.raw)
        (outcome,) = self.receive(tx, [arrival], source=source, label_of=lambda *_: ours.label, into=into)
        if outcome.error is not None:
            raise outcome.error
        audit.append(
            tx, at=self._clock(), actor=by, action=ours.action, subject=arrival.stix_id, detail=dict(ours.detail)
        )

    def _ensure_identity(self, tx: Tx, home: Party, into: list[str]) -> None:
        """Who we are is said on our card, so the object that says it again is open to all."""
        stix_id = home.card.identities[0]
        if object_exists(tx, stix_id):
            return
        said = {"name": home.name, "identity_class": "organization"}
        self.receive(
            tx,
            [read_object(write_object(stix_id, "identity", "", TLP.CLEAR, self._clock(), said))],
            source=Source(kind=SourceKind.PARTY, party=home.id, name=home.id),
            label_of=lambda *_: Label(owner=home.id, tlp=TLP.CLEAR),
            into=into,
        )

    def _meant_for(self, stix_id: str) -> tuple[str, ...]:
        """Whom what we say is sealed to, as that is of which it is said; () for nobody in particular."""
        with self._store.read() as reader:
            held = list_held_labels(reader, [stix_id], LabelBook(reader)).get(stix_id, ())
        return released(held, self._people.home_id).sealed_to if held else ()

    def _tell(self, agreement: str, ids: tuple[str, ...], by: str) -> PublishReport:
        try:
            return self.publish(agreement, ids, by=by, parties=self._meant_for(ids[-1]))
        except KoupreyError as error:
            text, clause = f"{error.what} {error.why}".strip(), str(error.detail.get("clause", ""))
            title = str(error.detail.get("title_of_agreement", ""))
            because = (Reason(error.code, text, agreement, clause, title),)
            refused = tuple(Why(stix_id=stix_id, because=because) for stix_id in ids)
            return PublishReport(agreement=agreement, queued=(), already=(), pruned=(), refused=refused)


class _Ours(NamedTuple):
    """An object of ours on its way in, and what the audit says of it."""

    raw: bytes
    label: Label
    action: str
    detail: Mapping[str, object]


_ACTIONS = {"sighting": "exchange.sight", "note": "exchange.note", "opinion": "exchange.opine"}
