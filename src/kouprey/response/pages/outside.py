"""The page behind a link: what is asked of somebody who has no account, and what they can say.

It stands alone, without the frame, and speaks the languages of contacts. Opening it changes nothing, since scanners of
mail open links: what is said is said by a button.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import HTMLResponse, Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, current, mark, own_name, told, use
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused
from kouprey.people.service import People
from kouprey.response.model import Verb
from kouprey.response.model.contacts import TONGUES
from kouprey.response.pages import words
from kouprey.response.pages.naming import plain
from kouprey.response.service import Contacts, Opened, heads_of, nothing_here, numbers_of, told_by
from kouprey.response.wire.letter import MEANS, language_of, moment, reference

PATH = "/reply/{secret}"
LITTLE = 128 * 1024
UNTIL = {
    "acknowledge": mark("Please acknowledge by"),
    "decide": mark("Please decide by"),
    "report": mark("Please report by"),
}
"""Clock -> what stands before the moment at which it ends."""
FIELDS = ("verb", "reason", "number", "seen")
UNSEEN = {
    # Not "no-referrer": browsers would then send the form with "Origin: null", which cannot be told from a stranger's.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}
"""Headers of what is behind a link: it stays out of caches, search engines and the logs of others."""


def doors(services: Services) -> list[Door]:
    """What a link opens, and what is said by it."""
    desk = _Desk(services)
    return [
        page(PATH, desk.show, open=True, show=nowhere),
        page(PATH, desk.say, "POST", open=True, show=nowhere, cap=LITTLE, fields=20),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._contacts = services.get(Contacts)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        opened = self._contacts.open(request.path_params["secret"], _address(request))
        use(language_of(_tongue(request, opened.contact.language)))
        said = {"done": _("It is recorded."), "again": _("It had been recorded.")}
        notice = said.get(request.query_params.get("said", ""), "")
        return self._page(request, opened, shown=not opened.outlook.curtain, notice=notice)

    def say(self, request: Request) -> Response:
        secret, address = request.path_params["secret"], _address(request)
        opened = self._contacts.open(secret, address)
        use(language_of(_tongue(request, opened.contact.language)))
        if request.field("verb", longest=40) == "look":
            self._contacts.note_opened(opened)
            return self._page(request, opened, shown=True)
        given = {name: request.field(name, longest=2_000) for name in FIELDS}
        given["text"] = request.field("text", longest=20_000)
        try:
            done = self._contacts.answer(secret, told_by(given), address)
        except (Damaged, Refused) as error:
            error_said = " ".join(told(part) for part in (error.what, error.remedy) if part)
            opened = self._contacts.open(secret, address)
            return self._page(request, opened, shown=True, error=error_said, typed=given, status=error.http_status)
        tongue = _tongue(request, "")
        rest = f"&lang={tongue}" if tongue else ""
        return request.redirect(f"/reply/{secret}?said={'done' if done else 'again'}{rest}")

    def _page(self, request: Request, opened: Opened, *, shown: bool, status: int = 200, **said: Any) -> Response:
        held, contact = opened.held, opened.contact
        asked, course = held.asked, held.course
        ours, theirs = numbers_of(asked, course)
        party = self._party(asked.asking)
        names = {asked.asking: party, asked.asked: f"{plain(contact.name)}, {plain(contact.team)}"}
        return _render(
            request,
            "response/outside.html",
            status,
            opened=opened,
            asked=asked,
            party=party,
            contact=contact,
            shown=shown,
            stage=words.stage(course.stage),
            kind=_(words.KINDS[asked.kind]),
            urgency=_(words.URGENCIES[asked.urgency][0]),
            means=_(MEANS[asked.tlp]),
            number=reference(asked, ours),
            theirs=plain(theirs),
            clocks=[
                (
                    _(UNTIL[clock.name]),
                    moment(clock.due, contact.zone),
                    moment(clock.met, contact.zone) if clock.met else "",
                )
                for clock in course.clocks
            ],
            events=[
                (
                    names.get(step.message.author, ""),
                    _(words.SAID[step.message.verb][0]),
                    moment(step.message.at, contact.zone),
                    _(words.REASONS[step.message.reason]) if step.message.verb is Verb.DECLINE else "",  # type: ignore[index]  # it was read
                    plain(step.message.text) if shown and step.message.verb is not Verb.REQUEST else "",
                    step.counted,
                )
                for step in reversed(course.steps)
            ],
            may=[(verb, _(words.DO[verb][0]), _(words.DO[verb][1])) for verb in opened.may] if shown else [],
            reasons=[("", _("choose")), *((str(key), _(text)) for key, text in words.REASONS.items())],
            seen=heads_of(course),
            ends=moment(opened.link.expires, contact.zone),
            title=plain(asked.title) if shown else "",
            text=plain(asked.text) if shown else "",
            refs=[plain(ref) for ref in asked.refs] if shown else [],
            **{"error": "", "notice": "", "typed": {}} | said,
        )

    def _party(self, party: str) -> str:
        found = self._people.find_party(party)
        return plain(found.name if found is not None else party)


def nowhere(error: KoupreyError, request: Request) -> Response:
    """The answer to what opens nothing: the same for a link that is wrong, over or taken back."""
    use(language_of(_tongue(request, "") or _wished(request.headers.get("accept-language", ""))))
    code = error.http_status
    if code not in (403, 413, 429, 503):
        error, code = nothing_here(), 404
    return _render(request, "response/nowhere.html", code, error=error)


def _render(request: Request, template: str, status: int, **values: Any) -> Response:
    here, code = request.url.path, current().code
    given = {
        "request": request,
        "language": code,
        "font": current().font,
        "tongues": [(each, own_name(each), each == code) for each in TONGUES],
        "here": here,
    }
    text = request.site.pages.environment.get_template(template).render(given | values)
    return HTMLResponse(text, status, dict(UNSEEN))


def _tongue(request: Request, otherwise: str) -> str:
    """The language that was chosen on the page, else the other one."""
    chosen = request.query_params.get("lang", "")
    return chosen if chosen in TONGUES else otherwise


def _wished(accept: str) -> str:
    """The first of ours that a browser names (RFC 9110, 12.5.4); nobody is known, so nothing better is."""
    for part in accept[:400].split(","):
        code = part.partition(";")[0].strip().split("-")[0].lower()
        if code in TONGUES:
            return code
    return TONGUES[0]


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else ""
