"""What the endpoints of shields take and give."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, time_of
from kouprey.protect.model import Allowance, Entry, Left, Limits, Outlet, Part, Release, Trial
from kouprey.protect.service import Standing

Text = Annotated[str, Meta(max_length=300)]


class NewShield(Asked, frozen=True, kw_only=True):
    """A shield. `tlp` is the strictest level it is made of; "" for as far as you are cleared, up to AMBER+STRICT.

    `sources` are parties, none for all. The limits: `growth` in per cent, `canary` in events of a day, `life_days` an
    indicator is listed after its last version, `valid_days` until a release is old.
    """

    name: str
    title: Text = ""
    parts: tuple[Part, ...] = tuple(Part)
    collection: str = "main"
    sources: tuple[str, ...] = ()
    confidence: int = 0
    tlp: str = ""
    growth: int = Limits().growth
    canary: int = Limits().canary
    life_days: int = Limits().life_days
    valid_days: int = Limits().valid_days


class ChangedShield(Asked, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    title: Text | None = None
    parts: tuple[Part, ...] | None = None
    collection: str | None = None
    sources: tuple[str, ...] | None = None
    confidence: int | None = None
    tlp: str | None = None
    growth: int | None = None
    canary: int | None = None
    life_days: int | None = None
    valid_days: int | None = None
    retired: bool | None = None


class Serial(Asked, frozen=True, kw_only=True):
    """Which release is meant."""

    serial: int


class Reasoned(Asked, frozen=True, kw_only=True):
    """Which release is meant, and why."""

    serial: int
    reason: str


class Sought(Asked, frozen=True, kw_only=True):
    """Of the release `serial` (0: the one in force, else the one that waits), values with `text` in them."""

    serial: int = 0
    text: Text = ""


class SoughtLeft(Asked, frozen=True, kw_only=True):
    """The same of what was left out, for the reason `why`; "" for any."""

    serial: int = 0
    text: Text = ""
    why: str = ""


class NewAllowance(Asked, frozen=True, kw_only=True):
    """A name, address or network that is never listed, or (`insists`) listed although a public list warns of that."""

    text: Text
    reason: str
    insists: bool = False
    alone: bool = False


class Named(Asked, frozen=True, kw_only=True):
    """A value that something was decided of."""

    text: Text


class NewOutlet(Asked, frozen=True, kw_only=True):
    """A device, in a line."""

    title: Text = ""


class TrialShown(Struct, kw_only=True):
    """What the list would have blocked of the kept events of a day; `new_` counts by what comes."""

    seen: int
    events: int
    hosts: int
    new_events: int
    new_hosts: int
    values: tuple[tuple[str, int], ...]


class CheckShown(Struct, kw_only=True):
    """What a program said of a file; `found` is false where it is not installed or may not run."""

    format: str
    program: str
    found: bool
    passed: bool
    said: str


class ReleaseShown(Struct, kw_only=True):
    """A release; `left` counts what was left out by its reason."""

    serial: int
    state: str
    made: Time
    until: Time
    names: int
    addresses: int
    added: int
    gone: int
    left: dict[str, int]
    other: int
    asks: tuple[str, ...]
    trial: TrialShown
    checks: tuple[CheckShown, ...]
    back_to: int
    decided: Time
    decided_by: str
    reason: str


class ShieldShown(Struct, kw_only=True):
    """A shield, what is in force and what waits. `held`: it was gone back to a release, and nothing comes."""

    name: str
    title: str
    parts: tuple[str, ...]
    collection: str
    sources: tuple[str, ...]
    confidence: int
    tlp: str
    growth: int
    canary: int
    life_days: int
    valid_days: int
    retired: bool
    held: int
    old: bool
    outlets: int
    current: ReleaseShown | None
    waiting: ReleaseShown | None


class ShieldList(Struct, kw_only=True):
    """Shields that you may see."""

    shields: tuple[ShieldShown, ...]


class Releases(Struct, kw_only=True):
    """Those that are kept, the newest first."""

    releases: tuple[ReleaseShown, ...]


class EntryShown(Struct, kw_only=True):
    """A value that is listed, by which indicator, and until when."""

    kind: str
    text: str
    indicator: str
    ends: Time


class Entries(Struct, kw_only=True):
    """The first 200 of `total`."""

    entries: tuple[EntryShown, ...]
    total: int


class LeftShown(Struct, kw_only=True):
    """A value that is not listed, why, and what it met."""

    kind: str
    text: str
    indicator: str
    why: str
    by: str


class LeftList(Struct, kw_only=True):
    """The first 200 of `total`; `counts` has all by their reason."""

    left: tuple[LeftShown, ...]
    total: int
    counts: dict[str, int]


class AllowanceShown(Struct, kw_only=True):
    """What was decided of a value, by whom and why."""

    text: str
    insists: bool
    alone: bool
    reason: str
    at: Time
    by: str


class Allowances(Struct, kw_only=True):
    """All of them, by their texts."""

    allowances: tuple[AllowanceShown, ...]


class OutletShown(Struct, kw_only=True):
    """A device that fetches; `used` is to the hour, "" before it has."""

    id: str
    title: str
    made: Time
    made_by: str
    ended: bool
    used: Time


class OutletList(Struct, kw_only=True):
    """Devices of a shield, the ended last."""

    outlets: tuple[OutletShown, ...]


class OutletMade(Struct, kw_only=True):
    """A device with its secret, which is shown this once; any user name goes with it."""

    outlet: OutletShown
    secret: str


def show_release(release: Release) -> ReleaseShown:
    """As it is told."""
    return ReleaseShown(
        serial=release.serial,
        state=str(release.state),
        made=time_of(release.made_at),
        until=time_of(release.until),
        names=release.names,
        addresses=release.addresses,
        added=release.added,
        gone=release.gone,
        left=dict(release.left),
        other=release.other,
        asks=tuple(map(str, release.asks)),
        trial=_trial(release.trial),
        checks=tuple(
            CheckShown(
                format=str(each.format), program=each.program, found=each.found, passed=each.passed, said=each.said
            )
            for each in release.checks
        ),
        back_to=release.back_to,
        decided=time_of(release.decided_at),
        decided_by=release.decided_by,
        reason=release.reason,
    )


def _trial(trial: Trial) -> TrialShown:
    return TrialShown(
        seen=trial.seen,
        events=trial.events,
        hosts=trial.hosts,
        new_events=trial.new_events,
        new_hosts=trial.new_hosts,
        values=trial.values,
    )


def show_standing(standing: Standing) -> ShieldShown:
    """As it is told."""
    shield, query, limits = standing.shield, standing.shield.query, standing.shield.limits
    return ShieldShown(
        name=shield.name,
        title=shield.title,
        parts=tuple(map(str, query.parts)),
        collection=query.collection,
        sources=query.sources,
        confidence=query.confidence,
        tlp=query.tlp.word,
        growth=limits.growth,
        canary=limits.canary,
        life_days=limits.life_days,
        valid_days=limits.valid_days,
        retired=shield.retired,
        held=shield.held,
        old=standing.old,
        outlets=standing.outlets,
        current=show_release(standing.current) if standing.current is not None else None,
        waiting=show_release(standing.waiting) if standing.waiting is not None else None,
    )


def show_entry(each: Entry) -> EntryShown:
    """As it is told."""
    return EntryShown(kind=each.kind, text=each.text, indicator=each.indicator, ends=time_of(each.ends))


def show_left(each: Left) -> LeftShown:
    """As it is told."""
    return LeftShown(kind=each.kind, text=each.text, indicator=each.indicator, why=str(each.why), by=each.by)


def show_allowance(each: Allowance) -> AllowanceShown:
    """As it is told."""
    return AllowanceShown(
        text=each.text,
        insists=each.insists,
        alone=each.alone,
        reason=each.reason,
        at=time_of(each.at),
        by=each.by,
    )


def show_outlet(each: Outlet) -> OutletShown:
    """As it is told."""
    return OutletShown(
        id=each.id,
        title=each.title,
        made=time_of(each.made_at),
        made_by=each.made_by,
        ended=each.ended,
        used=time_of(each.used_at),
    )
