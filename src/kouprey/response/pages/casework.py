"""The page of one case: what is to be done, what happened, what it is about, and the forms to write it down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from kouprey.kernel.web.attachments import attachment
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words import decision
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.time import format_second
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.cases import (
    Act,
    Evidence,
    Fact,
    Item,
    Link,
    LinkTo,
    Phase,
    Seen,
    Sort,
    Task,
    TaskState,
    Track,
)
from kouprey.response.pages import cases as lists
from kouprey.response.pages import casewords as words
from kouprey.response.pages import tickets
from kouprey.response.pages.casedetails import Details, details_of
from kouprey.response.pages.duties import clocks_of
from kouprey.response.pages.naming import Names, name_refs, plain
from kouprey.response.rules.tracks import Deed
from kouprey.response.service.casefiles import Opened
from kouprey.response.service.cases import HAPPENED, Common
from kouprey.response.store.cases import place_of, read_place
from kouprey.response.wire.casewords import read_body, show_moment, write_moment
from kouprey.response.wire.handoffwords import lacking

PATH = lists.PATH
LARGEST = 100 * MIB
SHOWN = 300
FIELDS: tuple[str, ...] = (
    "title",
    "text",
    "who",
    "due",
    "result",
    "at",
    "offset",
    "precision",
    "source",
    "technique",
    "kind",
    "note",
)
FIELDS += ("to", "ref", "changed", "state", "after", "origin")


def doors(services: Services) -> list[Door]:
    """One, what is changed of it, and what is written down in it."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    one = f"{PATH}/{{case}}"
    return [
        page(one, desk.one, **reads),
        page(one, desk.change, "POST", **reads),
        page(f"{one}/merge", desk.merge, "POST", **reads),
        page(f"{one}/members", desk.members, "POST", **reads),
        page(f"{one}/adopt", desk.adopt, "POST", **reads),
        page(f"{one}/items", desk.add, "POST", **reads),
        page(f"{one}/items/{{item}}", desk.revise, "POST", **reads),
        page(f"{one}/evidence", desk.hand_in, "POST", cap=LARGEST, part=LARGEST, seconds=600.0, **reads),
        page(f"{one}/evidence/{{item}}", desk.evidence, seconds=600.0, **reads),
    ]


class _Desk(lists.Desk):
    def one(self, request: Request) -> Response:
        return self._one(request)

    def _one(self, request: Request, error: str = "", status: int = 200) -> Response:
        who = lists.who_of(request)
        opened = self.cases.get(who, request.path_params["case"])
        names = Names(self.people)
        every, more = self.cases.items(who, opened, [each for each in Sort if each not in HAPPENED], limit=SHOWN)
        before = read_place(request.query_params.get("before", ""))
        happened, older = self.cases.items(who, opened, HAPPENED, before=before, limit=50)
        hidden, _rest = self.cases.items(who, opened, list(Sort), hidden=True)
        common = self.cases.common(who, opened, every)
        tasks = [each for each in reversed(every) if each.sort is Sort.TASK]
        case = opened.case
        details = details_of(self.exchange, self.duties, request.reader, names, [each.body for each in happened])
        heads, _heads = self.strategies.list(request.reader) if opened.writes else ((), False)
        return request.render(
            "response/case.html",
            status,
            case=case,
            opened=opened,
            title=plain(case.title),
            summary=plain(case.summary),
            phase=lists.phase_of(case),
            severity=(_(words.SEVERITIES[case.severity][0]), words.SEVERITIES[case.severity][1]),
            kind=_(words.KINDS[case.kind]),
            type=_(words.TYPES[case.type]) if case.type else "",
            lead=names.person(case.lead) if case.lead else "",
            tasks=[self._task(each, names, tasks) for each in tasks],
            done=sum(_is_over(each) for each in tasks),
            notes=[self._shown(each, names) for each in every if each.sort is Sort.NOTE],
            observables=[self._seen(each, common, names) for each in every if each.sort is Sort.OBSERVABLE],
            evidence=[self._shown(each, names) for each in every if each.sort is Sort.EVIDENCE],
            links=self._links(request, who, every, names),
            happened=[self._event(each, names, opened, details) for each in happened],
            older=f"{PATH}/{case.number}?before={place_of(happened[-1].at, happened[-1].id)}" if older else "",
            newest=f"{PATH}/{case.number}" if before else "",
            hidden=[self._shown(each, names) for each in hidden],
            more=more,
            related=_related(common),
            clocks=clocks_of(self.duties, who, opened),
            templated=self.templates.may_keep(who) and not case.named,
            may_start=bool(self.duties.startable(opened)),
            facts=lists.facts_of(case),
            rtir=tickets.part(self.services, who, opened),
            may={str(each): each in opened.may for each in Deed},
            writes=[(str(each), _(words.TRACKS[each])) for each in opened.writes],
            reads=[_(words.TRACKS[each]) for each in opened.reads],
            unread=[_(words.TRACKS[each]) for each in Track if each not in opened.reads],
            watches=self.notices.watches(who, case.id) if self.notices.is_person(who) else None,
            reads_legal=Track.LEGAL in opened.reads,
            members=[names.person(each) for each in opened.members],
            strategies=[(head.stix_id, plain(head.title or head.stix_id)) for head in heads],
            choices=self._choices(request, opened),
            may_tell=bool(set(request.who.roles) & set(map(str, roles_with(Permission.WRITE)))),
            error=error,
            path=PATH,
        )

    def change(self, request: Request) -> Response:
        def work() -> str:
            version = request.field("version", longest=12)
            if not version.isdecimal():
                raise Damaged("It is not said which version was looked at.", code="bad-field")
            self.cases.change(
                lists.who_of(request), request.path_params["case"], int(version), **lists.changes_of(request)
            )
            return _("It is kept; what it was before stays in its history.")

        return self._done(request, work)

    def merge(self, request: Request) -> Response:
        def work() -> str:
            who, case, into = lists.who_of(request), request.path_params["case"], request.field("into", longest=60)
            if not into:
                self.cases.unmerge(who, case)
                return _("The two are parted; each is as it was.")
            made = self.cases.merge(who, case, into.lstrip("#"))
            return _("Case %(number)s is read in another one now. You can part them again.") % {"number": made.number}

        return self._done(request, work)

    def members(self, request: Request) -> Response:
        def work() -> str:
            persons = [str(each) for each in request.fields.getlist("person") if isinstance(each, str)]
            named = request.field("named", longest=8) == "yes"
            self.cases.name_to(lists.who_of(request), request.path_params["case"], persons, named=named)
            return _("Only they see this case now.") if named else _("Everybody sees it whose role allows it.")

        return self._done(request, work)

    def adopt(self, request: Request) -> Response:
        def work() -> str:
            who, strategy = lists.who_of(request), request.field("strategy", longest=200)
            tasks = self.strategies.tasks(who, strategy)
            self.cases.add_tasks(who, request.path_params["case"], _track(request), tasks, strategy)
            return _("Its steps are tasks now.")

        return self._done(request, work)

    def add(self, request: Request) -> Response:
        def work() -> str:
            body = read_body(_sort(request), _words(request))
            self.cases.add(lists.who_of(request), request.path_params["case"], _track(request), body)
            return _("It is written down.")

        return self._done(request, work)

    def revise(self, request: Request) -> Response:
        def work() -> str:
            who = lists.who_of(request)
            opened = self.cases.get(who, request.path_params["case"])
            held = self.cases.item_of(who, opened, request.path_params["item"])
            version = request.field("version", longest=12)
            seen = int(version) if version.isdecimal() else 0
            sight = request.field("sight", longest=8)
            if sight in ("hide", "show"):
                self.cases.hide(who, held.id, seen, hidden=sight == "hide")
                return (
                    _("It is out of sight, and can be brought back.") if sight == "hide" else _("It is in sight again.")
                )
            given = {**_held_words(held), **{name: value for name, value in _words(request).items() if value}}
            self.cases.revise(who, held.id, seen, read_body(held.sort, given))
            return _("It is kept; what it said before stays.")

        return self._done(request, work)

    def hand_in(self, request: Request) -> Response:
        def work() -> str:
            sent = request.fields.get("file")
            if not isinstance(sent, UploadFile) or not sent.filename:
                raise Damaged("No file was sent.", remedy="Choose a file.", code="no-file")
            about = Evidence(
                name=sent.filename.replace("\\", "/").rsplit("/", 1)[-1],
                media_type=(sent.content_type or "application/octet-stream").partition(";")[0].strip().lower()[:200],
                size=0,
                sha256="",
                source=request.field("source", longest=2_000),
                seal=request.field("seal", longest=200),
                location=request.field("location", longest=200),
            )
            case = request.path_params["case"]
            self.cases.keep_evidence(lists.who_of(request), case, _track(request), sent.file, about)
            return _("It is kept byte for byte, with its SHA-256.")

        return self._done(request, work)

    def evidence(self, request: Request) -> StreamingResponse:
        """As an attachment: nothing that somebody handed in is opened inside these pages."""
        who = lists.who_of(request)
        opened = self.cases.get(who, request.path_params["case"])
        held = self.cases.item_of(who, opened, request.path_params["item"])
        body, parts = self.cases.read_evidence(who, held.id)
        return attachment(body.name, body.size, parts)

    def _done(self, request: Request, work: Any) -> Response:
        try:
            notice = work()
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return self._one(request, lists.said(error), error.http_status)
        return request.redirect(f"{PATH}/{request.path_params['case']}", notice)

    def _choices(self, request: Request, opened: Opened) -> dict[str, Any]:
        persons = self.people.list_persons()
        return {
            "phases": [(str(key), _(text)) for key, (text, _t) in words.PHASES.items()],
            "severities": [(str(key), _(text)) for key, (text, _t) in words.SEVERITIES.items()],
            "kinds": [(str(key), _(text)) for key, text in words.KINDS.items()],
            "types": lists.types(),
            "levels": [(level.word, level.text) for level in TLP if level <= request.reader.clearance],
            "persons": [(each.id, each.name) for each in persons],
            "leads": [("", _("nobody yet")), *((each.id, each.name) for each in persons)],
            "whom": [
                ("", _("whoever takes it")),
                *((each.id, each.name) for each in persons),
                *((each.id, each.name) for each in self.people.list_parties() if not each.home),
            ],
            "offsets": lists.offsets(),
            "precisions": lists.precisions(),
            "moments": [(key, _(text)) for key, text in words.MOMENTS.items() if key != "closed"],
            "links": [(str(key), _(text)) for key, text in words.LINKS.items() if key is not LinkTo.STRATEGY],
            "next": [str(each) for each in Phase if each is not opened.case.phase],
        }

    def _shown(self, item: Item, names: Names) -> dict[str, Any]:
        body = item.body
        return {
            "item": item,
            "body": body,
            "track": _(words.TRACKS[item.track]),
            "sort": _(words.SORTS[item.sort]) if item.sort in words.SORTS else "",
            "by": names.person(item.made_by),
            "text": plain(getattr(body, "text", "") or getattr(body, "title", "") or getattr(body, "name", "")),
        }

    def _task(self, item: Item, names: Names, every: Sequence[Item]) -> dict[str, Any]:
        body = item.body
        assert isinstance(body, Task)
        before = [each.body for each in every if each.id in body.after and not _is_over(each)]
        state, tone = words.STATES[body.state]
        late = 0 < body.due < self.cases.now() and not _is_over(item)
        return self._shown(item, names) | {
            "title": plain(body.title),
            "text": plain(body.text),
            "who": names.person(body.who) if body.who.startswith("psn") else names.party(body.who) if body.who else "",
            "state": (_(state), tone),
            "waits": [plain(each.title) for each in before if isinstance(each, Task)],
            "late": late,
            "over": _is_over(item),
            "deep": _deep(item, every),
            "result": plain(body.result),
        }

    def _seen(self, item: Item, common: Common, names: Names) -> dict[str, Any]:
        body = item.body
        assert isinstance(body, Seen)
        held = sum(each.versions for each in common.found.get(body.text, ()) if each.observable.kind == body.kind)
        return self._shown(item, names) | {"held": held, "note": plain(body.note)}

    def _links(
        self, request: Request, who: decision.Reader, every: Sequence[Item], names: Names
    ) -> list[dict[str, Any]]:
        found = [each for each in every if isinstance(each.body, Link)]
        lacks = self.cases.lacking.of_links(who, found)
        refs = name_refs(self.exchange, request.reader, [each.body.ref for each in found])  # type: ignore[union-attr]  # links
        made = []
        for item, ref in zip(found, refs, strict=True):
            body = item.body
            assert isinstance(body, Link)
            path = {LinkTo.HANDOFF: f"/handoffs/{body.ref}", LinkTo.STRATEGY: f"/strategies/{body.ref}"}.get(
                body.to, ref.path if body.to is LinkTo.OBJECT else ""
            )
            made.append(
                self._shown(item, names)
                | {"to": _(words.LINKS[body.to]), "path": path, "title": plain(ref.title or body.ref)[:120]}
                | {"lacks": lacking(lacks.get(body.ref, ()))}
            )
        return made

    def _event(self, item: Item, names: Names, opened: Opened, details: Details) -> dict[str, Any]:
        body, of = item.body, {each.id: each.number for each in opened.merged}
        shown = self._shown(item, names) | {"of": of.get(item.case, 0)}
        if isinstance(body, Fact):
            said, precision = show_moment(body.moment), _(words.PRECISIONS[body.moment.precision])
            shown |= {"icon": "clock", "tone": "info", "head": _("It happened"), "said": said}
            return shown | {"precision": precision, "details": []}
        assert isinstance(body, Act)
        return shown | {
            "icon": "check",
            "tone": "idle",
            "head": "",
            "said": "",
            "did": _(words.ACTS[body.did]) if body.did in words.ACTS else body.did,
            "text": "",
            "details": details.tell(body.detail),
        }


def _related(common: Common) -> list[tuple[Any, list[str]]]:
    """Other cases with what they share, those that share most first."""
    shared: dict[int, tuple[Any, list[str]]] = {}
    for key, case in common.cases:
        shared.setdefault(case.number, (case, []))[1].append(key.partition(":")[2])
    return sorted(shared.values(), key=lambda pair: -len(pair[1]))


def _deep(item: Item, every: Sequence[Item]) -> int:
    """In how many other tasks it stands, as far as those are shown."""
    by_id = {each.id: each.body for each in every}
    deep, body = 0, item.body
    while isinstance(body, Task) and body.under in by_id and deep < len(by_id):
        deep, body = deep + 1, by_id[body.under]
    return deep


def _is_over(item: Item) -> bool:
    return isinstance(item.body, Task) and item.body.state in (TaskState.DONE, TaskState.DROPPED)


def _words(request: Request) -> dict[str, str]:
    return {name: request.field(name, longest=20_000) for name in FIELDS}


def _held_words(item: Item) -> Mapping[str, str]:
    """What an item says now, in the fields of its form: a form need not repeat what it leaves as it is."""
    body = item.body
    given = {name: str(getattr(body, name)) for name in body.__struct_fields__ if isinstance(getattr(body, name), str)}
    if isinstance(body, Link):
        given |= {"changed": "yes" if body.changed else ""}
    if isinstance(body, Fact):
        given |= {"at": write_moment(body.moment), "precision": str(body.moment.precision)}
    if isinstance(body, Task):
        given |= {"after": " ".join(body.after), "due": format_second(body.due) if body.due else ""}
    return given


def _sort(request: Request) -> Sort:
    try:
        return Sort(request.field("sort", longest=20))
    except ValueError:
        raise Damaged("It is not clear what it is.", remedy="Choose what to write down.", code="bad-item") from None


def _track(request: Request) -> Track:
    try:
        return Track(request.field("track", longest=20) or "technical")
    except ValueError:
        raise Damaged("There is no such track.", remedy="Choose one of the list.", code="bad-field") from None
