"""Nouns of concerns: what parties say to one another about something that was given, and what is answered."""

from __future__ import annotations

from typing import Literal

import msgspec

from kouprey.kernel.words.time import Instant

ConcernKind = Literal["recall", "retag", "false-positive", "feedback"]
"""`retag`: it shall carry another TLP level."""

Outcome = Literal["followed", "declined", "noted"]


class Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="say", tag="concern", forbid_unknown_fields=True):
    """What an entry says about an object; `parties` owe an answer, `tlp` is the level wanted, "" unless retagged."""

    v: int
    id: str
    kind: ConcernKind
    about: str
    text: str
    parties: tuple[str, ...]
    tlp: str = ""


class Answered(msgspec.Struct, frozen=True, kw_only=True, tag_field="say", tag="answer", forbid_unknown_fields=True):
    """What an entry answers to a concern."""

    v: int
    answers: str
    outcome: Outcome
    text: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a party answered, and when that came here."""

    party: str
    outcome: Outcome
    text: str
    by: str
    at: Instant


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """One of them with its answers so far; `said_by` is "" for what a partner said."""

    id: str
    author: str
    agreement: str
    kind: ConcernKind
    stix_id: str
    tlp: str
    text: str
    parties: tuple[str, ...]
    said_by: str
    at: Instant
    answers: tuple[Answer, ...] = ()

    @property
    def outstanding(self) -> tuple[str, ...]:
        """Parties that owe an answer."""
        given = {answer.party for answer in self.answers}
        return tuple(party for party in self.parties if party not in given)
