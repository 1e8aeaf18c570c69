"""Words of hand-offs that stand in mails and on paper as they do on pages, to be translated where they are shown."""

from __future__ import annotations

from kouprey.kernel.web.language import mark
from kouprey.response.model import Urgency

KINDS = {
    "inform": mark("Know of an incident"),
    "assist": mark("Help with an investigation"),
    "act": mark("Act: block, isolate, take down"),
    "notify-victim": mark("Tell a victim"),
    "sighting-query": mark("Say what was seen"),
    "preserve": mark("Preserve evidence"),
    "disclose": mark("Disclose evidence"),
    "transfer": mark("Take the case over"),
    "joint": mark("Work the case together"),
}
URGENCIES: dict[Urgency, tuple[str, str]] = {
    Urgency.ROUTINE: (mark("routine"), ""),
    Urgency.URGENT: (mark("urgent"), "warn"),
    Urgency.EMERGENCY: (mark("emergency"), "bad"),
}
CLOCKS = {
    "acknowledge": mark("Acknowledged within"),
    "decide": mark("Decided within"),
    "report": mark("Reported within"),
}
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C, 0x200E, 0x200F])


def plain(text: str) -> str:
    """The text without characters that turn the direction of reading, which could make it say something else."""
    return text.translate(_TURNING)
