"""Nouns of response."""

from __future__ import annotations

from kouprey.response.model.handoffs import (
    ENDED,
    LEGAL_KINDS,
    Clock,
    Course,
    Decline,
    Due,
    HandOff,
    Lack,
    Message,
    Side,
    Stage,
    Step,
    Urgency,
    Verb,
    Wanted,
)

__all__ = [
    "ENDED",
    "LEGAL_KINDS",
    "Clock",
    "Course",
    "Decline",
    "Due",
    "HandOff",
    "Lack",
    "Message",
    "Side",
    "Stage",
    "Step",
    "Urgency",
    "Verb",
    "Wanted",
]
