"""The words of hand-offs on pages, in the reader's language."""

from __future__ import annotations

from kouprey.kernel.web.language import _, mark
from kouprey.response.model import Stage, Verb
from kouprey.response.model.outcomes import Verdict
from kouprey.response.wire.handoffwords import (
    FILED,
    LONGER,
    PRESERVED,
    REASONS,
    SAID,
    STAGES,
    VIAS,
    did,
    lacking,
    standing,
)
from kouprey.response.wire.words import CLOCKS, KINDS, URGENCIES

VERDICTS: dict[Verdict, tuple[str, str]] = {
    Verdict.WORKED: (mark("it worked"), "good"),
    Verdict.PARTLY: (mark("it worked in part"), "warn"),
    Verdict.FAILED: (mark("it did not work"), "bad"),
}
"""How a strategy did -> its words and its tone."""
DO: dict[Verb, tuple[str, str]] = {
    Verb.ACKNOWLEDGE: (mark("We have it in hand"), mark("A person has read it. It promises nothing yet.")),
    Verb.HEARD: (
        mark("They told us by telephone"),
        mark("Compare the six words first. Say who told you, and at which number."),
    ),
    Verb.ACCEPT: (mark("Accept"), mark("We will do it. Say what is planned, if it is known.")),
    Verb.DECLINE: (mark("Decline"), mark("We will not do it. The reason goes to whoever asked.")),
    Verb.QUERY: (mark("Ask back"), mark("Something is missing before we can go on.")),
    Verb.ANSWER: (mark("Answer"), mark("What they asked back.")),
    Verb.START: (mark("Work has begun"), mark("From now on somebody works at it.")),
    Verb.PROGRESS: (mark("Tell how far it is"), mark("What was done, when, by whom.")),
    Verb.REPORT: (mark("Report the result"), mark("What was done and what not, what was seen, what risk is left.")),
    Verb.CONFIRM: (mark("Confirm and close"), mark("It is what we asked for, or we leave it at their answer.")),
    Verb.CONTEST: (mark("Something is missing"), mark("Say what was asked for and not done.")),
    Verb.SETTLE: (mark("Leave it at that"), mark("It is closed once both sides have said so.")),
    Verb.REROUTE: (mark("Ask somebody else"), mark("The clocks of this request stop; those of the new one begin.")),
    Verb.WITHDRAW: (mark("Withdraw"), mark("Nobody needs to do anything any more.")),
}
"""Verb -> what its button says, and what it means."""
NEXT_ASKED: dict[Stage, str] = {
    Stage.REQUESTED: mark("Say that you have it in hand; then decide."),
    Stage.ACKNOWLEDGED: mark("Decide: accept it, decline it, or ask back."),
    Stage.NEEDS_INFO: mark("They owe you an answer."),
    Stage.ACCEPTED: mark("Begin, and report the result."),
    Stage.ACTING: mark("Report the result when it is there."),
    Stage.REPORTED: mark("They look at your report."),
    Stage.DISPUTED: mark("They miss something: report again, or leave it at that together."),
    Stage.DECLINED: mark("They close it, or ask somebody else."),
}
NEXT_ASKING: dict[Stage, str] = {
    Stage.REQUESTED: mark("They have not said yet that they have it in hand."),
    Stage.ACKNOWLEDGED: mark("They have it in hand and will decide."),
    Stage.NEEDS_INFO: mark("They asked back: answer, so that they can go on."),
    Stage.ACCEPTED: mark("They will do it."),
    Stage.ACTING: mark("They are working at it."),
    Stage.REPORTED: mark("Read their report: confirm it, or say what is missing."),
    Stage.DISPUTED: mark("They report again, or you leave it at that together."),
    Stage.DECLINED: mark("Ask somebody else, or close it."),
}


def stage(of: Stage) -> tuple[str, str]:
    """Its word, translated, and its tone."""
    word, tone = STAGES[of]
    return _(word), tone


_PRESERVING: dict[tuple[Stage, bool], str] = {
    **dict.fromkeys(
        ((stage, False) for stage in (Stage.REQUESTED, Stage.ACKNOWLEDGED, Stage.ACCEPTED)),
        mark("Say until when it is preserved, or decline it."),
    ),
    (Stage.REPORTED, True): mark("It is preserved: file the request for mutual assistance in time."),
    (Stage.REPORTED, False): mark("It is preserved; the hold ends by itself."),
    (Stage.DISPUTED, False): mark("They ask for longer: say until when."),
    (Stage.DISPUTED, True): mark("You asked for longer; they answer with a date."),
}


_CROSSED: dict[tuple[Stage, bool], str] = {
    (Stage.REROUTED, True): mark("They had accepted before your word reached them. Call both: one of them goes on."),
    (Stage.REROUTED, False): mark("It was given to somebody else before your word reached them. Ask them who goes on."),
    (Stage.WITHDRAWN, True): mark("They had accepted before your word reached them. Tell them to stop."),
    (Stage.WITHDRAWN, False): mark("It was withdrawn before your word reached them. Stop, and say what was done."),
}
"""What people do when two words crossed on the way: neither of them is wrong, and two may be at work."""


_LATE = mark("They are overdue: call them, or ask somebody else.")
_LATE_LINKED = mark("They are overdue: call them and compare the six words, carry a parcel, or ask somebody else.")


def next_step(of: Stage, *, ours: bool, exercise: bool = False, kind: str = "", **how: bool) -> str:
    """What is to be done now, and by whom; "" when it is over. `ours`: we asked; `kind`: for what.

    `how` it came so far: `crossed`, they took it up while it was ended or given to somebody else; `late`, a clock of
    theirs is over; `linked`, they have a node.
    """
    if how.get("crossed") and not exercise:
        return _(_CROSSED[of, ours])
    if how.get("late") and ours and not exercise and of in (Stage.REQUESTED, Stage.ACKNOWLEDGED):
        return _(_LATE_LINKED if how.get("linked") and of is Stage.REQUESTED else _LATE)
    if kind == "preserve" and not exercise and (of, ours) in _PRESERVING:
        return _(_PRESERVING[of, ours])
    if exercise and not ours and of in NEXT_ASKED:
        return _("Acknowledge it: that is all it asks for.") if of is Stage.REQUESTED else ""
    return _((NEXT_ASKING if ours else NEXT_ASKED).get(of, "")) if of in NEXT_ASKED else ""


FIELDS = {
    "person": mark("Who reports"),
    "entity": mark("For which entity"),
    "sector": mark("Sector"),
    "lead": mark("Sector lead"),
    "type": mark("Type of incident"),
    "what": mark("What happened"),
    "severity": mark("How severe, and why"),
    "found_at": mark("When it was found"),
    "method": mark("How it was found"),
    "hosts": mark("Systems concerned"),
    "actor": mark("Who is behind it, and how sure that is"),
    "artefacts": mark("Artefacts and indicators"),
    "related": mark("Related incidents"),
    "techniques": mark("Techniques"),
    "impact": mark("Impact"),
    "action": mark("What was done"),
    "malicious": mark("Whether malice is suspected"),
    "cross_border": mark("Whether it crosses a border"),
    "cause": mark("Likely cause"),
}
"""Lines of the forms of regimes."""


__all__ = [
    "CLOCKS",
    "DO",
    "FIELDS",
    "FILED",
    "KINDS",
    "LONGER",
    "PRESERVED",
    "REASONS",
    "SAID",
    "STAGES",
    "URGENCIES",
    "VIAS",
    "did",
    "lacking",
    "next_step",
    "stage",
    "standing",
]
