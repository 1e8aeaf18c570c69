"""Pages of delegations: which token may act for a party that is not its own; one records, another confirms."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Forbidden, Refused, Unknown
from kouprey.kernel.words.time import Instant, parse_instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import DELEGABLE, DelegationState, Permission, roles_with
from kouprey.people.pages.forms import VERBS, Form, choices, granter, read_clearance
from kouprey.people.service import People

PATH = "/people/delegations"
STATES = {
    DelegationState.UNCONFIRMED: (mark("awaits confirmation"), "warn"),
    DelegationState.NOT_YET: (mark("not yet in force"), "info"),
    DelegationState.IN_FORCE: (mark("in force"), "good"),
    DelegationState.OVER: (mark("over"), "idle"),
    DelegationState.REVOKED: (mark("revoked"), "idle"),
}
_FIELDS = ("party", "token", "clearance", "starts", "ends", "because")


def doors(people: People) -> list[Door]:
    roles = roles_with(Permission.PEOPLE)

    def show(request: Request, form: Form | None = None, status: int = 200) -> Response:
        return request.render(
            "people/delegations.html",
            status,
            delegations=people.list_delegations(),
            callers={each.id: each.name for each in people.list_persons()},
            party_names={each.id: each.name for each in people.list_parties()},
            parties=[each for each in people.list_parties() if not each.home],
            tokens=[each for each in people.list_tokens() if each.active],
            verb_texts={verb: VERBS[verb] for verb in DELEGABLE},
            states=STATES,
            now=wall_clock(),
            form=form or Form({"clearance": TLP.GREEN.word}, (str(Permission.READ),)),
            **choices(request),
        )

    def record(request: Request) -> Response:
        chosen = {str(word) for word in request.fields.getlist("verbs")}
        form = Form({name: request.field(name) for name in _FIELDS}, tuple(chosen))
        times = {name: _day(form, name) for name in ("starts", "ends")}
        if form.errors:
            return show(request, form, 400)
        try:
            made = people.record_delegation(
                form.values["party"],
                form.values["token"],
                [verb for verb in DELEGABLE if verb in chosen],
                read_clearance(request),
                starts=times["starts"] or wall_clock(),
                ends=times["ends"],
                because=form.values["because"],
                granter=granter(people, request),
            )
        except (Refused, Forbidden, Unknown) as error:
            form.errors["form"] = in_words(error)
            return show(request, form, error.http_status)
        said = _("Recorded. It counts once somebody else has confirmed it.")
        return request.redirect(f"{PATH}#{made.id}", said)

    def confirm(request: Request) -> Response:
        people.confirm_delegation(request.path_params["delegation"], granter=granter(people, request))
        return request.redirect(PATH, _("Confirmed. It counts from its beginning on."))

    def revoke(request: Request) -> Response:
        people.revoke_delegation(request.path_params["delegation"], by=request.reader.name)
        return request.redirect(PATH, _("Revoked. It counts no more from the next request on."))

    return [
        page(PATH, lambda request: show(request), roles=roles),
        page(PATH, record, "POST", roles=roles),
        page(f"{PATH}/{{delegation}}/confirm", confirm, "POST", roles=roles),
        page(f"{PATH}/{{delegation}}/revoke", revoke, "POST", roles=roles),
    ]


def _day(form: Form, name: str) -> Instant:
    """The beginning of a day of a form; 0 for one left empty that need not be there."""
    text = form.values[name]
    if not text and name == "starts":
        return 0
    try:
        datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        return parse_instant(f"{text}T00:00:00Z")
    except ValueError:
        form.errors[name] = _("Write a day such as 2027-12-31.")
        return 0
