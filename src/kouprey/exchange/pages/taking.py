"""Taking in: files and pasted texts by whichever road they fit, and imports of STIX to follow while they run."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlencode

from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from kouprey.exchange.model import ImportReport, Refusal
from kouprey.exchange.model.importing import ImportJob, State
from kouprey.exchange.pages.marking import marking_of
from kouprey.exchange.pages.naming import PASTED_TEXT, reader_of
from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.rules.routing import Road, road_of
from kouprey.exchange.service import MAIN, Exchange
from kouprey.exchange.wire.refusals import as_csv
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, in_words, joined, mark, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.time import FOREVER
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/intelligence/import"
JOBS = "/intelligence/imports"
CAP = 100 * MIB
MOST_REFUSALS = 200
MOST_FILES = 20
PASTED = MIB
"""Bytes of a text field."""
HEAD = 1 << 14
"""Bytes that say by which road something comes in."""
WAITED = 1.0
"""Seconds that the answer waits for an import that may be done at once."""
SHOWN = 30

STATE_NAMES: dict[State, str] = {
    "waiting": mark("waits for its turn"),
    "running": mark("under way"),
    "done": mark("done"),
    "cancelled": mark("stopped"),
    "failed": mark("failed"),
    "interrupted": mark("interrupted"),
}
TONES: dict[State, str] = {
    "waiting": "idle",
    "running": "info",
    "done": "good",
    "cancelled": "warn",
    "failed": "bad",
    "interrupted": "bad",
}

Router = Callable[[Request], Response]
"""A page that goes on with what was given here: the review of a table, or of a text."""


class Given(NamedTuple):
    """One file, or the pasted text, and the road that fits it."""

    stream: BinaryIO
    name: str
    size: int
    road: Road


@dataclass
class Form:
    """What was filled in, and what was wrong with it."""

    tlp: str = ""
    collection: str = ""
    text: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def doors(services: Services, *, table: Router, text: Router) -> list[Door]:
    """The form and its answer, and the imports under way. `table` and `text` take over what is no STIX."""
    desk = _Desk(services.get(Exchange), services.get(People), {"table": table, "text": text})
    roles = roles_with(Permission.WRITE)
    return [
        page(PATH, desk.ask, roles=roles),
        page(PATH, desk.take, "POST", roles=roles, cap=CAP, part=4 * MIB, seconds=120.0),
        page(JOBS, desk.list, roles=roles),
        page(f"{JOBS}/{{import}}", desk.show, roles=roles),
        page(f"{JOBS}/{{import}}/now", desk.now, roles=roles),
        page(f"{JOBS}/{{import}}/refusals.csv", desk.refusals, roles=roles),
        page(f"{JOBS}/{{import}}/cancel", desk.cancel, "POST", roles=roles),
    ]


class _Desk:
    """The pages over one exchange."""

    def __init__(self, exchange: Exchange, people: People, others: dict[str, Router]) -> None:
        self._exchange = exchange
        self._people = people
        self._others = others

    def ask(self, request: Request) -> Response:
        return self._ask(request, Form())

    def _ask(self, request: Request, form: Form, status: int = 200) -> Response:
        who = reader_of(request)
        collections = [
            each for each in self._exchange.list_collections(who) if each.name != MAIN and not each.agreement
        ]
        return request.render(
            "exchange/import.html",
            status,
            form=form,
            marking=marking_of(self._exchange, self._people, who),
            collections=collections,
            collection_options=[(each.id, plainly(each.title)) for each in collections],
            jobs=self._exchange.list_imports(who, limit=3),
            state_name=_state_name,
            tones=TONES,
            cap=CAP,
            pasted=PASTED,
            most_files=MOST_FILES,
            plain=plainly,
        )

    def take(self, request: Request) -> Response:
        who = reader_of(request)
        form = Form(
            tlp=request.field("tlp"),
            collection=request.field("collection"),
            text=request.field("text", longest=PASTED),
        )
        given = _given(request, form)
        if not given:
            form.errors["file"] = _("Choose a file, or paste a text below.")
            return self._ask(request, form, 400)
        level = _level(form.tlp)
        if len(given) == 1 and given[0].road != "stix":
            return self._others[given[0].road](request)
        started: list[ImportJob] = []
        aside = [each for each in given if each.road != "stix"]
        for each in given:
            if each.road != "stix":
                each.stream.close()
                continue
            try:
                started.append(
                    self._exchange.start_import(
                        each.stream, name=each.name, size=each.size, tlp=level, collection=form.collection, who=who
                    )
                )
            except KoupreyError as error:
                form.errors["text" if form.text else "file"] = in_words(error)
                return self._ask(request, form, error.http_status)
        told = _aside(aside)
        if len(started) == 1:
            self._exchange.wait_for_import(started[0].id, WAITED)
            return request.redirect(f"{JOBS}/{started[0].id}", told, "warn")
        return request.redirect(JOBS, told, "warn")

    def list(self, request: Request) -> Response:
        who = reader_of(request)
        asked = request.query_params.get("before", "")
        before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 20 else FOREVER
        jobs = self._exchange.list_imports(who, before=before, limit=SHOWN + 1)
        return request.render(
            "exchange/imports.html",
            jobs=jobs[:SHOWN],
            older=f"{JOBS}?before={jobs[SHOWN - 1].began_at}" if len(jobs) > SHOWN else "",
            first=JOBS if before != FOREVER else "",
            going=any(each.going for each in jobs),
            state_name=_state_name,
            tones=TONES,
            plain=plainly,
        )

    def show(self, request: Request) -> Response:
        return request.render("exchange/import_job.html", **self._shown(request))

    def now(self, request: Request) -> Response:
        return request.render("exchange/import_now.html", **self._shown(request))

    def _shown(self, request: Request) -> dict[str, Any]:
        who = reader_of(request)
        job = self._exchange.get_import(request.path_params["import"], who)
        refusals = self._exchange.list_refusals(job.id, who, limit=MOST_REFUSALS)
        level = parse_tlp(job.tlp) if job.tlp else TLP.AMBER_STRICT
        return {
            "job": job,
            "report": job.counted,
            "refusals": [refusal for _number, refusal in refusals],
            "hidden": level > who.clearance,
            "state_name": _state_name,
            "tones": TONES,
            "url": f"{JOBS}/{job.id}",
            "came_in": "/intelligence?" + urlencode({"source": job.name}),
            "again": PATH,
            "plain": plainly,
        }

    def refusals(self, request: Request) -> Response:
        who, job = reader_of(request), request.path_params["import"]
        return StreamingResponse(
            as_csv(self._exchange.each_refusal(job, who)),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="refusals.csv"', "X-Content-Type-Options": "nosniff"},
        )

    def cancel(self, request: Request) -> Response:
        who, job = reader_of(request), request.path_params["import"]
        try:
            self._exchange.cancel_import(job, who)
        except KoupreyError as error:
            if error.code != "import-ended":
                raise
            return request.redirect(f"{JOBS}/{job}", _("It had ended already."), "info")
        self._exchange.wait_for_import(job, WAITED)
        return request.redirect(f"{JOBS}/{job}", _("It stops. What it has taken in until now stays."), "info")


def tell(
    request: Request,
    name: str,
    level: TLP | None,
    report: ImportReport,
    refusals: list[Refusal],
    back: tuple[str, str] = (PATH, mark("Import")),
) -> Response:
    """What became of an import, object by object where it was refused."""
    return request.render(
        "exchange/imported.html",
        name=plainly(name),
        level=level,
        hidden=level is not None and level > request.reader.clearance,
        report=report,
        refusals=refusals,
        back=(back[0], _(back[1])),
        plain=plainly,
    )


def _state_name(state: State) -> str:
    return _(STATE_NAMES[state])


def _aside(aside: list[Given]) -> str:
    """What is said of files that a person has to look at one by one."""
    if not aside:
        return ""
    said = ngettext(
        "%(n)s file is a table or a text, of which you choose what to keep: give it alone (%(names)s).",
        "%(n)s files are tables or texts, of which you choose what to keep: give each of them alone (%(names)s).",
        len(aside),
    )
    return said % {"n": len(aside), "names": joined(each.name for each in aside[:3])}


def _level(text: str) -> TLP | None:
    try:
        return parse_tlp(text) if text else None
    except ValueError as error:
        raise Damaged("The marking cannot be read.", str(error), "Choose one of the list.", code="bad-tlp") from error


def _given(request: Request, form: Form) -> list[Given]:
    """What to read and what to call it: the files, else the pasted text; browsers send an empty file for none."""
    found = []
    for each in request.fields.getlist("file"):
        if isinstance(each, UploadFile) and (each.filename or each.size):
            name = plainly((each.filename or "upload").replace("\\", "/").rpartition("/")[2][:200])
            head = each.file.read(HEAD)
            each.file.seek(0)
            found.append(Given(each.file, name, each.size or 0, road_of(head, name)))
    if not found and form.text:
        raw = form.text.encode("utf-8", "replace")
        found.append(Given(io.BytesIO(raw), PASTED_TEXT, len(raw), road_of(raw[:HEAD])))
    return found
