"""Pages of retention: the rules and what no rule keeps, and one rule with what it would erase and what it did."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from starlette.responses import Response

from kouprey.exchange.model.retention import Age, Rule, Run
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Names, reader_of
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.erasing import LONGEST_REASON
from kouprey.exchange.service.retaining import LONGEST_NAME, MOST_DAYS
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/retention"
AGES: dict[Age, str] = {
    "received": mark("since its newest version was received"),
    "news": mark("since it was last news here"),
    "end": mark("past the end its author gave it"),
}
STATES = {
    "proposed": (mark("proposed"), "warn"),
    "in-force": (mark("in force"), "good"),
    "paused": (mark("paused"), "idle"),
}


@dataclass(frozen=True)
class Row:
    """A rule in the list, with its last run."""

    rule: Rule
    name: str
    what: str
    url: str
    last: Run | None


def doors(services: Services) -> list[Door]:
    """The list, one rule, and what may be done with it."""
    desk, roles = _Desk(services), roles_with(Permission.ERASE)
    acts: dict[str, Callable[[Request], Response]] = {
        "confirm": desk.confirm,
        "pause": desk.pause,
        "resume": desk.resume,
        "change": desk.change,
        "remove": desk.remove,
    }
    one = f"{PATH}/{{rule}}"
    return [
        page(PATH, desk.list, roles=roles),
        page(PATH, desk.propose, "POST", roles=roles),
        page(one, desk.show, roles=roles),
        *(page(f"{one}/{verb}", act, "POST", roles=roles) for verb, act in acts.items()),
    ]


class _Desk:
    """What the pages of retention ask of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)

    def list(self, request: Request) -> Response:
        who = reader_of(request)
        rows = []
        for rule in self._exchange.list_rules(who):
            last = next(iter(self._exchange.list_runs(who, rule.id, 1)), None)
            rows.append(Row(rule, plainly(rule.name), _about(rule.what), _url(rule), last))
        searches = self._exchange.list_saved(who, by=who.name)
        duties = self._exchange.list_duties(who)
        about = [
            ("", _("choose")),
            *(
                (f"agreement:{each.agreement}", _("What came under %(title)s") % {"title": each.title})
                for each in duties
            ),
            *((f"search:{each.id}", _("What the search %(name)s finds") % {"name": each.name}) for each in searches),
            *(
                (f"collection:{each.id}", _("Everything in %(title)s") % {"title": each.title})
                for each in self._exchange.list_collections(who)
                if not each.agreement
            ),
        ]
        return request.render(
            "exchange/retention.html",
            rows=rows,
            uncovered=[each for each in duties if not each.rule],
            about=about,
            chosen=request.query_params.get("about", "")[:100],
            ages=_ages(),
            states=STATES,
            longest=LONGEST_NAME,
            most_days=MOST_DAYS,
            plain=plainly,
        )

    def propose(self, request: Request) -> Response:
        who = reader_of(request)
        kind, _colon, what = request.field("about").partition(":")
        try:
            made = self._exchange.add_rule(
                request.field("name"),
                days=_number(request.field("days")) if request.field("days") or kind != "agreement" else 0,
                because=request.field("because", longest=LONGEST_REASON),
                who=who,
                by=who.name,
                age=_age(request.field("age")),
                saved=what if kind == "search" else "",
                collection=what if kind == "collection" else "",
                agreement=what if kind == "agreement" else "",
            )
        except KoupreyError as error:
            return request.redirect(PATH, in_words(error), "bad")
        return request.redirect(_url(made), _("It is proposed. Look at what it would erase, then let it or not."))

    def show(self, request: Request) -> Response:
        who = reader_of(request)
        rule = self._exchange.get_rule(who, request.path_params["rule"])
        names = Names(self._people)
        return request.render(
            "exchange/retention_rule.html",
            rule=rule,
            name=plainly(rule.name),
            what=_about(rule.what),
            state=STATES[rule.state],
            age=_(AGES[rule.age]),
            made_by=names.person(rule.made_by),
            confirmed_by=names.person(rule.confirmed_by) if rule.confirmed_by else "",
            seen=self._exchange.preview_rule(who, rule.id),
            runs=self._exchange.list_runs(who, rule.id),
            url=_url(rule),
            back=PATH,
            most_days=MOST_DAYS,
            object_url=object_url,
            type_name=type_name,
            plain=plainly,
        )

    def confirm(self, request: Request) -> Response:
        said = _("It is in force. The running node begins within seconds, and looks again every day.")
        return self._act(request, lambda who, rule: self._exchange.confirm_rule(who, rule, by=who.name), said)

    def pause(self, request: Request) -> Response:
        said = _("It is paused. Nothing goes by it until it is resumed.")
        return self._act(request, lambda who, rule: self._exchange.pause_rule(who, rule, by=who.name), said)

    def resume(self, request: Request) -> Response:
        return self._act(
            request, lambda who, rule: self._exchange.resume_rule(who, rule, by=who.name), _("It goes on.")
        )

    def change(self, request: Request) -> Response:
        because = request.field("because", longest=LONGEST_REASON)
        days = request.field("days")
        return self._act(
            request,
            lambda who, rule: self._exchange.change_rule(who, rule, days=_number(days), because=because, by=who.name),
            _("It is changed, and a proposal again. Look at what it would erase, then let it or not."),
        )

    def remove(self, request: Request) -> Response:
        who = reader_of(request)
        gone = self._exchange.remove_rule(who, request.path_params["rule"], by=who.name)
        return request.redirect(PATH, _("The rule %(name)s is removed.") % {"name": gone.name})

    def _act(self, request: Request, act: Callable[..., Rule], said: str) -> Response:
        who, rule = reader_of(request), request.path_params["rule"]
        try:
            act(who, rule)
        except KoupreyError as error:
            return request.redirect(f"{PATH}/{rule}", in_words(error), "bad")
        return request.redirect(f"{PATH}/{rule}", said)


def _about(what: str) -> str:
    """What a rule is about: written down in English when it was made, so that no later title changes it."""
    said = (
        ("everything in ", "", _("everything in %(what)s")),
        ("what came under ", "", _("what came under %(what)s")),
        ("what the search ", " finds", _("what the search %(what)s finds")),
    )
    for lead, tail, form in said:
        if what.startswith(lead) and what.endswith(tail):
            return form % {"what": plainly(what[len(lead) : len(what) - len(tail)])}
    return plainly(what)


def _url(rule: Rule) -> str:
    return f"{PATH}/{rule.id}"


def _ages() -> list[tuple[str, str]]:
    return [(key, _(text)) for key, text in AGES.items()]


def _age(text: str) -> Age:
    for each in get_args(Age):
        if each == text:
            return each  # type: ignore[no-any-return]  # the arguments of a Literal are its values
    raise Damaged("It is not clear what the days count from.", remedy="Choose one of the three.", code="bad-age")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Damaged(f"{text[:20]!r} is no number of days.", remedy="Type digits only.", code="bad-days")
    return int(text)
