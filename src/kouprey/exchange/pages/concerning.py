"""Concerns: what is asked of us about what we were given, and what partners still owe an answer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.exchange.model.concerning import Concern, ConcernKind, Outcome
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Named, Names, may, name_objects, reader_of
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, labelled, mark, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/concerns"
SHOWN = 100

KINDS: dict[ConcernKind, tuple[str, str]] = {
    "recall": (mark("Recall"), mark("Ask all who were given it to take it back.")),
    "retag": (mark("Another marking"), mark("Ask all who were given it to mark it otherwise.")),
    "false-positive": (mark("False positive"), mark("Tell all who have it that it is harmless.")),
    "feedback": (mark("Feedback"), mark("Tell whoever gave it what it was worth to you.")),
}
OUTCOMES: dict[Outcome, str] = {
    "followed": mark("We have done so"),
    "noted": mark("We have seen it"),
    "declined": mark("We do not follow it"),
}


@dataclass(frozen=True)
class Row:
    """One concern as it is shown."""

    concern: Concern
    what: Named
    agreement: str
    by: str
    owing: list[str]
    answers: list[tuple[str, str, str]]


def doors(services: Services) -> list[Door]:
    """The lists, the form about one object, and the answer."""
    desk = _Desk(services)
    reads, gives = roles_with(Permission.READ), roles_with(Permission.PUBLISH)
    one = "/intelligence/{stix_id}/concern"
    return [
        page(PATH, desk.show, roles=reads),
        page(f"{PATH}/{{concern}}/answer", desk.answer, "POST", roles=gives),
        page(one, desk.form, roles=gives),
        page(one, desk.say, "POST", roles=gives),
    ]


class _Desk:
    """What these pages ask of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)

    def show(self, request: Request) -> Response:
        who = reader_of(request)
        return request.render(
            "exchange/concerns.html",
            asked=self._rows(who, self._exchange.list_asked(who, limit=SHOWN)),
            outstanding=self._rows(who, self._exchange.list_outstanding(who, limit=SHOWN)),
            answered=self._rows(who, self._exchange.list_answered(who)),
            may_answer=may(request, Permission.PUBLISH),
            kinds={kind: _(words[0]) for kind, words in KINDS.items()},
            outcomes=[(key, _(text)) for key, text in OUTCOMES.items()],
            path=PATH,
            object_url=object_url,
            type_name=type_name,
            plain=plainly,
        )

    def _rows(self, who: Reader, concerns: Sequence[Concern]) -> list[Row]:
        names = Names(self._people)
        titles = {key: plainly(each.title) for key, each in self._agreements.standings().items()}
        named = name_objects(self._exchange, who, [each.stix_id for each in concerns])
        return [
            Row(
                concern=each,
                what=named[each.stix_id],
                agreement=titles.get(each.agreement, each.agreement),
                by=names.party(each.author) + (f" ({names.person(each.said_by)})" if each.said_by else ""),
                owing=[names.party(party) for party in each.outstanding],
                answers=[(names.party(a.party), _(OUTCOMES[a.outcome]), plainly(a.text)) for a in each.answers],
            )
            for each in concerns
        ]

    def form(self, request: Request) -> Response:
        who = reader_of(request)
        found = self._exchange.get_object(who, request.path_params["stix_id"])
        names, given = Names(self._people), bool(found.publications)
        came = any(
            said.label.agreement and said.label.owner != self._people.home_id
            for version in found.versions
            for body in version.bodies
            for said in body.assertions
        )
        kinds = [
            (kind, labelled(_(words[0]), _(words[1])))
            for kind, words in KINDS.items()
            if (given and kind != "feedback") or (came and kind in ("false-positive", "feedback"))
        ]
        return request.render(
            "exchange/concern.html",
            title=name_objects(self._exchange, who, [found.stix_id])[found.stix_id].title,
            kind=type_name(found.type),
            level=found.newest.tlp,
            kinds=kinds,
            holders=sorted({names.party(party) for each in found.publications for party in each.parties}),
            levels=[("", _("choose")), *((level.word, level.text) for level in TLP)],
            said=self._rows(who, self._exchange.list_concerns_of(who, found.stix_id)),
            names={kind: _(words[0]) for kind, words in KINDS.items()},
            url=object_url(found.stix_id),
        )

    def say(self, request: Request) -> Response:
        who = reader_of(request)
        stix_id = request.path_params["stix_id"]
        back = f"{object_url(self._exchange.get_object(who, stix_id).stix_id)}/concern"
        try:
            kind = _one_of(request.field("kind", longest=40), get_args(ConcernKind))
            tlp = request.field("tlp", longest=40) if kind == "retag" else ""
            text = request.field("text")
            made = self._exchange.raise_concern(who, stix_id, kind, text=text, tlp=tlp, by=who.name)  # type: ignore[arg-type]  # it is one of them
        except KoupreyError as error:
            return request.redirect(back, in_words(error), "bad")
        count = sum(len(each.parties) for each in made)
        told = ngettext(
            "%(n)s partner is told, and owes an answer.", "%(n)s partners are told, and owe an answer.", count
        )
        return request.redirect(PATH, told % {"n": count})

    def answer(self, request: Request) -> Response:
        who = reader_of(request)
        try:
            outcome = _one_of(request.field("outcome", longest=40), get_args(Outcome))
            text = request.field("text")
            self._exchange.answer_concern(who, request.path_params["concern"], outcome, text=text, by=who.name)  # type: ignore[arg-type]  # it is one of them
        except KoupreyError as error:
            return request.redirect(PATH, in_words(error), "bad")
        return request.redirect(PATH, _("Your answer is on its way."))


def _one_of(text: str, words: Sequence[str]) -> str:
    if text not in words:
        raise Damaged("It is not clear what is meant.", remedy="Choose one of those offered.", code="bad-choice")
    return text
