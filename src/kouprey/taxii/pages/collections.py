"""Pages of collections: what is in each, who reads it, how to connect, and how it is made, changed and archived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import EVERYBODY, Collection, Waiting
from kouprey.exchange.service import MAIN, Exchange
from kouprey.exchange.service.collections import DESCRIPTION_MOST, TITLE_MOST
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, joined, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.taxii.service import Clients
from kouprey.taxii.wire.resources import API_ROOT

PATH = "/collections"
NEWEST = 12
"""Members shown on the page of a collection; the list has all."""
READING = 20
"""Clients shown there."""
AUDIENCES = ("all", "own", "named")
MAIN_WORDS = (mark("Everything"), mark("All objects of this node."))
"""What the main collection is called until somebody changes it; pages say it in the reader's language."""


@dataclass(frozen=True)
class Card:
    """A collection as the list shows it: how much of it the reader sees, and who reads and writes it."""

    held: Collection
    address: str
    found: Waiting
    readers: str
    writers: str


@dataclass
class Form:
    """What was written to make a collection, and what was wrong with it."""

    name: str = ""
    title: str = ""
    description: str = ""
    audience: str = "all"
    parties: tuple[str, ...] = ()
    strict: bool = False
    writable: bool = True
    errors: dict[str, str] = field(default_factory=dict)


def doors(services: Services) -> list[Door]:
    """The list, one collection, and what may be done with it."""
    desk, readers, keepers = _Desk(services), roles_with(Permission.READ), roles_with(Permission.PUBLISH)
    one = f"{PATH}/{{collection}}"
    return [
        page(PATH, desk.list, roles=readers),
        page(PATH, desk.create, "POST", roles=keepers),
        page(one, desk.show, roles=readers),
        page(one, desk.change, "POST", roles=keepers),
        page(f"{one}/archive", desk.archive, "POST", roles=keepers),
        page(f"{one}/restore", desk.restore, "POST", roles=keepers),
    ]


class _Desk:
    """What the pages ask of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)
        self._clients = services.get(Clients)

    def list(self, request: Request) -> Response:
        return self._list(request, Form())

    def _list(self, request: Request, form: Form, status: int = 200) -> Response:
        who = request.reader
        held = self._exchange.list_collections(who, archived=True)
        # What everything joins comes first, then what people made, then what agreements made.
        held.sort(key=lambda each: (each.name != MAIN, bool(each.agreement), each.title.casefold()))
        return request.render(
            "taxii/collections.html",
            status,
            main=MAIN,
            cards=[self._card(request, who, each) for each in held if not each.archived_at],
            archived=[each for each in held if each.archived_at],
            form=form,
            parties=self._partners(),
            may_keep=_may(request, Permission.PUBLISH),
            title_most=TITLE_MOST,
            description_most=DESCRIPTION_MOST,
        )

    def create(self, request: Request) -> Response:
        form = _read(request)
        try:
            made = self._exchange.create_collection(
                form.name,
                title=form.title,
                description=form.description,
                strict=form.strict,
                readers=_readers(form),
                writable=form.writable,
                by=request.reader.name,
            )
        except KoupreyError as error:
            form.errors[error.code.removeprefix("bad-").replace("name-taken", "name")] = in_words(error)
            return self._list(request, form, error.http_status)
        said = _("%(title)s is made. Give its address to those who shall read it.") % {"title": made.title}
        return request.redirect(f"{PATH}/{made.name}", said, undo=Undo(f"{PATH}/{made.name}/archive"))

    def show(self, request: Request) -> Response:
        who = request.reader
        held = self._exchange.get_collection(request.path_params["collection"], who)
        # Of what everything joins, what is seen of everything is the shorter road.
        within = "" if held.name == MAIN else held.id
        members = self._exchange.list_objects(who, collection=within, limit=NEWEST)
        tokens = {token.user: token for token in self._people.list_tokens()}
        sees = _may(request, Permission.AUDIT)
        reading = self._clients.list_standings(collection=held.id, limit=READING) if sees else []
        return request.render(
            "taxii/collection.html",
            main=MAIN,
            card=self._card(request, who, held),
            held=held,
            members=members,
            called=self._exchange.naming.name_heads(who, members.heads),
            reading=[(each, tokens.get(each.client)) for each in reading],
            names={party.id: party.name for party in self._people.list_parties()},
            sees_clients=sees,
            form=_form_of(held),
            parties=self._partners(),
            origin=request.site.origins[0],
            root=request.site.origins[0] + API_ROOT,
            may_keep=_may(request, Permission.PUBLISH),
            may_archive=held.name != MAIN and not held.agreement,
            may_token=_may(request, Permission.PEOPLE),
            title_most=TITLE_MOST,
            description_most=DESCRIPTION_MOST,
        )

    def change(self, request: Request) -> Response:
        before = self._exchange.get_collection(request.path_params["collection"], request.reader)
        form, ruled = _read(request), bool(before.agreement)
        path = f"{PATH}/{before.name}"
        try:
            made = self._exchange.change_collection(
                before.id,
                title=form.title,
                description=form.description,
                strict=form.strict,
                readers=None if ruled else _readers(form),
                writable=None if ruled else form.writable,
                by=request.reader.name,
            )
        except KoupreyError as error:
            return request.redirect(path, in_words(error), "bad")
        if made == before:
            return request.redirect(path, _("Nothing was different."), "info")
        return request.redirect(
            path, _("Changed; it counts from the next request on."), undo=Undo(path, _fields(before))
        )

    def archive(self, request: Request) -> Response:
        name = request.path_params["collection"]
        try:
            made = self._exchange.archive_collection(name, by=request.reader.name)
        except KoupreyError as error:
            return request.redirect(f"{PATH}/{name}", in_words(error), "bad")
        said = _("%(title)s is archived: clients find it no more, and nothing joins it.") % {"title": made.title}
        return request.redirect(PATH, said, undo=Undo(f"{PATH}/{made.name}/restore"))

    def restore(self, request: Request) -> Response:
        made = self._exchange.restore_collection(request.path_params["collection"], by=request.reader.name)
        said = _("%(title)s is in use again; clients go on where they stopped.") % {"title": made.title}
        return request.redirect(f"{PATH}/{made.name}", said)

    def _card(self, request: Request, who: Reader, held: Collection) -> Card:
        # Of what everything joins the tally knows the number; of others a client's first page is the shortest road.
        if held.name == MAIN:
            found = Waiting(count=self._exchange.counts(who).total, more=False, oldest=0)
        else:
            found = self._exchange.waiting(who, held.id, after_position=0)
        return Card(
            held,
            f"{request.site.origins[0]}{API_ROOT}collections/{held.id}/",
            found,
            self._readers_of(held),
            self._writers_of(held),
        )

    def _readers_of(self, held: Collection) -> str:
        names = {party.id: party.name for party in self._people.list_parties()}
        if held.agreement:
            standing = self._agreements.standings().get(held.agreement)
            parties = [names.get(each, each) for each in standing.parties] if standing is not None else []
            return _("the parties of its agreement: %(names)s") % {"names": joined(parties)}
        if EVERYBODY in held.readers:
            return _("every partner, as far as agreements let them see")
        if not held.readers:
            return _("our own people and programs only")
        named = joined(names.get(each, each) for each in held.readers)
        return _("our own, and %(names)s") % {"names": named}

    def _writers_of(self, held: Collection) -> str:
        if held.agreement:
            return _("programs of the partners of its agreement, while it runs")
        if not held.writable:
            return _("no program; people import here")
        return _("our own programs whose token may write")

    def _partners(self) -> Sequence[tuple[str, str]]:
        return [(party.id, party.name) for party in self._people.list_parties() if not party.home]


def _may(request: Request, permission: Permission) -> bool:
    """Whether to offer something; the door decides anew."""
    return bool(set(roles_with(permission)) & set(request.who.roles))


def _read(request: Request) -> Form:
    audience = request.field("audience")
    if audience not in AUDIENCES:
        raise Damaged(_("It is not clear who reads it."), remedy=_("Choose one of the list."), code="bad-audience")
    # A way back sends them in one field, with blanks between.
    parties = " ".join(str(each) for each in request.fields.getlist("parties"))[:10_000].split()
    return Form(
        name=request.field("name", longest=200),
        title=request.field("title"),
        description=request.field("description"),
        audience=audience,
        parties=tuple(dict.fromkeys(parties)),
        strict=request.field("strict") == "yes",
        writable=request.field("writable") == "yes",
    )


def _readers(form: Form) -> tuple[str, ...]:
    return {"all": (EVERYBODY,), "own": ()}.get(form.audience, form.parties)


def _form_of(held: Collection) -> Form:
    audience = "all" if EVERYBODY in held.readers else "named" if held.readers else "own"
    parties = held.readers if audience == "named" else ()
    return Form(held.name, held.title, held.description, audience, parties, held.strict, held.writable)


def _fields(held: Collection) -> dict[str, str]:
    """What a form sends that makes a collection as it was."""
    form = _form_of(held)
    fields = {"title": form.title, "description": form.description, "audience": form.audience}
    ticked = {"parties": " ".join(form.parties), "strict": form.strict, "writable": form.writable}
    return fields | {name: value if isinstance(value, str) else "yes" for name, value in ticked.items() if value}
