"""Acting on many: choose in the list, review what would happen, do it, see it done, and take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.exchange.model.acting import UNDONE_BY, Act, ActKind, Deed, Foreseen
from kouprey.exchange.model.weighing import OPINIONS
from kouprey.exchange.pages.citing import Citing
from kouprey.exchange.pages.deeds import KINDS, deed_title, done_text
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.marking import destinations, split_destination
from kouprey.exchange.pages.naming import Named, Names, may, name_objects, reader_of
from kouprey.exchange.pages.query import PATH, read_address
from kouprey.exchange.pages.reading import OPINION_NAMES, plainly, type_name
from kouprey.exchange.service import MAIN, Exchange
from kouprey.exchange.service.acting import MOST, PERMISSIONS
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

MANY = f"{PATH}/many"
SHOWN = 100
"""Objects that are named on a review, and on the page of a deed; all others are counted."""
_IDS = 400_000
"""Characters of all ids of a deed."""


@dataclass(frozen=True)
class Left:
    """Objects with which nothing is done, for one ground: its sentence, how many, and the first of them."""

    text: str
    count: int
    first: Sequence[Named]


def doors(services: Services) -> list[Door]:
    """The review, the deed, what became of it, and the way back."""
    desk = _Desk(services)
    # What is done decides what one must be allowed to do: each page asks for that itself.
    roles = roles_with(Permission.READ)
    one = f"{MANY}/{{deed}}"
    return [
        page(MANY, desk.review, roles=roles),
        page(MANY, desk.begin, "POST", roles=roles, seconds=60.0),
        page(one, desk.show, roles=roles),
        page(f"{one}/now", desk.now, roles=roles),
        page(f"{one}/on", desk.carry_on, "POST", roles=roles, seconds=60.0),
        page(f"{one}/undo", desk.undo, "POST", roles=roles, seconds=60.0),
    ]


class _Desk:
    """What these pages ask of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)

    def review(self, request: Request) -> Response:
        who, given = reader_of(request), request.query_params
        if not given:
            return self._mine(request)
        ids, more = self._chosen(request, who)
        query = read_address({name: given.getlist(name) for name in given})
        back = query.url()
        if not ids:
            return request.redirect(back, _("Nothing was chosen. Mark objects in the list first."), "warn")
        act = self._act(request, who, given.get("do", ""), given.get("agreement", ""), given.get("collection", ""))
        foreseen, trouble = None, ""
        try:
            foreseen = self._exchange.foresee(who, act, ids)
        except KoupreyError as error:
            trouble = in_words(error)
        names = Names(self._people)
        return request.render(
            "exchange/act.html",
            act=act,
            destination=f"{act.agreement}/{act.audience}" if act.audience else act.agreement,
            title=_(KINDS[act.kind]),
            ids=ids,
            more=more,
            most=MOST,
            foreseen=foreseen,
            trouble=trouble,
            will=self._named(who, foreseen.will) if foreseen else [],
            left=self._left(who, foreseen) if foreseen else [],
            parties=[names.party(party) for party in foreseen.parties] if foreseen else [],
            agreements=destinations(self._agreements) if act.kind == "publish" else [],
            collections=self._collections(who),
            opinions=[(opinion, _(OPINION_NAMES[opinion])) for opinion in OPINIONS],
            undoable=act.kind in UNDONE_BY,
            # What stands in the address is said again when another agreement or collection is chosen.
            again=[(name, value) for name, value in given.multi_items() if name not in ("agreement", "collection")],
            back=back,
            shown=SHOWN,
            type_name=type_name,
            object_url=object_url,
            plain=plainly,
        )

    def _mine(self, request: Request) -> Response:
        deeds = self._exchange.list_deeds(by=request.reader.name)
        return request.render("exchange/deeds.html", deeds=[(each, self._title(request, each)) for each in deeds])

    def begin(self, request: Request) -> Response:
        who = reader_of(request)
        act = self._act(
            request,
            who,
            request.field("do"),
            request.field("agreement", longest=300),
            request.field("collection", longest=300),
        )
        act = Act(
            kind=act.kind,
            agreement=act.agreement,
            audience=act.audience,
            collection=act.collection,
            opinion=request.field("opinion"),
            text=request.field("text", longest=20_000),
        )
        ids = request.field("ids", longest=_IDS).split()
        deed = self._exchange.begin_deed(who, act, ids, by=who.name)
        return self._after(request, deed, request.field("back", longest=20_000))

    def _after(self, request: Request, deed: Deed, back: str) -> Response:
        """Back to the list where all is done; else to the page that says what is not, and why."""
        whole = deed.ended and deed.counts.get("done", 0) == deed.total
        if not whole:
            return request.redirect(_url(deed))
        undo = Undo(f"{_url(deed)}/undo", {"back": back if len(back) < 800 else PATH}) if deed.may_undo else None
        return request.redirect(back or PATH, done_text(deed), undo=undo)

    def show(self, request: Request) -> Response:
        return request.render("exchange/acted.html", **self._state(request))

    def now(self, request: Request) -> Response:
        return request.render("exchange/acted_now.html", **self._state(request))

    def _state(self, request: Request) -> dict[str, Any]:
        who = reader_of(request)
        deed = self._exchange.get_deed(request.path_params["deed"], by=who.name)
        done = self._exchange.list_deed_items(deed.id, by=who.name, fates=("done", "kept"), limit=SHOWN)
        left = self._exchange.list_deed_items(deed.id, by=who.name, fates=("left",))
        grounds: dict[str, list[str]] = {}
        cite = Citing(self._people)
        for item, reason in left:
            grounds.setdefault(cite.in_words(reason) if reason else "", []).append(item.stix_id)
        about = [item.stix_id for item, _why in done if not item.stix_id.startswith("hold_")]
        return {
            "deed": deed,
            "url": _url(deed),
            "title": self._title(request, deed),
            "said": done_text(deed),
            "done": self._named(who, about),
            "left": [Left(text, len(ids), self._named(who, ids[:SHOWN])) for text, ids in grounds.items()],
            "shown": SHOWN,
            "type_name": type_name,
            "object_url": object_url,
            "list_url": PATH,
        }

    def carry_on(self, request: Request) -> Response:
        who = reader_of(request)
        deed = self._exchange.get_deed(request.path_params["deed"], by=who.name)
        self._check_may(request, deed.act.kind)
        self._exchange.carry_on(who, deed.id, by=who.name)
        return request.redirect(_url(deed))

    def undo(self, request: Request) -> Response:
        who = reader_of(request)
        held = self._exchange.get_deed(request.path_params["deed"], by=who.name)
        self._check_may(request, held.act.kind)
        back = request.field("back", longest=20_000) or _url(held)
        try:
            deed = self._exchange.undo_deed(who, held.id, by=who.name)
        except KoupreyError as error:
            return request.redirect(back, in_words(error), "bad")
        return self._after(request, deed, back)

    # What is chosen, and what is done with it

    def _chosen(self, request: Request, who: Reader) -> tuple[list[str], bool]:
        given = request.query_params
        if given.get("all") == "yes":
            query = read_address({name: given.getlist(name) for name in given})
            return self._exchange.find_subjects(who, query.search)
        return list(dict.fromkeys(each[:300] for each in given.getlist("id")))[:MOST], False

    def _act(self, request: Request, who: Reader, kind: str, agreement: str, collection: str) -> Act:
        """The act that is asked for; of several agreements or collections the first, until one is chosen."""
        wanted = next((each for each in KINDS if each == kind), None)
        if wanted is None:
            raise Damaged(
                mark("It is not said what shall be done."),
                mark("The address, or the form, names nothing that can be done with many."),
                mark("Choose it below the list."),
                code="bad-act",
            )
        self._check_may(request, wanted)
        if wanted == "publish" and not agreement:
            agreement = next((each for each, _title in destinations(self._agreements)), "")
        if wanted in ("collect", "release") and not collection:
            collection = next((each for each, _title in self._collections(who)), "")
        agreement, audience = split_destination(agreement[:300])
        return Act(kind=wanted, agreement=agreement, audience=audience, collection=collection[:100])

    def _check_may(self, request: Request, kind: ActKind) -> None:
        if not may(request, PERMISSIONS[kind]):
            raise Forbidden(
                mark("That is not open to you."),
                mark("Your role does not let you do this with an object, so neither with many."),
                mark("Ask an administrator of this node."),
                code="role-missing",
            )

    def _collections(self, who: Reader) -> list[tuple[str, str]]:
        found = self._exchange.list_collections(who)
        return [(each.id, plainly(each.title)) for each in found if each.name != MAIN and not each.agreement]

    def _named(self, who: Reader, ids: Sequence[str]) -> list[Named]:
        return list(name_objects(self._exchange, who, ids[:SHOWN]).values())

    def _left(self, who: Reader, foreseen: Foreseen) -> list[Left]:
        grounds: dict[str, list[str]] = {}
        cite = Citing(self._people)
        for why in foreseen.wont:
            text = " ".join(dict.fromkeys(cite.in_words(reason) for reason in why.because))
            grounds.setdefault(text, []).append(why.stix_id)
        return [Left(text, len(ids), self._named(who, ids[:SHOWN])) for text, ids in grounds.items()]

    def _title(self, request: Request, deed: Deed) -> str:
        titles = dict(self._collections(reader_of(request)))
        if deed.act.agreement:
            standing = self._agreements.standings().get(deed.act.agreement)
            titles[deed.act.agreement] = plainly(standing.title) if standing else deed.act.agreement
        return deed_title(deed, titles)


def _url(deed: Deed) -> str:
    return f"{MANY}/{quote(deed.id, safe='')}"
