"""A statement as an alert of the Common Alerting Protocol (OASIS CAP 1.2), with one <info> for each language."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from kouprey.advisories.model import Kind, Statement
from kouprey.advisories.wire.block import exercise_word, title_of, verdict_word
from kouprey.kernel.words.time import Instant, format_second

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
_GRADES = {
    Kind.SECURITY_ADVISORY: ("Expected", "Moderate", "Observed"),
    Kind.IMPERSONATION_WARNING: ("Immediate", "Moderate", "Observed"),
    Kind.SERVICE_NOTICE: ("Expected", "Minor", "Observed"),
}
"""Urgency, severity and certainty (3.2.2); of words about rumours none of them can be known."""
_UNKNOWN = ("Unknown", "Unknown", "Unknown")
_EVENTS = {
    Kind.SECURITY_ADVISORY: "Security advisory",
    Kind.SERVICE_NOTICE: "Service notice",
    Kind.RUMOUR_RESPONSE: "Answer to a rumour",
    Kind.IMPERSONATION_WARNING: "Warning of impersonation",
    Kind.CORRECTION: "Correction",
}


def write_cap(statement: Statement, earlier: Sequence[Statement] = ()) -> bytes:
    """The alert. `earlier`: the statements that this one replaces, which Update and Cancel must name (3.2.1)."""
    content = statement.content
    alert = Element("alert", {"xmlns": NAMESPACE})
    _add(alert, "identifier", statement.id)
    _add(alert, "sender", statement.publisher)
    _add(alert, "sent", cap_time(statement.issued))
    _add(alert, "status", "Exercise" if content.exercise else "Actual")
    kind = "Alert" if not earlier else "Cancel" if content.cancels else "Update"
    _add(alert, "msgType", kind)
    _add(alert, "scope", "Public")
    if content.exercise:
        # CAP wants to be told of which exercise it is a part (status, 3.2.1).
        _add(alert, "note", f"{exercise_word('en')}: {content.exercise}")
    if earlier:
        named = [f"{each.publisher},{each.id},{cap_time(each.issued)}" for each in earlier]
        _add(alert, "references", " ".join(named))
    for language in content.languages:
        _info(alert, statement, language)
    indent(alert, space=" ")
    text: bytes = tostring(alert, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text + b"\n"


def cap_time(instant: Instant) -> str:
    """A time as CAP writes it: UTC is -00:00 and never Z (3.3.2)."""
    return format_second(instant).replace("Z", "-00:00")


def _info(alert: Element, statement: Statement, language: str) -> None:
    content, words = statement.content, statement.content.languages[language]
    info = SubElement(alert, "info")
    _add(info, "language", language)
    _add(info, "category", "Security" if content.kind is Kind.SECURITY_ADVISORY else "Other")
    _add(info, "event", _EVENTS[content.kind])
    for name, grade in zip(("urgency", "severity", "certainty"), _GRADES.get(content.kind, _UNKNOWN), strict=True):
        _add(info, name, grade)
    _add(info, "effective", cap_time(content.valid_from or statement.issued))
    if content.valid_until:
        _add(info, "expires", cap_time(content.valid_until))
    _add(info, "senderName", statement.name)
    _add(info, "headline", title_of(statement, language))
    _add(info, "description", words.body)
    if words.what_to_do:
        _add(info, "instruction", words.what_to_do)
    if statement.url:
        _add(info, "web", statement.url)
    if content.contact:
        _add(info, "contact", content.contact)
    if content.verdict is not None:
        for claim in content.claims:
            parameter = SubElement(info, "parameter")
            _add(parameter, "valueName", "claim")
            _add(parameter, "value", f"{claim.text} → {verdict_word(content.verdict, language)}")


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
