"""How a strategy did where it was used: all that its author learns of a case."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant


class Verdict(StrEnum):
    """How it went, as whoever used it says."""

    WORKED = "worked"
    PARTLY = "partly"
    FAILED = "failed"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of one use: of `steps` steps `done` were done (0 of 0: not said), and words of whoever tells it."""

    verdict: Verdict
    done: int = 0
    steps: int = 0
    words: str = ""


class OutcomeTold(msgspec.Struct, frozen=True, kw_only=True):
    """An outcome that somebody told: the opinion that carries it, from whom, and when it was written."""

    stix_id: str
    outcome: Outcome
    sources: tuple[str, ...]
    at: Instant


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What would leave: the text letter for letter, and the parties that would read it; () when it stays here."""

    outcome: Outcome
    text: str
    parties: tuple[str, ...]
