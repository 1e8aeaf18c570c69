"""Drills: who is asked how fast they answer, what came of it, and the page of one, as of any hand-off."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, joined
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.response.pages import handoffs
from kouprey.response.rules.drills import measured
from kouprey.response.service import Drills

PATH = "/directory/drills"
LISTED = 100


def doors(services: Services) -> list[Door]:
    """The list, sending, and one."""
    desk = _Desk(services)
    roles = roles_with(Permission.READ)
    return [
        page(PATH, desk.list, roles=roles),
        page(PATH, desk.send, "POST", roles=roles),
        page(f"{PATH}/{{handoff}}", desk.one, roles=roles),
        page(f"{PATH}/{{handoff}}", desk.say, "POST", roles=roles),
    ]


class _Desk(handoffs.Desk):
    """The pages of hand-offs, seen by a reader of the exercise."""

    path = PATH
    exercise = True

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._drills = services.get(Drills)

    def _who(self, request: Request) -> Reader:
        return self._drills.exercising(super()._who(request))

    def list(self, request: Request) -> Response:
        return self._list(request)

    def _list(self, request: Request, error: str = "", status: int = 200, given: Any = ()) -> Response:
        who, names = super()._who(request), self._names()
        every, partners = self._drills.list_sent(who), self._drills.partners()
        running = {each.party for each in every if not each.closed_at}
        measures = {
            party: measured([each for each in every if each.party == party]) for party in {d.party for d in every}
        }
        asked = [*self._drills.asked(who), *self._drills.asked(who, ended=True)]
        return request.render(
            "response/drills.html",
            status,
            drills=[(each, names.party(each.party)) for each in every[:LISTED]],
            partners=[
                (each, names.party(each), measures.get(each), each in running)
                for each in sorted(partners, key=names.party)
            ],
            monthly=self._drills.monthly(),
            asked=[self._row(line, names) for line in asked],
            may=self._drills.may_send(who),
            given=given,
            error=error,
            path=PATH,
        )

    def send(self, request: Request) -> Response:
        who = super()._who(request)
        parties = [str(each) for each in request.fields.getlist("party")]
        try:
            if request.field("do", longest=20) == "monthly":
                self._drills.set_monthly(who, parties)
                return request.redirect(PATH, _("It is kept who is drilled each month."))
            made = self._drills.send(who, parties)
        except KoupreyError as error:
            said = in_words(error)
            return self._list(request, said, error.http_status, parties)
        return request.redirect(PATH, _("EXERCISE: on its way to %(n)s.") % {"n": joined(each.party for each in made)})
