"""How a link has done, as pictures and figures for the page of a partner; each picture comes with its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor

from kouprey.federation.service.history import total
from kouprey.federation.store import Span
from kouprey.kernel.web.language import current
from kouprey.kernel.words.time import SECOND

_MINUTE = 60 * SECOND

Columns = list[tuple[str, list[int]]]
"""A day in words, and a count for each series."""


@dataclass(frozen=True)
class Health:
    """The days of a link, oldest first, and their sum."""

    days: Sequence[Span]

    @property
    def sum(self) -> Span:
        return total(self.days)

    @property
    def share(self) -> float | None:
        """The share of the known time in which the partner was reached, in whole percents: all of it only if it was."""
        reached = self.sum.reached
        return None if reached is None else floor(reached * 100) / 100

    @property
    def known(self) -> bool:
        """Whether anything was written down in this time."""
        return any(span.good or span.failed or span.went for span in self.days)

    @property
    def reached(self) -> Columns:
        """Minutes in which the partner was reached, and was not; the rest of a day is not known."""
        return [(_day(span), [span.up // _MINUTE, span.down // _MINUTE]) for span in self.days]

    @property
    def carried(self) -> Columns:
        """Entries that came and went."""
        return [(_day(span), [span.came, span.went]) for span in self.days]

    @property
    def answers(self) -> Columns:
        """Milliseconds of the quickest answers."""
        return [(_day(span), [round((span.answers_in or 0) * 1_000)]) for span in self.days]

    @property
    def line(self) -> list[float]:
        """The shares of time for a small line, from the first day of which something is known."""
        shares = [span.reached for span in self.days]
        known = [share for share in shares if share is not None]
        return known if len(known) > 1 else []


def _day(span: Span) -> str:
    return current().day(datetime.fromtimestamp(span.at / SECOND, UTC).date(), short=True)
