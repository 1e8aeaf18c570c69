"""What RTIR is told of a case, and what contradicts between the two; neither side wins by itself."""

from __future__ import annotations

from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.cases import Case, Phase
from kouprey.response.model.tickets import Clash, Desk, Ticket

ENDED = frozenset({"resolved", "rejected", "abandoned", "deleted"})
"""Statuses of RT and RTIR in which nothing more is done (their default lifecycles)."""
FIRST_WAIT: Instant = 30 * SECOND
LONGEST_WAIT: Instant = 3_600 * SECOND
LOOK_AGAIN: Instant = 60 * SECOND
"""How long after a look in earnest the next one comes."""


def check_leaves(case: Case, desk: Desk) -> None:
    """Refused (`above-ceiling`, `exercise`) where not even the number of this case is told to RTIR."""
    if case.exercise:
        raise Refused("An exercise makes no tickets.", "RTIR would count it among what happened.", code="exercise")
    if case.tlp > desk.ceiling:
        raise Refused(
            f"The case is {case.tlp.text}, and RTIR is told up to {desk.ceiling.text}.",
            "Whoever reads the queue there would learn of it.",
            "Tie it by hand with a link, or ask the administrator (`rtir_ceiling`).",
            code="above-ceiling",
        )


def leaves(case: Case, desk: Desk) -> bool:
    """Whether RTIR is told of this case now: its marking may have changed since the ticket was made."""
    return not case.exercise and case.tlp <= desk.ceiling and case.tlp is not TLP.RED


def title_for(case: Case, desk: Desk) -> str:
    """The title, where the settings let it go; a case that is named to some people gives none."""
    return case.title if desk.title is not None and case.tlp <= desk.title and not case.named else ""


def clash(phase: Phase, status: str) -> Clash:
    """What contradicts: the one says that it is over, the other that it is not."""
    if not status:
        return Clash.NONE
    there, here = status in ENDED, phase is Phase.CLOSED
    if there == here:
        return Clash.NONE
    return Clash.ENDED_THERE if there else Clash.ENDED_HERE


def clash_of(case: Case, ticket: Ticket) -> tuple[Clash, str]:
    """The clash between a case and its ticket, and a word for it that is another once either side has moved."""
    found = clash(case.phase, ticket.status)
    return found, f"{found}:{case.phase}:{ticket.status}" if found is not Clash.NONE else ""


def wait(tries: int) -> Instant:
    """How long until it is tried again, the `tries`th time in vain."""
    return min(FIRST_WAIT << min(tries, 12), LONGEST_WAIT)
