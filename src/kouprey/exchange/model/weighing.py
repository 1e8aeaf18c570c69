"""What is said about an object, how two bodies of it differ, and what all of it is worth now."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec

from kouprey.exchange.model import PublishReport, Source
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant

Place = tuple[str | int, ...]
"""Where in a JSON value: keys of objects and numbers of list items, from the outside in."""


class Change(NamedTuple):
    """One difference between two JSON values; `before` is None where something was added, `after` where removed."""

    place: Place
    kind: Literal["added", "removed", "changed"]
    before: Any
    after: Any


class Assertion(msgspec.Struct, frozen=True, kw_only=True):
    """One voice for one body of a version: who says it, when it came, how sure the body says its author is.

    `body` numbers the bodies the reader sees, oldest first, from 1. `confidence` is None where none is stated;
    `own` when the voice is that of the party whose identity `created_by` is.
    """

    source: Source
    label: Label
    received_at: Instant
    entry_index: int
    body: int
    served: bool
    confidence: int | None
    created_by: str
    own: bool


OPINIONS = ("strongly-disagree", "disagree", "neutral", "agree", "strongly-agree")
"""STIX 2.1 section 10.18, the opinion enumeration."""


class Comment(msgspec.Struct, frozen=True, kw_only=True):
    """A sighting, note or opinion about an object, as its newest visible version says.

    `at` is when it says it was made, but never later than it came in here. `opinion` is one of OPINIONS or "".
    `times` counts for sightings alone; 0 means looked for and not seen. `last_seen` is 0 where nothing is stated.
    """

    kind: Literal["sighting", "note", "opinion"]
    stix_id: str
    target: str
    at: Instant
    received_at: Instant
    created_by: str
    sources: tuple[str, ...]
    text: str
    opinion: str = ""
    times: int = 0
    first_seen: Instant = 0
    last_seen: Instant = 0

    @property
    def voice(self) -> tuple[str, str]:
        """Whose it is: who brought it, and the author it names."""
        return (self.sources[0] if self.sources else "", self.created_by)


class Ground(msgspec.Struct, frozen=True):
    """One reason of an assessment: a sentence with places for its values, so that it can be translated."""

    text: str
    values: dict[str, int | str] = {}

    def __str__(self) -> str:
        return self.text % self.values


State = Literal["fresh", "fading", "doubted", "expired", "revoked"]


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What a thing is worth at one instant, from 0 to 100, and why."""

    score: int
    state: State
    because: tuple[Ground, ...]


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an assessment rests on, as far as its reader sees.

    `fading` is a key of the half-lives, "" for what does not fade. `said` and `sighted` are instants at which it was
    asserted and seen. `voices` are (instant, weight): above 0 agrees, below disagrees. `until` is 0 without an end.
    """

    fading: str
    stated: tuple[int, ...]
    said: tuple[Instant, ...]
    sighted: tuple[Instant, ...]
    voices: tuple[tuple[Instant, float], ...]
    until: Instant
    revoked: bool


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """The score over time: from the first assertion on, and what it comes to when nothing more is heard."""

    begins: Instant
    ends: Instant
    scores: tuple[int, ...]


class ValueWorth(NamedTuple):
    """What a value is worth over the objects that state it, its course, and what is said about those objects."""

    assessment: Assessment
    course: Course | None
    comments: tuple[Comment, ...]


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """Our statement that two objects mean the same thing; `into` is the one under which we speak of it."""

    number: int
    stix_id: str
    into: str
    because: str
    by: str
    at: Instant


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """Another object: one that is taken for the same, or may be."""

    stix_id: str
    title: str


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """All that is said about an object and its merged others, as far as the reader sees, and what it is worth now.

    `more`: there are more comments than stand here. `same` are the merged others.
    """

    assertions: tuple[Assertion, ...]
    comments: tuple[Comment, ...]
    more: bool
    assessment: Assessment
    course: Course | None
    merges: tuple[Merge, ...]
    same: tuple[Alike, ...]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A note or opinion was made and kept; one report for each agreement under which its target had come."""

    stix_id: str
    target: str
    reports: tuple[PublishReport, ...]
