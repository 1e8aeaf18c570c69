"""The book kept while an event is converted: what was made, what was lost, and which id each part of the event got."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID, uuid5

from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP
from kouprey.misp.model import Loss, Made, Standing
from kouprey.misp.rules.paths import Identify
from kouprey.misp.rules.reading import Json, is_uuid, keys, said, stamp

Judge = Callable[[dict[str, Any]], str]
"""Why an object is no valid STIX; "" when it is."""

NAMESPACE = UUID("5b2f6a0e-9d1c-4f6b-8d55-2f4c5b0e7a31")
"""Of ids that MISP gives no UUID for."""

UNDATED: Instant = parse_instant("2015-01-01T00:00:00Z")
"""MISP does not say when organisations and clusters were made. An early time never hides what their authors publish."""

_TLP_2 = {level: stix_id for stix_id, level in STIX_MARKINGS.items()}
"""The later definition of a level in that table is the one of TLP 2.0."""

LOCAL = keys(
    "id event_id org_id orgc_id object_id galaxy_id galaxy_cluster_id tag_id attribute_id sharing_group_id org_uuid"
    " orgc_uuid event_creator_email attribute_count locked proposal_email_lock event_uuid object_uuid attribute_uuid"
    " value1 value2 RelatedEvent RelatedAttribute Org user_id batch_import old_id warnings"
    " sighting_timestamp validationIssue data_hash disable_correlation"
)
"""Keys that mean something only on the instance they come from, or repeat what is said elsewhere."""


class Book:
    """What is known and made of one event."""

    def __init__(self, uuid: str, standing: Standing, identify: Identify, judge: Judge) -> None:
        self.uuid = uuid
        self.standing = standing
        self.identify = identify
        self.judge = judge
        self.author = ""
        self.report = ""
        self.created: Instant = 0
        self.changed: Instant = 0
        self.made: list[Made] = []
        self.losses: list[Loss] = []
        self.ids: dict[str, str] = {}
        """MISP's UUID of a part -> the id of what was made of it."""
        self.standings: dict[str, Standing] = {}
        self.references: list[dict[str, str]] = []
        """External references of the report."""
        self._bodies: dict[tuple[str, TLP | None], list[dict[str, Any]]] = {}
        self._taken: set[str] = set()

    @property
    def mentioned(self) -> frozenset[str]:
        """The UUIDs of all parts that were read, whatever became of them."""
        return frozenset(self._taken)

    def lose(self, what: str, why: str, path: str = "", attribute: str = "") -> None:
        """Write down that something is not carried over."""
        self.losses.append(Loss(self.uuid, attribute, path, what[:200], why[:500]))

    def lose_rest(self, holder: Json, known: frozenset[str], path: str, attribute: str = "") -> None:
        """Write down everything in a part of the event that nobody has read."""
        for key in sorted(holder.keys() - known - LOCAL):
            if said(holder[key]):
                self.lose(f"field {key}", "STIX has no place for it, or it is not known here.", path, attribute)

    def own_uuid(self, text: str, *seed: str) -> str:
        """The UUID of a part: its own, else one that follows from `seed`; never the same twice."""
        uuid = text.lower()
        if not is_uuid(uuid):
            uuid = str(uuid5(NAMESPACE, "\n".join((self.uuid, text, *seed))))
        while uuid in self._taken:
            uuid = str(uuid5(NAMESPACE, uuid))
        self._taken.add(uuid)
        return uuid

    def derived(self, *seed: str) -> str:
        """A UUID that follows from other ids."""
        return str(uuid5(NAMESPACE, "\n".join(seed)))

    def tell(
        self,
        type_: str,
        uuid: str,
        changed: Instant,
        standing: Standing,
        fields: Json,
        labels: Iterable[str] = (),
    ) -> str:
        """Make a domain object or a relation of this event; its id, or "" when STIX would not have it."""
        value: Json = {"type": type_, "spec_version": "2.1", "id": f"{type_}--{uuid}"}
        if self.author:
            value["created_by_ref"] = self.author
        changed = changed or self.changed
        value["created"] = stamp(min(self.created, changed))
        value["modified"] = stamp(changed)
        value |= fields
        if words := list(labels):
            value["labels"] = words
        return self.keep(value, standing, own=True)

    def keep(self, value: Json, standing: Standing, *, own: bool, marked: bool = True) -> str:
        """Keep an object once, marked with the level that was stated; its id, or "" when it is not valid."""
        if why := self.judge(value):
            self.lose(f"object {value['id']}", why)
            return ""
        return self._add(value, standing, own=own, marked=marked)

    def _add(self, value: Json, standing: Standing, *, own: bool, marked: bool) -> str:
        if marked and standing.stated is not None:
            value["object_marking_refs"] = [_TLP_2[standing.stated]]
        stix_id: str = value["id"]
        alike = self._bodies.setdefault((stix_id, standing.stated if marked else standing.tlp), [])
        if value not in alike:
            alike.append(value)
            self.made.append(Made(value, standing, own))
        known = self.standings.get(stix_id)
        self.standings[stix_id] = standing if known is None else standing.joined(known)
        return stix_id

    def observe(self, observables: Sequence[Json], standing: Standing) -> str:
        """Keep observables, all or none; why they are not valid, or ""."""
        for value in observables:
            if why := self.judge(value):
                return why
        for value in observables:
            self._add(value, standing, own=False, marked=True)
        return ""

    def relate(self, source: str, word: str, target: str, changed: Instant, **more: str) -> str:
        """A relationship between two things made of this event, held as the stricter of them."""
        standing = self.standings[source].joined(self.standings[target])
        uuid = more.pop("uuid", "") or self.derived(source, word, target)
        fields = {"relationship_type": word, "source_ref": source, "target_ref": target, **more}
        return self.tell("relationship", uuid, changed, standing, fields)
