"""Strategies: the list, one with its steps, the form to write one, and the file of its playbook."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.kernel.web.attachments import attachment
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError, Unknown
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model.playbooks import Planned
from kouprey.response.pages import outcomes
from kouprey.response.pages.cases import said
from kouprey.response.pages.naming import Names, plain
from kouprey.response.pages.words import VERDICTS
from kouprey.response.service.outcomes import Outcomes
from kouprey.response.service.strategies import Strategies
from kouprey.response.wire.cacao import LARGEST

PATH = "/strategies"
SHOWN = 50
FIELDS = ("name", "description", "steps", "tlp")
PLAYBOOKS = {
    "attack": mark("attack"),
    "detection": mark("detection"),
    "engagement": mark("engagement with the attacker"),
    "investigation": mark("investigation"),
    "mitigation": mark("mitigation"),
    "notification": mark("notification"),
    "prevention": mark("prevention"),
    "remediation": mark("remediation"),
}
"""Type of a CACAO playbook (2.0, section 3.1.1) -> its name; another stays as it is called."""


def doors(services: Services) -> list[Door]:
    """What is read by everybody here, as far as they see it; written by whoever writes intelligence."""
    desk = _Desk(services)
    reads, writes = roles_with(Permission.READ), roles_with(Permission.WRITE)
    return [
        page(PATH, desk.show, roles=reads),
        page(f"{PATH}/new", desk.form, roles=writes),
        page(PATH, desk.keep, "POST", roles=writes),
        page(f"{PATH}/{{strategy}}", desk.one, roles=reads),
        page(f"{PATH}/{{strategy}}/playbook.json", desk.file, roles=reads),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._strategies = services.get(Strategies)
        self._outcomes = services.get(Outcomes)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        before = request.query_params.get("before", "")
        heads, more = self._strategies.list(request.reader, before=int(before) if before.isdecimal() else None)
        names = Names(self._people)
        return request.render(
            "response/strategies.html",
            heads=[(head, [names.source(each) for each in head.sources]) for head in heads],
            older=f"{PATH}?before={heads[-1].position}" if more and heads else "",
            newest=PATH if before else "",
            path=PATH,
            may_write=_may_write(request),
        )

    def form(self, request: Request) -> Response:
        return self._form(request, {**dict.fromkeys(FIELDS, ""), "tlp": "green"})

    def _form(self, request: Request, given: dict[str, str], error: str = "", status: int = 200) -> Response:
        levels = [(level.word, level.text) for level in TLP]
        return request.render("response/strategy_new.html", status, given=given, levels=levels, error=error, path=PATH)

    def keep(self, request: Request) -> Response:
        given = {name: request.field(name, longest=LARGEST) for name in FIELDS}
        try:
            tlp, who = parse_tlp(given["tlp"]), request.reader
            if raw := _handed_in(request):
                made = self._strategies.keep(who, raw, tlp=tlp, by=who.name)
            else:
                made = self._strategies.write(
                    who,
                    name=given["name"],
                    description=given["description"],
                    steps=given["steps"].splitlines(),
                    tlp=tlp,
                    by=who.name,
                )
        except KoupreyError as error:
            said = in_words(error)
            return self._form(request, given, said, error.http_status)
        return request.redirect(f"{PATH}/{made}", _("It is kept. Publish it, and partners can use it."))

    def one(self, request: Request) -> Response:
        found = self._strategies.get(request.reader, request.path_params["strategy"])
        served = found.view.newest.served
        names = Names(self._people)
        parties = {each.id for each in self._people.list_parties() if not each.home}
        try:
            tasks, unnested = self._strategies.tasks(request.reader, found.view.stix_id), ""
        except KoupreyError as error:
            tasks, unnested = found.tasks, said(error)
        told, more = self._outcomes.list(request.reader, found.view.stix_id)
        return request.render(
            "response/strategy.html",
            found=found,
            title=plain(found.view.title),
            description=plain(found.description),
            sources=[names.party(each.source.party) for each in served.assertions],
            tlp=max(each.label.tlp for each in served.assertions),
            tasks=[(number, task, _deep(tasks, task)) for number, task in enumerate(tasks, 1)],
            unnested=unnested,
            kinds=[
                _(PLAYBOOKS[each]) if each in PLAYBOOKS else plain(each)
                for each in (found.playbook.types if found.playbook else ())
            ],
            told=[outcomes.shown(each, names, parties) for each in told[:SHOWN]],
            tally=[
                (_(text), tone, sum(each.outcome.verdict is key for each in told))
                for key, (text, tone) in VERDICTS.items()
            ],
            more=more or len(told) > SHOWN,
            may_write=_may_write(request),
            path=PATH,
        )

    def file(self, request: Request) -> Response:
        found = self._strategies.get(request.reader, request.path_params["strategy"])
        if not found.raw:
            raise Unknown("This strategy carries no playbook.", "It is told in words alone.", code="no-playbook")
        return attachment(f"{found.view.title[:80] or 'playbook'}.json", len(found.raw), iter([found.raw]))


def _deep(tasks: Sequence[Planned], task: Planned) -> int:
    """In how many other steps it stands."""
    deep = 0
    while task.under is not None:
        deep, task = deep + 1, tasks[task.under]
    return deep


def _may_write(request: Request) -> bool:
    return bool(set(request.who.roles) & set(map(str, roles_with(Permission.WRITE))))


def _handed_in(request: Request) -> bytes:
    """The bytes of a file that was uploaded, b"" for none; Damaged beyond what a playbook may have."""
    given = request.fields.get("file")
    if not isinstance(given, UploadFile) or not given.size:
        return b""
    raw = given.file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise Damaged("The playbook is too large.", f"{LARGEST:,} bytes may be.", code="too-large")
    return raw
