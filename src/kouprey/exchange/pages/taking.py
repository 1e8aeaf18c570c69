"""Taking in: a file or a pasted text, the marking to give it, and what became of every object."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.exchange.model import ImportReport, Refusal
from kouprey.exchange.pages.marking import LEVELS
from kouprey.exchange.pages.naming import reader_of
from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.service import MAIN, Exchange
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with

PATH = "/intelligence/import"
CAP = 100 * MIB
MOST_REFUSALS = 200
PASTED = MIB
"""Bytes of a text field."""


@dataclass
class Form:
    """What was filled in, and what was wrong with it."""

    tlp: str = ""
    collection: str = ""
    text: str = ""
    errors: dict[str, str] = field(default_factory=dict)


def doors(services: Services) -> list[Door]:
    """The form and its answer."""
    exchange = services.get(Exchange)
    roles = roles_with(Permission.WRITE)

    def ask(request: Request) -> Response:
        return _ask(exchange, request, Form())

    def take(request: Request) -> Response:
        return _take(exchange, request)

    return [
        page(PATH, ask, roles=roles),
        # A file of the largest size takes longer to store than a page may take to come.
        page(PATH, take, "POST", roles=roles, cap=CAP, seconds=600.0),
    ]


def _ask(exchange: Exchange, request: Request, form: Form, status: int = 200) -> Response:
    who = reader_of(request)
    collections = [each for each in exchange.list_collections(who) if each.name != MAIN and not each.agreement]
    return request.render(
        "exchange/import.html",
        status,
        form=form,
        levels=LEVELS,
        level_options=[(level.word, level.text) for level in LEVELS],
        collections=collections,
        collection_options=[(each.id, plainly(each.title)) for each in collections],
        cap=CAP,
        pasted=PASTED,
    )


def _take(exchange: Exchange, request: Request) -> Response:
    who = reader_of(request)
    form = Form(
        tlp=request.field("tlp"),
        collection=request.field("collection"),
        text=request.field("text", longest=PASTED),
    )
    stream, name = _input(request, form)
    if stream is None:
        form.errors["file"] = _("Choose a file, or paste a text below.")
        return _ask(exchange, request, form, 400)
    refusals: list[Refusal] = []

    def on_refusal(refusal: Refusal) -> None:
        if len(refusals) < MOST_REFUSALS:
            refusals.append(refusal)

    level = _level(form.tlp)
    try:
        report = exchange.import_stream(
            stream, name=name, tlp=level, collection=form.collection, by=who.name, on_refusal=on_refusal
        )
    except KoupreyError as error:
        form.errors["text" if form.text else "file"] = str(error)
        return _ask(exchange, request, form, error.http_status)
    return tell(request, name, level, report, refusals)


def _level(text: str) -> TLP | None:
    try:
        return parse_tlp(text) if text else None
    except ValueError as error:
        raise Damaged("The marking cannot be read.", str(error), "Choose one of the list.", code="bad-tlp") from error


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


def _input(request: Request, form: Form) -> tuple[BinaryIO | None, str]:
    """What to read and what to call it: the file, else the pasted text; browsers send an empty file for none."""
    given = request.fields.get("file")
    if isinstance(given, UploadFile) and (given.filename or given.size):
        name = (given.filename or "upload").replace("\\", "/").rpartition("/")[2][:200]
        return given.file, plainly(name)
    if form.text:
        return io.BytesIO(form.text.encode()), _("pasted text")
    return None, ""
