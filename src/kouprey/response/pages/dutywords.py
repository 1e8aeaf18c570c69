"""How duties, their reports and lines of forms are called on pages."""

from __future__ import annotations

from kouprey.kernel.web.language import mark
from kouprey.response.model.duties import MORE, Channel, Left, Standing, Verdict

STANDINGS = {
    Standing.STOPPED: (mark("stopped"), "idle"),
    Standing.WAITING: (mark("waits for another report"), "idle"),
    Standing.RUNNING: (mark("runs"), "info"),
    Standing.OVERDUE: (mark("overdue"), "bad"),
    Standing.KEPT: (mark("sent in time"), "good"),
    Standing.LATE: (mark("sent late"), "warn"),
    Standing.SENT: (mark("sent"), "good"),
}
"""Where a report stands -> how that is called, and its tone."""
VERDICTS = {
    Verdict.NONE: (mark("nothing said yet"), ""),
    Verdict.ACCEPTED: (mark("accepted"), "good"),
    Verdict.REVISION: (mark("revision required"), "warn"),
}
CHANNELS = {
    Channel.PORTAL: mark("portal"),
    Channel.MAIL: mark("mail"),
    Channel.TELEPHONE: mark("telephone"),
    Channel.LETTER: mark("letter"),
    Channel.HANDOFF: mark("hand-off"),
}
STATES = {
    "owed": mark("owed"),
    "overdue": mark("overdue"),
    "sent": mark("sent"),
    "revision": mark("to be revised"),
    "stopped": mark("stopped"),
    "any": mark("any"),
}
LEFT = {
    Left.REVISION: mark("The receiver wants it revised."),
    Left.UNSENT: mark("It has not been sent."),
    Left.LATER: mark("It was sent after the quarter."),
    Left.STOPPED: mark("Its clocks were stopped."),
}
LINES = {
    "person": mark("Person who reports"),
    "entity": mark("Entity"),
    "sector": mark("Sector"),
    "lead": mark("Lead of the sector"),
    "type": mark("Type of incident"),
    "what": mark("What happened"),
    "severity": mark("Severity"),
    "found_at": mark("Found at"),
    "method": mark("How it was found"),
    "hosts": mark("Hosts concerned"),
    "actor": mark("Who did it"),
    "artefacts": mark("Artefacts"),
    "related": mark("Related incidents"),
    "techniques": mark("Tactics and techniques"),
    "impact": mark("Impact"),
    "action": mark("Action taken"),
    "malicious": mark("Suspected to be malicious"),
    "cross_border": mark("Crosses a border"),
    "cause": mark("Root cause"),
    MORE: mark("What no other line is for"),
}
"""Line of a form -> how a page calls it; the text that is sent is in English (`wire.duties.LABELS`)."""
