"""Endpoints about contacts without a node, and the links they answer by."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.response.api.handoffshapes import Short, Text, Whole, whole
from kouprey.response.model import Decline, Urgency, Verb, Wanted
from kouprey.response.model.contacts import Contact, Link, Via
from kouprey.response.service import Contacts, HandOffs, Words

Seconds = Annotated[int, Meta(ge=0, le=31_536_000)]


class NewContact(Asked, frozen=True, kw_only=True):
    """Somebody without a node. `party`: ours, a partner's, or ""; `paper` names what they signed.

    They may be asked up to `ceiling`; a mail to them says what is asked up to `content`. `language` is en, km, th or
    ms, `zone` an IANA time zone.
    """

    name: Short
    team: Short
    party: str = ""
    mail: Short = ""
    phone: Short = ""
    language: str = "en"
    zone: Short = "UTC"
    paper: Short = ""
    ceiling: str = "amber"
    content: str = "green"
    acknowledge_s: Seconds = 3_600
    decide_s: Seconds = 14_400
    note: Text = ""


class NewUse(Asked, frozen=True, kw_only=True):
    """Whether a contact is in use."""

    in_use: bool


class NewQuestion(Asked, frozen=True, kw_only=True):
    """What a contact is asked; the fields are those of a hand-off."""

    kind: str
    title: Short
    text: Text
    tlp: str = "green"
    urgency: Urgency = Urgency.URGENT
    refs: Annotated[tuple[str, ...], Meta(max_length=100)] = ()
    report_days: Annotated[int, Meta(ge=0, le=365)] = 0
    basis: Text = ""
    number: Short = ""


class NewLink(Asked, frozen=True, kw_only=True):
    """For whom."""

    contact: str


class Heard(Asked, frozen=True, kw_only=True):
    """What a contact told us, and how."""

    verb: Verb
    via: Via
    text: Text = ""
    reason: Decline | None = None
    number: Short = ""


class ContactShown(Struct, kw_only=True):
    """A contact; `archived` is when it went out of use, "" while it is in use."""

    id: str
    name: str
    team: str
    party: str
    mail: str
    phone: str
    language: str
    zone: str
    paper: str
    ceiling: str
    content: str
    acknowledge_s: int
    decide_s: int
    note: str
    made: Time
    archived: Time


class ContactList(Struct, kw_only=True):
    """All contacts, those out of use last."""

    contacts: tuple[ContactShown, ...]


class LinkShown(Struct, kw_only=True):
    """A link without its secret; `revoked` is "" while it is not."""

    id: str
    contact: str
    made_by: str
    made: Time
    expires: Time
    revoked: Time


class LinkList(Struct, kw_only=True):
    """The links of a hand-off, the newest first."""

    links: tuple[LinkShown, ...]


class LinkMade(Struct, kw_only=True):
    """A new link: its `address` is told this once."""

    link: LinkShown
    address: str


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Hand-offs", "roles": roles_with(Permission.READ)}
    unknown, barred = {"unknown-contact": 404}, {"role-missing": 403}
    one = "/handoffs/contacts/{contact}"
    return [
        api(
            "GET",
            "/handoffs/contacts",
            desk.list,
            gives=ContactList,
            does=("GET /handoffs/contacts",),
            summary="People who are asked without a node.",
            **told,
        ),
        api(
            "POST",
            "/handoffs/contacts",
            desk.add,
            takes=NewContact,
            gives=ContactShown,
            status=201,
            fails={**barred, "bad-contact": 400},
            does=("POST /handoffs/contacts",),
            summary="Write a contact down.",
            **told,
        ),
        api("GET", one, desk.one, gives=ContactShown, fails=unknown, does=(f"GET {one}",), summary="One.", **told),
        *_of_one(desk, told),
        *_of_links(desk, told),
    ]


def _of_one(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    unknown, barred = {"unknown-contact": 404}, {"role-missing": 403}
    one = "/handoffs/contacts/{contact}"
    return [
        api(
            "PUT",
            one,
            desk.change,
            takes=NewContact,
            gives=ContactShown,
            fails={**unknown, **barred, "bad-contact": 400},
            does=(f"POST {one}",),
            repeatable=True,
            summary="Change a contact; another mail address takes its links back.",
            **told,
        ),
        api(
            "PUT",
            f"{one}/use",
            desk.use,
            takes=NewUse,
            gives=ContactShown,
            fails={**unknown, **barred},
            does=(f"POST {one}/archive",),
            repeatable=True,
            summary="Take a contact out of use, its links with it, or back into use.",
            **told,
        ),
        api(
            "POST",
            f"{one}/handoffs",
            desk.ask,
            takes=NewQuestion,
            gives=Whole,
            status=201,
            fails={**unknown, **barred, "above-ceiling": 409, "archived": 409, "own-contact": 409},
            does=(f"GET {one}/ask", f"POST {one}/ask"),
            summary="Ask a contact; it stays here, and goes to them by a link, a mail or a call.",
            **told,
        ),
    ]


def _of_links(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    barred, links = {"role-missing": 403}, "/handoffs/{handoff}/links"
    return [
        api("GET", links, desk.links, gives=LinkList, fails={"unknown-handoff": 404}, summary="Its links.", **told),
        api(
            "POST",
            links,
            desk.make,
            takes=NewLink,
            gives=LinkMade,
            status=201,
            secret=True,
            fails={"unknown-handoff": 404, "no-link": 403, "not-outside": 409},
            does=("POST /handoffs/{handoff}/links", "POST /handoffs/{handoff}/letter"),
            summary="Make a link by which a contact answers; refused where the marking lets nothing leave.",
            **told,
        ),
        api(
            "DELETE",
            f"{links}/{{link}}",
            desk.revoke,
            fails={"unknown-handoff": 404, "unknown-link": 404, **barred},
            does=("POST /handoffs/{handoff}/links/{link}/revoke",),
            repeatable=True,
            summary="Take a link back.",
            **told,
        ),
        api(
            "POST",
            "/handoffs/{handoff}/heard",
            desk.write_down,
            takes=Heard,
            gives=Whole,
            status=201,
            fails={"unknown-handoff": 404, "not-outside": 409, "not-now": 409, **barred},
            does=("POST /handoffs/{handoff}/told",),
            summary="Write down what a contact told by telephone or mail; it counts as theirs.",
            **told,
        ),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._contacts = services.get(Contacts)
        self._handoffs = services.get(HandOffs)

    def _who(self, request: Request) -> Reader:
        return self._handoffs.speaker(request.reader, request.who.roles)

    def list(self, request: Request) -> ContactList:
        return ContactList(contacts=tuple(map(_shown, self._contacts.list(self._who(request)))))

    def one(self, request: Request) -> ContactShown:
        return _shown(self._contacts.get(self._who(request), request.path_params["contact"]))

    def add(self, request: Request, asked: NewContact) -> ContactShown:
        return _shown(self._contacts.record(self._who(request), _contact(asked, "")))

    def change(self, request: Request, asked: NewContact) -> ContactShown:
        who = self._who(request)
        held = self._contacts.get(who, request.path_params["contact"])
        return _shown(self._contacts.record(who, _contact(asked, held.id)))

    def use(self, request: Request, asked: NewUse) -> ContactShown:
        contact = request.path_params["contact"]
        return _shown(self._contacts.set_archived(self._who(request), contact, not asked.in_use))

    def ask(self, request: Request, asked: NewQuestion) -> Whole:
        who = self._who(request)
        wanted = Wanted(
            agreement="",
            to="",
            kind=asked.kind,
            title=asked.title,
            text=asked.text,
            tlp=parse_tlp(asked.tlp),
            urgency=asked.urgency,
            refs=asked.refs,
            report_within_s=asked.report_days * 86_400,
            basis=asked.basis,
            number=asked.number,
        )
        made = self._contacts.ask(who, request.path_params["contact"], wanted)
        return whole(self._handoffs.get(who, made.id), self._handoffs)

    def links(self, request: Request) -> LinkList:
        found = self._contacts.list_links(self._who(request), request.path_params["handoff"])
        return LinkList(links=tuple(_link(link) for link, _name in found))

    def make(self, request: Request, asked: NewLink) -> LinkMade:
        secret, link = self._contacts.make_link(self._who(request), request.path_params["handoff"], asked.contact)
        return LinkMade(link=_link(link), address=self._contacts.address(secret))

    def revoke(self, request: Request) -> None:
        who = self._who(request)
        self._contacts.revoke_link(who, request.path_params["handoff"], request.path_params["link"])

    def write_down(self, request: Request, asked: Heard) -> Whole:
        words = Words(asked.verb, text=asked.text, reason=str(asked.reason or ""), number=asked.number)
        held = self._contacts.write_down(self._who(request), request.path_params["handoff"], words, asked.via)
        return whole(held, self._handoffs)


def _contact(asked: NewContact, contact: str) -> Contact:
    return Contact(
        id=contact,
        name=asked.name,
        team=asked.team,
        party=asked.party,
        mail=asked.mail,
        phone=asked.phone,
        language=asked.language,
        zone=asked.zone,
        paper=asked.paper,
        ceiling=parse_tlp(asked.ceiling),
        content=parse_tlp(asked.content),
        acknowledge_s=asked.acknowledge_s,
        decide_s=asked.decide_s,
        note=asked.note,
    )


def _shown(contact: Contact) -> ContactShown:
    return ContactShown(
        id=contact.id,
        name=contact.name,
        team=contact.team,
        party=contact.party,
        mail=contact.mail,
        phone=contact.phone,
        language=contact.language,
        zone=contact.zone,
        paper=contact.paper,
        ceiling=contact.ceiling.word,
        content=contact.content.word,
        acknowledge_s=contact.acknowledge_s,
        decide_s=contact.decide_s,
        note=contact.note,
        made=time_of(contact.made_at),
        archived=time_of(contact.archived_at) if contact.archived_at else "",
    )


def _link(link: Link) -> LinkShown:
    return LinkShown(
        id=link.id,
        contact=link.contact,
        made_by=link.made_by,
        made=time_of(link.made_at),
        expires=time_of(link.expires),
        revoked=time_of(link.revoked_at) if link.revoked_at else "",
    )
