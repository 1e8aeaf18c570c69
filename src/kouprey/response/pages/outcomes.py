"""The form by which the author of a strategy is told how it went: first what would leave, then it leaves."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, joined, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model.outcomes import OutcomeTold, Verdict
from kouprey.response.pages import cases as lists
from kouprey.response.pages.naming import Names, plain
from kouprey.response.pages.words import VERDICTS
from kouprey.response.service import Outcomes, Strategies

PATH = "/strategies/{strategy}/outcome"


def doors(services: Services) -> list[Door]:
    """The form and what it sends; for whoever writes intelligence, since it goes to partners."""
    desk = _Desk(services)
    writes = roles_with(Permission.WRITE)
    return [page(PATH, desk.form, roles=writes), page(PATH, desk.tell, "POST", roles=writes)]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._outcomes = services.get(Outcomes)
        self._strategies = services.get(Strategies)
        self._people = services.get(People)

    def form(self, request: Request) -> Response:
        case = request.query_params.get("case", "")[:20]
        return self._form(request, {"verdict": "", "words": "", "case": case, "counted": "yes"})

    def tell(self, request: Request) -> Response:
        given = {name: request.field(name, longest=20_000) for name in ("verdict", "words", "case", "counted")}
        who, strategy = lists.who_of(request), request.path_params["strategy"]
        said: dict[str, Any] = {"words": given["words"], "case": given["case"], "counted": bool(given["counted"])}
        try:
            if request.field("go", longest=8) != "tell":
                letter = self._outcomes.draft(who, strategy, given["verdict"], **said)
                return self._form(request, given, letter=letter)
            made = self._outcomes.tell(who, strategy, given["verdict"], **said, by=who.name)
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return self._form(request, given, error=lists.said(error), status=error.http_status)
        told = sum(bool(each.queued) for each in made.reports)
        waits = any(each.waiting for each in made.reports)
        notice = (
            ngettext("Told under %(n)s agreement.", "Told under %(n)s agreements.", told) % {"n": told}
            if told
            else _("It is kept, and the partners are told when it is released.")
            if waits
            else _("It is kept here; nobody else is told of it.")
        )
        return request.redirect(f"{lists.PATH}/{given['case']}" if given["case"] else f"/strategies/{strategy}", notice)

    def _form(
        self, request: Request, given: dict[str, str], *, letter: Any = None, error: str = "", status: int = 200
    ) -> Response:
        strategy = request.path_params["strategy"]
        found = self._strategies.get(request.reader, strategy)
        used = None
        if given["case"] and not error:
            used = self._outcomes.use(lists.who_of(request), strategy, given["case"])
        names = Names(self._people)
        return request.render(
            "response/outcome.html",
            status,
            title=plain(found.view.title),
            given=given,
            used=used,
            verdicts=[(str(each), _(VERDICTS[each][0])) for each in Verdict],
            letter=letter,
            parties=[names.party(each) for each in letter.parties] if letter else [],
            error=error,
            path=f"/strategies/{strategy}",
        )


def shown(told: OutcomeTold, names: Names, parties: Collection[str]) -> dict[str, Any]:
    """An outcome for the page of its strategy; `parties` are those that are known, any other source is one of ours."""
    text, tone = VERDICTS[told.outcome.verdict]
    return {
        "verdict": _(text),
        "tone": tone,
        "from": joined(dict.fromkeys(names.party(each) if each in parties else _("our own") for each in told.sources)),
        "outcome": told.outcome,
        "words": plain(told.outcome.words),
        "at": told.at,
        "path": f"/intelligence/{told.stix_id}",
    }
