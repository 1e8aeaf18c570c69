"""Endpoints about publishing rules: made, tried, started, paused, told day by day, undone and ended."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.exchange.api.shapes import Ground, Reasoned
from kouprey.exchange.api.shown import grounds, reasoned
from kouprey.exchange.model.publishing import DryRun, PublishingRule
from kouprey.exchange.rules.publishing import day_of, day_text
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.publishing import LIMIT
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Unknown
from kouprey.people.model import Permission, roles_with

PAGE = "/rules"
ONE = "/rules/{rule}"
Limit = Annotated[int, Meta(ge=1, le=1_000_000)]


class NewPublishing(Asked, frozen=True, kw_only=True):
    """A rule that gives what the saved `search` finds under an agreement; `limit` objects a day at most.

    It has the rights and the clearance of whoever starts it.
    """

    search: str
    agreement: str
    audience: str = ""
    name: str = ""
    sightings: bool = False
    limit: Limit = LIMIT


class ChangedPublishing(Asked, frozen=True, kw_only=True):
    """Its name, its limit, and whether sightings go too."""

    name: str
    limit: Limit
    sightings: bool = False


class Started(Asked, frozen=True, kw_only=True):
    """`everything`: also what is held already."""

    everything: bool = False


class TakenBack(Asked, frozen=True, kw_only=True):
    """Why a day is taken back; the parties read it."""

    because: str


class RuleTold(Struct, kw_only=True):
    """A publishing rule as it stands; `because` says why it is paused, `itself` that nobody paused it."""

    id: str
    name: str
    search: str
    agreement: str
    audience: str
    sightings: bool
    limit: int
    state: str
    itself: bool
    because: tuple[Ground, ...]
    person: str
    made_at: Time


class RulesTold(Struct, kw_only=True):
    """All that were not ended."""

    rules: tuple[RuleTold, ...]


class Tried(Struct, kw_only=True):
    """What would become of what it finds now; `more` when only the newest were looked at."""

    looked: int
    more: bool
    goes: int
    waits: int
    already: int
    held: int
    parties: tuple[str, ...]
    samples: tuple[str, ...]
    waiting: tuple[Reasoned, ...]
    grounds: tuple[Reasoned, ...]
    hinders: str


class OneDay(Struct, kw_only=True):
    """What it did on a day (UTC), as far as you may see it."""

    day: str
    given: int
    waiting: int
    held: int
    undone: int


class RuleSeen(Struct, kw_only=True):
    """A rule, what it would give of what is held now, and its last 30 days."""

    rule: RuleTold
    dry_run: Tried
    days: tuple[OneDay, ...]


class ItemTold(Struct, kw_only=True):
    """What became of one object: "queued", "waiting" or "refused", and why."""

    id: str
    title: str
    fate: str
    because: tuple[Ground, ...]
    at: Time
    undone: bool


class DayTold(Struct, kw_only=True):
    """What a rule did on a day, object by object, at most 1,000 of them."""

    items: tuple[ItemTold, ...]


class UndoneTold(Struct, kw_only=True):
    """How many recalls were sent, requests withdrawn, and what stayed; `more` says to ask again."""

    recalled: int
    withdrawn: int
    left: tuple[str, ...]
    more: bool


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Publishing rules", "roles": roles_with(Permission.PUBLISH)}
    known = {"unknown-rule": 404}
    return [
        api(
            "GET",
            "/publishing-rules",
            desk.list,
            gives=RulesTold,
            does=(f"GET {PAGE}",),
            summary="The rules by which things are given as they come in.",
            **told,
        ),
        api(
            "POST",
            "/publishing-rules",
            desk.propose,
            takes=NewPublishing,
            gives=RuleTold,
            status=201,
            fails={"name-taken": 409, "unknown-search": 404, "unknown-agreement": 404, "unknown-audience": 404},
            does=(f"POST {PAGE}",),
            summary="Make a rule of a saved search and an agreement; nothing goes before it is started.",
            **told,
        ),
        api(
            "GET",
            "/publishing-rules/{rule}",
            desk.show,
            gives=RuleSeen,
            fails=known,
            does=(f"GET {ONE}",),
            summary="A rule with what it would give of what is held now, and what it did.",
            **told,
        ),
        *_acting(desk, known, told),
        *_days(desk, known, told),
    ]


def _acting(desk: _Desk, known: dict[str, int], told: dict[str, Any]) -> list[Door]:
    one = "/publishing-rules/{rule}"
    return [
        api(
            "POST",
            f"{one}/start",
            desk.start,
            takes=Started,
            gives=RuleTold,
            repeatable=True,
            fails={**known, "maker-role": 403},
            does=(f"POST {ONE}/start",),
            summary="Let a rule give, with your rights, from now on or from where it stopped.",
            **told,
        ),
        api(
            "POST",
            f"{one}/pause",
            desk.pause,
            gives=RuleTold,
            repeatable=True,
            fails=known,
            does=(f"POST {ONE}/pause",),
            summary="Let nothing go by a rule until it is started again.",
            **told,
        ),
        api(
            "PATCH",
            one,
            desk.change,
            takes=ChangedPublishing,
            gives=RuleTold,
            repeatable=True,
            fails={**known, "name-taken": 409},
            does=(f"POST {ONE}/change",),
            summary="Give a rule another name or limit.",
            **told,
        ),
        api(
            "DELETE",
            one,
            desk.end,
            fails=known,
            does=(f"POST {ONE}/end",),
            summary="End a rule; what it gave stays given.",
            **told,
        ),
    ]


def _days(desk: _Desk, known: dict[str, int], told: dict[str, Any]) -> list[Door]:
    one = "/publishing-rules/{rule}/days/{day}"
    return [
        api(
            "GET",
            one,
            desk.day,
            gives=DayTold,
            fails={**known, "unknown-day": 404},
            does=(f"GET {ONE}/days/{{day}}",),
            summary="What a rule did on a day (2026-11-27, UTC), object by object.",
            **told,
        ),
        api(
            "POST",
            f"{one}/undo",
            desk.undo,
            takes=TakenBack,
            gives=UndoneTold,
            seconds=120.0,
            fails={**known, "unknown-day": 404, "nothing-to-undo": 409},
            does=(f"POST {ONE}/undo",),
            summary="Ask the parties to take back what a rule gave on a day, and withdraw what waits.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def list(self, request: Request) -> RulesTold:
        return RulesTold(rules=tuple(map(_told, self._exchange.list_publishing_rules(request.reader))))

    def propose(self, request: Request, asked: NewPublishing) -> RuleTold:
        who = request.reader
        return _told(
            self._exchange.add_publishing_rule(
                who,
                saved=asked.search,
                agreement=asked.agreement,
                audience=asked.audience,
                name=asked.name,
                sightings=asked.sightings,
                limit=asked.limit,
                by=who.name,
            )
        )

    def show(self, request: Request) -> RuleSeen:
        who = request.reader
        rule = self._exchange.get_publishing_rule(who, request.path_params["rule"])
        return RuleSeen(
            rule=_told(rule),
            dry_run=_tried(self._exchange.try_publishing_rule(who, rule.id)),
            days=tuple(
                OneDay(
                    day=day_text(each.day), given=each.given, waiting=each.waiting, held=each.held, undone=each.undone
                )
                for each in self._exchange.list_publishing_days(who, rule.id)
            ),
        )

    def start(self, request: Request, asked: Started) -> RuleTold:
        who, rule = request.reader, request.path_params["rule"]
        return _told(self._exchange.start_publishing_rule(who, rule, by=who.name, everything=asked.everything))

    def pause(self, request: Request) -> RuleTold:
        who = request.reader
        return _told(self._exchange.pause_publishing_rule(who, request.path_params["rule"], by=who.name))

    def change(self, request: Request, asked: ChangedPublishing) -> RuleTold:
        who, rule = request.reader, request.path_params["rule"]
        return _told(
            self._exchange.change_publishing_rule(
                who, rule, name=asked.name, limit=asked.limit, sightings=asked.sightings, by=who.name
            )
        )

    def end(self, request: Request) -> None:
        self._exchange.end_publishing_rule(request.reader, request.path_params["rule"], by=request.reader.name)

    def day(self, request: Request) -> DayTold:
        who, rule = request.reader, request.path_params["rule"]
        found = self._exchange.list_publishing_items(who, rule, _day(request), limit=1_000)
        return DayTold(
            items=tuple(
                ItemTold(
                    id=each.stix_id,
                    title=each.title,
                    fate=each.fate,
                    because=grounds(each.because),
                    at=time_of(each.at),
                    undone=bool(each.undone_at),
                )
                for each in found
            )
        )

    def undo(self, request: Request, asked: TakenBack) -> UndoneTold:
        who, rule = request.reader, request.path_params["rule"]
        done = self._exchange.undo_publishing_day(who, rule, _day(request), because=asked.because, by=who.name)
        return UndoneTold(
            recalled=done.recalled,
            withdrawn=done.withdrawn,
            left=tuple(f"{stix_id}: {why}" for stix_id, why in done.left),
            more=done.more,
        )


def _day(request: Request) -> int:
    found = day_of(request.path_params["day"])
    if found is None:
        raise Unknown("There is no such day.", "A day is written 2026-11-27.", code="unknown-day")
    return found


def _told(rule: PublishingRule) -> RuleTold:
    return RuleTold(
        id=rule.id,
        name=rule.name,
        search=rule.what,
        agreement=rule.agreement,
        audience=rule.audience,
        sightings=rule.sightings,
        limit=rule.limit,
        state=rule.state,
        itself=rule.paused_itself,
        because=grounds(rule.because),
        person=rule.person,
        made_at=time_of(rule.made_at),
    )


def _tried(seen: DryRun) -> Tried:
    return Tried(
        looked=seen.looked,
        more=seen.more,
        goes=seen.goes,
        waits=seen.waits,
        already=seen.already,
        held=seen.held,
        parties=seen.parties,
        samples=tuple(each.stix_id for each in seen.samples),
        waiting=tuple(map(reasoned, seen.waiting)),
        grounds=tuple(map(reasoned, seen.grounds)),
        hinders=seen.hinders,
    )
