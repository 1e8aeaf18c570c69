"""Sighting: say that something was seen, and tell whoever told us of it."""

from __future__ import annotations

from uuid import uuid4

import msgspec

from kouprey.exchange.model import OBSERVABLE_TYPES, ObjectView, PublishReport, Sighted, Source, SourceKind, Why
from kouprey.exchange.rules import released
from kouprey.exchange.rules.making import MARKING, stamp
from kouprey.exchange.service.giving import Giving
from kouprey.exchange.store.giving import object_exists
from kouprey.exchange.wire import read_object
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Party

_NEVER_SEEN = OBSERVABLE_TYPES | {"relationship", "sighting", "marking-definition", "extension-definition"}
_COUNT_MAX = 999_999_999


class Sightings(Giving):
    """The verb for what was seen."""

    def sight(
        self,
        stix_id: str,
        *,
        who: Reader,
        by: str,
        count: int = 1,
        first_seen: Instant | None = None,
        last_seen: Instant | None = None,
        description: str = "",
    ) -> Sighted:
        """Make a sighting by our own identity, keep it, and publish it under the agreements its target came under.

        It inherits what binds its target, the strictest level above all. Refused for what STIX cannot sight (2.1
        section 5.2: only domain objects), Damaged for a count or times that make no sense, Unknown when `who` may not
        see the target.
        """
        target = self.get_object(who, stix_id)
        self._check(target, count, first_seen, last_seen)
        home = self._author()
        labels = [a.label for version in target.versions for body in version.bodies for a in body.assertions]
        label = msgspec.structs.replace(released(labels, home.id), kind="sighting")
        made = f"sighting--{uuid4()}"
        raw = self._sighting(made, home, target, label.tlp, count, first_seen, last_seen, description)
        self._store.write(lambda tx: self._keep(tx, home, raw, label, by))
        agreements = sorted({label.agreement for label in labels if label.agreement})
        identity = home.card.identities[0]
        reports = tuple(self._tell(agreement, (identity, made), by) for agreement in agreements)
        return Sighted(stix_id=made, target=stix_id, reports=reports)

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

    def _check(self, target: ObjectView, count: int, first_seen: Instant | None, last_seen: Instant | None) -> None:
        if target.type in _NEVER_SEEN:
            raise Refused(
                f"A {target.type} cannot be sighted.",
                "STIX sightings are of indicators, malware, campaigns and the like, not of values or links.",
                "Sight the indicator that names the value.",
                code="not-sightable",
            )
        if not 0 <= count <= _COUNT_MAX:
            raise Damaged("The count makes no sense.", f"It must be 0 to {_COUNT_MAX}.", code="bad-count")
        if first_seen is not None and last_seen is not None and first_seen > last_seen:
            raise Damaged("The times make no sense.", "It was last seen before it was first seen.", code="bad-times")

    def _sighting(
        self,
        stix_id: str,
        home: Party,
        target: ObjectView,
        tlp: TLP,
        count: int,
        first_seen: Instant | None,
        last_seen: Instant | None,
        description: str,
    ) -> bytes:
        now = stamp(self._clock())
        identity = home.card.identities[0]
        value: dict[str, object] = {
            "type": "sighting",
            "spec_version": "2.1",
            "id": stix_id,
            "created_by_ref": identity,
            "created": now,
            "modified": now,
        }
        if description:
            value["description"] = description
        if first_seen is not None:
            value["first_seen"] = stamp(first_seen)
        if last_seen is not None:
            value["last_seen"] = stamp(last_seen)
        value |= {
            "count": count,
            "sighting_of_ref": target.stix_id,
            "where_sighted_refs": [identity],
            "object_marking_refs": [MARKING[tlp]],
        }
        return msgspec.json.encode(value)

    def _keep(self, tx: Tx, home: Party, raw: bytes, label: Label, by: str) -> None:
        into = [self._main(tx).id]
        source = Source(kind=SourceKind.PERSON, party=home.id, name=by)
        self._ensure_identity(tx, home, into)
        sighting = read_object(raw)
        (outcome,) = self.receive(tx, [sighting], source=source, label_of=lambda *_: label, into=into)
        if outcome.error is not None:
            raise outcome.error
        detail = {"of": sighting.sighting_of, "count": sighting.value["count"]}
        audit.append(tx, at=self._clock(), actor=by, action="exchange.sight", subject=sighting.stix_id, detail=detail)

    def _ensure_identity(self, tx: Tx, home: Party, into: list[str]) -> None:
        """Who we are is said on our card, so the object that says it again is open to all."""
        stix_id = home.card.identities[0]
        if object_exists(tx, stix_id):
            return
        now = stamp(self._clock())
        value = {
            "type": "identity",
            "spec_version": "2.1",
            "id": stix_id,
            "created": now,
            "modified": now,
            "name": home.name,
            "identity_class": "organization",
            "object_marking_refs": [MARKING[TLP.CLEAR]],
        }
        self.receive(
            tx,
            [read_object(msgspec.json.encode(value))],
            source=Source(kind=SourceKind.PARTY, party=home.id, name=home.id),
            label_of=lambda *_: Label(owner=home.id, tlp=TLP.CLEAR),
            into=into,
        )

    def _tell(self, agreement: str, ids: tuple[str, ...], by: str) -> PublishReport:
        try:
            return self.publish(agreement, ids, by=by)
        except KoupreyError as error:
            because = (Reason(error.code, f"{error.what} {error.why}".strip(), agreement),)
            refused = tuple(Why(stix_id=stix_id, because=because) for stix_id in ids)
            return PublishReport(agreement=agreement, queued=(), already=(), pruned=(), refused=refused)
