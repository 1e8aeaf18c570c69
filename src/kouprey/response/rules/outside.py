"""What of a hand-off may leave by mail and link, and until when a link opens."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.kernel.words.time import DAY, Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import LEGAL_KINDS, Course, HandOff, Verb
from kouprey.response.model.contacts import Contact, Outlook

GRACE = 2 * DAY
"""For how long a link opens after the decision is due."""
LONGEST = 30 * DAY
ANSWERS = (Verb.ACKNOWLEDGE, Verb.ACCEPT, Verb.DECLINE, Verb.QUERY, Verb.START, Verb.PROGRESS, Verb.REPORT)
"""What can be said by a link; a dispute is settled by people who know each other."""


def outlook(asked: HandOff, contact: Contact, home: str, *, sealed: Collection[str] = ()) -> Outlook:
    """What may leave for that contact of that hand-off. `sealed` are the parties its label is sealed to, if any."""
    own = contact.party == home
    if asked.kind in LEGAL_KINDS:
        return _none(
            "Requests to preserve or to disclose evidence are the legal track's.",
            "Hand it over on paper, or call, and write down what they say.",
        )
    if asked.tlp is TLP.RED:
        return _none(
            "TLP:RED is for named persons in the room; a mailbox or a link is not one.",
            "Call, and write down what they say.",
        )
    if sealed and contact.party not in sealed:
        return _none("It is sealed to its parties.", "Call, and write down what they say.")
    if asked.tlp > contact.ceiling:
        return _none(
            "It is marked above what was agreed with this contact.",
            "Ask in words that a lower marking bears, or amend what was agreed.",
        )
    if asked.tlp is TLP.AMBER_STRICT and not own:
        return _none("TLP:AMBER+STRICT stays within the organisation that received it.", "Ask at a lower marking.")
    # What is sealed is shown to an officer of a party it is sealed to, and never stands in a mail.
    content = asked.tlp <= contact.content and not sealed
    return Outlook(link=True, content=content, curtain=asked.tlp > TLP.GREEN or bool(sealed))


def expires(asked: HandOff, now: Instant) -> Instant:
    """When a link ends: some days after the decision is due, never later than a month from now."""
    due = max(asked.due.decide, asked.due.report, now)
    return min(due + GRACE, now + LONGEST)


def heads_of(course: Course) -> str:
    """A short word for how far a course has come, for forms that were open meanwhile."""
    return ".".join(each[:12] for each in course.heads)


def numbers_of(asked: HandOff, course: Course) -> tuple[str, str]:
    """The case numbers of who asks and of who is asked, as they last told them; "" where they have not."""
    told: dict[str, str] = {}
    for step in course.steps:
        if step.message.number:
            told[step.message.author] = step.message.number
    return told.get(asked.asking, ""), told.get(asked.asked, "")


def _none(why: str, remedy: str) -> Outlook:
    return Outlook(link=False, content=False, curtain=True, why=why, remedy=remedy)
