"""Telling: what was found becomes a sighting, without a line, a host or an address of ours in it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from kouprey.exchange.model import Sighted
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.watch import store as rows
from kouprey.watch.model import HOUR, Alert
from kouprey.watch.service.arming import NAME
from kouprey.watch.service.recalling import Recalling


class Telling(Recalling):
    """Sightings go the way of all sightings: kept, and published under the agreements their indicator came under."""

    def tell_by_itself(self) -> int:
        """Tell what sources that tell have found: one sighting an indicator, and at most one an hour; how many."""
        now, told, who = self._clock(), 0, self.operator()
        with self._store.read() as reader:
            untold = rows.list_untold(reader)
        for indicator, group in groupby(untold, key=lambda each: each.indicator):
            alerts = list(group)
            with self._store.read() as reader:
                last = rows.last_telling(reader, indicator)
            said = self._said(who, [indicator]).get(indicator)
            if (last and now - last < HOUR) or said is None or said.revoked:
                continue
            self._sight(who, alerts, by=NAME)
            told += 1
        return told

    def _tell(self, who: Reader, alert: Alert, by: str) -> Sighted:
        with self._store.read() as reader:
            untold = [each for each in rows.list_untold(reader, indicator=alert.indicator) if each.id == alert.id]
        if not untold:
            raise Refused(
                "There is nothing to tell of it.",
                "It is dismissed, or all of it was told.",
                "Open it again first, or look at its sighting.",
                code="nothing-to-tell",
            )
        return self._sight(who, untold, by=by)

    def _sight(self, who: Reader, alerts: Sequence[Alert], *, by: str) -> Sighted:
        now = self._clock()

        def also(tx: Tx, sighting: str, _: Sequence[str]) -> None:
            rows.save_telling(tx, sighting, alerts, now)

        first, last = min(each.first_at for each in alerts), max(each.last_at for each in alerts)
        count = sum(each.count - each.told for each in alerts)
        try:
            return self._exchange.sight(
                alerts[0].indicator,
                who=who,
                by=by,
                count=min(count, 999_999_999),
                first_seen=first,
                last_seen=last,
                also=also,
            )
        except Unknown as error:
            raise Refused(error.what, error.why, error.remedy, code="indicator-gone") from error
