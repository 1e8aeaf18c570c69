"""What a hand-off's page offers where the other side has no node: links, mail, and what was told by telephone."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model import Side
from kouprey.response.model.contacts import Via
from kouprey.response.pages import words
from kouprey.response.pages.naming import Names
from kouprey.response.rules.folding import verbs_for
from kouprey.response.rules.outside import ANSWERS
from kouprey.response.service import Contacts, HandOffs, Told, told_by

PATH = "/handoffs/{handoff}"


def doors(services: Services) -> list[Door]:
    """Making, sending and revoking links, and writing down what was told."""
    desk = _Desk(services)
    roles = roles_with(Permission.READ)
    return [
        page(f"{PATH}/links", desk.make, "POST", roles=roles),
        page(f"{PATH}/links/{{link}}/revoke", desk.revoke, "POST", roles=roles),
        page(f"{PATH}/letter", desk.letter, "POST", roles=roles),
        page(f"{PATH}/told", desk.write_down, "POST", roles=roles),
    ]


def part(services: Services, who: Reader, held: Told) -> dict[str, Any]:
    """What the page of a hand-off shows of it; empty where everybody has a node and nobody needs a link."""
    contacts = services.get(Contacts)
    contact, names = contacts.contact_of(held), Names(services.get(People))
    may_link = contacts.may_link(who, held)
    linkable = contacts.linkable(who, held) if may_link else []
    links = contacts.list_links(who, held.asked.id)
    if contact is None and not linkable and not links:
        return {}
    next_ = [verb for verb in verbs_for(held.course, Side.ASKED) if verb in ANSWERS] if contact is not None else []
    now = services.get(HandOffs).now()
    return {
        "contact": contact,
        "linkable": linkable,
        "links": [(link, name, names.person(link.made_by), link.holds(now)) for link, name in links],
        "may_keep": contacts.may_keep(who),
        "verbs": [(str(verb), _(words.DO[verb][0])) for verb in next_] if contacts.may_write_down(who) else [],
        "vias": [(str(Via.PHONE), _("by telephone")), (str(Via.MAIL), _("by mail"))],
    }


class _Desk:
    def __init__(self, services: Services) -> None:
        self._contacts = services.get(Contacts)
        self._handoffs = services.get(HandOffs)

    def _who(self, request: Request) -> Reader:
        return self._handoffs.speaker(request.reader, request.who.roles)

    def make(self, request: Request) -> Response:
        who, handoff = self._who(request), request.path_params["handoff"]
        secret, link = self._contacts.make_link(who, handoff, request.field("contact", longest=200))
        contact, message = self._contacts.letter(who, handoff, secret)
        text = message.get_content()
        return request.render(
            "response/link.html",
            handoff=handoff,
            secret=secret,
            address=self._contacts.address(secret),
            link=link,
            contact=contact,
            subject=str(message["Subject"]),
            text=text,
            sends=self._contacts.sends_mail() and bool(contact.mail),
        )

    def letter(self, request: Request) -> Response:
        who, handoff = self._who(request), request.path_params["handoff"]
        secret = request.field("secret", longest=100)
        if request.field("do") == "send":
            contact = self._contacts.send(who, handoff, secret)
            return request.redirect(
                f"/handoffs/{handoff}", _("The mail is on its way to %(to)s.") % {"to": contact.mail}
            )
        _contact, message = self._contacts.letter(who, handoff, secret)
        headers = {"Content-Disposition": f'attachment; filename="handoff-{handoff[:12]}.eml"'}
        return Response(message.as_bytes(), media_type="message/rfc822", headers=headers)

    def revoke(self, request: Request) -> Response:
        handoff = request.path_params["handoff"]
        self._contacts.revoke_link(self._who(request), handoff, request.path_params["link"])
        return request.redirect(f"/handoffs/{handoff}", _("The link opens nothing any more."))

    def write_down(self, request: Request) -> Response:
        handoff = request.path_params["handoff"]
        names = ("verb", "reason", "number")
        given = {name: request.field(name, longest=200) for name in names}
        given["text"] = request.field("text", longest=20_000)
        try:
            via = Via(request.field("via"))
        except ValueError:
            raise Damaged("It is not clear how they said it.", remedy="Choose how.", code="bad-via") from None
        try:
            self._contacts.write_down(self._who(request), handoff, told_by(given), via)
        except KoupreyError as error:
            said = in_words(error)
            return request.redirect(f"/handoffs/{handoff}", said, "bad")
        return request.redirect(f"/handoffs/{handoff}", _("It is written down as theirs, with your name beside it."))
