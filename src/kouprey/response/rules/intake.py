"""What becomes of a report: whether a mail is a loop, which case it names, and whether it may stand there."""

from __future__ import annotations

import re
from collections.abc import Collection
from email.utils import parseaddr
from enum import StrEnum

from kouprey.response.model.reports import Mail, Standing, Trouble

LARGEST = 50 << 20
"""Bytes of a mail; of a larger one only its head is kept."""
MOST_ANSWERS = 3
"""Answers to one correspondent within a day: two machines that answer one another stop here (RFC 3834, 2)."""
MOST_REPORTS = 100
"""Reports of one correspondent within a day that open cases; those that follow are kept and wait for a person."""
_ROBOTS = ("mailer-daemon@", "postmaster@", "noreply@", "no-reply@")
_KHMER = re.compile("[\u1780-\u17ff]")


class Loop(StrEnum):
    """Why a mail is taken for one that goes in circles; "" for none."""

    NONE = ""
    OURS = "ours"
    FROM_US = "from-us"
    ANSWERS_US = "answers-us"
    BOUNCE = "bounce"


def tag_of(party: str, number: int) -> str:
    """What stands in the subject of a mail about a case: `[cert.example #17]`."""
    return f"[{party} #{number}]"


def number_in(subject: str, party: str) -> int:
    """The number of our case that a subject names, 0 for none; anybody can guess one."""
    found = re.search(rf"\[\s*{re.escape(party)}\s*#\s*([0-9]{{1,12}})\s*\]", subject[:2_000], re.IGNORECASE)
    return int(found[1]) if found else 0


def loop_of(mail: Mail, *, ours: Collection[str], own: str) -> Loop:
    """Whether a mail goes in circles: `ours` are ids of mails of ours that it names, `own` our mailbox.

    A robot that answers us is one (RFC 3834, 5); a robot that tells us something new is none, and gets no answer.
    """
    if mail.message_id and mail.message_id in ours:
        return Loop.OURS
    if own and mail.sender == own.lower():
        return Loop.FROM_US
    if ours and (mail.bounce or mail.sender.startswith("mailer-daemon@")):
        return Loop.BOUNCE
    if ours and mail.robot:
        return Loop.ANSWERS_US
    return Loop.NONE


def is_answered(mail: Mail, answered: int) -> bool:
    """Whether the reporter gets an answer, after `answered` ones within a day: never a robot, never a list."""
    silent = mail.robot or mail.bounce or mail.trouble or not is_mailbox(mail.sender)
    return not silent and not mail.sender.startswith(_ROBOTS) and answered < MOST_ANSWERS


def may_join(mail: Mail, *, ours: Collection[str], correspondents: Collection[str]) -> bool:
    """Whether a mail that names a case stands there: it answers a mail of ours, or is of somebody who wrote before.

    Whoever forges the sender of a known correspondent gets words into a case that a person will read with the sender
    beside them; nothing of the case goes out by it.
    """
    return bool(set(mail.answers) & set(ours)) or (mail.sender != "" and mail.sender in correspondents)


def standing_of(mail: Mail, loop: Loop) -> Standing:
    """What a report without a case is."""
    if loop:
        return Standing.LOOP
    return Standing.REFUSED if mail.trouble else Standing.NEW


def in_khmer(text: str) -> bool:
    """Whether somebody who wrote this reads Khmer."""
    return _KHMER.search(text[:100_000]) is not None


def is_mailbox(text: str) -> bool:
    """Whether it is one mailbox and nothing else, as a relay takes it: no second line, no second recipient."""
    name, _, host = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not any(letter in ' ,;<>()[]:\\"' for letter in text)
    return plain and len(text) <= 254 and bool(name) and "." in host and parseaddr(text)[1] == text


WORDS: dict[Trouble, str] = {
    Trouble.TOO_LARGE: f"Something came that is larger than {LARGEST >> 20} MiB: only its head is kept.",
    Trouble.TOO_DEEP: "Its parts are nested too deep.",
    Trouble.TOO_MANY_PARTS: "It has too many parts.",
    Trouble.LONG_HEAD: "Its head is too long.",
    Trouble.UNREADABLE: "It is no mail that can be read.",
    Trouble.TOO_OFTEN: "This correspondent wrote too often in a day.",
}
"""Why a report waits for a person, in English, for commands and the interface."""
