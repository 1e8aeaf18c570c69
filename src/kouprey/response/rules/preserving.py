"""What may be said of a preservation: a date, where the trail leads on, and never what was found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.kernel.words.time import DAY, Instant, format_second
from kouprey.response.model import HandOff, Side, Verb
from kouprey.response.model.preserving import Answer, Preserve
from kouprey.response.model.sealed import SealedItem

ANSWERS = frozenset({Verb.ACCEPT, Verb.START, Verb.PROGRESS, Verb.REPORT})
"""What the asked side says of a preservation without a word of content; to decline and to ask back needs words."""
HALF = 50
"""Percent of the time after which whoever asked is told to file the request for mutual assistance, once."""
FARTHEST = 3_650 * DAY
_NAMES = {
    "authority": "Authority",
    "offence": "Offence and facts",
    "data": "Data, and their link to the offence",
    "custodian": "Custodian or place",
    "necessity": "Why it is needed",
}


def check_request(kind: str, preserve: Preserve | None) -> None:
    """Damaged (`no-preserve`, `bad-preserve`) where a request to preserve does not say what it has to say."""
    if kind != "preserve":
        if preserve is not None:
            raise Damaged(
                "What is to be preserved goes with a request to preserve.",
                remedy="Leave it out, or ask to preserve.",
                code="bad-preserve",
            )
        return
    missing = [
        name for field, name in _NAMES.items() if field != "custodian" and not getattr(preserve, field, "").strip()
    ]
    if preserve is not None and not preserve.assistance:
        missing.append("That a request for mutual assistance will follow")
    if missing:
        raise Damaged(
            "The request does not say what a request to preserve has to say.",
            f"Missing: {'; '.join(missing)}.",
            "Fill in the fields of article 29, paragraph 2.",
            code="no-preserve",
        )


def check_answer(
    asked: HandOff, side: Side, verb: Verb, text: str, items: Sequence[SealedItem], answer: Answer, now: Instant
) -> None:
    """Refused (`no-content`) where an answer bears more than a date and a route; Damaged (`bad-until`) for a bad date.

    On the asking side `until` asks for longer, and goes with saying that something is missing.
    """
    if asked.kind != "preserve":
        if answer != Answer():
            raise _not_here()
        return
    routed = answer.route and (side is not Side.ASKED or verb not in (Verb.REPORT, Verb.DECLINE))
    dated = answer.until and verb is not (Verb.REPORT if side is Side.ASKED else Verb.CONTEST)
    if routed or dated:
        raise _not_here()
    if side is Side.ASKED and (items or (verb in ANSWERS and text.strip())):
        raise Refused(
            "Nothing of what is preserved is answered.",
            "A request to preserve is answered by a date, or declined; what was found is asked for by `disclose`.",
            "Say until when it is preserved, and nothing else.",
            code="no-content",
        )
    if side is Side.ASKED and verb is Verb.REPORT and not answer.until:
        raise Damaged("It is not said until when.", remedy="Say until which day it is preserved.", code="bad-until")
    if answer.until and not now < answer.until <= now + FARTHEST:
        raise Damaged(
            "That day cannot be: it is over, or too far away.",
            format_second(answer.until)[:40],
            "Choose a day to come, within ten years.",
            code="bad-until",
        )


def request_words(preserve: Preserve) -> str:
    """The request in words, for nodes that do not know its fields."""
    lines = [f"{name}: {text}" for field, name in _NAMES.items() if (text := getattr(preserve, field).strip())]
    return "\n".join([*lines, "A request for mutual assistance will follow."])


def answer_words(until: Instant) -> str:
    """The sentence that stands in the answer for nodes that know no date; it follows from the date alone."""
    return f"Preserved until {format_second(until)}."


def longer_words(until: Instant) -> str:
    """The sentence by which longer is asked for."""
    return f"Please preserve it until {format_second(until)}."


def half_over(since: Instant, until: Instant, now: Instant) -> bool:
    """Whether half of the time from `since` to `until` has passed, and not all of it."""
    return 0 < since < until and since + (until - since) * HALF // 100 <= now < until


def end_of_day(days: int, now: Instant) -> Instant:
    """The end of the day, in UTC, that many days from now."""
    at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=now)
    day = (at + timedelta(days=days + 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (day - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1) - 1_000_000


def _not_here() -> Refused:
    return Refused(
        "A date or a route does not go with this.",
        "A date answers a request to preserve, or asks for longer; a route goes with that answer, or with declining.",
        "Leave it out.",
        code="not-preserving",
    )
