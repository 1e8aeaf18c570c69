"""Verbs of performance: sum up, report, print and verify."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.kernel.words.capability import Job, Services
from kouprey.kernel.words.finding import Check, Finding
from kouprey.performance import store as rows
from kouprey.performance.service.processing import Processing
from kouprey.performance.service.reporting import Performance, check_whole, sees_all


def jobs(services: Services) -> list[Job]:
    """What came and was acknowledged is summed up, a little at a time."""
    return [Job("performance.sum", 5.0, services.get(Performance).sum_up)]


def checks(services: Services) -> list[Check]:
    """Whether the sums are what was counted."""
    performance = services.get(Performance)
    return [Check("measures", lambda repair: _sums(performance, repair))]


def _sums(performance: Performance, repair: bool) -> Iterable[Finding]:
    with performance._store.read() as reader:
        wrong = rows.list_unequal(reader)
    if not wrong:
        return []
    if repair:
        performance._store.write(lambda tx: rows.mend(tx, wrong))
    return [
        Finding(
            level="mended" if repair else "bad",
            what=f"{len(wrong)} sums of measures are not what was counted.",
            why="The page “Is the agreement working?” would tell wrong figures.",
            remedy="They were counted again." if repair else "Run `kouprey doctor --repair`.",
        )
    ]


__all__ = ["Performance", "Processing", "check_whole", "checks", "jobs", "sees_all"]
