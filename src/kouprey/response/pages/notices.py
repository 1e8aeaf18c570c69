"""Notices: what waits for somebody, the bell that counts it, what they want to be told, and watching a case."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, current, labelled, mark
from kouprey.kernel.web.live import Pulses
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.capability import Job, Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.notices import About, Choice, Notice, Often, Posted
from kouprey.response.pages import casewords
from kouprey.response.pages.cases import said, who_of
from kouprey.response.pages.naming import plain
from kouprey.response.service import NoticeHook, NoticeMail, Notices
from kouprey.response.store.cases import place_of, read_place
from kouprey.response.wire.noticeletter import write_notice
from kouprey.response.wire.words import CLOCKS

PATH = "/notices"
MOST_UNDONE = 60
"""Ids that the way back of a press carries; more than that is marked one page after the other."""
SORTS = {
    About.HANDOFF: (mark("A hand-off comes or goes on"), "out"),
    About.CLOCK: (mark("A deadline is near or over"), "clock"),
    About.TASK: (mark("A task is yours"), "check"),
    About.CASE: (mark("A case that you watch or lead changes"), "incident"),
}
HEADS = {
    About.HANDOFF: mark("A partner said something"),
    About.CLOCK: mark("A deadline is near or over"),
    About.TASK: mark("A task is yours"),
    About.CASE: mark("A case changed"),
}
LAWFUL = {
    "preserved": mark("Half of the time of its preservation is over: file the request for mutual assistance."),
    "basis": mark("Files were given in an emergency, and their legal basis is not filed yet."),
}
"""What legal officers are told of a clock of the law."""
SECOND = mark("A second word is needed")
OFTEN = {
    Often.OFF: mark("no mail"),
    Often.HOURLY: mark("once an hour at most"),
    Often.DAILY: mark("once a day at most"),
}
STATES = {
    Posted.NONE: mark("No mail was sent yet."),
    Posted.HANDING: mark("A mail is on its way."),
    Posted.SENT: mark("The last mail was taken by the relay."),
    Posted.WAITS: mark("The relay did not take the last mail; it is tried again by itself."),
    Posted.FAILED: mark("The last mail could not be sent."),
}


def doors(services: Services) -> list[Door]:
    """What waits, its number, marking it, what is chosen, and watching."""
    desk = _Desk(services.get(Notices))
    roles = roles_with(Permission.READ)
    return [
        page(PATH, desk.show, roles=roles),
        page(f"{PATH}/now", desk.bell, roles=roles),
        page(f"{PATH}/read", desk.mark, "POST", roles=roles),
        page(f"{PATH}/choice", desk.choose, "POST", roles=roles),
        page("/cases/{case}/watch", desk.watch, "POST", roles=roles),
    ]


def pulses(services: Services) -> Pulses:
    """What waits for somebody is theirs alone."""
    return {"notices": services.get(Notices).pulse}


def jobs(services: Services) -> list[Job]:
    """Whoever wants mail is told that something waits, and so is the address of the settings."""
    notices = services.get(Notices)
    mail, hook = NoticeMail(notices), NoticeHook(notices)
    address = f"{notices.origin}{PATH}"
    return [
        Job("response.notices", 60.0, lambda: mail.post(lambda counted, code: write_notice(counted, code, address))),
        Job("response.hook", 15.0, hook.call),
    ]


class _Desk:
    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    def show(self, request: Request) -> Response:
        return self._show(request)

    def _show(self, request: Request, error: str = "", status: int = 200) -> Response:
        who, asked = who_of(request), request.query_params
        unread = asked.get("all", "") != "yes"
        found, more = self._notices.list_notices(who, unread=unread, before=read_place(asked.get("before", "")))
        person = self._notices.is_person(who)
        choice = self._notices.choice(who) if person else Choice()
        older = f"{PATH}?before={place_of(found[-1].at, found[-1].id)}" if more else ""
        return request.render(
            "response/notices.html",
            status,
            rows=[_row(each) for each in found],
            unread=unread,
            older=older + ("" if unread or not older else "&all=yes"),
            newest=(PATH + ("" if unread else "?all=yes")) if asked.get("before") else "",
            waiting=any(not each.read_at for each in found),
            person=person,
            choice=choice,
            told=[(str(key), _(text), key in choice.told) for key, (text, _icon) in SORTS.items()],
            often=[(str(key), _(text)) for key, text in OFTEN.items()],
            state=_(STATES[choice.state]),
            mails=self._notices.relay() is not None,
            error=error,
            path=PATH,
        )

    def bell(self, request: Request) -> Response:
        return request.render("response/bell.html", count=self._notices.count(who_of(request)))

    def mark(self, request: Request) -> Response:
        ids = [str(each)[:80] for each in request.fields.getlist("id") if isinstance(each, str)]
        together = request.field("ids", longest=4_000).split()
        read = request.field("read", longest=8) != "no"
        done = self._notices.mark(who_of(request), [*ids, *together], read=read)
        undo = Undo(f"{PATH}/read", {"ids": " ".join(done), "read": "no"}) if 0 < len(done) <= MOST_UNDONE else None
        told = _("Marked as read.") if read else _("Marked as unread.")
        return request.redirect(PATH, told, undo=undo if read else None)

    def choose(self, request: Request) -> Response:
        told = [str(each) for each in request.fields.getlist("told") if isinstance(each, str)]
        try:
            often = Often(request.field("often", longest=20) or "off")
            sorts = [About(each) for each in told]
        except ValueError as error:
            return self._show(request, str(error)[:120], 400)
        address = request.field("address", longest=300)
        try:
            self._notices.choose(who_of(request), sorts, often, address, current().code)
        except Damaged as error:
            return self._show(request, said(error), error.http_status)
        return request.redirect(PATH, _("It is kept."))

    def watch(self, request: Request) -> Response:
        case, watching = request.path_params["case"], request.field("watch", longest=8) == "yes"
        where = f"/cases/{case}"
        try:
            self._notices.watch(who_of(request), case, watching=watching)
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return request.redirect(where, said(error), "bad")
        undo = Undo(f"{where}/watch", {"watch": "no" if watching else "yes"})
        told = (
            _("You are told of what changes in it.") if watching else _("You are told no more of what changes in it.")
        )
        return request.redirect(where, told, undo=undo)


def _deed(word: str) -> str:
    """What was done last; a clock is nobody's deed."""
    if word == "duty.warn":
        return _("The time of a report that a law wants runs out, or is over.")
    return _("Last: somebody %(did)s.") % {"did": _(casewords.ACTS[word])} if word in casewords.ACTS else ""


def _row(notice: Notice) -> dict[str, Any]:
    word = notice.said
    if notice.number:
        path = f"/cases/{notice.number}"
        did = _deed(word) if notice.kind is not About.TASK else ""
    else:
        path, clock = f"/handoffs/{notice.about}", word.partition(" ")
        percent = _("%(percent)s %% of its time has passed") % {"percent": clock[2]}
        did = labelled(_(CLOCKS[clock[0]]), percent) if clock[0] in CLOCKS else ""
        did = _(LAWFUL[clock[0]]) if clock[0] in LAWFUL else did
    head = SECOND if word == "word" else HEADS[notice.kind]
    return {
        "notice": notice,
        "head": _(head),
        "icon": SORTS[notice.kind][1],
        "title": plain(notice.title),
        "number": notice.number,
        "path": path,
        "did": did,
    }
