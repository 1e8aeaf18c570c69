"""The nouns of the exchange: what arrives and what becomes of it, collections, and what a reader is shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from kouprey.exchange.model.arriving import OBSERVABLE_TYPES as OBSERVABLE_TYPES
from kouprey.exchange.model.arriving import Arrival as Arrival
from kouprey.exchange.model.arriving import Extract as Extract
from kouprey.exchange.model.arriving import Finding as Finding
from kouprey.exchange.model.arriving import Parsed as Parsed
from kouprey.exchange.model.arriving import Verdict as Verdict
from kouprey.exchange.model.importing import Bookmark as Bookmark
from kouprey.exchange.model.importing import ImportReport as ImportReport
from kouprey.exchange.model.importing import Refusal as Refusal
from kouprey.exchange.model.keeping import Tombstone as Tombstone
from kouprey.exchange.model.observables import Found as Found
from kouprey.exchange.model.observables import Observable as Observable
from kouprey.exchange.model.observables import ObservableView as ObservableView
from kouprey.exchange.model.observables import Occurrence as Occurrence
from kouprey.exchange.model.observables import Pivot as Pivot
from kouprey.exchange.model.renewing import Renewal as Renewal
from kouprey.exchange.model.searching import Filters as Filters
from kouprey.exchange.model.searching import Findings as Findings
from kouprey.exchange.model.searching import Neighbour as Neighbour
from kouprey.exchange.model.searching import Neighbourhood as Neighbourhood
from kouprey.exchange.model.searching import Relation as Relation
from kouprey.kernel.words.decision import Decision, Reason
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


class SourceKind(StrEnum):
    """What kind of somebody says a thing."""

    FILE = "file"
    PERSON = "person"
    TOKEN = "token"
    PARTY = "party"


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Who says a thing: `name` is the file's, person's or token's, and the party's id again for a party."""

    kind: SourceKind
    party: str
    name: str


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one arrival. `verdict` is "refused" with `error`, else `version_id` says where it is kept.

    `byte_equal`: a repeat, and of the very same bytes. `position` is 0 when nothing became news. `musts` and `shoulds`
    count the findings of a body that was not held before.
    """

    stix_id: str
    verdict: Verdict | Literal["refused"]
    version_id: int = 0
    position: Instant = 0
    byte_equal: bool = False
    musts: int = 0
    shoulds: int = 0
    error: KoupreyError | None = None


EVERYBODY = "*"
"""Stands among the readers of a collection for every party."""


class Collection(msgspec.Struct, frozen=True, kw_only=True):
    """What clients read; `id` is a UUID (TAXII 2.1 section 5), `agreement` "" unless it holds what came under one.

    `readers` are the parties beside our own that may read it (`EVERYBODY` for all); of a collection of an agreement its
    parties may, whatever they say. `writable`: programs may give to it. `archived_at`: since when no client finds it
    and nothing joins it, 0 while it is in use.
    """

    id: str
    name: str
    title: str
    description: str = ""
    strict: bool = False
    """Nothing joins it whose body breaks the standard."""
    agreement: str = ""
    created_at: Instant = 0
    readers: tuple[str, ...] = (EVERYBODY,)
    writable: bool = True
    archived_at: Instant = 0


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What lies behind a position for a client: how many (with `more`, at least so many), the oldest of them at."""

    count: int
    more: bool
    oldest: Instant


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The newest version of an object that a reader may see, in one line of a list.

    Everything is as far as this reader may see: `tlp` the strictest of the assertions, `sources` their names,
    `conflict` true when there are unequal bodies, `musts` how often the one shown breaks the standard. `instant` is 0
    where the id alone is the version.
    """

    stix_id: str
    type: str
    title: str
    instant: Instant
    version_text: str
    tlp: TLP
    sources: tuple[str, ...]
    position: Instant
    conflict: bool
    revoked: bool
    musts: int = 0


class HeadPage(msgspec.Struct, frozen=True, kw_only=True):
    """Heads, newest first; `more` says whether there are further ones beyond the last (or, going up, the first)."""

    heads: tuple[Head, ...]
    more: bool


class AssertionView(msgspec.Struct, frozen=True, kw_only=True):
    """Who said a body, when, and under which label; `origin` and `entry_index` name the lane entry, "" and -1 none."""

    source: Source
    label: Label
    received_at: Instant
    origin: str
    entry_index: int


class BodyView(msgspec.Struct, frozen=True, kw_only=True):
    """One body of a version, with the assertions of it that the reader may see (at least one)."""

    raw: bytes
    sha256: bytes
    title: str
    revoked: bool
    created_by: str
    served: bool
    assertions: tuple[AssertionView, ...]
    findings: tuple[Finding, ...] = ()


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """One version as far as the reader may see it; more than one body is a conflict (for observables a variant)."""

    instant: Instant
    version_text: str
    position: Instant
    received_at: Instant
    bodies: tuple[BodyView, ...]

    @property
    def served(self) -> BodyView:
        """The body this reader is given where only one can be given."""
        return next(body for body in self.bodies if body.served)

    @property
    def tlp(self) -> TLP:
        """The strictest level among the assertions."""
        return max(a.label.tlp for body in self.bodies for a in body.assertions)


class PublicationView(msgspec.Struct, frozen=True, kw_only=True):
    """A version that was given to the parties of an agreement; `number` is the publication number of the lane."""

    number: int
    stix_id: str
    version_text: str
    agreement: str
    parties: tuple[str, ...]
    tlp: TLP
    pruned: bool
    by: str
    at: Instant
    because: str


class ObjectView(msgspec.Struct, frozen=True, kw_only=True):
    """An object with all its versions that a reader may see, newest first; `publications` for our own people only.

    `times_seen` is the sum over all sightings of it. `tombstones` are of versions of it that were erased.
    """

    stix_id: str
    type: str
    versions: tuple[VersionView, ...]
    times_seen: int
    publications: tuple[PublicationView, ...]
    tombstones: tuple[Tombstone, ...] = ()

    @property
    def newest(self) -> VersionView:
        """The newest version."""
        return self.versions[0]

    @property
    def title(self) -> str:
        """The title of what is served."""
        return self.newest.served.title


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many versions a reader may see, by type and by the strictest level he sees of them."""

    total: int
    by_type: dict[str, int]
    by_tlp: dict[TLP, int]


class Facets(Counts, frozen=True, kw_only=True):
    """How many fit, by source too; `more` when counting stopped at `total`, newest first."""

    more: bool
    by_source: dict[str, int]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody said something about an object: a line of recent activity."""

    at: Instant
    stix_id: str
    type: str
    title: str
    source: Source
    tlp: TLP


class PageRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One version in a page for TAXII; `position` is its `date_added`. `raw` is b"" in a manifest."""

    stix_id: str
    instant: Instant
    version_text: str
    position: Instant
    raw: bytes


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in order of position; go on with `after_position` = the last row's position while `more`."""

    rows: tuple[PageRow, ...]
    more: bool


class Why(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was not published, and why."""

    stix_id: str
    because: tuple[Reason, ...]


class PublishReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of publishing. `already`: the parties have it. `waits_because` is "" unless it stays in the queue.

    `waiting` goes when persons have released it.
    """

    agreement: str
    queued: tuple[str, ...]
    already: tuple[str, ...]
    pruned: tuple[str, ...]
    refused: tuple[Why, ...]
    waits_because: str = ""
    waiting: tuple[Why, ...] = ()


class ExplainedLabel(msgspec.Struct, frozen=True, kw_only=True):
    """The decision over one assertion's label alone."""

    label: Label
    decision: Decision


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """The decision under one agreement; `labels` are those the asker may see."""

    agreement: str
    title: str
    decision: Decision
    labels: tuple[ExplainedLabel, ...]


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a party may or may not see the newest version of an object."""

    stix_id: str
    party: str
    decision: Decision
    agreements: tuple[Explained, ...]


class Sighted(msgspec.Struct, frozen=True, kw_only=True):
    """A sighting was made and kept; one report for each agreement under which its target had come."""

    stix_id: str
    target: str
    reports: tuple[PublishReport, ...]
