"""Contacts without a node: the list, one of them, and the form by which they are asked."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, own_name
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model import Urgency, Wanted
from kouprey.response.model.contacts import TONGUES, Contact
from kouprey.response.pages import words
from kouprey.response.pages.asking import REPORTS
from kouprey.response.pages.naming import Names
from kouprey.response.service import Contacts, HandOffs

PATH = "/handoffs/contacts"
HOURS = (0, 1, 2, 4, 8, 24, 48, 72, 168)
CEILINGS = (TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.AMBER_STRICT)
FIELDS = ("name", "team", "party", "mail", "phone", "language", "zone", "paper", "ceiling", "content", "note")
CLOCKS = ("acknowledge", "decide")
ASKING = ("kind", "urgency", "title", "text", "refs", "tlp", "report", "basis", "number")


def doors(services: Services) -> list[Door]:
    """The list, one, and what is done with it."""
    desk = _Desk(services)
    roles = roles_with(Permission.READ)
    return [
        page(PATH, desk.show, roles=roles),
        page(PATH, desk.add, "POST", roles=roles),
        page(f"{PATH}/{{contact}}", desk.one, roles=roles),
        page(f"{PATH}/{{contact}}", desk.change, "POST", roles=roles),
        page(f"{PATH}/{{contact}}/archive", desk.archive, "POST", roles=roles),
        page(f"{PATH}/{{contact}}/ask", desk.form, roles=roles),
        page(f"{PATH}/{{contact}}/ask", desk.ask, "POST", roles=roles),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._contacts = services.get(Contacts)
        self._handoffs = services.get(HandOffs)
        self._people = services.get(People)

    def _who(self, request: Request) -> Reader:
        return self._handoffs.speaker(request.reader, request.who.roles)

    def show(self, request: Request, error: str = "", status: int = 200, given: Any = None) -> Response:
        who, names = self._who(request), Names(self._people)
        return request.render(
            "response/contacts.html",
            status,
            contacts=[
                (each, names.party(each.party) if each.party else "", own_name(each.language))
                for each in self._contacts.list(who)
            ],
            may=self._contacts.may_keep(who),
            error=error,
            **self._choices(names),
            given=given or {"language": "en", "zone": "Asia/Phnom_Penh", "ceiling": "amber", "content": "green"},
            hours_of={"acknowledge": "1", "decide": "4"} if given is None else given,
        )

    def add(self, request: Request) -> Response:
        given = self._given(request)
        try:
            made = self._contacts.record(self._who(request), _contact(given))
        except KoupreyError as error:
            return self.show(request, _said(error), 400, given)
        return request.redirect(f"{PATH}/{made.id}", _("It is written down."))

    def one(self, request: Request) -> Response:
        return self._one(request, self._contacts.get(self._who(request), request.path_params["contact"]))

    def _one(
        self, request: Request, contact: Contact, error: str = "", status: int = 200, given: Any = None
    ) -> Response:
        who, names = self._who(request), Names(self._people)
        lines = [
            line
            for ended in (False, True)
            for line in self._handoffs.list_asking(who, ended=ended)
            if line.asked == contact.id
        ]
        return request.render(
            "response/contact.html",
            status,
            contact=contact,
            party=names.party(contact.party) if contact.party else "",
            own=contact.party == self._people.home_id,
            may=self._contacts.may_keep(who),
            lines=[(line, words.stage(line.stage)) for line in lines],
            error=error,
            **self._choices(names),
            given=given or _fields(contact),
            hours_of=given
            or {"acknowledge": str(contact.acknowledge_s // 3600), "decide": str(contact.decide_s // 3600)},
        )

    def change(self, request: Request) -> Response:
        who, given = self._who(request), self._given(request)
        held = self._contacts.get(who, request.path_params["contact"])
        try:
            self._contacts.record(who, _contact(given, held.id))
        except KoupreyError as error:
            return self._one(request, held, _said(error), 400, given)
        return request.redirect(f"{PATH}/{held.id}", _("It is written down."))

    def archive(self, request: Request) -> Response:
        contact, back = request.path_params["contact"], request.field("back") == "yes"
        self._contacts.set_archived(self._who(request), contact, not back)
        text = _("They can be asked again.") if back else _("Out of use; their links open nothing any more.")
        return request.redirect(f"{PATH}/{contact}", text)

    def form(self, request: Request) -> Response:
        return self._form(request, {"tlp": "green", "urgency": "urgent"})

    def _form(self, request: Request, given: dict[str, str], error: str = "", status: int = 200) -> Response:
        contact = self._contacts.get(self._who(request), request.path_params["contact"])
        return request.render(
            "response/contact_ask.html",
            status,
            contact=contact,
            kinds=[("", _("choose")), *((kind, _(words.KINDS[kind])) for kind in HANDOFF_KINDS)],
            levels=[(level.word, level.text) for level in CEILINGS if level <= contact.ceiling],
            urgencies=[(str(key), _(word)) for key, (word, _tone) in words.URGENCIES.items()],
            reports=[(str(days), _("%(n)s days") % {"n": days} if days else _("no date")) for days in REPORTS],
            given=dict.fromkeys(ASKING, "") | given,
            error=error,
        )

    def ask(self, request: Request) -> Response:
        given = {name: request.field(name, longest=20_000) for name in ASKING}
        try:
            try:
                wanted = Wanted(
                    agreement="",
                    to="",
                    kind=given["kind"],
                    title=given["title"],
                    text=given["text"],
                    tlp=parse_tlp(given["tlp"]),
                    urgency=Urgency(given["urgency"]),
                    refs=tuple(given["refs"].split()),
                    report_within_s=int(given["report"] or 0) * 86_400,
                    basis=given["basis"],
                    number=given["number"],
                )
            except ValueError as error:
                raise Damaged(
                    "The form cannot be read.", str(error)[:200], "Load it again.", code="bad-form"
                ) from error
            made = self._contacts.ask(self._who(request), request.path_params["contact"], wanted)
        except KoupreyError as error:
            return self._form(request, given, _said(error), 400)
        return request.redirect(f"/handoffs/{made.id}", _("It is written down. Now send a link, or call."))

    def _given(self, request: Request) -> dict[str, str]:
        return {name: request.field(name, longest=2_000) for name in (*FIELDS, *CLOCKS)}

    def _choices(self, names: Names) -> dict[str, Any]:
        parties = [(each.id, names.party(each.id)) for each in self._people.list_parties()]
        return {
            "parties": [("", _("none: it has no node")), *sorted(parties, key=lambda each: each[1])],
            "tongues": [(code, own_name(code)) for code in TONGUES],
            "ceilings": [(level.word, level.text) for level in CEILINGS],
            "hours": [(str(n), _hours(n)) for n in HOURS],
            "path": PATH,
        }


def _contact(given: dict[str, str], contact: str = "") -> Contact:
    try:
        acknowledge, decide = (int(given[name] or 0) * 3_600 for name in CLOCKS)
        return Contact(
            id=contact,
            name=given["name"],
            team=given["team"],
            party=given["party"],
            mail=given["mail"],
            phone=given["phone"],
            language=given["language"],
            zone=given["zone"],
            paper=given["paper"],
            note=given["note"],
            ceiling=parse_tlp(given["ceiling"]),
            content=parse_tlp(given["content"]),
            acknowledge_s=acknowledge,
            decide_s=decide,
        )
    except ValueError as error:
        raise Damaged("The form cannot be read.", str(error)[:200], "Load it again.", code="bad-form") from error


def _fields(contact: Contact) -> dict[str, str]:
    plain = {name: str(getattr(contact, name)) for name in FIELDS if name not in ("ceiling", "content")}
    return plain | {"ceiling": contact.ceiling.word, "content": contact.content.word}


def _said(error: KoupreyError) -> str:
    return in_words(error)


def _hours(n: int) -> str:
    if n == 1:
        return _("one hour")
    return _("%(n)s hours") % {"n": n} if n else _("none")
