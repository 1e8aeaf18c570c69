"""Sighting: say that something was seen, and tell whoever told us of it."""

from __future__ import annotations

from kouprey.exchange.model import ObjectView, Sighted
from kouprey.exchange.rules.acting import NEVER_SEEN
from kouprey.exchange.rules.making import stamp
from kouprey.exchange.service.saying import Also, Saying, nothing
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.kernel.words.time import Instant

_COUNT_MAX = 999_999_999


class Sightings(Saying):
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
        also: Also = nothing,
    ) -> Sighted:
        """Make a sighting by our own identity, keep it, and publish it under the agreements its target came under.

        It inherits what binds its target, the strictest level above all. A count of 0 says that it was looked for and
        not seen. Refused for what STIX cannot sight (2.1 section 5.2: only domain objects), Damaged for a count or
        times that make no sense, Unknown when `who` may not see the target.
        """
        target = self.get_object(who, stix_id)
        self._check(target, count, first_seen, last_seen)
        said = {
            "description": description,
            "first_seen": stamp(first_seen) if first_seen is not None else "",
            "last_seen": stamp(last_seen) if last_seen is not None else "",
            "count": count,
            "sighting_of_ref": stix_id,
            "where_sighted_refs": [self._author().card.identities[0]],
        }
        detail = {"of": stix_id, "count": count}
        made, reports = self._say(target, "sighting", said, by=by, detail=detail, also=also)
        return Sighted(stix_id=made, target=stix_id, reports=reports)

    def _check(self, target: ObjectView, count: int, first_seen: Instant | None, last_seen: Instant | None) -> None:
        if target.type in NEVER_SEEN:
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
