"""The desk of statements: what was heard, what is being written, who has approved it, and how fast answers were."""

from __future__ import annotations

from statistics import median
from typing import Any

import msgspec
from starlette.responses import Response

from kouprey.advisories.model import Draft, DraftState, Kind, Published, Rumour, Verdict
from kouprey.advisories.pages import forms
from kouprey.advisories.rules.standing import NEEDED, READING
from kouprey.advisories.service import Desk, Statements
from kouprey.advisories.wire.block import write_block
from kouprey.advisories.wire.feeds import spoken
from kouprey.advisories.wire.words import KINDS, VERDICTS
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, current, in_words, own_name, pgettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words import decision
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/statements/desk"
SHOWN = 20
STATES = {
    DraftState.OPEN: "info",
    DraftState.PUBLISHED: "good",
    DraftState.ABANDONED: "idle",
}


def doors(services: Services) -> list[Door]:
    """Who works on statements follows from roles, which the desk asks; everybody else is told where to read them."""
    desk = _Pages(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    large: dict[str, Any] = {"cap": forms.LARGEST + 2 * MIB, "part": forms.LARGEST + MIB, **reads}
    return [
        page(PATH, desk.show, **reads),
        page(f"{PATH}/rumours", desk.take, "POST", **reads),
        page(f"{PATH}/rumours/{{rumour}}/aside", desk.aside, "POST", **reads),
        page(f"{PATH}/rumours/{{rumour}}/reopen", desk.reopen, "POST", **reads),
        page(f"{PATH}/mirrors/{{publisher}}", desk.mirror, "POST", **reads),
        page(f"{PATH}/new", desk.new, **reads),
        page(f"{PATH}/new", desk.draft, "POST", **large),
        page(f"{PATH}/{{draft}}", desk.one, **reads),
        page(f"{PATH}/{{draft}}/edit", desk.edit, **reads),
        page(f"{PATH}/{{draft}}/edit", desk.change, "POST", **large),
        page(f"{PATH}/{{draft}}/approve", desk.approve, "POST", **reads),
        page(f"{PATH}/{{draft}}/publish", desk.publish, "POST", **reads),
        page(f"{PATH}/{{draft}}/abandon", desk.abandon, "POST", **reads),
    ]


def speaker(request: Request) -> decision.Reader:
    """Whoever asks, with the roles they have: here roles say what one may do."""
    return msgspec.structs.replace(request.reader, roles=tuple(request.who.roles))


class _Pages:
    def __init__(self, services: Services) -> None:
        self._desk = services.get(Desk)
        self._statements = services.get(Statements)
        self._people = services.get(People)

    def show(
        self, request: Request, error: str = "", status: int = 200, typed: dict[str, str] | None = None
    ) -> Response:
        who = speaker(request)
        works = not READING.isdisjoint(who.roles)
        rumours = self._desk.list_rumours(who) if works else []
        answered = self._desk.list_answered(who) if works else []
        published = self._statements.list_public()
        return request.render(
            "advisories/desk.html",
            status,
            works=works,
            path=PATH,
            error=error,
            typed=typed or {},
            waiting=[self._heard(each) for each in rumours if not each.draft and not each.aside_at],
            aside=[self._heard(each) for each in rumours if each.aside_at][:SHOWN],
            drafts=[self._brief(each) for each in self._desk.list_drafts(who)] if works else [],
            published=[_said(each) for each in published[:SHOWN]],
            count=len(published),
            took={each.statement: each for each in answered},
            middle=current().span(median(each.seconds for each in answered)) if answered else "–",
            mirrors=self._statements.mirrors(who) if works else [],
            outlook=self._statements.outlook(who) if works else [],
            may_write=self._desk.may_write(who),
            may_approve=self._desk.may_approve(who),
        )

    def take(self, request: Request) -> Response:
        given = {name: request.field(name, longest=20_000) for name in ("heard", "url", "media", "heard_from")}
        try:
            self._desk.take_rumour(
                speaker(request),
                given["heard"],
                url=given["url"],
                media=given["media"],
                heard_from=given["heard_from"],
            )
        except KoupreyError as error:
            return self.show(request, _words(error), error.http_status, given)
        return request.redirect(PATH, _("It is written down. Its clock runs until an answer is published."))

    def aside(self, request: Request) -> Response:
        rumour = request.path_params["rumour"]
        self._desk.set_aside(speaker(request), rumour)
        return request.redirect(PATH, _("It was set aside."), undo=Undo(f"{PATH}/rumours/{rumour}/reopen"))

    def reopen(self, request: Request) -> Response:
        self._desk.set_aside(speaker(request), request.path_params["rumour"], aside=False)
        return request.redirect(PATH, _("It waits for an answer again."))

    def mirror(self, request: Request) -> Response:
        publisher, shown = request.path_params["publisher"], request.field("shown") == "yes"
        self._statements.show_mirror(speaker(request), publisher, shown)
        said = (
            _("Everybody can read its statements here.") if shown else _("Its statements are not shown here any more.")
        )
        back = Undo(f"{PATH}/mirrors/{publisher}", {"shown": "no" if shown else "yes"})
        return request.redirect(PATH, said, undo=back)

    def new(self, request: Request) -> Response:
        who = speaker(request)
        self._statements.check_reads(who)
        asked = request.query_params.getlist("rumour")[:10]
        rumours = [self._desk.get_rumour(who, each) for each in asked]
        return self._form(request, forms.empty(rumours), rumours=asked)

    def draft(self, request: Request) -> Response:
        rumours = [str(each) for each in request.fields.getlist("rumour")][:10]
        given = forms.empty()
        try:
            given = forms.taken(request)
            made = self._desk.draft(speaker(request), forms.content_of(given), rumours)
        except KoupreyError as error:
            return self._form(request, given, rumours=rumours, error=_words(error), status=error.http_status)
        return request.redirect(f"{PATH}/{made.id}", _("It is kept. Two persons have to approve it."))

    def one(self, request: Request) -> Response:
        who = speaker(request)
        draft, rumours = self._desk.get_draft(who, request.path_params["draft"])
        content = draft.content
        persons = {each.id: each.name for each in self._people.list_persons()}
        return request.render(
            "advisories/draft.html",
            path=PATH,
            draft=draft,
            brief=self._brief(draft),
            content=content,
            kind=_(KINDS[content.kind]),
            verdict=_verdict(content.verdict),
            written=[(code, own_name(code), words) for code, words in content.languages.items()],
            rumours=[self._heard(each) for each in rumours],
            approvals=[(persons.get(each.person, each.person), each.at) for each in draft.approvals],
            mine=any(each.person == who.name for each in draft.approvals),
            made_by=persons.get(draft.made_by, draft.made_by),
            changed_by=persons.get(draft.changed_by, draft.changed_by),
            needed=NEEDED,
            open=draft.state is DraftState.OPEN,
            may_write=self._desk.may_write(who),
            may_approve=self._desk.may_approve(who),
        )

    def edit(self, request: Request) -> Response:
        who = speaker(request)
        draft, _rumours = self._desk.get_draft(who, request.path_params["draft"])
        return self._form(request, forms.filled(draft.content), draft=draft)

    def change(self, request: Request) -> Response:
        who = speaker(request)
        draft, _rumours = self._desk.get_draft(who, request.path_params["draft"])
        given = forms.filled(draft.content)
        try:
            given = forms.taken(request)
            self._desk.change(who, draft.id, forms.content_of(given, draft.content), _revision(request))
        except KoupreyError as error:
            return self._form(request, given, draft=draft, error=_words(error), status=error.http_status)
        return request.redirect(f"{PATH}/{draft.id}", _("It is kept. What was approved before counts no more."))

    def approve(self, request: Request) -> Response:
        draft = request.path_params["draft"]
        made = self._desk.approve(speaker(request), draft, _revision(request))
        left = NEEDED - len(made.approvals)
        said = _("You have approved it. One more person has to.") if left > 0 else _("Enough persons have approved it.")
        return request.redirect(f"{PATH}/{draft}", said)

    def publish(self, request: Request) -> Response:
        draft = request.path_params["draft"]
        made = self._desk.publish(speaker(request), draft, _revision(request))
        said = _("%(id)s is published, and goes to partners.") % {"id": made.id}
        return request.redirect(f"{PATH}/{draft}", said)

    def abandon(self, request: Request) -> Response:
        self._desk.abandon(speaker(request), request.path_params["draft"])
        return request.redirect(PATH, _("The draft was given up. Its rumours wait again."))

    def _form(
        self,
        request: Request,
        given: forms.Given,
        *,
        draft: Draft | None = None,
        rumours: Any = (),
        error: str = "",
        status: int = 200,
    ) -> Response:
        return request.render(
            "advisories/draft_form.html",
            status,
            path=PATH,
            action=f"{PATH}/{draft.id}/edit" if draft is not None else f"{PATH}/new",
            back=f"{PATH}/{draft.id}" if draft is not None else PATH,
            draft=draft,
            given=given.fields,
            claims=given.claims,
            cancels=given.cancels,
            rumours=rumours,
            error=error,
            kinds=[(str(key), _(text)) for key, text in KINDS.items()],
            verdicts=[("", _("none")), *((str(key), _(text)) for key, (text, _tone) in VERDICTS.items())],
            forms=[(code, own_name(code)) for code in forms.LANGUAGES],
        )

    @staticmethod
    def _heard(each: Rumour) -> dict[str, Any]:
        return {"rumour": each, "title": each.text if len(each.text) < 160 else f"{each.text[:150]}…"}

    @staticmethod
    def _brief(draft: Draft) -> dict[str, Any]:
        code = _tongue(draft.content.languages)
        return {
            "draft": draft,
            "code": code,
            "title": draft.content.languages[code].title,
            "kind": _(KINDS[Kind(draft.content.kind)]),
            "state": {
                DraftState.OPEN: pgettext("draft", "open"),
                DraftState.PUBLISHED: _("published"),
                DraftState.ABANDONED: _("given up"),
            }[draft.state],
            "tone": STATES[draft.state],
        }


def _said(each: Published) -> dict[str, Any]:
    code = spoken(each.statement, current().code)
    return {
        "each": each,
        "code": code,
        "title": each.content.languages[code].title,
        "verdict": _verdict(each.content.verdict),
        "text": write_block(each.statement, code),
    }


def _verdict(verdict: Verdict | None) -> tuple[str, str] | None:
    return None if verdict is None else (_(VERDICTS[verdict][0]), VERDICTS[verdict][1])


def _tongue(languages: dict[str, Any]) -> str:
    wished = current().code
    return wished if wished in languages else next(iter(languages))


def _revision(request: Request) -> int:
    text = request.field("revision", longest=12)
    return int(text) if text.isdecimal() else -1


def _words(error: KoupreyError) -> str:
    return in_words(error)
