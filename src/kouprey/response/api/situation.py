"""Endpoints about the situation: all of it, its briefing on paper, and how clocks of hand-offs went."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Permission, roles_with
from kouprey.response.model import Lack
from kouprey.response.model.cases import Case
from kouprey.response.model.situation import (
    Attribution,
    Campaign,
    Changing,
    Due,
    Fresh,
    Punctual,
    Situation,
    Strike,
    Traffic,
    Voice,
)
from kouprey.response.service import Contacts, HandOffs, Situations
from kouprey.response.service.situation import DAYS, LONGEST
from kouprey.response.wire.briefing import days_of, draw_briefing

PATH = "/situation"


class Within(Asked, frozen=True, kw_only=True):
    """Within how many days campaigns came or were seen."""

    days: Annotated[int, Meta(ge=1, le=LONGEST)] = DAYS


class InLanguage(Asked, frozen=True, kw_only=True):
    """The language of the paper, as `en` or `km`."""

    language: Annotated[str, Meta(max_length=10)] = "en"


class CaseNamed(Struct, kw_only=True):
    """An open case that crosses a border."""

    number: int
    title: str
    phase: str
    severity: str
    type: str
    tlp: str
    changed_at: Time


class HandOffDue(Struct, kw_only=True):
    """A hand-off that is open or owes its basis; `due` is "" for nothing, `lacks`: what it does not rest on."""

    id: str
    title: str
    other: str
    ours: bool
    kind: str
    stage: str
    urgency: str
    due: str
    late: bool
    tlp: str
    lacks: tuple[Lack, ...]


class Behind(Struct, kw_only=True):
    """That somebody asserts who is behind something, how sure (0 to 100, null: not stated), and who disagrees."""

    relationship: str
    actor: str
    title: str
    confidence: int | None
    said_by: tuple[Voice, ...]
    agree: tuple[Voice, ...]
    disagree: tuple[Voice, ...]
    tlp: str


class CampaignSeen(Struct, kw_only=True):
    """A campaign or intrusion set that came or was `seen` again, and against which sectors it is said to go."""

    stix_id: str
    type: str
    title: str
    at: Time
    seen: bool
    tlp: str
    sectors: tuple[str, ...]
    attributions: tuple[Behind, ...]


class StrikeSeen(Struct, kw_only=True):
    """A defacement or denial of service: a case by `number`, or an object. `first`: against government or media."""

    attack: str
    title: str
    at: Time
    tlp: str
    number: int
    stix_id: str
    sectors: tuple[str, ...]
    first: bool


class ChangingSeen(Struct, kw_only=True):
    """An object that changed a case, where you may see both."""

    number: int
    title: str
    stix_id: str
    object_title: str
    note: str
    tlp: str


class Sightings(Struct, kw_only=True):
    """Sightings of a day of UTC, as `11-28`."""

    day: str
    count: int


class SituationShown(Struct, kw_only=True):
    """What goes on, as far as you may see it; `tlp` is that of the highest thing in it, `cases` null without a role."""

    at: Time
    tlp: str
    exercise: str
    cases: tuple[CaseNamed, ...] | None
    handoffs: tuple[HandOffDue, ...]
    strikes: tuple[StrikeSeen, ...]
    campaigns: tuple[CampaignSeen, ...]
    changing: tuple[ChangingSeen, ...]
    traffic: tuple[Traffic, ...]
    seen: tuple[Sightings, ...]
    fresh: Fresh
    more: bool


class Paper(Struct, kw_only=True):
    """A PDF (base64)."""

    pdf: str


class ByPartner(Struct, kw_only=True):
    """How each clock went; `seconds` are what each answer took."""

    clocks: tuple[Punctual, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Situation", "roles": roles_with(Permission.READ)}
    return [
        api(
            "GET",
            PATH,
            desk.look,
            takes=Within,
            gives=SituationShown,
            fails={"not-local": 403},
            does=(f"GET {PATH}",),
            summary="What goes on across borders now, as far as you may see it.",
            **told,
        ),
        api(
            "GET",
            f"{PATH}/paper",
            desk.paper,
            takes=InLanguage,
            gives=Paper,
            fails={"not-local": 403, "bad-field": 400},
            does=(f"GET {PATH}/briefing.pdf",),
            summary="The briefing as PDF; that it was made is written down.",
            **told,
        ),
        api(
            "GET",
            f"{PATH}/partners",
            desk.partners,
            gives=ByPartner,
            fails={"not-local": 403},
            does=(f"GET {PATH}/partners",),
            summary="How long answers to hand-offs took, by partner, agreement and clock.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._situations = services.get(Situations)
        self._contacts = services.get(Contacts)

    def look(self, request: Request, asked: Within) -> SituationShown:
        return _shown(self._situations.look(_who(request), asked.days))

    def paper(self, request: Request, asked: InLanguage) -> Paper:
        who, names = _who(request), self._situations.names(self._contacts.names())
        found = self._situations.look(who)
        drawn = draw_briefing(found, names, asked.language)
        self._situations.note_printed(who, asked.language)
        return Paper(pdf=b64encode(drawn).decode())

    def partners(self, request: Request) -> ByPartner:
        return ByPartner(clocks=self._situations.punctual(_who(request)))


def _who(request: Request) -> Reader:
    return HandOffs.speaker(request.reader, request.who.roles)


def _shown(found: Situation) -> SituationShown:
    return SituationShown(
        at=time_of(found.at),
        tlp=found.tlp.word,
        exercise=found.exercise,
        cases=None if found.cases is None else tuple(map(_case, found.cases)),
        handoffs=tuple(map(_due, found.handoffs)),
        strikes=tuple(map(_strike, found.strikes)),
        campaigns=tuple(map(_campaign, found.campaigns)),
        changing=tuple(map(_changing, found.changing)),
        traffic=found.traffic,
        seen=tuple(Sightings(day=day, count=count) for day, count in days_of(found)),
        fresh=found.fresh,
        more=found.more,
    )


def _case(each: Case) -> CaseNamed:
    return CaseNamed(
        number=each.number,
        title=each.title,
        phase=str(each.phase),
        severity=str(each.severity),
        type=each.type,
        tlp=each.tlp.word,
        changed_at=time_of(each.changed_at),
    )


def _due(each: Due) -> HandOffDue:
    return HandOffDue(
        id=each.id,
        title=each.title,
        other=each.other,
        ours=each.ours,
        kind=each.kind,
        stage=each.stage,
        urgency=each.urgency,
        due=time_of(each.due) if each.due else "",
        late=each.late,
        tlp=each.tlp.word,
        lacks=each.lacks,
    )


def _strike(each: Strike) -> StrikeSeen:
    return StrikeSeen(
        attack=str(each.attack),
        title=each.title,
        at=time_of(each.at),
        tlp=each.tlp.word,
        number=each.number,
        stix_id=each.stix_id,
        sectors=each.sectors,
        first=each.first,
    )


def _campaign(each: Campaign) -> CampaignSeen:
    return CampaignSeen(
        stix_id=each.stix_id,
        type=each.type,
        title=each.title,
        at=time_of(each.at),
        seen=each.seen,
        tlp=each.highest.word,
        sectors=each.sectors,
        attributions=tuple(map(_behind, each.attributions)),
    )


def _changing(each: Changing) -> ChangingSeen:
    return ChangingSeen(
        number=each.number,
        title=each.title,
        stix_id=each.stix_id,
        object_title=each.object_title,
        note=each.note,
        tlp=each.tlp.word,
    )


def _behind(each: Attribution) -> Behind:
    return Behind(
        relationship=each.relation,
        actor=each.actor,
        title=each.actor_title,
        confidence=each.confidence,
        said_by=each.said_by,
        agree=each.agree,
        disagree=each.disagree,
        tlp=each.tlp.word,
    )
