"""The nouns of writing by hand: a draft, what is wrong with it, and what a reader would still ask."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from kouprey.exchange.model.observables import Observable
from kouprey.kernel.words.decision import Decision
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import PAP, TLP

Kind = Literal["indicator", "report", "sighting", "note"]
KINDS: tuple[Kind, ...] = ("indicator", "report", "sighting", "note")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to say. Each kind reads the fields it knows and leaves the others alone.

    `what` is what it is or what happened, `why` how one knows, `action` what the reader should do. `values` are typed
    as people write them, `pattern` ("" for none) is a STIX pattern written by hand and goes before them. `links`: what
    an indicator indicates, what a report names, and the one thing a sighting or a note is about. Times are instants,
    None where nothing is stated. A sighting and a note have the marking of what they are about. `audience`, written
    "agreement/name", seals an indicator or a report to an audience of an agreement, so that nobody else ever sees it.
    """

    kind: Kind
    name: str = ""
    what: str = ""
    why: str = ""
    action: str = ""
    values: tuple[str, ...] = ()
    pattern: str = ""
    types: tuple[str, ...] = ()
    phase: str = ""
    links: tuple[str, ...] = ()
    confidence: int | None = None
    since: Instant | None = None
    until: Instant | None = None
    count: int = 1
    tlp: TLP = TLP.AMBER_STRICT
    pap: PAP = PAP.CLEAR
    audience: str = ""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a draft cannot be kept: the field, what is wrong, why, what to do; `position` is a character of a pattern."""

    field: str
    code: str
    what: str
    why: str = ""
    remedy: str = ""
    position: int | None = None


Asked = Literal["what", "type", "why", "since", "confidence", "marking", "expiry", "context", "action", "times"]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One thing readers ask of what they are given; `weight` is what an answer adds to the score."""

    asks: Asked
    weight: int
    answered: bool


class Appraisal(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader would still ask. `score` is 0 to 100: the weights of the questions that are answered."""

    questions: tuple[Question, ...]

    @property
    def score(self) -> int:
        """The weights of what is answered."""
        return sum(each.weight for each in self.questions if each.answered)

    @property
    def missing(self) -> tuple[Question, ...]:
        """What is not answered, the weightiest first."""
        return tuple(sorted((each for each in self.questions if not each.answered), key=lambda each: -each.weight))


class Looked(msgspec.Struct, frozen=True, kw_only=True):
    """A draft looked at before it is kept: the body it would become, or why it cannot; nothing is stored.

    `values` pairs what was typed with what it was taken for, None where it is nothing a pattern can name. `before` is
    the body that stands now, None for a new object.
    """

    draft: Draft
    pattern: str
    values: tuple[tuple[str, Observable | None], ...]
    problems: tuple[Problem, ...]
    appraisal: Appraisal
    body: dict[str, Any]
    before: dict[str, Any] | None = None

    @property
    def changed(self) -> bool:
        """Whether it says anything else than what stands."""
        old = self.before
        return old is None or {**old, "modified": ""} != {**self.body, "modified": ""}


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What was kept: the object, and what was made with it (relationships)."""

    stix_id: str
    with_it: tuple[str, ...] = ()


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """Whether one party would see a thing of some marking, were it published under an agreement."""

    party: str
    decision: Decision


class Under(msgspec.Struct, frozen=True, kw_only=True):
    """Who would see it under one agreement that is in force, were it published to all or to an `audience` of it."""

    agreement: str
    title: str
    audience: str = ""
    parties: tuple[Foreseen, ...]

    @property
    def goes(self) -> bool:
        """Something goes to all of these or to none."""
        return bool(self.parties) and all(each.decision.allowed for each in self.parties)


class OwnReader(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of our own who is cleared for it; how far they are cleared beyond that is nobody's business here."""

    name: str
    roles: tuple[str, ...]


class HostedReader(msgspec.Struct, frozen=True, kw_only=True):
    """A constituent hosted here, by its name, and whether it would see it: at once, without any publishing."""

    name: str
    decision: Decision


class Prospect(msgspec.Struct, frozen=True, kw_only=True):
    """Who would see a thing of one level: our own people, whom we host, and under each agreement which parties."""

    tlp: TLP
    own: int
    under: tuple[Under, ...]
    persons: tuple[OwnReader, ...] = ()
    hosted: tuple[HostedReader, ...] = ()
