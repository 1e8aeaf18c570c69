"""Endpoints about strategies: how incidents of a kind are answered."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct
from starlette.responses import StreamingResponse

from kouprey.kernel.web.api import JSON, Asked, Time, api, time_of
from kouprey.kernel.web.attachments import BYTES, attachment
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.response.service import Strategies
from kouprey.response.service.strategies import Strategy
from kouprey.response.wire.cacao import LARGEST

Text = Annotated[str, Meta(max_length=20_000)]
ONE = "/strategies/{strategy}"


class Older(Asked, frozen=True, kw_only=True):
    """`before` is that of the answer before, 0 for the newest."""

    before: int = 0


class NewStrategy(Asked, frozen=True, kw_only=True):
    """A strategy for people: one step after the other."""

    name: Annotated[str, Meta(max_length=200)]
    steps: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=200)]
    description: Text = ""
    tlp: str = "green"


class HandedIn(Asked, frozen=True, kw_only=True):
    """How the playbook that is handed in is marked."""

    tlp: str = "green"


class Brief(Struct, kw_only=True):
    """A strategy in a list."""

    id: str
    title: str
    changed: Time
    tlp: str
    sources: tuple[str, ...]


class StrategyList(Struct, kw_only=True):
    """Strategies that you may see, the newest first; `before` goes on, 0 at the end."""

    strategies: tuple[Brief, ...]
    before: int


class Step(Struct, kw_only=True):
    """A task that a step comes to; `after` are places (from 0) of those before it, `not_run` what no node runs."""

    step: str
    title: str
    text: str
    run: str
    after: tuple[int, ...]
    when: tuple[str, ...]
    not_run: tuple[str, ...]


class StrategyShown(Struct, kw_only=True):
    """A strategy with its tasks; `unread` says why its playbook cannot be read."""

    id: str
    title: str
    description: str
    tasks: tuple[Step, ...]
    unread: str
    signees: tuple[str, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Strategies))
    reads: dict[str, Any] = {"group": "Cases", "roles": roles_with(Permission.READ)}
    writes: dict[str, Any] = {"group": "Cases", "roles": roles_with(Permission.WRITE)}
    gone = {"unknown": 404, "no-strategy": 404}
    wrong = {"no-name": 400, "no-steps": 400, "too-long": 400, "no-identity": 409, "held-already": 409}
    return [
        api(
            "GET",
            "/strategies",
            desk.list,
            takes=Older,
            gives=StrategyList,
            does=("GET /strategies",),
            summary="Strategies that you may see.",
            **reads,
        ),
        api(
            "POST",
            "/strategies",
            desk.write,
            takes=NewStrategy,
            gives=StrategyShown,
            status=201,
            fails=wrong,
            does=("GET /strategies/new", "POST /strategies"),
            summary="Write a strategy down, in our name.",
            **writes,
        ),
        api(
            "POST",
            "/strategies/playbooks",
            desk.keep,
            takes=HandedIn,
            brings=(JSON,),
            gives=StrategyShown,
            status=201,
            fails={**wrong, "too-large": 413, "too-deep": 400},
            cap=LARGEST,
            summary="Keep a CACAO 2.0 playbook as a strategy, in our name.",
            **writes,
        ),
        api("GET", ONE, desk.one, gives=StrategyShown, fails=gone, does=(f"GET {ONE}",), summary="One.", **reads),
        api(
            "GET",
            f"{ONE}/playbook",
            desk.file,
            media=(BYTES,),
            fails={**gone, "no-playbook": 404},
            does=(f"GET {ONE}/playbook.json",),
            summary="The playbook that a strategy carries, byte for byte.",
            **reads,
        ),
    ]


class _Desk:
    def __init__(self, strategies: Strategies) -> None:
        self._strategies = strategies

    def list(self, request: Request, asked: Older) -> StrategyList:
        heads, more = self._strategies.list(request.reader, before=asked.before or None)
        return StrategyList(
            strategies=tuple(
                Brief(
                    id=head.stix_id,
                    title=head.title,
                    changed=time_of(head.instant) if head.instant else "",
                    tlp=head.tlp.word,
                    sources=tuple(head.sources),
                )
                for head in heads
            ),
            before=heads[-1].position if more and heads else 0,
        )

    def write(self, request: Request, asked: NewStrategy) -> StrategyShown:
        who = request.reader
        made = self._strategies.write(
            who,
            name=asked.name,
            description=asked.description,
            steps=asked.steps,
            tlp=_level(asked.tlp),
            by=who.name,
        )
        return _shown(self._strategies.get(who, made))

    def keep(self, request: Request, asked: HandedIn) -> StrategyShown:
        who = request.reader
        made = self._strategies.keep(who, request.content, tlp=_level(asked.tlp), by=who.name)
        return _shown(self._strategies.get(who, made))

    def one(self, request: Request) -> StrategyShown:
        return _shown(self._strategies.get(request.reader, request.path_params["strategy"]))

    def file(self, request: Request) -> StreamingResponse:
        found = self._strategies.get(request.reader, request.path_params["strategy"])
        if not found.raw:
            raise Unknown("This strategy carries no playbook.", "It is told in words alone.", code="no-playbook")
        return attachment("playbook.json", len(found.raw), iter([found.raw]))


def _level(word: str) -> Any:
    try:
        return parse_tlp(word)
    except ValueError as error:
        remedy = "Use clear, green, amber, amber+strict or red."
        raise Damaged("That is no marking.", str(error), remedy, code="bad-tlp") from error


def _shown(found: Strategy) -> StrategyShown:
    return StrategyShown(
        id=found.view.stix_id,
        title=found.view.title,
        description=found.description,
        tasks=tuple(
            Step(
                step=each.step,
                title=each.title,
                text=each.text,
                run=each.run,
                after=each.after,
                when=each.when,
                not_run=each.not_run,
            )
            for each in found.tasks
        ),
        unread=found.unread,
        signees=found.playbook.signees if found.playbook is not None else (),
    )
