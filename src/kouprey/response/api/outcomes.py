"""Endpoints about how strategies did where they were used."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.outcomes import OutcomeTold
from kouprey.response.service import HandOffs, Outcomes

Text = Annotated[str, Meta(max_length=20_000)]
ONE = "/strategies/{strategy}"


class NewOutcome(Asked, frozen=True, kw_only=True):
    """How it went: worked, partly or failed. `case` is the number of the case that used it, "" for none.

    With `counted` it is told how many steps were done there. Nothing else of the case is told.
    """

    verdict: str
    words: Text = ""
    case: str = ""
    counted: bool = True


class OutcomeSaid(Struct, kw_only=True):
    """An outcome was told: the opinion that carries it, its text, and the agreements under which it goes."""

    id: str
    text: str
    agreements: tuple[str, ...]


class OneOutcome(Struct, kw_only=True):
    """An outcome; of `steps` steps `done` were done, 0 of 0 where nobody said."""

    id: str
    verdict: str
    done: int
    steps: int
    words: str
    sources: tuple[str, ...]
    at: Time


class OutcomeList(Struct, kw_only=True):
    """Outcomes that you may see, the newest first; `more` when not everything said was looked at."""

    outcomes: tuple[OneOutcome, ...]
    more: bool


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Outcomes))
    reads: dict[str, Any] = {"group": "Cases", "roles": roles_with(Permission.READ)}
    writes: dict[str, Any] = {"group": "Cases", "roles": roles_with(Permission.WRITE)}
    gone = {"unknown": 404, "no-strategy": 404}
    return [
        api(
            "GET",
            f"{ONE}/outcomes",
            desk.outcomes,
            gives=OutcomeList,
            fails=gone,
            summary="How it did where it was used.",
            **reads,
        ),
        api(
            "POST",
            f"{ONE}/outcomes",
            desk.tell,
            takes=NewOutcome,
            gives=OutcomeSaid,
            status=201,
            fails={
                **gone,
                "unknown-case": 404,
                "not-taken-up": 409,
                "bad-verdict": 400,
                "too-long": 400,
                "no-identity": 409,
            },
            does=(f"GET {ONE}/outcome", f"POST {ONE}/outcome"),
            summary="Tell whom a strategy came from how it went.",
            **writes,
        ),
    ]


class _Desk:
    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes

    def outcomes(self, request: Request) -> OutcomeList:
        told, more = self._outcomes.list(request.reader, request.path_params["strategy"])
        return OutcomeList(outcomes=tuple(map(_outcome, told)), more=more)

    def tell(self, request: Request, asked: NewOutcome) -> OutcomeSaid:
        who = HandOffs.speaker(request.reader, request.who.roles)
        strategy = request.path_params["strategy"]
        given: dict[str, Any] = {"words": asked.words, "case": asked.case, "counted": asked.counted}
        letter = self._outcomes.draft(who, strategy, asked.verdict, **given)
        made = self._outcomes.tell(who, strategy, asked.verdict, **given, by=who.name)
        agreements = tuple(each.agreement for each in made.reports if each.queued or each.waiting)
        return OutcomeSaid(id=made.stix_id, text=letter.text, agreements=agreements)


def _outcome(told: OutcomeTold) -> OneOutcome:
    said = told.outcome
    return OneOutcome(
        id=told.stix_id,
        verdict=str(said.verdict),
        done=said.done,
        steps=said.steps,
        words=said.words,
        sources=told.sources,
        at=time_of(told.at),
    )
