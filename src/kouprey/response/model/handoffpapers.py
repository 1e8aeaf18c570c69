"""Nouns of hand-offs on paper: one as a reader of ours sees it, at an instant."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.response.model.handoffs import Course, HandOff


class HandOffPaper(msgspec.Struct, frozen=True, kw_only=True):
    """What a paper about a hand-off tells: all that was said, and its clocks as they stand `at` this instant.

    `under` is what binds both: the title of the agreement, or what a contact without a node has signed. `stopped`: for
    how many microseconds a question that is open has stopped the clocks. `by` made it, of the party `home`.
    """

    asked: HandOff
    course: Course
    under: str
    stopped: int
    at: Instant
    by: str
    home: str
