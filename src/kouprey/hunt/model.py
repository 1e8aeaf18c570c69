"""Nouns of hunts: rules as trees of tests, hunts, and what each rule came to."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant


class Kind(StrEnum):
    """How a test looks at a value."""

    EQUALS = "equals"
    CONTAINS = "contains"
    STARTS = "starts"
    ENDS = "ends"
    LIKE = "like"
    REGEX = "regex"
    ANY = "any"
    NULL = "null"
    EXISTS = "exists"
    NETWORK = "network"
    COMPARE = "compare"
    FIELD = "field"


class Probe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A test of one value. `text` is what is looked for, in small letters unless `cased`; of LIKE and REGEX a pattern.

    `literal`: the longest plain part of a pattern. `flag`: the operator of COMPARE, "i" for a REGEX that folds case,
    "no" for EXISTS that wants none.
    """

    kind: Kind
    text: str = ""
    cased: bool = False
    literal: str = ""
    flag: str = ""


class Leaf(msgspec.Struct, frozen=True, kw_only=True, tag="leaf"):
    """A field whose value must pass a test. What has no such field passes NULL alone: NOT has two values here."""

    field: str
    test: Probe


class All(msgspec.Struct, frozen=True, kw_only=True, tag="all"):
    """Every part holds."""

    parts: tuple[Node, ...]


class Some(msgspec.Struct, frozen=True, kw_only=True, tag="some"):
    """At least one part holds."""

    parts: tuple[Node, ...]


class Not(msgspec.Struct, frozen=True, kw_only=True, tag="not"):
    """The part does not hold."""

    part: Node


Node = Leaf | All | Some | Not


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A Sigma rule as it is kept: `text` as it came, `digest` its SHA-256, `trees` what an event must fulfil one of.

    `problem` says why it cannot be run; then there are no trees.
    """

    digest: str
    id: str
    title: str
    level: str = ""
    product: str = ""
    text: str = ""
    trees: tuple[Node, ...] = ()
    problem: str = ""
    added_at: Instant = 0
    added_by: str = ""
    retired: bool = False


class State(StrEnum):
    """How far a hunt is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Hunt(msgspec.Struct, frozen=True, kw_only=True):
    """One question to one record of events."""

    id: str
    name: str
    state: State
    at: Instant
    by: str
    events: int = 0
    unread: int = 0
    rules: int = 0
    hits: int = 0
    ended_at: Instant = 0
    problem: str = ""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule came to: how many events, which fields it asks for were never seen, and why it could not run."""

    digest: str
    id: str
    title: str
    level: str
    hits: int
    unseen: tuple[str, ...] = ()
    problem: str = ""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a rule found: its line in the record (from 0) and its text, cut."""

    digest: str
    line: int
    text: str
