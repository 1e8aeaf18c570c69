"""How a clause is named wherever something rests on it: the agreement's title, the clause's number and its name."""

from __future__ import annotations

from kouprey.agreements.model import CLAUSES
from kouprey.kernel.words.decision import Reason

TITLES = {
    "parties": "Parties",
    "tlp_ceiling": "Highest marking",
    "types": "What is exchanged",
    "purposes": "Purposes",
    "onward": "Passing on",
    "retention_days": "Keeping",
    "erasure_days": "Erasure",
    "quotas": "Amounts",
    "dates": "Duration",
    "suspension": "Suspension",
    "pap_ceiling": "Use by the receiver",
    "references": "What a thing names",
    "approvals": "Release",
    "emergency": "In an emergency",
    "handoffs": "Hand-offs",
    "duties": "Duties",
    "targets": "What it is measured by",
    "leaving_days": "Leaving",
    "groups": "Audiences",
}
"""Name of each clause of `CLAUSES`, in English; pages translate it."""

CODES = {
    "unsigned": "parties",
    "not-a-party": "parties",
    "audience": "parties",
    "nobody": "parties",
    "ceiling": "tlp_ceiling",
    "red": "tlp_ceiling",
    "type": "types",
    "bad-label": "types",
    "purpose": "purposes",
    "onward": "onward",
    "onward-unknown": "onward",
    "too-large": "quotas",
    "ended": "dates",
    "not-started": "dates",
    "suspended": "suspension",
    "pap-ceiling": "pap_ceiling",
    "reference": "references",
    "awaits-release": "approvals",
    "emergency": "emergency",
    "left": "leaving_days",
}
"""The clause that a ground of this code rests on, where nothing but the code was kept."""

_BY_NUMBER = {number: TITLES[clause] for clause, number in CLAUSES.items()}


def clause_title(number: str) -> str:
    """The English name of a clause by its number; "" for none."""
    return _BY_NUMBER.get(number, "")


def clause_of(code: str) -> str:
    """The number of the clause that a ground of this code rests on, "" for none."""
    return CLAUSES[CODES[code]] if code in CODES else ""


def cited(title: str, clause: str = "") -> str:
    """`clause 2 (Highest marking) of “Mekong exchange”`; without a clause the agreement alone."""
    if not clause:
        return f"“{title}”"
    name = clause_title(clause)
    return f"clause {clause} ({name}) of “{title}”" if name else f"clause {clause} of “{title}”"


def cite(reason: Reason) -> str:
    """What a ground rests on, "" when it rests on no agreement."""
    return cited(reason.title or reason.agreement, reason.clause) if reason.agreement else ""


def rests_on(agreement: str, title: str, clause: str) -> dict[str, object]:
    """What an error rests on, for its `detail`: machines read it in problem+json, and in `--json`."""
    return {
        "agreement": agreement,
        "title_of_agreement": title,
        "clause": clause,
        "title_of_clause": clause_title(clause),
    }


def spoken(reason: Reason) -> str:
    """A ground with what it rests on, in one line for a terminal or an error."""
    rests = cite(reason)
    return f"{reason.text} So says {rests}." if rests else reason.text


def with_ways(reason: Reason) -> str:
    """The same, and what would have to change."""
    return " ".join((spoken(reason), *(f"To change it: {way}" for way in reason.change)))
