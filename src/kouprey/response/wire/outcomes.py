"""How a strategy did, as the explanation of a STIX opinion (2.1, 4.15) on its course of action.

The first line has one shape, so that every platform can show it and ours can count it; free words follow.
"""

from __future__ import annotations

import re

from kouprey.response.model.outcomes import Outcome, Verdict

_SAID = {
    Verdict.WORKED: "it worked",
    Verdict.PARTLY: "it worked in part",
    Verdict.FAILED: "it did not work",
}
_OPINION = {Verdict.WORKED: "agree", Verdict.PARTLY: "neutral", Verdict.FAILED: "disagree"}
_FIRST = re.compile(
    r"Used on an incident: (it worked|it worked in part|it did not work)(?:; (\d{1,4}) of (\d{1,4}) steps done)?\."
)
_VERDICT = {text: verdict for verdict, text in _SAID.items()}


def opinion_for(outcome: Outcome) -> str:
    """The value of STIX's opinion enumeration (2.1, 10.18) that says as much."""
    return _OPINION[outcome.verdict]


def write_outcome(outcome: Outcome) -> str:
    """The explanation of the opinion."""
    counted = f"; {outcome.done} of {outcome.steps} steps done" if outcome.steps else ""
    first = f"Used on an incident: {_SAID[outcome.verdict]}{counted}."
    return f"{first}\n{outcome.words}" if outcome.words else first


def read_outcome(text: str) -> Outcome | None:
    """The outcome that an explanation tells; None for any other words."""
    first, _, words = text.partition("\n")
    found = _FIRST.fullmatch(first)
    if found is None:
        return None
    done, steps = int(found[2] or 0), int(found[3] or 0)
    if done > steps:
        return None
    return Outcome(verdict=_VERDICT[found[1]], done=done, steps=steps, words=words)
