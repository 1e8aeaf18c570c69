"""Words of statements for pages and papers, to be translated where they are shown."""

from __future__ import annotations

from kouprey.advisories.model import Content, Kind, Verdict
from kouprey.kernel.web.language import mark

KINDS: dict[Kind, str] = {
    Kind.RUMOUR_RESPONSE: mark("Answer to a rumour"),
    Kind.SECURITY_ADVISORY: mark("Security advisory"),
    Kind.SERVICE_NOTICE: mark("Service notice"),
    Kind.IMPERSONATION_WARNING: mark("Warning of impersonation"),
    Kind.CORRECTION: mark("Correction"),
}
VERDICTS: dict[Verdict, tuple[str, str]] = {
    Verdict.FALSE: (mark("False"), "bad"),
    Verdict.MISLEADING: (mark("Misleading"), "warn"),
    Verdict.ALTERED: (mark("Altered"), "bad"),
    Verdict.UNPROVEN: (mark("Unproven"), "warn"),
    Verdict.TRUE: (mark("True"), "info"),
}
"""Verdict -> word and tone. Even "true" is not green: green is kept for what is proven to come from the publisher."""
_LINE = 160


def claim_in_brief(content: Content) -> str:
    """The first claim in one line, "" where none is answered: a verdict never stands without what it is of."""
    text = " ".join(content.claims[0].text.split()) if content.claims else ""
    return text if len(text) <= _LINE else f"{text[:_LINE].rpartition(' ')[0] or text[:_LINE]}…"
