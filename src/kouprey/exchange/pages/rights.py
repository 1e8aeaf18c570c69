"""Sources on a page: who gave what we hold, and how far each lets it be passed on."""

from __future__ import annotations

from typing import get_args

from starlette.responses import Response

from kouprey.exchange.model.rights import Passing
from kouprey.exchange.pages.naming import PASTED_TABLE, PASTED_TEXT, Names, reader_of
from kouprey.exchange.pages.query import Query
from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.rights import LONGEST_CREDIT, MOST_SOURCES
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/rights"
PASTED = (PASTED_TEXT, PASTED_TABLE)
PASSINGS: dict[Passing, tuple[str, str]] = {
    "agreement": (mark("may be passed on under an agreement"), "good"),
    "attribution": (mark("may be passed on, naming whom it is owed to"), "info"),
    "inside": (mark("only inside our own party"), "warn"),
}


def doors(services: Services) -> list[Door]:
    """The list, and the form that says a right."""
    exchange, people, roles = services.get(Exchange), services.get(People), roles_with(Permission.PUBLISH)

    def show(request: Request) -> Response:
        who, names = reader_of(request), Names(people)
        rows = [
            (
                each,
                plainly(names.person(each.name) if each.kind == "person" or each.name in PASTED else each.name),
                Query(sources=(each.name,)).url(),
                names.person(each.set_by) if each.set_by and each.set_by != "operator" else each.set_by,
            )
            for each in exchange.list_source_rights(who)
        ]
        return request.render(
            "exchange/rights.html",
            rows=rows,
            passings={key: (_(text), tone) for key, (text, tone) in PASSINGS.items()},
            most=MOST_SOURCES,
            longest=LONGEST_CREDIT,
            plain=plainly,
        )

    def say(request: Request) -> Response:
        who = reader_of(request)
        try:
            made = exchange.set_source_right(
                who,
                request.field("source", longest=300),
                passing_of(request.field("passing")),
                credit=request.field("credit", longest=300),
                because=request.field("because", longest=5_000),
                by=who.name,
            )
        except KoupreyError as error:
            return request.redirect(PATH, in_words(error), "bad")
        return request.redirect(
            PATH, _("%(name)s: %(right)s.") % {"name": plainly(made.name), "right": _(PASSINGS[made.passing][0])}
        )

    return [page(PATH, show, roles=roles), page(PATH, say, "POST", roles=roles)]


def passing_of(text: str) -> Passing:
    """The right that a form names."""
    for each in get_args(Passing):
        if each == text:
            return each  # type: ignore[no-any-return]  # the arguments of a Literal are its values
    raise Damaged("It is not clear how far it may be passed on.", remedy="Choose one of the three.", code="bad-right")
