"""Endpoints about retention: rules that erase by age, proposed, looked at, and confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.exchange.model.retention import Age, Rule
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with

Days = Annotated[int, Meta(ge=0)]


class NewRule(Asked, frozen=True, kw_only=True):
    """A rule to be proposed: about a saved `search`, a `collection`, or what came under an `agreement`.

    `age` is what the days count from; with 0 `days` those of the agreement hold.
    """

    name: str
    because: str
    days: Days = 0
    age: Age = "received"
    search: str = ""
    collection: str = ""
    type: tuple[str, ...] = ()
    agreement: str = ""


class ChangedRule(Asked, frozen=True, kw_only=True):
    """Other days and their reason."""

    days: Days
    because: str


class Told(Struct, kw_only=True):
    """A rule as it stands."""

    id: str
    name: str
    what: str
    age: str
    days: int
    because: str
    agreement: str
    state: str
    made_by: str
    made_at: Time


class Rules(Struct, kw_only=True):
    """All rules; `uncovered` are agreements whose term no rule keeps."""

    rules: tuple[Told, ...]
    uncovered: tuple[str, ...]


class Foreseen(Struct, kw_only=True):
    """How many objects would go now, by type, how many of them a hold keeps, and some of their ids."""

    count: int
    more: bool
    held: int
    by_type: dict[str, int]
    samples: tuple[str, ...]


class Done(Struct, kw_only=True):
    """One walk of a rule; `failed` could not be erased, and `trouble` says why."""

    began_at: Time
    ended_at: Time
    erased: int
    held: int
    failed: int
    trouble: str


class Looked(Struct, kw_only=True):
    """A rule, what it would erase if it ran now, and what it did."""

    rule: Told
    preview: Foreseen
    runs: tuple[Done, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Retention", "roles": roles_with(Permission.ERASE)}
    cleared, one, page = {"not-cleared": 403}, "/retention/{rule}", "/retention"
    known = {**cleared, "unknown-rule": 404}
    acts: dict[str, tuple[Callable[[Request], Told], str]] = {
        "confirm": (desk.confirm, "Let a rule erase, from now on."),
        "pause": (desk.pause, "Let nothing go by a rule until it is resumed."),
        "resume": (desk.resume, "Go on with a rule that was paused."),
    }
    return [
        api(
            "GET",
            "/retention",
            desk.list,
            gives=Rules,
            fails=cleared,
            does=(f"GET {page}",),
            summary="The rules by which things are erased when they are old.",
            **told,
        ),
        api(
            "POST",
            "/retention",
            desk.propose,
            takes=NewRule,
            gives=Told,
            status=201,
            fails={**cleared, "name-taken": 409},
            does=(f"POST {page}",),
            summary="Propose a rule; nothing goes before it is confirmed.",
            **told,
        ),
        api(
            "GET",
            one,
            desk.show,
            gives=Looked,
            fails=known,
            does=(f"GET {page}/{{rule}}",),
            summary="A rule with what it would erase if it ran now.",
            **told,
        ),
        *(
            api(
                "POST",
                f"{one}/{verb}",
                act,
                gives=Told,
                repeatable=True,
                fails=known,
                does=(f"POST {page}/{{rule}}/{verb}",),
                summary=summary,
                **told,
            )
            for verb, (act, summary) in acts.items()
        ),
        *_changing(desk, known, told),
    ]


def _changing(desk: _Desk, known: dict[str, int], told: dict[str, Any]) -> list[Door]:
    one = "/retention/{rule}"
    return [
        api(
            "PATCH",
            one,
            desk.change,
            takes=ChangedRule,
            gives=Told,
            repeatable=True,
            fails=known,
            does=(f"POST {one}/change",),
            summary="Give a rule other days; it is a proposal again.",
            **told,
        ),
        api(
            "DELETE",
            one,
            desk.remove,
            fails=known,
            does=(f"POST {one}/remove",),
            summary="End a rule; what it erased stays erased.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def list(self, request: Request) -> Rules:
        who = request.reader
        return Rules(
            rules=tuple(map(_told, self._exchange.list_rules(who))),
            uncovered=tuple(each.agreement for each in self._exchange.list_duties(who) if not each.rule),
        )

    def propose(self, request: Request, asked: NewRule) -> Told:
        who = request.reader
        made = self._exchange.add_rule(
            asked.name,
            days=asked.days,
            because=asked.because,
            who=who,
            by=who.name,
            age=asked.age,
            saved=asked.search,
            collection=asked.collection,
            types=asked.type,
            agreement=asked.agreement,
        )
        return _told(made)

    def show(self, request: Request) -> Looked:
        who = request.reader
        rule = self._exchange.get_rule(who, request.path_params["rule"])
        seen = self._exchange.preview_rule(who, rule.id)
        return Looked(
            rule=_told(rule),
            preview=Foreseen(
                count=seen.count,
                more=seen.more,
                held=seen.held,
                by_type=seen.by_type,
                samples=tuple(each.stix_id for each in seen.samples),
            ),
            runs=tuple(
                Done(
                    began_at=time_of(each.began_at),
                    ended_at=time_of(each.ended_at),
                    erased=each.erased,
                    held=each.held,
                    failed=each.failed,
                    trouble=each.trouble,
                )
                for each in self._exchange.list_runs(who, rule.id)
            ),
        )

    def confirm(self, request: Request) -> Told:
        who = request.reader
        return _told(self._exchange.confirm_rule(who, request.path_params["rule"], by=who.name))

    def pause(self, request: Request) -> Told:
        who = request.reader
        return _told(self._exchange.pause_rule(who, request.path_params["rule"], by=who.name))

    def resume(self, request: Request) -> Told:
        who = request.reader
        return _told(self._exchange.resume_rule(who, request.path_params["rule"], by=who.name))

    def change(self, request: Request, asked: ChangedRule) -> Told:
        who, rule = request.reader, request.path_params["rule"]
        return _told(self._exchange.change_rule(who, rule, days=asked.days, because=asked.because, by=who.name))

    def remove(self, request: Request) -> None:
        self._exchange.remove_rule(request.reader, request.path_params["rule"], by=request.reader.name)


def _told(rule: Rule) -> Told:
    return Told(
        id=rule.id,
        name=rule.name,
        what=rule.what,
        age=rule.age,
        days=rule.days,
        because=rule.because,
        agreement=rule.agreement,
        state=rule.state,
        made_by=rule.made_by,
        made_at=time_of(rule.made_at),
    )
