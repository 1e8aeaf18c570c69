"""What endpoints of constituents take and give."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from kouprey.constituents import model
from kouprey.kernel.web.api import Asked, Time

Name = Annotated[str, Meta(min_length=1, max_length=200)]


class NewConstituent(Asked, frozen=True, kw_only=True):
    """Whom to host; `id` is a domain of theirs and stays."""

    id: str
    name: Name
    language: str = "en"
    clearance: str = "green"


class Change(Asked, frozen=True, kw_only=True):
    """What is to be different; what is left out stays."""

    name: Name | UnsetType = UNSET
    language: str | UnsetType = UNSET
    clearance: str | UnsetType = UNSET
    content: str | UnsetType = UNSET
    rhythm: model.Rhythm | UnsetType = UNSET
    hour: Annotated[int, Meta(ge=0, le=23)] | UnsetType = UNSET
    note: Annotated[str, Meta(max_length=2_000)] | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class Theirs(Asked, frozen=True, kw_only=True):
    """All networks and names of theirs; others go."""

    networks: Annotated[tuple[str, ...], Meta(max_length=500)]


class NewContact(Asked, frozen=True, kw_only=True):
    """Somebody mail goes to."""

    name: Name
    address: str


class Called(Asked, frozen=True, kw_only=True):
    """A person or a program, by name."""

    name: Name


class Active(Asked, frozen=True, kw_only=True):
    """Whether they come in."""

    active: bool


class Done(Asked, frozen=True, kw_only=True):
    """Whether a wish is settled."""

    done: bool = True


class Which(Asked, frozen=True, kw_only=True):
    """A letter, by whom it is to and its period."""

    contact: str
    period: str


class Table(Asked, frozen=True, kw_only=True):
    """A table as CSV; without `take` nothing is kept."""

    table: str
    take: bool = False


class Contact(Struct, kw_only=True):
    """Somebody mail goes to; `paused` until when not, "" for nobody who paused."""

    id: str
    name: str
    address: str
    paused: Time


class Person(Struct, kw_only=True):
    """Somebody who signs in for them."""

    id: str
    name: str
    active: bool


class Program(Struct, kw_only=True):
    """A token of theirs, never its secret."""

    user: str
    name: str
    active: bool


class Letter(Struct, kw_only=True):
    """A digest, and what became of it."""

    contact: str
    period: str
    state: str
    made: Time
    error: str
    remedy: str


class Written(Struct, kw_only=True):
    """How many letters are queued."""

    letters: int


class Wish(Struct, kw_only=True):
    """What they ask us to correct."""

    id: int
    text: str
    at: Time
    settled: Time


class Constituent(Struct, kw_only=True):
    """Whom we host."""

    id: str
    name: str
    language: str
    clearance: str
    content: str
    rhythm: str
    hour: int
    note: str
    archived: Time


class Whole(Struct, kw_only=True):
    """One with all that is kept of it."""

    constituent: Constituent
    networks: tuple[str, ...]
    contacts: tuple[Contact, ...]
    people: tuple[Person, ...]
    tokens: tuple[Program, ...]
    letters: tuple[Letter, ...]
    wishes: tuple[Wish, ...]


class Listed(Struct, kw_only=True):
    """Everybody, those that are archived last."""

    constituents: tuple[Constituent, ...]


class Invited(Struct, kw_only=True):
    """Somebody with a one-time link, which is shown this once."""

    person: Person
    link: str


class Made(Struct, kw_only=True):
    """A token with its secret, which is shown this once."""

    token: Program
    secret: str


class Line(Struct, kw_only=True):
    """What becomes of a line of a table; `wrong` keeps it out."""

    line: int
    id: str
    known: bool
    networks: int
    wrong: str


class Judged(Struct, kw_only=True):
    """Line by line."""

    lines: tuple[Line, ...]
