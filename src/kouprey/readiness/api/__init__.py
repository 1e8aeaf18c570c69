"""The REST interface of readiness: how it stands, what is proven, who says so, and what helps next."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import msgspec

from kouprey.kernel.web.api import api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.readiness import model
from kouprey.readiness.api import shapes
from kouprey.readiness.service import Readiness
from kouprey.readiness.wire.paper import draw


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Readiness", "roles": roles_with(Permission.READ)}
    return [*_looking(desk, told), *_saying(desk, told)]


def _looking(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    unknown = {"unknown-framework": 404}
    return [
        api(
            "GET",
            "/readiness",
            desk.overview,
            gives=shapes.Overview,
            does=("GET /readiness",),
            summary="How the country stands in each framework, and what this node can prove.",
            **told,
        ),
        api(
            "GET",
            "/readiness/paper",
            desk.paper,
            takes=shapes.OnPaper,
            gives=shapes.Sheet,
            does=("GET /readiness/readiness.pdf",),
            summary="The same as a PDF.",
            **told,
        ),
        api(
            "GET",
            "/readiness/frameworks/{framework}",
            desk.indicators,
            gives=shapes.Indicators,
            fails=unknown,
            does=("GET /readiness/{framework}", "GET /readiness/{framework}/{indicator}"),
            summary="The indicators of a framework, each with its answer.",
            **told,
        ),
        api(
            "GET",
            "/readiness/frameworks/{framework}/plan",
            desk.plan,
            takes=shapes.Wish,
            gives=shapes.PlanShown,
            fails={**unknown, "no-target": 409, "too-many": 409},
            does=("GET /readiness/{framework}/plan",),
            summary="The cheapest measures that reach the next tier, or a target.",
            **told,
        ),
        api(
            "GET",
            "/readiness/statements",
            desk.statements,
            gives=shapes.Statements,
            summary="Evidence statements that everybody can read.",
            **told,
        ),
    ]


def _saying(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    one = "/readiness/frameworks/{framework}/indicators/{indicator}"
    fails = {"unknown-framework": 404, "unknown-indicator": 404, "role-missing": 403, "too-long": 400}
    return [
        api(
            "PUT",
            "/readiness/country",
            desk.choose,
            takes=shapes.Country,
            fails={"bad-country": 400, "role-missing": 403},
            does=("POST /readiness/country",),
            summary="Say which country this node reports for.",
            **told,
        ),
        api(
            "PUT",
            one,
            desk.claim,
            takes=shapes.Claim,
            gives=shapes.AnswerShown,
            fails={**fails, "bad-value": 400, "no-evidence": 400},
            does=("POST /readiness/{framework}/{indicator}",),
            summary="Claim an indicator with what shows it, or take an answer back.",
            **told,
        ),
        api(
            "POST",
            f"{one}/confirmed",
            desk.confirm,
            takes=shapes.Confirm,
            gives=shapes.AnswerShown,
            status=201,
            fails={**fails, "not-proven": 409},
            does=("POST /readiness/{framework}/{indicator}",),
            summary="Confirm what the node can prove.",
            **told,
        ),
        api(
            "POST",
            f"{one}/statements",
            desk.publish,
            gives=shapes.StatementShown,
            status=201,
            fails={**fails, "not-confirmed": 409},
            does=("POST /readiness/{framework}/{indicator}/public",),
            summary="Show everybody what was confirmed, as a signed count.",
            **told,
        ),
        api(
            "DELETE",
            "/readiness/statements/{statement}",
            desk.withdraw,
            fails={"unknown-statement": 404, "withdrawn": 409, "role-missing": 403},
            does=("POST /readiness/statements/{statement}/withdraw",),
            summary="Withdraw a statement; it stays, and says so.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._readiness = services.get(Readiness)
        self._people = services.get(People)

    def overview(self, request: Request) -> shapes.Overview:
        who = _who(request)
        return shapes.Overview(
            country=self._readiness.country(),
            frameworks=tuple(map(shapes.framework_shown, self._readiness.stands(who))),
            proposals=tuple(
                shapes.ProposalShown(
                    framework=each.framework,
                    indicator=each.indicator,
                    title=each.title,
                    query=each.query,
                    count=each.proof.count or None,
                    days=each.days,
                )
                for each in self._readiness.proposals(who)
            ),
        )

    def paper(self, request: Request, asked: shapes.OnPaper) -> shapes.Sheet:
        names = {party.id: party.name for party in self._people.list_parties()}
        country = self._readiness.countries().get(self._readiness.country(), "")
        home = names.get(self._people.home_id, self._people.home_id)
        stands = self._readiness.stands(_who(request))
        drawn = draw(stands, country, language=asked.language, home=home, at=self._readiness.now())
        return shapes.Sheet(pdf=b64encode(drawn).decode())

    def indicators(self, request: Request) -> shapes.Indicators:
        framework = self._readiness.get_framework(request.path_params["framework"])
        answers = {each.indicator: each for each in self._readiness.answers(framework.id) if each.value}
        return shapes.Indicators(
            framework=framework.id,
            indicators=tuple(
                shapes.IndicatorShown(
                    id=each.id,
                    group=each.group,
                    title=each.title,
                    max=each.most,
                    answer=shapes.answer_shown(answers[each.id]) if each.id in answers else None,
                )
                for each in framework.indicators
            ),
        )

    def plan(self, request: Request, asked: shapes.Wish) -> shapes.PlanShown:
        found = self._readiness.plan(
            request.path_params["framework"],
            target=asked.target,
            objective=model.Objective(asked.objective),
            without=tuple(filter(None, asked.without.split(","))),
        )
        return shapes.PlanShown(
            possible=found.possible,
            target=found.target,
            reached=found.reached,
            cost=found.cost,
            measures=tuple(
                shapes.MeasureShown(
                    id=each.id,
                    title=each.title,
                    gives=each.gives,
                    effort_days=each.effort_days,
                    cost_usd=each.cost_usd,
                    lead_days=each.lead_days,
                    also=each.also,
                )
                for each in found.steps
            ),
            weightings=found.range,
        )

    def statements(self, request: Request) -> shapes.Statements:
        return shapes.Statements(statements=tuple(map(shapes.statement_shown, self._readiness.list_statements())))

    def choose(self, request: Request, asked: shapes.Country) -> None:
        self._readiness.choose_country(_who(request), asked.country)

    def claim(self, request: Request, asked: shapes.Claim) -> shapes.AnswerShown:
        made = self._readiness.claim(
            _who(request), *_place(request), asked.value, evidence=asked.evidence, note=asked.note
        )
        return shapes.answer_shown(made)

    def confirm(self, request: Request, asked: shapes.Confirm) -> shapes.AnswerShown:
        return shapes.answer_shown(self._readiness.confirm(_who(request), *_place(request), note=asked.note))

    def publish(self, request: Request) -> shapes.StatementShown:
        return shapes.statement_shown(self._readiness.publish(_who(request), *_place(request)))

    def withdraw(self, request: Request) -> None:
        self._readiness.withdraw(_who(request), request.path_params["statement"])


def _who(request: Request) -> Reader:
    assert request.identity is not None
    return msgspec.structs.replace(request.reader, roles=request.identity.roles)


def _place(request: Request) -> tuple[str, str]:
    return request.path_params["framework"], request.path_params["indicator"]
