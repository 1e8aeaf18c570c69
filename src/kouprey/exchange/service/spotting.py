"""Spotting: a value was seen, so every indicator that names it was."""

from __future__ import annotations

from kouprey.exchange.model import Sighted
from kouprey.exchange.service.observables import Observables, read_observables
from kouprey.exchange.service.sighting import Sightings
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import Instant

MOST_SPOTTED = 20
"""Indicators of one value that are sighted, the newest."""


class Spotting(Observables, Sightings):
    """The verb for values that were seen."""

    def spot(
        self,
        text: str,
        *,
        kind: str = "",
        who: Reader,
        by: str,
        count: int = 1,
        first_seen: Instant | None = None,
        last_seen: Instant | None = None,
        description: str = "",
    ) -> list[Sighted]:
        """Sight every indicator in force that `who` sees naming a value, at most 20; otherwise as `sight`.

        The likeliest meaning that an indicator names is taken. Unknown (`unknown-value`) when none does.
        """
        for each in read_observables(text, kind):
            view = self.get_observable(who, each.kind, each.text)
            named = [one.stix_id for one in view.occurrences if one.type == "indicator" and not one.revoked]
            if named:
                return [
                    self.sight(
                        stix_id,
                        who=who,
                        by=by,
                        count=count,
                        first_seen=first_seen,
                        last_seen=last_seen,
                        description=description,
                    )
                    for stix_id in named[:MOST_SPOTTED]
                ]
        raise Unknown(
            f"No indicator names {text[:100]!r}.",
            "None is held here that names this value and is in force, or you may not see it.",
            "Take in an indicator of it, or sight another object by its id.",
            code="unknown-value",
        )
