"""Measures in words: what each is, how it is counted, and what to do; the same on pages and on paper."""

from __future__ import annotations

from typing import NamedTuple

from kouprey.kernel.web.filters import number, percent, span
from kouprey.kernel.web.language import _, joined, mark
from kouprey.performance.model import MORE_IS_BETTER, SMALL, Measured, Point, Quarter, Report, State
from kouprey.performance.rules import quarter_text


class Words(NamedTuple):
    """A measure: its name, how it is counted and from which receipts, and what to do when it misses its target."""

    name: str
    how: str
    remedy: str


WORDS = {
    "share-back": Words(
        mark("Giving and taking"),
        mark(
            "What the party that gave least gave, for each object that another party gave on average. An object counts"
            " once for its giver and label, from the signed entries of all parties."
        ),
        mark("Ask the party that gives little what keeps it from giving: approval, tools or time."),
    ),
    "time-to-publish": Words(
        mark("Time to publish"),
        mark(
            "From the moment an object was last changed, by its author's word, to the moment its entry was sealed. Half"
            " took no longer. Objects older than the agreement do not count."
        ),
        mark("Look at what waits for release, and let a saved search publish what needs no second look."),
    ),
    "time-to-acknowledge": Words(
        mark("Time to acknowledge"),
        mark(
            "From the sealing of an entry to the signed receipt that covers it, by the receiver's clock but never later"
            " than we learnt it. Half took no longer."
        ),
        mark("Look at the link to the slow partner, or carry parcels more often."),
    ),
    "context": Words(
        mark("Given with context"),
        mark(
            "Indicators that say why (20 characters or more) and one thing more: until when, how sure, which phase of"
            " an attack, or a relation given under the same label."
        ),
        mark("Follow the coach when you write an indicator; it names what is missing."),
    ),
    "false-positives": Words(
        mark("False positives"),
        mark("Indicators that another party holds for wrong, by an opinion that disagrees, given under the agreement."),
        mark("Read those opinions, and take back the indicators they are right about."),
    ),
    "concentration": Words(
        mark("From one party"),
        mark("The share of all objects that the party that gave most has given."),
        mark("Win a second source, so that the exchange does not end with the first."),
    ),
    "availability": Words(
        mark("Link to the parties"),
        mark(
            "The share of the known time in which this node reached the other parties, over all its links. It is what"
            " this node saw; the others may have seen it otherwise."
        ),
        mark("Look at the page of the partner: when it was not reached, and why."),
    ),
    "outstanding-recalls": Words(
        mark("Recalls outstanding"),
        mark("Requests to erase that no receipt says to be carried out, one for each party asked; as of now."),
        mark("Ask the partner to carry them out; its next receipt says when it has."),
    ),
}

STATES: dict[State, tuple[str, str]] = {
    State.MET: (mark("reached"), "good"),
    State.MISSED: (mark("missed"), "bad"),
    State.FEW: (mark("too few to tell"), "idle"),
    State.UNTARGETED: (mark("no target"), "idle"),
}

TONES = {"works": "good", "mixed": "warn", "fails": "bad", "unknown": "idle", "untargeted": "info"}


def verdict(report: Report) -> str:
    """One sentence that answers whether the agreement works."""
    told = [each for each in report.measures if each.state in (State.MET, State.MISSED)]
    missed = [_(WORDS[each.measure].name) for each in told if each.state is State.MISSED]
    values = {"met": number(len(told) - len(missed)), "all": number(len(told)), "missed": joined(missed)}
    if report.verdict == "works":
        return _("It works: all agreed targets that can be told are reached (%(met)s of %(all)s).") % values
    if report.verdict == "mixed":
        return _("It works in part: %(met)s of %(all)s targets are reached. Missed: %(missed)s.") % values
    if report.verdict == "fails":
        return _("It does not work as agreed: no target is reached. Missed: %(missed)s.") % values
    if report.verdict == "unknown":
        return _("It cannot be told yet: too little was exchanged in this quarter.")
    return _("No targets are agreed, so nobody can say whether it works. These are the figures.")


def value_text(measure: Measured, point: Point | None = None) -> str:
    """What a measure came to, in its unit."""
    at = measure.now if point is None else point
    if at.hidden and at.value is None:
        return _("not told: too few")
    return "–" if at.value is None else came_to(at.value, measure.unit)


def came_to(value: float, unit: str) -> str:
    """What was measured: a time in the largest unit that tells it, where an agreed one is told exactly."""
    return amount(value + 1 if unit == "seconds" and value >= 120 else value, unit)


def amount(value: float, unit: str) -> str:
    """A number in the unit of a measure."""
    if unit == "seconds":
        return span(value)
    return percent(value) if unit == "ratio" else number(value)


def target_text(measure: Measured) -> str:
    """What was agreed."""
    if measure.target is None:
        return "–"
    said = _("at least %(value)s") if measure.measure in MORE_IS_BETTER else _("at most %(value)s")
    return said % {"value": amount(measure.target, measure.unit)}


def count_text(n: int | None) -> str:
    """How many; few are not counted out."""
    return _("fewer than %(n)s") % {"n": number(SMALL)} if n is None else number(n)


def cases_text(n: int | None) -> str:
    """Over how many objects, receipts or links; a case is something else here."""
    if n is None:
        return _("counted over fewer than %(n)s") % {"n": number(SMALL)}
    said = _("counted over %(n)s") % {"n": number(n)}
    return _("%(said)s: a small sample") % {"said": said} if 0 < n < 30 else said


def quarter_name(quarter: Quarter) -> str:
    """As `2026-Q4`, which is read in every language."""
    return quarter_text(quarter)
