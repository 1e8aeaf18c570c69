"""The page on which a person takes a MISP file in, and what came of it."""

from __future__ import annotations

from collections import Counter
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.exchange.service import MAIN, Exchange
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, in_words, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.misp.model import Loss, Refusal
from kouprey.misp.service import Listeners, Misp
from kouprey.people.model import Permission, roles_with

PATH = "/misp/import"
CAP = 100 * MIB
MOST = 200
"""Losses and refusals that are shown."""

KINDS = {
    "to_ids": mark("It was to be detected, and STIX has no pattern for it."),
    "observable": mark("The value does not fit its type: it is kept as a note."),
    "pattern": mark("No valid pattern can be made of it: it is kept as a note."),
    "object": mark("It stands beside its object, or is held more closely than the report."),
    "deleted": mark("Its author deleted it."),
    "tag": mark("It is local to where it comes from, or not to be exported."),
    "cluster": mark("STIX has nothing like it, or no place for all that is said of it."),
    "field": mark("There is no place for it."),
}
"""The beginning of what is lost -> what that means."""


def routes(services: Services) -> list[Door]:
    """The form and its answer."""
    misp, exchange = services.get(Misp), services.get(Exchange)
    roles = roles_with(Permission.WRITE)

    def ask(request: Request) -> Response:
        return _ask(exchange, request)

    def take(request: Request) -> Response:
        return _take(misp, exchange, request)

    # A file of the largest size takes longer to store than a page may take to come.
    return [page(PATH, ask, roles=roles), page(PATH, take, "POST", roles=roles, cap=CAP, seconds=600.0)]


def _reader(request: Request) -> Reader:
    if not request.reader.local:
        raise Forbidden(
            mark("These pages are for people of this node's own party."),
            mark("A partner reads over TAXII and over links."),
            mark("Use /taxii2/ with the same token."),
            code="not-local",
        )
    return request.reader


def _ask(exchange: Exchange, request: Request, error: str = "", status: int = 200) -> Response:
    collections = [
        each for each in exchange.list_collections(_reader(request)) if each.name != MAIN and not each.agreement
    ]
    return request.render(
        "misp/import.html",
        status,
        error=error,
        tlp=request.field("tlp") if error else "",
        collection=request.field("collection") if error else "",
        levels=[(level.word, level.text) for level in TLP],
        collections=[(each.id, shown(each.title)) for each in collections],
        cap=CAP,
    )


def _take(misp: Misp, exchange: Exchange, request: Request) -> Response:
    who = _reader(request)
    stream, name = _input(request)
    if stream is None:
        return _ask(exchange, request, _("Choose a file."), 400)
    losses: list[Loss] = []
    refusals: list[Refusal] = []
    kinds: Counter[str] = Counter()

    def lose(loss: Loss) -> None:
        kinds[loss.what.partition(" ")[0]] += 1
        if len(losses) < MOST:
            losses.append(loss)

    def refuse(refusal: Refusal) -> None:
        if len(refusals) < MOST:
            refusals.append(refusal)

    try:
        report = misp.import_stream(
            stream,
            name=name,
            tlp=_level(request.field("tlp")),
            collection=request.field("collection"),
            by=who.name,
            listeners=Listeners(on_loss=lose, on_refusal=refuse),
        )
    except KoupreyError as error:
        return _ask(exchange, request, in_words(error), error.http_status)
    return request.render(
        "misp/imported.html",
        name=name,
        report=report,
        kinds=kinds.most_common(),
        meanings=KINDS,
        losses=losses,
        refusals=refusals,
        shown=shown,
    )


def shown(text: str) -> str:
    """A text of others: what has characters that could mislead a reader is written in escapes."""
    return text if text.isprintable() else ascii(text)[1:-1]


def _input(request: Request) -> tuple[BinaryIO | None, str]:
    """What to read and what to call it; browsers send an empty file for none."""
    given = request.fields.get("file")
    if isinstance(given, UploadFile) and (given.filename or given.size):
        return given.file, shown((given.filename or "upload").replace("\\", "/").rpartition("/")[2][:200])
    return None, ""


def _level(text: str) -> TLP | None:
    try:
        return parse_tlp(text) if text else None
    except ValueError as error:
        raise Damaged("The marking cannot be read.", str(error), "Choose one of the list.", code="bad-tlp") from error
