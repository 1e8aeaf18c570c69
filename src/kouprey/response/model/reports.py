"""Nouns of reports: what somebody outside told us, by mail, by the form without an account, or by a program."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant


class Origin(StrEnum):
    """By which way a report came."""

    FOLDER = "folder"
    MAILBOX = "mailbox"
    FORM = "form"
    PROGRAM = "program"
    COMMAND = "command"


class Standing(StrEnum):
    """What became of a report."""

    NEW = "new"
    JOINED = "joined"
    REFUSED = "refused"
    LOOP = "loop"
    ABANDONED = "abandoned"


class Trouble(StrEnum):
    """Why a mail was kept and not taken apart, or not kept at all; "" for one without trouble."""

    NONE = ""
    TOO_LARGE = "too-large"
    TOO_DEEP = "too-deep"
    TOO_MANY_PARTS = "too-many-parts"
    LONG_HEAD = "long-head"
    UNREADABLE = "unreadable"
    TOO_OFTEN = "too-often"


class Sealed(StrEnum):
    """Whether a mail is signed or encrypted; neither is opened or checked here."""

    NO = ""
    SIGNED = "signed"
    ENCRYPTED = "encrypted"


class Enclosed(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment as it was enclosed: `size` in bytes and `sha256` of what it is once its coding is undone."""

    name: str
    media_type: str
    size: int
    sha256: str


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says of itself. All of it was written by whoever sent it: it is shown as text, and proves nothing.

    `sender` is the one mailbox of From in lower case, "" where there is none or there are several. `answers`: ids of
    mails it refers to (RFC 5322, 3.6.4). `headers` in their order, cut to what a page can show. `robot`: the header by
    which it says that no person wrote it, "" for none. `bounce`: it has an empty return path (RFC 3464 reports do).
    """

    message_id: str = ""
    sender: str = ""
    sender_text: str = ""
    subject: str = ""
    text: str = ""
    answers: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    enclosed: tuple[Enclosed, ...] = ()
    sealed: Sealed = Sealed.NO
    robot: str = ""
    bounce: bool = False
    trouble: Trouble = Trouble.NONE


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report. `case` is the id of the case it stands in, "" for none; `claims` the number of a case that it names
    without being of somebody who may write there, 0 for none: a person judges that.

    `size` in bytes and `sha256` of what came, which is kept byte for byte unless `trouble` of the mail is `too-large`.
    `reach`: how the reporter can be reached, as they wrote it. `why`: the reason of whoever set it aside; `was`: what
    it was before, `closed`: its case was closed with it. `secret`: somebody has a link for coming back to it.
    """

    id: str
    number: int
    origin: Origin
    standing: Standing
    at: Instant
    mail: Mail
    size: int
    sha256: str
    case: str = ""
    claims: int = 0
    reach: str = ""
    why: str = ""
    was: Standing | None = None
    closed: bool = False
    secret: bool = False

    @property
    def kept(self) -> bool:
        """Whether its bytes are here."""
        return self.mail.trouble is not Trouble.TOO_LARGE


class Sending(StrEnum):
    """Where an answer is. `handing`: the relay is being given it; `unsure`: that broke off, so it may have it."""

    WAITING = "waiting"
    HANDING = "handing"
    SENT = "sent"
    UNSURE = "unsure"
    FAILED = "failed"
    BY_HAND = "by-hand"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the reporter is told: the number and what happens next, and nothing of the case. `to` is a bare mailbox.

    `answers` is the Message-ID of what they wrote, "" for none. `tries` were made, the next one not before `next_at`.
    """

    id: str
    report: str
    to: str
    message_id: str
    answers: str
    subject: str
    text: str
    made_at: Instant
    sending: Sending = Sending.WAITING
    tries: int = 0
    next_at: Instant = 0
    why: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wrote into the form, or a program sent: all but `what` may be empty."""

    what: str
    where: str = ""
    when: str = ""
    reach: str = ""


class BoxState(msgspec.Struct, frozen=True, kw_only=True):
    """How far a mailbox has been read: messages up to `uid`, as long as its `validity` is this one."""

    validity: int = 0
    uid: int = 0
    looked_at: Instant = 0
    error: str = ""
