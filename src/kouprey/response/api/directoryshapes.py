"""What endpoints of the directory take and give."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, time_of
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.response.api.handoffshapes import Short, Text
from kouprey.response.model.directory import (
    DAYS,
    Authority,
    Claim,
    Decided,
    Drill,
    Entry,
    Gap,
    Hours,
    Measured,
    Profile,
    Proposal,
    Shift,
)
from kouprey.response.rules.competence import text_of

Part = Annotated[str, Meta(max_length=4_000)]
Words = Annotated[tuple[Short, ...], Meta(max_length=500)]
Asns = Annotated[tuple[Annotated[int, Meta(ge=1, le=4_294_967_295)], ...], Meta(max_length=500)]


class NewProfile(Asked, frozen=True, kw_only=True):
    """What our team says of itself, in the order of RFC 2350. `opens` and `closes` are HH:MM in `zone`.

    `verified`: somebody has checked all of it now. `duty_shown`: role and telephone of who is on duty go with it.
    """

    name: Short
    address: Part = ""
    zone: Short = "UTC"
    phone: Short = ""
    reach: Part = ""
    mail: Short = ""
    web: Short = ""
    pgp: Short = ""
    age: Annotated[str, Meta(max_length=2_100)] = ""
    members: Part = ""
    hours: Hours = Hours.OFFICE
    days: tuple[str, ...] = DAYS[:5]
    opens: str = "08:00"
    closes: str = "17:00"
    mission: Part = ""
    constituency: Part = ""
    asns: Asns = ()
    prefixes: Words = ()
    domains: Words = ()
    sectors: Words = ()
    sponsor: Short = ""
    authority: Authority = Authority.NONE
    authority_text: Part = ""
    incidents: Part = ""
    tlp: bool = True
    disclosure: Part = ""
    authentication: Part = ""
    services: Part = ""
    forms: Part = ""
    disclaimers: Part = ""
    duty_shown: bool = False
    verified: bool = False


class NewShift(Asked, frozen=True, kw_only=True):
    """Who of ours is on duty, from when until when (RFC 3339)."""

    person: Short
    role: Short
    reach: Short
    starts: str
    ends: str


class NewDrills(Asked, frozen=True, kw_only=True):
    """Whom to drill now."""

    parties: Annotated[tuple[str, ...], Meta(min_length=1, max_length=200)]
    text: Annotated[str, Meta(max_length=2_000)] = ""


class NewPlan(Asked, frozen=True, kw_only=True):
    """Whom to drill each month, and nobody else."""

    parties: Annotated[tuple[str, ...], Meta(max_length=200)]


class NewDecision(Asked, frozen=True, kw_only=True):
    """`apply` for these `subjects`, or dismiss; `end`: what was applied leads nobody any more."""

    apply: bool = False
    end: bool = False
    subjects: Annotated[tuple[Text, ...], Meta(max_length=100)] = ()


class DutyShown(Struct, kw_only=True):
    """Who of that team answers now, by role."""

    role: str
    reach: str
    until: Time


class ProfileShown(Struct, kw_only=True):
    """A profile in one version, under which agreements it came, and when. `written_by` is a person of ours."""

    party: str
    version: int
    at: Time
    verified: Time
    came: Time
    agreements: tuple[str, ...]
    written_by: str
    name: str
    address: str
    zone: str
    phone: str
    reach: str
    mail: str
    web: str
    node_key: str
    pgp: str
    age: str
    members: str
    hours: str
    days: tuple[str, ...]
    opens: str
    closes: str
    mission: str
    constituency: str
    asns: tuple[int, ...]
    prefixes: tuple[str, ...]
    domains: tuple[str, ...]
    sectors: tuple[str, ...]
    sponsor: str
    authority: str
    authority_text: str
    incidents: str
    tlp: bool
    disclosure: str
    authentication: str
    services: str
    forms: str
    disclaimers: str
    duty_shown: bool
    duty: DutyShown | None


class Speed(Struct, kw_only=True):
    """What drills of a partner come to, in seconds; null where there is none. `success` is "" for never answered."""

    last: Time
    delivered_s: int | None
    acknowledged_s: int | None
    median_s: int | None
    counted: int
    unanswered: int
    success: Time


class TeamShown(Struct, kw_only=True):
    """A party; `profile` is null while none came that you may see."""

    party: str
    profile: ProfileShown | None
    drills: Speed | None


class TeamList(Struct, kw_only=True):
    """Every party that is known here, ours among them."""

    teams: tuple[TeamShown, ...]


class OwnShown(Struct, kw_only=True):
    """Our profile, what is `missing` in it, and which version was `published` to partners (0 for none)."""

    profile: ProfileShown
    missing: tuple[str, ...]
    published: int


class Lead(Struct, kw_only=True):
    """A party that names `claim` in its constituency; `learned`: a person here has applied a proposal."""

    party: str
    claim: str
    learned: bool


class Competent(Struct, kw_only=True):
    """Who is competent for it, the most specific first."""

    subject: str
    parties: tuple[Lead, ...]


class ProposalShown(Struct, kw_only=True):
    """That `competent` is, as `said_by` has said in declining. `state`: open, applied, ended or dismissed."""

    message: str
    handoff: str
    said_by: str
    competent: str
    subjects: tuple[str, ...]
    state: str
    decided_by: str
    at: Time


class ProposalList(Struct, kw_only=True):
    """Open ones first, the newest first."""

    proposals: tuple[ProposalShown, ...]


class ShiftShown(Struct, kw_only=True):
    """A shift; `withdrawn` is "" while it counts."""

    id: str
    person: str
    role: str
    reach: str
    starts: Time
    ends: Time
    now: bool
    withdrawn: Time


class GapShown(Struct, kw_only=True):
    """When nobody is on duty."""

    starts: Time
    ends: Time


class RosterShown(Struct, kw_only=True):
    """Shifts from a week ago on, and the gaps of the next fourteen days."""

    shifts: tuple[ShiftShown, ...]
    gaps: tuple[GapShown, ...]


class DrillShown(Struct, kw_only=True):
    """A drill we sent; a time is "" while it has not happened."""

    handoff: str
    party: str
    sent: Time
    delivered: Time
    acknowledged: Time
    closed: Time


class DrillAsked(Struct, kw_only=True):
    """A drill that a partner sent us."""

    handoff: str
    party: str
    stage: str
    at: Time
    ended: bool


class DrillList(Struct, kw_only=True):
    """Drills of ours, whom we drill each month, and drills of partners. All of it is an exercise."""

    sent: tuple[DrillShown, ...]
    monthly: tuple[str, ...]
    asked: tuple[DrillAsked, ...]


def profile_shown(entry: Entry, node_key: str) -> ProfileShown:
    """A profile as programs read it."""
    profile = entry.profile
    same = {name: getattr(profile, name) for name in SAME}
    duty = profile.duty
    return ProfileShown(
        at=_time(profile.at),
        verified=_time(profile.verified),
        came=_time(entry.came_at),
        agreements=entry.agreements,
        written_by=entry.written_by,
        node_key=node_key,
        hours=str(profile.hours),
        authority=str(profile.authority),
        duty=DutyShown(role=duty.role, reach=duty.reach, until=_time(duty.until)) if duty is not None else None,
        **same,
    )


SAME = tuple(
    name
    for name in ProfileShown.__struct_fields__
    if name in Profile.__struct_fields__ and name not in ("at", "verified", "hours", "authority", "duty")
)


def speed(measured: Measured | None) -> Speed | None:
    """What drills come to, null where there were none."""
    if measured is None or measured.last is None:
        return None
    return Speed(
        last=_time(measured.last.sent_at),
        delivered_s=measured.delivered,
        acknowledged_s=measured.acknowledged,
        median_s=measured.median,
        counted=measured.counted,
        unanswered=measured.unanswered,
        success=_time(measured.success),
    )


def lead(claim: Claim) -> Lead:
    """A claim as programs read it."""
    return Lead(party=claim.party, claim=text_of(claim.subject), learned=claim.learned)


def proposal(each: Proposal) -> ProposalShown:
    """One that nobody has decided on."""
    return ProposalShown(
        message=each.message,
        handoff=each.handoff,
        said_by=each.said_by,
        competent=each.competent,
        subjects=each.subjects,
        state="open",
        decided_by="",
        at=_time(each.at),
    )


def decided(each: Decided) -> ProposalShown:
    """One that somebody has decided on, and what became of it."""
    state = "dismissed" if not each.applied else "ended" if each.ended_at else "applied"
    return ProposalShown(
        message=each.message,
        handoff=each.handoff,
        said_by=each.said_by,
        competent=each.competent,
        subjects=each.subjects,
        state=state,
        decided_by=each.decided_by,
        at=_time(each.decided_at),
    )


def shift_shown(each: Shift, now: int) -> ShiftShown:
    """A shift as programs read it."""
    return ShiftShown(
        id=each.id,
        person=each.person,
        role=each.role,
        reach=each.reach,
        starts=_time(each.starts),
        ends=_time(each.ends),
        now=not each.withdrawn_at and each.starts <= now < each.ends,
        withdrawn=_time(each.withdrawn_at),
    )


def gap_shown(each: Gap) -> GapShown:
    """A gap as programs read it."""
    return GapShown(starts=_time(each.starts), ends=_time(each.ends))


def drill_shown(each: Drill) -> DrillShown:
    """A drill of ours as programs read it."""
    return DrillShown(
        handoff=each.handoff,
        party=each.party,
        sent=_time(each.sent_at),
        delivered=_time(each.delivered_at),
        acknowledged=_time(each.acknowledged_at),
        closed=_time(each.closed_at),
    )


def read_time(text: str) -> Instant:
    """An RFC 3339 date-time; Damaged `bad-time` for anything else."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise Damaged(
            "That is no date and time.", text[:60], "Write it as 2026-11-28T07:00:00Z.", code="bad-time"
        ) from error


def _time(instant: int) -> str:
    return time_of(instant) if instant else ""
