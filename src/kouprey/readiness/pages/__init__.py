"""Pages of readiness: where the country stands, what is proven of it, and what helps next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.readiness.model import Aggregate, Framework, Indicator, Objective, Stand, Standing, State
from kouprey.readiness.pages import words
from kouprey.readiness.rules.evaluating import evaluate_figure
from kouprey.readiness.rules.proposing import estimated
from kouprey.readiness.service import LONGEST, Readiness
from kouprey.readiness.wire.paper import draw

PATH = "/readiness"
ONE = f"{PATH}/{{framework}}"
PUBLIC = "/evidence/{statement}"
_WIDE, _HIGH = 560, 120


def routes(services: Services) -> list[Door]:
    """The doors of readiness for persons; evidence statements are for everybody."""
    desk = _Desk(services)
    reads = roles_with(Permission.READ)
    return [
        page(PATH, desk.show, roles=reads),
        page(f"{PATH}/country", desk.choose, "POST", roles=reads),
        page(f"{PATH}/readiness.pdf", desk.paper, roles=reads),
        page(ONE, desk.one, roles=reads),
        page(f"{ONE}/plan", desk.plan, roles=reads),
        page(f"{ONE}/{{indicator}}", desk.indicator, roles=reads),
        page(f"{ONE}/{{indicator}}", desk.answer, "POST", roles=reads),
        page(f"{ONE}/{{indicator}}/public", desk.publish, "POST", roles=reads),
        page(f"{PATH}/statements/{{statement}}/withdraw", desk.withdraw, "POST", roles=reads),
        page(PUBLIC, desk.statement, open=True),
        page(f"{PUBLIC}/note", desk.note, open=True),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._readiness = services.get(Readiness)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        who, country = _who(request), self._readiness.country()
        return request.render(
            "readiness/overview.html",
            stands=[_stand(each, country) for each in self._readiness.stands(who)],
            countries=self._readiness.countries(),
            country=country,
            proposals=[_proposal(each) for each in self._readiness.proposals(who)],
            titles={each.id: each.title for each in self._readiness.frameworks().values()},
            numbered=words.number_of,
            may_confirm=self._readiness.may_confirm(who),
            statements=self._readiness.list_statements()[-10:][::-1],
            queries=words.QUERIES,
        )

    def choose(self, request: Request) -> Response:
        before = self._readiness.country()
        self._readiness.choose_country(_who(request), request.field("country"))
        if before == self._readiness.country():
            return request.redirect(PATH)
        return request.redirect(PATH, mark("This node reports for another country now."), "good")

    def paper(self, request: Request) -> Response:
        who, country = _who(request), self._readiness.country()
        language = request.query_params.get("paper", request.language)
        stands = self._readiness.stands(who)
        names = {party.id: party.name for party in self._people.list_parties()}
        drawn = draw(
            stands,
            self._readiness.countries().get(country, ""),
            language=language,
            home=names.get(self._people.home_id, self._people.home_id),
            at=self._readiness.now(),
        )
        headers = {"Content-Disposition": f'attachment; filename="readiness-{language}.pdf"'}
        return Response(drawn, media_type="application/pdf", headers=headers)

    def one(self, request: Request) -> Response:
        who = _who(request)
        framework = self._readiness.get_framework(request.path_params["framework"])
        stand = next(each for each in self._readiness.stands(who) if each.framework.id == framework.id)
        answers = {each.indicator: each for each in self._readiness.answers(framework.id)}
        waiting = {each.indicator: each for each in self._readiness.proposals(who) if each.framework == framework.id}
        published = {each[0]: each[1] for each in stand.owner.groups} if stand.owner is not None else {}
        groups = [
            {
                "group": group,
                "owner": published.get(group.id),
                "standing": next((each for each in stand.ours.groups if each[0] == group.id), (group.id, 0.0, 0.0)),
                "rows": [
                    _row(framework, each, answers.get(each.id), waiting.get(each.id))
                    for each in framework.indicators
                    if each.group == group.id
                ],
            }
            for group in framework.groups
        ]
        return request.render(
            "readiness/framework.html",
            framework=framework,
            stand=_stand(stand, self._readiness.country()),
            countries=self._readiness.countries(),
            country=self._readiness.country(),
            groups=groups,
            course=_course(self._readiness.course(framework.id), framework.most),
            size=(_WIDE, _HIGH),
            may_confirm=self._readiness.may_confirm(who),
            queries=words.QUERIES,
        )

    def indicator(self, request: Request) -> Response:
        framework = self._readiness.get_framework(request.path_params["framework"])
        found = self._readiness.get_indicator(framework.id, request.path_params["indicator"])
        answers = self._readiness.answers(framework.id)
        answer = next((each for each in answers if each.indicator == found.id and each.value), None)
        return request.render(
            "readiness/indicator.html",
            framework=framework,
            indicator=found,
            answer=answer,
            state=words.STATES[answer.state] if answer is not None else None,
            number=words.number_of(found.id),
            yes_no=_is_yes_no(framework),
            options=_options(framework, found, answered=answer is not None),
            may_confirm=self._readiness.may_confirm(_who(request)),
        )

    def answer(self, request: Request) -> Response:
        who, framework, indicator = _who(request), request.path_params["framework"], request.path_params["indicator"]
        back = f"{PATH}/{framework}#i-{indicator}"
        note = request.field("note", longest=LONGEST)
        if request.field("do") == "confirm":
            self._readiness.confirm(who, framework, indicator, note=note)
            return request.redirect(back, mark("Confirmed, with your name."), "good")
        try:
            value = float(request.field("value") or "0")
        except ValueError:
            raise Damaged(
                mark("That is no number."), remedy=mark("Choose a value of the list."), code="bad-value"
            ) from None
        self._readiness.claim(
            who, framework, indicator, value, evidence=request.field("evidence", longest=LONGEST), note=note
        )
        return request.redirect(
            back, mark("Kept, with your name.") if value else mark("The answer is taken back."), "good"
        )

    def publish(self, request: Request) -> Response:
        made = self._readiness.publish(
            _who(request), request.path_params["framework"], request.path_params["indicator"]
        )
        return request.redirect(f"/evidence/{made.id}", mark("Everybody can read this page now."), "good")

    def withdraw(self, request: Request) -> Response:
        statement = request.path_params["statement"]
        self._readiness.withdraw(_who(request), statement)
        return request.redirect(f"/evidence/{statement}", mark("It says that it is withdrawn now."), "good")

    def statement(self, request: Request) -> Response:
        found, note = self._readiness.get_statement(request.path_params["statement"])
        names = {party.id: party.name for party in self._people.list_parties()}
        who = _who(request) if request.identity is not None and request.reader.local else None
        return request.render(
            "readiness/statement.html",
            found=found,
            framework=self._readiness.frameworks().get(found.framework),
            note=note,
            name=names.get(found.party, found.party),
            queries=words.QUERIES,
            may_withdraw=who is not None and self._readiness.may_confirm(who) and not found.withdrawn_at,
        )

    def note(self, request: Request) -> Response:
        found, note = self._readiness.get_statement(request.path_params["statement"])
        headers = {"Content-Disposition": f'attachment; filename="{found.id}.note"'}
        return Response(note.encode(), media_type="text/plain; charset=utf-8", headers=headers)

    def plan(self, request: Request) -> Response:
        framework = self._readiness.get_framework(request.path_params["framework"])
        query = request.query_params
        without = tuple(each for each in query.getlist("without") if each)
        found, problem = None, None
        try:
            objective = Objective(query.get("for", "effort"))
            target = float(query.get("target") or 0)
        except ValueError:
            raise Damaged(
                mark("That cannot be planned for."), remedy=mark("Choose from the lists."), code="bad-field"
            ) from None
        try:
            found = self._readiness.plan(framework.id, target=target, objective=objective, without=without)
        except KoupreyError as error:
            problem = error
        measures = {each.id: each for each in framework.measures}
        stand = next(each for each in self._readiness.stands(_who(request)) if each.framework.id == framework.id)
        frameworks = self._readiness.frameworks()
        return request.render(
            "readiness/plan.html",
            framework=framework,
            found=found,
            now=(stand.owner or stand.ours).value,
            also=lambda step: [_elsewhere(frameworks, each) for each in step.also],
            problem=problem,
            tier=self._readiness.threshold(framework.id, found.reached)
            if found is not None and found.possible
            else None,
            target=target,
            objective=objective,
            objectives=[(str(each), _(text)) for each, text in words.OBJECTIVES.items()],
            tiers=[(f"{each.at:g}", _(each.title)) for each in framework.thresholds if each.at],
            link=lambda back, out: _link(request, back, out),
            unit=words.UNITS[objective],
            without=[measures[each] for each in without if each in measures],
            estimated=estimated(framework),
        )


def _who(request: Request) -> Reader:
    assert request.identity is not None
    return msgspec.structs.replace(request.reader, roles=request.identity.roles)


def _stand(stand: Stand, country: str) -> dict[str, Any]:
    shown = stand.owner or stand.ours
    figures = [each for each in stand.framework.figures if each.country != country]
    totals = sorted(each.total for each in stand.framework.figures)
    return {
        "framework": stand.framework,
        "stand": stand,
        "shown": shown,
        "bars": _bars(stand.framework, shown),
        "gap": _gap(shown),
        "peers": [(each.name, each.total, evaluate_figure(stand.framework, each).tier) for each in figures],
        "quartiles": [totals[len(totals) * part // 4] for part in (1, 2, 3)] if totals else [],
        "estimated": estimated(stand.framework),
    }


def _bars(framework: Framework, standing: Standing) -> list[tuple[str, float, float]]:
    titles = {each.id: each.title for each in framework.groups}
    return [(titles[group], reached, most) for group, reached, most in standing.groups]


def _gap(standing: Standing) -> str:
    if standing.next is None:
        return ""
    return _("%(n)s more for the next step, “%(tier)s”") % {
        "n": f"{standing.gap:.2f}".rstrip("0").rstrip("."),
        "tier": _(standing.next.title),
    }


def _proposal(proposal: Any) -> dict[str, Any]:
    what = words.QUERIES.get(proposal.query, proposal.query)
    return {"each": proposal, "what": what, "number": words.number_of(proposal.indicator)}


def _elsewhere(frameworks: Mapping[str, Framework], given: str) -> str:
    """An indicator of another framework (`framework:indicator`) as that calls it."""
    name, _colon, indicator = given.partition(":")
    framework = frameworks.get(name)
    if framework is None:
        return given
    title = next((each.title for each in framework.indicators if each.id == indicator), indicator)
    return f"{framework.title}, {words.number_of(indicator)} {title}".replace(",  ", ", ")


def _row(framework: Framework, indicator: Indicator, answer: Any, waiting: Any) -> dict[str, Any]:
    state = None
    if answer is not None and answer.value:
        state = words.STATES[answer.state]
    elif waiting is not None:
        state = words.STATES[State.PROPOSED]
    return {
        "indicator": indicator,
        "number": words.number_of(indicator.id),
        "answer": answer if answer is not None and answer.value else None,
        "waiting": waiting,
        "state": state,
    }


def _is_yes_no(framework: Framework) -> bool:
    return framework.aggregate not in (Aggregate.PROFILE, Aggregate.STAGES)


def _options(framework: Framework, indicator: Indicator, *, answered: bool) -> list[tuple[str, str]]:
    """What can be said; where nothing was said yet nothing is chosen ahead, for nobody shall claim by a slip."""
    first = [] if answered else [("", _("Choose"))]
    if not _is_yes_no(framework):
        return first + [(str(each), str(each)) for each in range(int(indicator.most) + 1)]
    return [*first, (f"{indicator.most:g}", _("yes")), ("0", _("no"))]


def _link(request: Request, back: str, out: str) -> str:
    """The same plan with one measure taken in again, or left out."""
    query = [(key, value) for key, value in request.query_params.multi_items() if (key, value) != ("without", back)]
    return f"{request.url.path}?{urlencode([*query, *([('without', out)] if out else [])])}"


def _course(points: list[tuple[int, float]], most: float) -> str:
    """The points of a polyline over time, or "" for fewer than two."""
    if len(points) < 2 or not most:
        return ""
    first, last = points[0][0], points[-1][0]
    span = max(last - first, 1)
    placed = [((at - first) / span * _WIDE, _HIGH - value / most * _HIGH) for at, value in points]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
