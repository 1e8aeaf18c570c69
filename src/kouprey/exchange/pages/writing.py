"""Writing by hand: a form that asks for context, who would read it, keeping it, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from kouprey.exchange.model.writing import KINDS, Appraisal, Asked, Draft, Kind, Looked
from kouprey.exchange.pages import drafts
from kouprey.exchange.pages.drafts import Form, draft_from, form_of, read_form, tell_problems
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.marking import marking_of
from kouprey.exchange.pages.naming import name_objects, reader_of
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.pages.values import kind_name, written
from kouprey.exchange.pages.weighed import differences
from kouprey.exchange.rules.drafting import INDICATED
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError, Unknown
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/intelligence/new"
FOUND = 8
"""Objects that are offered for a name that is typed."""
MOST_UNDONE = 20
"""Relationships made with an indicator up to which one press takes all of it back."""

NOT_NOTED = frozenset({"marking-definition", "extension-definition", "language-content"})

TITLES: dict[Kind, str] = {
    "indicator": mark("New indicator"),
    "report": mark("New report"),
    "sighting": mark("New sighting"),
    "note": mark("New note"),
}
KEPT: dict[Kind, str] = {
    "indicator": mark("The indicator is kept here. Nobody else has it before you publish it."),
    "report": mark("The report is kept here. Nobody else has it before you publish it."),
    "sighting": mark("The sighting is kept, and told to those who told us of what was seen."),
    "note": mark("The note is kept, and told to those who told us of what it is about."),
}


def doors(services: Services) -> list[Door]:
    """Choose, write, edit, take back, bring back."""
    desk = _Desk(services.get(Exchange), services.get(People))
    roles = roles_with(Permission.WRITE)
    one = "/intelligence/{stix_id}"
    return [
        page(PATH, desk.choose, roles=roles),
        page(f"{PATH}/{{form}}", desk.ask, roles=roles),
        page(f"{PATH}/{{form}}", desk.write, "POST", roles=roles),
        page(f"{one}/edit", desk.edit, roles=roles),
        page(f"{one}/edit", desk.revise, "POST", roles=roles),
        page(f"{one}/revoke", desk.revoke, "POST", roles=roles),
        page(f"{one}/restore", desk.restore, "POST", roles=roles),
    ]


class _Desk:
    """The pages over one exchange."""

    def __init__(self, exchange: Exchange, people: People) -> None:
        self._exchange = exchange
        self._people = people

    def choose(self, request: Request) -> Response:
        reader_of(request)
        return request.render("exchange/new.html")

    def ask(self, request: Request) -> Response:
        who, kind = reader_of(request), _kind(request)
        form = form_of(Draft(kind=kind, tlp=min(who.clearance, Draft(kind=kind).tlp)))
        # Where another page sends somebody on: what a value or an object is to become.
        form.fields["values"] = request.query_params.get("value", "")[: drafts.LONGEST]
        if about := request.query_params.get("id", ""):
            form.links = [about[:300]]
        return self._render(request, who, form, self._exchange.look(draft_from(form), who), fresh=True)

    def write(self, request: Request) -> Response:
        who, kind = reader_of(request), _kind(request)
        form = read_form(request, kind)
        draft = draft_from(form)
        looked = self._exchange.look(draft, who)
        if answer := self._asked_only(request, who, form, looked):
            return answer
        tell_problems(form, looked.problems)
        if form.errors:
            return self._render(request, who, form, looked, status=400)
        try:
            made = self._exchange.write(draft, who=who, by=who.name)
        except KoupreyError as error:
            form.errors["form"] = in_words(error)
            return self._render(request, who, form, looked, status=error.http_status)
        undo = Undo(f"{object_url(made.stix_id)}/revoke", {"with": " ".join(made.with_it)})
        whole = len(made.with_it) <= MOST_UNDONE
        return request.redirect(object_url(made.stix_id), _(KEPT[kind]), undo=undo if whole else None)

    def edit(self, request: Request) -> Response:
        who = reader_of(request)
        found, draft = self._exchange.draft_again(who, request.path_params["stix_id"])
        form = form_of(draft)
        form.fields["seen"] = str(found.newest.instant)
        looked = self._exchange.look(draft, who, edits=found.stix_id)
        return self._render(request, who, form, looked, edits=found.stix_id, fresh=True)

    def revise(self, request: Request) -> Response:
        who = reader_of(request)
        found, before = self._exchange.draft_again(who, request.path_params["stix_id"])
        form = read_form(request, before.kind)
        form.fields["seen"] = request.field("seen", longest=30)
        draft = draft_from(form, before)
        looked = self._exchange.look(draft, who, edits=found.stix_id)
        if answer := self._asked_only(request, who, form, looked, edits=found.stix_id):
            return answer
        tell_problems(form, looked.problems)
        if form.errors:
            return self._render(request, who, form, looked, edits=found.stix_id, status=400)
        try:
            seen = _instant(form.get("seen"))
            self._exchange.revise(found.stix_id, draft, seen=seen, who=who, by=who.name)
        except KoupreyError as error:
            form.errors["form"] = in_words(error)
            return self._render(request, who, form, looked, edits=found.stix_id, status=error.http_status)
        told = _("The new version is kept, and the former one with it.")
        if found.publications:
            told += " " + _("The object was published before: publish it again, so that the others have the change.")
        undo = Undo(f"{object_url(found.stix_id)}/restore", {"version": str(seen)})
        return request.redirect(object_url(found.stix_id), told, undo=undo)

    def revoke(self, request: Request) -> Response:
        who, stix_id = reader_of(request), request.path_params["stix_id"]
        found = self._exchange.get_object(who, stix_id)
        ids = request.field("with", longest=4_000).split()
        made = self._exchange.revoke(stix_id, with_it=ids, who=who, by=who.name)
        told = _("Taken back: it is revoked, and nobody should act on it any more.")
        if found.publications:
            told += " " + _("It was published before: publish it again, so that the others learn that it is revoked.")
        undo = Undo(f"{object_url(stix_id)}/restore", {"version": str(found.newest.instant)})
        # What was made with it would stay revoked, so that half a way back is not offered.
        return request.redirect(object_url(stix_id), told, undo=None if made.with_it else undo)

    def restore(self, request: Request) -> Response:
        who, stix_id = reader_of(request), request.path_params["stix_id"]
        found = self._exchange.get_object(who, stix_id)
        self._exchange.restore(stix_id, _instant(request.field("version", longest=30)), who=who, by=who.name)
        undo = Undo(f"{object_url(stix_id)}/restore", {"version": str(found.newest.instant)})
        return request.redirect(
            object_url(stix_id), _("The former version is the newest again; what was undone is kept too."), undo=undo
        )

    def _asked_only(
        self, request: Request, who: Reader, form: Form, looked: Looked, edits: str = ""
    ) -> Response | None:
        """The answer to a form that is to be looked at and not yet to be kept."""
        step = request.field("step", longest=20)
        if request.headers.get("x-fragment"):
            template = "exchange/write_links.html" if step == "find" else "exchange/coach.html"
            return request.render(template, **self._shown(who, form, looked, edits))
        if step == "save":
            return None
        if step != "find":
            tell_problems(form, looked.problems)
        return self._render(request, who, form, looked, edits=edits)

    def _render(
        self,
        request: Request,
        who: Reader,
        form: Form,
        looked: Looked,
        *,
        edits: str = "",
        fresh: bool = False,
        status: int = 200,
    ) -> Response:
        return request.render(
            "exchange/write.html",
            status,
            **self._shown(who, form, looked, edits),
            fresh=fresh,
            title=plainly(looked.body.get("name") or "") if edits else _(TITLES[form.kind]),
            action=f"{object_url(edits)}/edit" if edits else f"{PATH}/{form.kind}",
            back=object_url(edits) if edits else PATH,
            marking=marking_of(self._exchange, self._people, who),
            types=_types(form.kind),
            phases=[("", _("Not stated")), *((key, _(text)) for key, text in drafts.PHASE_NAMES.items())],
            confidences=drafts.confidences(form),
            revoke=f"{object_url(edits)}/revoke" if edits else "",
        )

    def _shown(self, who: Reader, form: Form, looked: Looked, edits: str) -> dict[str, Any]:
        """What the fragments need too."""
        named = name_objects(self._exchange, who, form.links)
        rows = []
        if edits and looked.before is not None:
            kept = {**looked.body, "modified": looked.before["modified"]}
            rows = differences(msgspec.json.encode(looked.before), msgspec.json.encode(kept))
        return {
            "form": form,
            "coached": _coached(form.kind, looked.appraisal),
            "edits": edits,
            "looked": looked,
            "chosen": [named[each] for each in form.links],
            "found": self._find(who, form),
            "single": form.kind in ("sighting", "note"),
            "advice": [_asked(form.kind, each.asks, each.answered, each.weight) for each in looked.appraisal.questions],
            "taken": [
                (plainly(given), kind_name(each.kind) if each else "", written(each) if each else "")
                for given, each in looked.values
            ],
            "changes": rows,
            "type_name": type_name,
            "object_url": object_url,
            "plain": plainly,
        }

    def _find(self, who: Reader, form: Form) -> Sequence[Any]:
        """What is offered for the name that was typed, without what is chosen already."""
        if not form.get("find"):
            return []
        types = tuple(sorted(INDICATED)) if form.kind == "indicator" else ()
        heads = self._exchange.list_objects(who, text=form.get("find")[:200], types=types, limit=3 * FOUND).heads
        barred = NOT_NOTED | ({"relationship", "sighting"} if form.kind == "sighting" else set())
        fit = [each.stix_id for each in heads if each.type not in barred and each.stix_id not in form.links]
        return list(name_objects(self._exchange, who, fit[:FOUND]).values())


def _kind(request: Request) -> Kind:
    asked = request.path_params["form"]
    for kind in KINDS:
        if kind == asked:
            return kind
    raise Unknown(
        mark("There is no such form."),
        mark("Indicators, reports, sightings and notes are written by hand."),
        mark("Choose one of them."),
        code="unknown-form",
    )


def _instant(text: str) -> int:
    if text.isascii() and text.lstrip("-").isdigit():
        return int(text)
    raise Damaged("The version cannot be read.", "The form was changed.", "Open the page again.", code="bad-version")


def _types(kind: Kind) -> list[tuple[str, str]]:
    known = {"indicator": drafts.INDICATOR_TYPES, "report": drafts.REPORT_TYPES}.get(kind, {})
    return [(key, _(text)) for key, text in known.items()]


def _coached(kind: Kind, appraisal: Appraisal) -> str:
    """The score in a line, with what would add most to it."""
    said = _("Readers would give it %(n)s of 100.") % {"n": appraisal.score}
    return said if not appraisal.missing else f"{said} {_advice(kind, appraisal.missing[0].asks)}"


def _advice(kind: Kind, asks: Asked) -> str:
    return _((drafts.REPORT_ADVICE.get(asks) if kind == "report" else None) or drafts.ADVICE[asks])


def _asked(kind: Kind, asks: Asked, answered: bool, weight: int) -> dict[str, Any]:
    return {
        "asks": asks,
        "question": _(drafts.QUESTIONS[asks]),
        "advice": _advice(kind, asks),
        "answered": answered,
        "weight": weight,
    }
