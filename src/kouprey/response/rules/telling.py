"""Who is told of what: by role for hand-offs, by watching for cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kouprey.kernel.words.time import DAY, SECOND, Instant
from kouprey.response.model import LEGAL_KINDS
from kouprey.response.model.notices import Often
from kouprey.response.rules.rights import DUTY, LAWFUL

SILENT = frozenset({"case.evidence-read", "case.export", "case.outcome"})
"""Acts that change nothing of a case: who watches it is not told of them."""
CLOCKS = frozenset({"duty.warn"})
"""Acts of a case that say that a clock nears."""
LEGAL_CLOCKS = frozenset({"preserved", "basis"})
"""Clocks of hand-offs that legal officers alone are told of."""
GAP: Mapping[Often, Instant] = {Often.HOURLY: 3_600 * SECOND, Often.DAILY: DAY}
"""How much time lies between two mails."""
ATTEMPTS = 8
LEASE: Instant = 120 * SECOND
"""How long one call of the address outside may take before another process tries it."""
FIRST_WAIT: Instant = 60 * SECOND


def hears(roles: Collection[str], kind: str) -> bool:
    """Whether somebody with these roles is told of hand-offs of this kind."""
    return not (DUTY | LAWFUL if kind in LEGAL_KINDS else DUTY).isdisjoint(roles)


def watchers(lead: str, said: Mapping[str, bool]) -> set[str]:
    """Who watches a case: whoever said so, and whoever leads it unless they have stopped."""
    found = {person for person, watching in said.items() if watching}
    return found | ({lead} if lead and said.get(lead, True) else set())


def wait(attempts: int) -> Instant:
    """How long until a mail is tried again, the `attempts`th time."""
    return min(FIRST_WAIT << min(attempts, 12), DAY)
