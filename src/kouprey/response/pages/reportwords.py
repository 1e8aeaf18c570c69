"""The words of reports on pages."""

from __future__ import annotations

from kouprey.kernel.web.language import mark
from kouprey.response.model.reports import Origin, Sealed, Sending, Standing, Trouble
from kouprey.response.rules.intake import Loop

STANDINGS: dict[Standing, tuple[str, str]] = {
    Standing.NEW: (mark("in a case of its own"), "info"),
    Standing.JOINED: (mark("joined a case"), "good"),
    Standing.REFUSED: (mark("waits for a person"), "warn"),
    Standing.LOOP: (mark("mail loop"), "idle"),
    Standing.ABANDONED: (mark("not an incident"), "idle"),
}
"""Standing -> its word and its tone."""
ORIGINS: dict[Origin, str] = {
    Origin.FOLDER: mark("mail from the folder"),
    Origin.MAILBOX: mark("mail from the mailbox"),
    Origin.FORM: mark("told by the web form"),
    Origin.PROGRAM: mark("told by a program"),
    Origin.COMMAND: mark("imported by command"),
}
TROUBLES: dict[Trouble, str] = {
    Trouble.TOO_LARGE: mark(
        "Something came that is larger than 50 MiB: its head and its hash are kept, and not its bytes."
    ),
    Trouble.TOO_DEEP: mark("Its parts are nested too deep to be taken apart here. It is kept as it came."),
    Trouble.TOO_MANY_PARTS: mark("It has too many parts to be taken apart here. It is kept as it came."),
    Trouble.LONG_HEAD: mark("Its head is too long to be read here. It is kept as it came."),
    Trouble.UNREADABLE: mark("It is no mail that can be read. It is kept as it came."),
    Trouble.TOO_OFTEN: mark("This correspondent wrote very often within a day, so no case was opened by itself."),
}
LOOPS: dict[Loop, str] = {
    Loop.OURS: mark("It is a mail of ours that came back. It is not answered."),
    Loop.FROM_US: mark("It comes from our own mailbox. It is not answered."),
    Loop.ANSWERS_US: mark("A program answered a mail of ours. It is not answered."),
    Loop.BOUNCE: mark("A mail of ours could not be delivered: the reporter does not know the number."),
}
SEALS: dict[Sealed, str] = {
    Sealed.SIGNED: mark("It is signed; the signature is not checked here."),
    Sealed.ENCRYPTED: mark("It is encrypted, and not opened here. Fetch the original, and open it where the key is."),
}
SENDINGS: dict[Sending, tuple[str, str]] = {
    Sending.WAITING: (mark("waits to be sent"), "warn"),
    Sending.HANDING: (mark("is being sent"), "info"),
    Sending.SENT: (mark("sent"), "good"),
    Sending.UNSURE: (mark("perhaps sent"), "warn"),
    Sending.FAILED: (mark("not sent"), "bad"),
    Sending.BY_HAND: (mark("sent by hand"), "good"),
}
STATES = {
    "received": (mark("has come in"), "info"),
    "working": (mark("being worked on"), "info"),
    "closed": (mark("brought to its end"), "good"),
    "abandoned": (mark("not taken up"), "idle"),
}
"""What whoever told it is told of how far it is."""
