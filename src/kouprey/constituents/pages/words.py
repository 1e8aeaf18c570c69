"""Plain words for constituents: what a thing is, what to do about it, and how things stand."""

from __future__ import annotations

from kouprey.agreements.model.citing import clause_title
from kouprey.constituents.model import LetterState, Rhythm, Word
from kouprey.kernel.web.language import _, in_words, mark, told
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.errors import KoupreyError

VIEWS = (
    ("/yours", mark("What concerns you"), "shield"),
    ("/yours/threats", mark("Threats"), "incident"),
    ("/yours/search", mark("Look a value up"), "search"),
    ("/yours/own", mark("Your networks"), "link"),
)
"""Path, title and icon of the places of a constituent; the first is where they begin."""

RHYTHMS = {
    Rhythm.OFF: mark("No mail"),
    Rhythm.AT_ONCE: mark("At once"),
    Rhythm.DAILY: mark("Every day"),
    Rhythm.WEEKLY: mark("Every Monday"),
}

STATES: dict[LetterState, tuple[str, str]] = {
    LetterState.WAITING: (mark("waits"), "info"),
    LetterState.SENDING: (mark("is being sent"), "info"),
    LetterState.HANDING: (mark("is being sent"), "info"),
    LetterState.SENT: (mark("sent"), "good"),
    LetterState.EMPTY: (mark("nothing to say"), "idle"),
    LetterState.DROPPED: (mark("not wanted"), "idle"),
    LetterState.FAILED: (mark("failed"), "bad"),
    LetterState.UNSURE: (mark("may have arrived"), "warn"),
}
"""Of a letter: its word and the tone of it."""

SAID: dict[Word, str] = {
    Word.SEEN: mark("We have seen it"),
    Word.FALSE_POSITIVE: mark("This is a false alarm"),
    Word.FIXED: mark("We have fixed it"),
}

TYPES = {
    "indicator": mark("Sign of an attack"),
    "malware": mark("Malware"),
    "observed-data": mark("Observation"),
    "sighting": mark("Sighting"),
    "report": mark("Report"),
    "infrastructure": mark("Infrastructure of attackers"),
    "vulnerability": mark("Weakness"),
    "campaign": mark("Campaign"),
    "note": mark("Note"),
    "incident": mark("Incident"),
    "identity": mark("Organisation"),
    "grouping": mark("Grouping"),
}
"""What things are, in words of people who do not know STIX; others are called OTHER."""

OTHER = mark("Finding")

INSIDE = {
    "ipv4-addr": mark(
        "An address of yours is named. Find the machine behind it, look whether it is infected or open to the internet"
        " without need, and take it off the network before you clean it."
    ),
    "domain-name": mark(
        "A name of yours is named. Check who runs it, whether its pages were changed, and whether somebody imitates it."
    ),
    "url": mark(
        "A page of yours is named. Check whether it was changed or misused, and take it down until it is clean."
    ),
    "email-addr": mark(
        "A mailbox of yours is named. Set a new password, end its sessions, and look for forwarding rules nobody made."
    ),
    "as-number": mark("Your network is named as a whole. Read what is said, and look for the customer it is about."),
}
"""Kind of a value of theirs -> what to do when it is named."""
INSIDE["ipv6-addr"] = INSIDE["ipv4-net"] = INSIDE["ipv6-net"] = INSIDE["ipv4-addr"]

OUTSIDE = {
    "ipv4-addr": mark("Look in your firewall logs for connections to it, and block it."),
    "domain-name": mark("Look in your DNS and proxy logs for it, and block it."),
    "url": mark("Look in your proxy logs for it, and block it."),
    "email-addr": mark("Look for mail from or to it, and block the sender."),
    "md5": mark("Look for this file on your machines, and let your virus scanner search for it."),
    "cve": mark("Find out whether you run what is affected, and install the update."),
}
"""Kind of a value of a threat -> what to do about it."""
OUTSIDE["ipv6-addr"] = OUTSIDE["ipv4-net"] = OUTSIDE["ipv6-net"] = OUTSIDE["ipv4-addr"]
OUTSIDE["sha1"] = OUTSIDE["sha256"] = OUTSIDE["sha512"] = OUTSIDE["file-name"] = OUTSIDE["md5"]

SPARED = mark(
    "Look for it in your logs, but do not block it: it is too wide, of special purpose, or used by so many that a block"
    " would do more harm than good."
)
"""What to do about a threat with a value that no list of this node would name."""

ANYTHING = mark("Read what is said of it, and look whether your own systems are concerned.")


def type_word(kind: str) -> str:
    """What a type of object is called here, marked."""
    return TYPES.get(kind, OTHER)


def inside_advice(kind: str) -> str:
    """What to do when a value of theirs of this kind is named, marked."""
    return INSIDE.get(kind, ANYTHING)


def threat_advice(kind: str) -> str:
    """What to do about a threat with a value of this kind, marked."""
    return OUTSIDE.get(kind, ANYTHING)


def told_of(error: KoupreyError) -> str:
    """What went wrong, why and the remedy, in the reader's language."""
    return in_words(error)


def why(reason: Reason) -> str:
    """Why they are shown a thing, with the clause it rests on; without links, since agreements are between others."""
    if not reason.agreement:
        return told(reason.text)
    words = {"n": reason.clause, "name": told(clause_title(reason.clause)), "title": reason.title or reason.agreement}
    return f"{told(reason.text)} ({_('clause %(n)s (%(name)s) of “%(title)s”') % words})"
