"""The REST interface of hunts: rules, records that are asked, and what each rule came to."""

from __future__ import annotations

import io
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from kouprey.hunt.model import Hunt, Outcome, Rule
from kouprey.hunt.service import ARCHIVE, SENT, Hunts
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.model import Permission, roles_with


class Named(Asked, frozen=True, kw_only=True):
    """What the file is called."""

    name: str = ""


class Sought(Asked, frozen=True, kw_only=True):
    """Words of a title or an id; `after` is the `after` of the page before."""

    text: str = ""
    after: str = ""


class Retire(Asked, frozen=True, kw_only=True):
    """Whether it is asked no more."""

    retired: bool


class Marked(Asked, frozen=True, kw_only=True):
    """The marking of the indicator, where it is new."""

    tlp: str = "amber"


class Told(Struct, kw_only=True):
    """What became of rules: `unrunnable` are kept and cannot be asked, `refused` are no rules; each with its reason."""

    new: int
    known: int
    unrunnable: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...]


class RuleShown(Struct, kw_only=True):
    """A rule; `problem` is "" for one that can be run."""

    digest: str
    id: str
    title: str
    level: str
    product: str
    problem: str
    retired: bool
    added: Time


class RuleList(Struct, kw_only=True):
    """A page of rules by title; `after` is "" for the last."""

    rules: tuple[RuleShown, ...]
    after: str


class HuntShown(Struct, kw_only=True):
    """A hunt; `ended` is "" while it goes on."""

    id: str
    name: str
    state: str
    begun: Time
    ended: Time
    by: str
    events: int
    unread: int
    rules: int
    hits: int
    problem: str


class HuntList(Struct, kw_only=True):
    """The newest first."""

    hunts: tuple[HuntShown, ...]


class OutcomeShown(Struct, kw_only=True):
    """What a rule came to."""

    digest: str
    id: str
    title: str
    level: str
    hits: int
    unseen: tuple[str, ...]
    problem: str


class Outcomes(Struct, kw_only=True):
    """Rules that `found` something, that could not `run`, and that ask for fields no event had (`blind`)."""

    hunt: HuntShown
    found: tuple[OutcomeShown, ...]
    unrunnable: tuple[OutcomeShown, ...]
    blind: tuple[OutcomeShown, ...]


class Line(Struct, kw_only=True):
    """An event: its line in the record, from 0, and its text, cut."""

    line: int
    text: str


class Lines(Struct, kw_only=True):
    """The first events that a rule found."""

    hits: tuple[Line, ...]


class Sighting(Struct, kw_only=True):
    """The id of the sighting."""

    id: str


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Hunts))
    told: dict[str, Any] = {"group": "Hunts", "roles": roles_with(Permission.WRITE)}
    return [*_of_rules(desk, told), *_of_hunts(desk, told), *_of_one(desk, told)]


def _of_rules(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    one = "/hunts/rules/{digest}"
    return [
        api(
            "GET",
            "/hunts/rules",
            desk.rules,
            takes=Sought,
            gives=RuleList,
            does=("GET /hunts/rules",),
            summary="Sigma rules that records are asked with.",
            **told,
        ),
        api(
            "POST",
            "/hunts/rules",
            desk.keep,
            takes=Named,
            brings=("application/octet-stream",),
            gives=Told,
            status=201,
            cap=ARCHIVE,
            seconds=120.0,
            fails={"bad-rule": 400, "too-large": 413},
            does=("POST /hunts/rules",),
            summary="Bring rules: a file, or an archive of files.",
            **told,
        ),
        api(
            "GET",
            one,
            desk.rule,
            media=("application/yaml",),
            fails={"unknown-rule": 404},
            does=("GET /hunts/rules/{digest}",),
            summary="A rule as it came.",
            **told,
        ),
        api(
            "PUT",
            f"{one}/use",
            desk.retire,
            takes=Retire,
            fails={"unknown-rule": 404},
            does=("POST /hunts/rules/{digest}",),
            summary="Ask a rule no more, or again.",
            **told,
        ),
    ]


def _of_hunts(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/hunts",
            desk.hunts,
            gives=HuntList,
            does=("GET /hunts",),
            summary="Records that were asked.",
            **told,
        ),
        api(
            "POST",
            "/hunts",
            desk.begin,
            takes=Named,
            brings=("application/octet-stream",),
            gives=HuntShown,
            status=201,
            cap=SENT,
            seconds=120.0,
            fails={"no-rules": 409, "no-file": 400, "too-large": 413},
            does=("POST /hunts",),
            summary="Ask a record: lines of JSON, or Parquet. It is asked in its turn.",
            **told,
        ),
    ]


def _of_one(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    unknown = {"unknown-hunt": 404}
    found = "/hunts/{hunt}/rules/{digest}"
    return [
        api(
            "GET",
            "/hunts/{hunt}",
            desk.one,
            gives=Outcomes,
            fails=unknown,
            does=("GET /hunts/{hunt}", "GET /hunts/{hunt}/now"),
            summary="What each rule came to.",
            **told,
        ),
        api(
            "GET",
            f"{found}/events",
            desk.lines,
            gives=Lines,
            fails=unknown,
            does=("GET /hunts/{hunt}/rules/{digest}",),
            summary="The first events that a rule found.",
            **told,
        ),
        api(
            "POST",
            f"{found}/sightings",
            desk.sight,
            takes=Marked,
            gives=Sighting,
            status=201,
            fails={**unknown, "unknown-rule": 404, "nothing-found": 409, "bad-tlp": 400, "no-identity": 409},
            does=("POST /hunts/{hunt}/rules/{digest}",),
            summary="Keep what a rule found as a sighting of an indicator that carries the rule.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, hunts: Hunts) -> None:
        self._hunts = hunts

    def rules(self, request: Request, asked: Sought) -> RuleList:
        found, after = self._hunts.list_rules(request.reader, text=asked.text, after=asked.after)
        return RuleList(rules=tuple(map(_rule, found)), after=after)

    def keep(self, request: Request, asked: Named) -> Told:
        kept = self._hunts.keep_rules(request.reader, asked.name or "rules", request.content)
        return Told(new=kept.new, known=kept.known, unrunnable=kept.unrunnable, refused=kept.refused)

    def rule(self, request: Request) -> Response:
        found = self._hunts.get_rule(request.reader, request.path_params["digest"])
        return Response(found.text, media_type="application/yaml")

    def retire(self, request: Request, asked: Retire) -> None:
        self._hunts.retire_rule(request.reader, request.path_params["digest"], asked.retired)

    def hunts(self, request: Request) -> HuntList:
        return HuntList(hunts=tuple(map(_hunt, self._hunts.list_hunts(request.reader))))

    def begin(self, request: Request, asked: Named) -> HuntShown:
        return _hunt(self._hunts.begin(request.reader, asked.name, io.BytesIO(request.content)))

    def one(self, request: Request) -> Outcomes:
        who, hunt = request.reader, self._hunts.get(request.reader, request.path_params["hunt"])
        missed = self._hunts.outcomes(who, hunt.id, found=False)
        return Outcomes(
            hunt=_hunt(hunt),
            found=tuple(map(_outcome, self._hunts.outcomes(who, hunt.id))),
            unrunnable=tuple(_outcome(each) for each in missed if each.problem),
            blind=tuple(_outcome(each) for each in missed if not each.problem),
        )

    def lines(self, request: Request) -> Lines:
        found = self._hunts.hits(request.reader, request.path_params["hunt"], request.path_params["digest"])
        return Lines(hits=tuple(Line(line=each.line, text=each.text) for each in found))

    def sight(self, request: Request, asked: Marked) -> Sighting:
        try:
            level = parse_tlp(asked.tlp)
        except ValueError as error:
            raise Damaged("That is no marking.", str(error), "Choose one.", code="bad-tlp") from None
        hunt, digest = request.path_params["hunt"], request.path_params["digest"]
        made = self._hunts.sight(request.reader, hunt, digest, tlp=level, by=request.reader.name)
        return Sighting(id=made)


def _rule(rule: Rule) -> RuleShown:
    return RuleShown(
        digest=rule.digest,
        id=rule.id,
        title=rule.title,
        level=rule.level,
        product=rule.product,
        problem=rule.problem,
        retired=rule.retired,
        added=time_of(rule.added_at),
    )


def _hunt(hunt: Hunt) -> HuntShown:
    return HuntShown(
        id=hunt.id,
        name=hunt.name,
        state=str(hunt.state),
        begun=time_of(hunt.at),
        ended=time_of(hunt.ended_at) if hunt.ended_at else "",
        by=hunt.by,
        events=hunt.events,
        unread=hunt.unread,
        rules=hunt.rules,
        hits=hunt.hits,
        problem=hunt.problem,
    )


def _outcome(outcome: Outcome) -> OutcomeShown:
    return OutcomeShown(
        digest=outcome.digest,
        id=outcome.id,
        title=outcome.title,
        level=outcome.level,
        hits=outcome.hits,
        unseen=outcome.unseen,
        problem=outcome.problem,
    )
