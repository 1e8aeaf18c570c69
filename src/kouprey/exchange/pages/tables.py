"""From a table: drop it, say what its columns are, see what its first rows would become, and take it in."""

from __future__ import annotations

import io
from collections.abc import Callable
from collections.abc import Mapping as Fields
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.exchange.model import Observable, Refusal
from kouprey.exchange.model.tables import Constants, Dialect, Look, Mapping, Times
from kouprey.exchange.pages.marking import LEVELS
from kouprey.exchange.pages.naming import PASTED_TABLE, reader_of
from kouprey.exchange.pages.reading import FACTS, plainly, type_name
from kouprey.exchange.pages.taking import MOST_REFUSALS, tell
from kouprey.exchange.pages.values import written
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.tables import HEAD, SAID, look_at
from kouprey.exchange.wire.texts import decoded
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, in_words, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError, TooLarge
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.model import Permission, roles_with

PATH = "/intelligence/table"
LONGEST = 4 * MIB
"""Bytes of a table that a page carries from step to step; nothing of it is kept in between."""
CAP = 4 * LONGEST
SHOWN = 10

DELIMITERS = {",": mark("comma"), ";": mark("semicolon"), "\t": mark("tabulator"), "|": mark("stroke")}
_ROLES: tuple[tuple[str, str], ...] = (
    ("value", mark("Value of any kind")),
    ("ip", mark("IP address or network")),
    ("domain", mark("Domain name")),
    ("url", mark("URL")),
    ("email", mark("E-mail address")),
    ("hash", mark("Hash")),
    ("file-name", mark("File name")),
    ("as-number", mark("AS number")),
    ("cve", "CVE"),
)
_SAID = {"name": mark("Name"), "description": mark("Description"), "tlp": mark("Marking")}


@dataclass
class Form:
    """What was filled in, and what was wrong with it."""

    text: str = ""
    name: str = ""
    error: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, otherwise: str = "") -> str:
        """A field, or what it is where the form did not have it."""
        return self.fields.get(name, otherwise)


def doors(services: Services) -> list[Door]:
    """Drop, look, take in."""
    desk = _Desk(services.get(Exchange))
    roles = roles_with(Permission.WRITE)
    wide: dict[str, Any] = {"cap": CAP, "part": LONGEST, "seconds": 600.0}
    return [
        page(PATH, desk.ask, roles=roles),
        page(PATH, desk.look, "POST", roles=roles, **wide),
        page(f"{PATH}/save", desk.save, "POST", roles=roles, **wide),
    ]


def router(services: Services) -> Callable[[Request], Response]:
    """What looks at a table that was given on another page."""
    return _Desk(services.get(Exchange)).look


class _Desk:
    """The pages over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def ask(self, request: Request) -> Response:
        reader_of(request)
        return self._ask(request, Form())

    def _ask(self, request: Request, form: Form, status: int = 200) -> Response:
        return request.render("exchange/table.html", status, form=form, longest=LONGEST)

    def look(self, request: Request) -> Response:
        reader_of(request)
        try:
            form = _read(request)
        except KoupreyError as error:
            return self._ask(request, Form(error=in_words(error)), error.http_status)
        if not form.text.strip():
            form.error = _("Choose a file, or paste a table.")
            return self._ask(request, form, 400)
        return self._look(request, form)

    def _look(self, request: Request, form: Form, status: int = 200) -> Response:
        who = reader_of(request)
        look = _seen(form)
        mapping = _mapping(form, look)
        lines: list[tuple[int, list[tuple[str, str]], Refusal | None]] = []
        made = refused = 0
        try:
            for each in self._exchange.preview_table(_stream(form), mapping, look.dialect):
                made += not isinstance(each, Refusal)
                refused += isinstance(each, Refusal)
                if len(lines) < SHOWN:
                    lines.append(
                        (each.line or 0, [], each) if isinstance(each, Refusal) else (0, _told(each.value), None)
                    )
        except KoupreyError as error:
            form.error = form.error or in_words(error)
        return request.render(
            "exchange/table_review.html",
            status,
            form=form,
            dialect=look.dialect,
            columns=[
                (place, plainly(name), plainly(_sample(look, place)), mapping.columns.get(str(place + 1), ""))
                for place, name in enumerate(look.columns)
            ],
            roles=[("", _("Leave out")), *((key, _(text)) for key, text in _ROLES), *_said()],
            delimiters=[(key, _(text)) for key, text in DELIMITERS.items()],
            levels=[("", _("TLP:AMBER+STRICT, unless marked")), *((level.word, level.text) for level in LEVELS)],
            mapping=mapping,
            lines=lines,
            made=made,
            refused=refused,
            plain=plainly,
            clearance=who.clearance,
        )

    def save(self, request: Request) -> Response:
        who = reader_of(request)
        form = _read(request)
        look = _seen(form)
        refusals: list[Refusal] = []

        def on_refusal(refusal: Refusal) -> None:
            if len(refusals) < MOST_REFUSALS:
                refusals.append(refusal)

        name = form.name or PASTED_TABLE
        try:
            level = parse_tlp(form.get("level")) if form.get("level") else None
            report = self._exchange.import_table(
                _stream(form),
                _mapping(form, look),
                look.dialect,
                name=name,
                tlp=level,
                by=who.name,
                on_refusal=on_refusal,
            )
        except ValueError as error:
            form.error = str(error)
            return self._look(request, form, 400)
        except KoupreyError as error:
            form.error = in_words(error)
            return self._look(request, form, error.http_status)
        return tell(request, name, level, report, refusals, (PATH, mark("From a table")))


def _read(request: Request) -> Form:
    fields = {key: value for key, value in request.fields.items() if isinstance(value, str)}
    # Not stripped: a row may begin with an empty cell.
    text, name = fields.get("text", ""), request.field("file_name", longest=250)
    given = request.fields.get("file")
    if isinstance(given, UploadFile) and (given.filename or given.size):
        raw = given.file.read(LONGEST + 1)
        if len(raw) > LONGEST:
            raise TooLarge(
                mark("The table is too large for this page."),
                mark("It carries what you gave it from step to step and keeps nothing."),
                mark("On the command line there is no limit: kouprey import FILE --column NAME=value"),
                code="table-too-large",
            )
        text = decoded(raw)
        name = (given.filename or "").replace("\\", "/").rpartition("/")[2][:200]
    # As browsers write line ends the places of rows would be other than in the file.
    return Form(text=text.replace("\r\n", "\n"), name=plainly(name), fields=fields)


def _stream(form: Form) -> io.BytesIO:
    return io.BytesIO(form.text.encode("utf-8", "surrogateescape"))


def _seen(form: Form) -> Look:
    """How the table is written: as was said, else as it seems."""
    head = form.text[:HEAD].encode("utf-8", "replace")
    seen = look_at(head)
    if "delimiter" not in form.fields:
        return seen
    delimiter = form.get("delimiter")
    header = form.get("header") == "yes"
    said: Dialect = msgspec.structs.replace(
        seen.dialect,
        delimiter=delimiter if delimiter in DELIMITERS else seen.dialect.delimiter,
        header=header,
        columns=() if header else seen.dialect.columns,
    )
    return look_at(head, said)


def _mapping(form: Form, look: Look) -> Mapping:
    """What was said of the columns, by their numbers; at first, what they seem to be."""
    if "kind" in form.fields:
        columns = {str(place + 1): form.get(f"column:{place + 1}") for place in range(len(look.columns))}
    else:
        columns = {str(place + 1): look.guessed.get(name, "") for place, name in enumerate(look.columns)}
        if not any(role == "valid_from" for role in columns.values()):
            # Without a time of their own they are what was seen, of which nothing else can be said.
            columns = {place: "" if role in SAID and role != "tlp" else role for place, role in columns.items()}
    timed = "valid_from" in columns.values()
    return Mapping(
        kind="indicator" if form.get("kind", "indicator" if timed else "observed") == "indicator" else "observed",
        columns={place: role for place, role in _once(columns).items() if role},
        constants=Constants(**{name: form.get(f"constant:{name}").strip() for name in SAID if name != "tlp"}),
        times=Times(format=form.get("time_format").strip() or "auto", zone=form.get("zone").strip() or "UTC"),
    )


def _once(columns: Fields[str, str]) -> dict[str, str]:
    """Of what can be said once, the first column that seems to say it."""
    seen: set[str] = set()
    kept = {}
    for place, role in columns.items():
        kept[place] = "" if role in SAID and role in seen else role
        seen.add(role)
    return kept


def _sample(look: Look, place: int) -> str:
    return next((row.cells[place] for row in look.rows if place < len(row.cells) and row.cells[place]), "")[:80]


def _said() -> list[tuple[str, str]]:
    return [(name, _(_SAID.get(name) or FACTS[name])) for name in SAID]


def _told(value: Fields[str, Any]) -> list[tuple[str, str]]:
    """What an object says, in the words of the pages."""
    told = [(_("Type"), type_name(str(value["type"])))]
    for name in ("value", "pattern", "key", "number", "hashes", *SAID):
        if name in value:
            text = ", ".join(map(str, value[name])) if isinstance(value[name], list) else str(value[name])
            label = _SAID.get(name) or FACTS.get(name, name)
            told.append((_(label), written(Observable("url", text)) if name in ("value", "name") else plainly(text)))
    return told
