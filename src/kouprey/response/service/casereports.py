"""Verbs about reports of cases: what one reader sees of a case, put together for paper."""

from __future__ import annotations

from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People
from kouprey.response.model.casereports import CaseReport
from kouprey.response.model.cases import Sort
from kouprey.response.service.cases import Cases

MOST = 2_000
"""Items of a report, the latest."""
_TOLD = tuple(sort for sort in Sort if sort is not Sort.ACT)


class CaseReports:
    """Reads with the eyes of who asks: tracks, named cases and markings as on the page of the case."""

    def __init__(self, store: Store, people: People, cases: Cases, clock: Clock = wall_clock) -> None:
        self._store = store
        self._people = people
        self._cases = cases
        self._clock = clock

    def report(self, who: Reader, case: str) -> CaseReport:
        """The case as `who` sees it; Unknown where there is none for them."""
        opened = self._cases.get(who, case)
        items, cut = self._cases.items(who, opened, _TOLD, limit=MOST)
        return CaseReport(
            case=opened.case,
            merged=opened.merged,
            tracks=opened.reads,
            items=items[::-1],
            cut=cut,
            at=self._clock(),
            by=who.name,
            home=self._people.home_id,
            lacks=self._cases.lacking.of_links(who, items),
        )

    def note_printed(self, who: Reader, made: CaseReport, language: str) -> None:
        """Write down that it was put on paper: paper goes on to others."""
        detail: dict[str, object] = {"case": made.case.number, "language": language}
        self._store.write(
            lambda tx: audit.append(
                tx, at=self._clock(), actor=who.name, action="case.report", subject=made.case.id, detail=detail
            )
        )
