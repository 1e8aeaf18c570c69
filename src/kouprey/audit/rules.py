"""Who may read what of the trail. Lines about intelligence bear no label, so only who is cleared for everything may."""

from __future__ import annotations

from collections.abc import Container

from kouprey.audit.model import Line, Question
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Forbidden
from kouprey.kernel.words.tlp import TLP

OPEN = frozenset(
    {
        "agreement",
        "authenticator",
        "collection",
        "delegation",
        "link",
        "node",
        "openid",
        "parcel",
        "party",
        "passkey",
        "password",
        "person",
        "session",
        "token",
    }
)
"""What actions begin with that are about people, partners and the node, never about what is marked.

All others name ids, files, searches or reasons, which no label covers.
"""


def sees_all(who: Reader) -> bool:
    """Whether somebody may read every line whole, and take the trail away."""
    return who.local and who.clearance is TLP.RED and not who.exercise


def sees(who: Reader, line: Line) -> bool:
    """Whether somebody may read what a line is about, and its details; that it is there they may know."""
    return sees_all(who) or line.action.partition(".")[0] in OPEN


def may_ask(who: Reader, question: Question, known: Container[str]) -> bool:
    """Whether the answer tells nothing that is not theirs: a line found by its subject says that this exists."""
    return sees_all(who) or (not question.text and (not question.subject or question.subject in known))


def check_export(who: Reader) -> None:
    """Forbidden for whoever may not read every line whole."""
    if not sees_all(who):
        raise Forbidden(
            "The trail holds more than you may see.",
            "It names intelligence of every level, and bears no label.",
            "Ask somebody who is cleared for TLP:RED.",
            code="above-clearance",
        )
