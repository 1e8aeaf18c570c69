"""What is found in a text, and what a person decides about it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from kouprey.exchange.model.observables import Observable
from kouprey.kernel.words.tlp import TLP


class Doubt(StrEnum):
    """Why a value in a text may be a false friend."""

    PRIVATE = "private"
    DOCUMENTATION = "documentation"
    VERSION = "version"
    EMPTY = "empty"
    FILE = "file"
    ALONE = "alone"
    COMMON = "common"
    SENDER = "sender"
    WORDS = "words"
    UNKNOWN_TOP = "unknown-top"


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A value found in a text: in its canonical form, as written, and where it stands for the first time.

    `line` and `column` count from 1. `before` and `after` are what stands around it in that line, `times` says how
    often it is there.
    """

    observable: Observable
    written: str
    line: int
    column: int
    before: str
    after: str
    times: int = 1
    doubts: tuple[Doubt, ...] = ()


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """The candidates of a text in their order; `more` when there are further ones beyond the most that are given."""

    candidates: tuple[Candidate, ...]
    more: bool = False


Choice = Literal["ignore", "observed", "malicious"]
"""What becomes of a candidate: nothing, a value that was seen, or an indicator."""


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate that is taken in; `malicious` makes it an indicator."""

    observable: Observable
    malicious: bool = False


class Telling(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says about a text: the name of the report, where the text comes from, what is known of it.

    `text` is the text itself where the person wants it kept, else "".
    """

    name: str
    tlp: TLP
    source: str = ""
    description: str = ""
    text: str = ""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What was made of a text; nothing says what was held before, as that may be more than the person sees."""

    report: str
    indicators: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """What was taken back: the ids that are revoked now, and how many values stay because they have no versions."""

    revoked: tuple[str, ...]
    staying: int
