"""Technical values, and where they are named."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


class Observable(msgspec.Struct, frozen=True, gc=False):
    """A technical value in its canonical form; `kind` is one of `wire.observables.KINDS`."""

    kind: str
    text: str


class Found(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An observable that is held, and in how many versions the reader sees it named; `versions` stops at a limit."""

    observable: Observable
    versions: int


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """An object that names an observable: the newest version that does so, and how many of them do.

    `tlp` and `sources` are of the assertions of that version, `times_seen` of its sightings, as far as the reader sees.
    """

    stix_id: str
    type: str
    title: str
    instant: Instant
    version_text: str
    received_at: Instant
    revoked: bool
    versions: int
    tlp: TLP
    sources: tuple[str, ...]
    times_seen: int


class ObservableView(msgspec.Struct, frozen=True, kw_only=True):
    """An observable as far as the reader sees it: how rare it is, who names it, and what lies near it.

    `versions` and `sources` are counted over the newest occurrences up to a limit; `more` says that it was reached.
    `within` lies in it (addresses of a network, names under a domain), it lies in `wider`, and `related` is named
    beside it, what is rarest first. `first_at` and `last_at` are when it was first and last named here, 0 for never;
    `first_at` is 0 also when the limit was reached.
    """

    observable: Observable
    versions: int
    sources: tuple[str, ...]
    more: bool
    occurrences: tuple[Occurrence, ...]
    wider: tuple[Found, ...]
    within: tuple[Found, ...]
    more_within: bool
    related: tuple[Found, ...]
    first_at: Instant = 0
    last_at: Instant = 0


class Pivot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A network or domain around an observable, and how much else the reader sees named in it; `more`: or more."""

    observable: Observable
    count: int
    more: bool
