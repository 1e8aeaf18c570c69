"""Publishing rules on pages: the list, one rule with what it would do and what it did, and one day of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.exchange.model.publishing import PublishingRule, RuleDay, RuleFate
from kouprey.exchange.pages.choosing import Active, active_chips
from kouprey.exchange.pages.citing import Citing
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.marking import destinations, split_destination
from kouprey.exchange.pages.naming import Names, reader_of
from kouprey.exchange.pages.query import query_of
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.rules.publishing import day_of, day_text
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.publishing import LIMIT
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, mark, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError, Unknown
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/rules"
STATES = {
    "proposed": (mark("not started"), "warn"),
    "running": (mark("running"), "good"),
    "paused": (mark("paused"), "idle"),
}
ITSELF = (mark("paused itself"), "bad")
FATES: Mapping[RuleFate, tuple[str, str]] = {
    "queued": (mark("given"), "good"),
    "waiting": (mark("asked to be released"), "info"),
    "refused": (mark("held back"), "idle"),
}
SHOWN = 200
"""Objects of one day on its page."""


@dataclass(frozen=True)
class Row:
    """A rule in the list, with its last day."""

    rule: PublishingRule
    name: str
    url: str
    state: tuple[str, str]
    agreement: str
    person: str
    chips: Sequence[Active]
    last: RuleDay | None


def doors(services: Services) -> list[Door]:
    """The list, one rule, one of its days, and what may be done with them."""
    desk, roles = _Desk(services), roles_with(Permission.PUBLISH)
    acts: dict[str, Callable[[Request], Response]] = {
        "start": desk.start,
        "pause": desk.pause,
        "change": desk.change,
        "end": desk.end,
        "undo": desk.undo,
    }
    one = f"{PATH}/{{rule}}"
    return [
        page(PATH, desk.list, roles=roles),
        page(PATH, desk.propose, "POST", roles=roles),
        page(one, desk.show, roles=roles),
        *(page(f"{one}/{verb}", act, "POST", roles=roles) for verb, act in acts.items()),
        page(f"{one}/days/{{day}}", desk.day, roles=roles),
    ]


class _Desk:
    """What the pages of publishing rules ask of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)

    def list(self, request: Request) -> Response:
        who = reader_of(request)
        names = Names(self._people)
        standings = self._agreements.standings()
        titles = {each.id: each.title for each in self._exchange.list_collections(who)}
        rows = [
            Row(
                rule=each,
                name=plainly(each.name),
                url=_url(each),
                state=state_of(each),
                agreement=plainly(standings[each.agreement].title) if each.agreement in standings else each.agreement,
                person=_person(names, each.person),
                chips=active_chips(query_of(each.search), names, titles),
                last=next(iter(self._exchange.list_publishing_days(who, each.id, 1)), None),
            )
            for each in self._exchange.list_publishing_rules(who)
        ]
        searches = self._exchange.list_saved(who, by=who.name)
        return request.render(
            "exchange/rules.html",
            rows=rows,
            searches=[(each.id, plainly(each.name)) for each in searches],
            agreements=destinations(self._agreements),
            search=request.query_params.get("search", "")[:60],
            agreement=request.query_params.get("agreement", "")[:60],
            limit=LIMIT,
            day_text=day_text,
        )

    def propose(self, request: Request) -> Response:
        who = reader_of(request)
        agreement, audience = split_destination(request.field("agreement", longest=300))
        try:
            made = self._exchange.add_publishing_rule(
                who,
                saved=request.field("search"),
                agreement=agreement,
                audience=audience,
                name=request.field("name", longest=1_000),
                sightings=request.field("sightings") == "yes",
                limit=_number(request.field("limit")),
                by=who.name,
            )
        except KoupreyError as error:
            return request.redirect(PATH, in_words(error), "bad")
        return request.redirect(_url(made), _("It is made, and gives nothing yet. Look at what it would give first."))

    def show(self, request: Request) -> Response:
        who = reader_of(request)
        rule = self._exchange.get_publishing_rule(who, request.path_params["rule"])
        names = Names(self._people)
        standing = self._agreements.standings().get(rule.agreement)
        titles = {each.id: each.title for each in self._exchange.list_collections(who)}
        seen = self._exchange.try_publishing_rule(who, rule.id) if standing is not None else None
        return request.render(
            "exchange/rule.html",
            rule=rule,
            name=plainly(rule.name),
            what=plainly(rule.what),
            chips=active_chips(query_of(rule.search), names, titles),
            hits_url=query_of(rule.search).url(),
            state=state_of(rule),
            agreement_title=plainly(standing.title) if standing is not None else rule.agreement,
            seen=seen,
            parties=[names.party(party) for party in seen.parties] if seen is not None else [],
            days=self._exchange.list_publishing_days(who, rule.id),
            person=_person(names, rule.person),
            mine=rule.person == who.name,
            url=_url(rule),
            back=PATH,
            day_text=day_text,
            object_url=object_url,
            cite=Citing(self._people),
            type_name=type_name,
            plain=plainly,
        )

    def day(self, request: Request) -> Response:
        who = reader_of(request)
        rule = self._exchange.get_publishing_rule(who, request.path_params["rule"])
        day = _day(request.path_params["day"])
        groups = [
            (
                _(FATES[fate][0]),
                FATES[fate][1],
                fate,
                self._exchange.list_publishing_items(who, rule.id, day, (fate,), SHOWN + 1),
            )
            for fate in FATES
        ]
        return request.render(
            "exchange/rule_day.html",
            rule=rule,
            name=plainly(rule.name),
            day=day_text(day),
            title=day_text(day),
            groups=[(title, tone, fate, found[:SHOWN], len(found) > SHOWN) for title, tone, fate, found in groups],
            undoable=any(
                not item.undone_at for _title, _tone, fate, found in groups if fate != "refused" for item in found
            ),
            url=_url(rule),
            object_url=object_url,
            cite=Citing(self._people),
            type_name=type_name,
            plain=plainly,
        )

    def start(self, request: Request) -> Response:
        everything = request.field("everything") == "yes"
        said = _("It runs, with your rights. What comes in goes within seconds.")
        return self._act(
            request,
            lambda who, rule: self._exchange.start_publishing_rule(who, rule, by=who.name, everything=everything),
            said,
        )

    def pause(self, request: Request) -> Response:
        said = _("It is paused. It goes on where it stopped when somebody starts it again.")
        return self._act(request, lambda who, rule: self._exchange.pause_publishing_rule(who, rule, by=who.name), said)

    def change(self, request: Request) -> Response:
        name, limit = request.field("name", longest=1_000), request.field("limit")
        sightings = request.field("sightings") == "yes"
        return self._act(
            request,
            lambda who, rule: self._exchange.change_publishing_rule(
                who, rule, name=name, limit=_number(limit), sightings=sightings, by=who.name
            ),
            _("It is changed."),
        )

    def end(self, request: Request) -> Response:
        who = reader_of(request)
        gone = self._exchange.end_publishing_rule(who, request.path_params["rule"], by=who.name)
        return request.redirect(
            PATH, _("The rule %(name)s is ended. What it gave stays given.") % {"name": plainly(gone.name)}
        )

    def undo(self, request: Request) -> Response:
        who, rule = reader_of(request), request.path_params["rule"]
        day = _day(request.field("day"))
        back = f"{PATH}/{rule}/days/{day_text(day)}"
        try:
            done = self._exchange.undo_publishing_day(
                who, rule, day, because=request.field("because", longest=5_000), by=who.name
            )
        except KoupreyError as error:
            return request.redirect(back, in_words(error), "bad")
        said = [
            ngettext("%(n)s recall was sent.", "%(n)s recalls were sent.", done.recalled) % {"n": done.recalled},
            ngettext("%(n)s request was withdrawn.", "%(n)s requests were withdrawn.", done.withdrawn)
            % {"n": done.withdrawn},
        ]
        if done.left:
            said.append(
                ngettext("%(n)s stayed as it was:", "%(n)s stayed as they were:", len(done.left))
                % {"n": len(done.left)}
            )
            said += list(dict.fromkeys(why for _id, why in done.left))[:3]
        if done.more:
            said.append(_("There are more: do it again."))
        return request.redirect(back, " ".join(said), "warn" if done.left or done.more else "good")

    def _act(self, request: Request, act: Callable[[Reader, str], PublishingRule], said: str) -> Response:
        who, rule = reader_of(request), request.path_params["rule"]
        try:
            act(who, rule)
        except KoupreyError as error:
            return request.redirect(f"{PATH}/{rule}", in_words(error), "bad")
        return request.redirect(f"{PATH}/{rule}", said)


def state_of(rule: PublishingRule) -> tuple[str, str]:
    """Word and tone of how a rule stands; what paused itself waits for a person."""
    return ITSELF if rule.paused_itself else STATES[rule.state]


def _url(rule: PublishingRule) -> str:
    return f"{PATH}/{rule.id}"


def _person(names: Names, person: str) -> str:
    return _("the command line") if person == "operator" else names.person(person)


def _day(text: str) -> int:
    found = day_of(text)
    if found is None:
        raise Unknown("There is no such day.", remedy="Open it from the page of the rule.", code="unknown-day")
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Damaged(f"{text[:20]!r} is no number of objects.", remedy="Type digits only.", code="bad-limit")
    return int(text)
