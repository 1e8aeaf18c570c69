"""How cases and what stands in them are called on pages."""

from __future__ import annotations

from kouprey.kernel.web.language import mark
from kouprey.response.model.calls import CallState
from kouprey.response.model.cases import Sort
from kouprey.response.wire.casenames import KINDS as KINDS
from kouprey.response.wire.casenames import LINKS as LINKS
from kouprey.response.wire.casenames import MOMENTS as MOMENTS
from kouprey.response.wire.casenames import PHASES as PHASES
from kouprey.response.wire.casenames import PRECISIONS as PRECISIONS
from kouprey.response.wire.casenames import SEVERITIES as SEVERITIES
from kouprey.response.wire.casenames import SPANS as SPANS
from kouprey.response.wire.casenames import STATES as STATES
from kouprey.response.wire.casenames import TRACKS as TRACKS
from kouprey.response.wire.casenames import TYPES as TYPES

SORTS = {
    Sort.TASK: mark("Task"),
    Sort.NOTE: mark("Note"),
    Sort.FACT: mark("Something that happened"),
    Sort.OBSERVABLE: mark("Observable"),
    Sort.LINK: mark("Link"),
    Sort.EVIDENCE: mark("Evidence"),
}
ACTS = {
    "case.open": mark("opened the case"),
    "case.change": mark("changed the case"),
    "case.merge": mark("let it be read in another case"),
    "case.merged": mark("brought another case in"),
    "case.unmerge": mark("parted it from another case"),
    "case.parted": mark("took another case out again"),
    "case.name": mark("named it to some people alone"),
    "case.unname": mark("gave it back to everybody whose role allows it"),
    "case.adopt": mark("made tasks of a strategy"),
    "case.template": mark("opened it by a template"),
    "case.call": mark("let a request of a step go"),
    "case.call-ask": mark("asked a second person to let a request go"),
    "case.call-decline": mark("declined a request"),
    "case.call-answer": mark("was answered"),
    "case.call-fail": mark("got no answer"),
    "case.outcome": mark("told how a strategy did"),
    "case.lessons": mark("wrote what was learnt"),
    "case.add-task": mark("wrote down a task"),
    "case.add-note": mark("wrote a note"),
    "case.add-fact": mark("wrote down what happened"),
    "case.add-observable": mark("added an observable"),
    "case.add-link": mark("added a link"),
    "case.revise": mark("said something otherwise"),
    "case.task-open": mark("opened a task again"),
    "case.task-doing": mark("began a task"),
    "case.task-done": mark("finished a task"),
    "case.task-dropped": mark("said that a task is not needed"),
    "case.hide": mark("took something out of sight"),
    "case.show": mark("brought something back in sight"),
    "case.evidence": mark("handed in evidence"),
    "case.evidence-read": mark("fetched evidence"),
    "case.export": mark("took it out as STIX"),
    "case.take": mark("opened it from a STIX bundle"),
    "ticket.link": mark("tied a ticket at RTIR to it"),
    "ticket.let-go": mark("let a ticket at RTIR go"),
    "ticket.settle": mark("left a contradiction with a ticket as it is"),
    "ticket.made": mark("had a ticket made at RTIR"),
    "ticket.told": mark("told RTIR of the phase"),
    "ticket.status": mark("took a status back from RTIR"),
    "ticket.written": mark("saw that something was written in a ticket at RTIR"),
    "duty.start": mark("began the clocks of a law"),
    "duty.stop": mark("stopped the clocks of a law"),
    "duty.resume": mark("let the clocks of a law go on"),
    "duty.warn": mark("told how far a clock is"),
    "duty.form": mark("wrote the words of a report"),
    "duty.send": mark("wrote down that a report was sent"),
    "duty.answer": mark("wrote down what the receiver of a report said"),
}
"""What somebody did -> how it is told, after their name."""
CALLS = {
    CallState.ASKED: (mark("asked"), "warn"),
    CallState.DECLINED: (mark("declined"), "idle"),
    CallState.SENT: (mark("sent, no answer yet"), "warn"),
    CallState.ANSWERED: (mark("answered"), "good"),
    CallState.FAILED: (mark("failed"), "bad"),
}
"""How far a request of a step is -> its words and its tone."""
CLASSES = {
    "abusive-content": mark("Abusive content"),
    "malicious-code": mark("Malicious code"),
    "information-gathering": mark("Information gathering"),
    "intrusion-attempts": mark("Intrusion attempts"),
    "intrusions": mark("Intrusions"),
    "availability": mark("Availability"),
    "information-content-security": mark("Security of information"),
    "fraud": mark("Fraud"),
    "vulnerable": mark("Vulnerable"),
    "other": mark("Other"),
    "test": mark("Test"),
}
