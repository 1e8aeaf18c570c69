"""Endpoints that take in: objects with a status for each, streams of any length, and tables."""

from __future__ import annotations

from io import BytesIO
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from kouprey.exchange.api.shapes import Level, Refused, level_of
from kouprey.exchange.api.shown import refused
from kouprey.exchange.model import Arrival, ImportReport, Outcome, Refusal, SourceKind
from kouprey.exchange.model.tables import Dialect, Mapping
from kouprey.exchange.service import MAIN, Exchange
from kouprey.exchange.wire import read_stream
from kouprey.exchange.wire.tables import HEAD, look_at
from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.people.model import Permission, roles_with

STIX = ("application/json", "application/stix+json", "application/taxii+json", "application/x-ndjson")
PACKED = ("application/gzip", "application/zstd", "application/octet-stream")
ENVELOPE = 8 * MIB
"""Bytes that are kept in one transaction: while it runs no other does."""
MOST_REFUSALS = 200
TABLE = 4 * MIB


class Into(Asked, frozen=True, kw_only=True):
    """Which collection the objects join besides the main one, by name or id."""

    collection: str = ""


class Stream(Asked, frozen=True, kw_only=True):
    """What the source is called, the level of what carries no marking (AMBER+STRICT), and a collection."""

    name: Annotated[str, Meta(min_length=1, max_length=200)] = "upload"
    tlp: Level | Literal[""] = ""
    collection: str = ""


class Table(Stream, frozen=True, kw_only=True):
    """A table of values as text. Without a `mapping` its columns are what they seem to be (POST /tables/look)."""

    text: Annotated[str, Meta(max_length=TABLE)]
    mapping: Mapping | None = None


class Fate(Struct, kw_only=True):
    """What became of one object: kept, conflict (another body of this version is held; both stay), or refused."""

    id: str
    verdict: str
    refused: Refused | None = None


class Fates(Struct, kw_only=True):
    """What became of each object, in their order."""

    kept: int
    refused: int
    objects: tuple[Fate, ...]


class Imported(Struct, kw_only=True):
    """What an import came to, with the first 200 refusals."""

    new: int
    repeats: int
    conflicts: int
    variants: int
    refused: int
    invalid: int
    seconds: float
    refusals: tuple[Refused, ...]


class Seems(Struct, kw_only=True):
    """How a table seems to be written, and what its columns seem to be: what `mapping` may say otherwise."""

    file: Dialect
    columns: tuple[str, ...]
    guessed: dict[str, str]
    rows: tuple[tuple[str, ...], ...]
    objects: tuple[dict[str, Any], ...]
    refused: tuple[Refused, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Taking in", "roles": roles_with(Permission.WRITE)}
    page = "POST /intelligence"
    return [
        api(
            "POST",
            "/objects",
            desk.add,
            takes=Into,
            gives=Fates,
            brings=STIX,
            repeatable=True,
            cap=ENVELOPE,
            own=False,
            fails={"read-only": 403, "unknown-collection": 404, "nothing-sent": 400},
            summary="Give objects (a bundle, an envelope, a list, or one a line), up to 8 MiB, all in one step;"
            " the answer says what became of each.",
            **told,
        ),
        api(
            "POST",
            "/imports",
            desk.take,
            takes=Stream,
            gives=Imported,
            brings=(*STIX, *PACKED),
            repeatable=True,
            cap=100 * MIB,
            seconds=600.0,
            fails={"unknown-collection": 404},
            does=(f"{page}/import",),
            summary="Take in a stream, also gzip or Zstandard, batch by batch; each is durable before the next.",
            **told,
        ),
        *_tables(desk, told),
    ]


def _tables(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    page = "POST /intelligence"
    return [
        api(
            "POST",
            "/tables/look",
            desk.look,
            takes=Table,
            gives=Seems,
            reads=True,
            cap=2 * TABLE,
            does=(f"{page}/table",),
            summary="See how a table would be understood, and what its first rows would become; nothing is kept.",
            **told,
        ),
        api(
            "POST",
            "/tables",
            desk.table,
            takes=Table,
            gives=Imported,
            repeatable=True,
            cap=2 * TABLE,
            seconds=600.0,
            fails={"unknown-collection": 404, "no-identity": 409},
            does=(f"{page}/table/save",),
            summary="Take in a table; the same row under the same mapping makes the same object.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def add(self, request: Request, asked: Into) -> Fates:
        who = request.reader
        collection = self._exchange.get_collection(asked.collection or MAIN, who)
        arrivals: list[Arrival] = []
        fates: list[Fate | None] = []
        for each in read_stream(BytesIO(request.content)):
            if isinstance(each, Refusal):
                fates.append(Fate(id=each.stix_id or "", verdict="refused", refused=refused(each)))
            else:
                arrivals.append(each)
                fates.append(None)
        if not fates:
            raise Damaged("Nothing was sent.", "The body is empty.", "Send a bundle or objects.", code="nothing-sent")
        # A program of a person who signed in is that person.
        kind = SourceKind.PERSON if request.csrf else SourceKind.TOKEN
        given = self._exchange.contribute(
            arrivals, who=who, collection=collection, also=lambda _tx, given: given, kind=kind
        )
        seen = given.seen_conflicts
        told = iter(_fate(arrival, each, seen) for arrival, each in zip(arrivals, given.outcomes, strict=True))
        objects = tuple(each or next(told) for each in fates)
        out = sum(each.verdict == "refused" for each in objects)
        return Fates(kept=len(objects) - out, refused=out, objects=objects)

    def take(self, request: Request, asked: Stream) -> Imported:
        refusals: list[Refusal] = []
        report = self._exchange.import_stream(
            BytesIO(request.content),
            name=asked.name,
            tlp=level_of(asked.tlp, "tlp"),
            collection=asked.collection,
            by=request.reader.name,
            on_refusal=_first(refusals),
        )
        return _imported(report, refusals)

    def look(self, request: Request, asked: Table) -> Seems:
        raw = asked.text.encode()
        seen = look_at(raw[:HEAD], asked.mapping.file if asked.mapping else None)
        objects: list[dict[str, Any]] = []
        refusals: list[Refusal] = []
        mapping = asked.mapping or Mapping(columns=seen.guessed)
        for each in self._exchange.preview_table(BytesIO(raw), mapping, seen.dialect):
            if isinstance(each, Refusal):
                refusals.append(each)
            else:
                objects.append(each.value)
            if len(objects) + len(refusals) >= MOST_REFUSALS:
                break
        return Seems(
            file=seen.dialect,
            columns=seen.columns,
            guessed=seen.guessed,
            rows=tuple(row.cells for row in seen.rows),
            objects=tuple(objects),
            refused=tuple(map(refused, refusals)),
        )

    def table(self, request: Request, asked: Table) -> Imported:
        raw = asked.text.encode()
        seen = look_at(raw[:HEAD], asked.mapping.file if asked.mapping else None)
        refusals: list[Refusal] = []
        report = self._exchange.import_table(
            BytesIO(raw),
            asked.mapping or Mapping(columns=seen.guessed),
            seen.dialect,
            name=asked.name,
            tlp=level_of(asked.tlp, "tlp"),
            collection=asked.collection,
            by=request.reader.name,
            on_refusal=_first(refusals),
        )
        return _imported(report, refusals)


def _fate(arrival: Arrival, outcome: Outcome, seen_conflicts: Any) -> Fate:
    """What a giver is told: whether something was held before only as far as he may see it."""
    if outcome.error is not None:
        error = outcome.error
        told = Refused(
            offset=arrival.offset,
            line=arrival.line,
            id=arrival.stix_id,
            code=error.code,
            title=error.what,
            detail=error.why,
            remedy=error.remedy,
        )
        return Fate(id=arrival.stix_id, verdict="refused", refused=told)
    conflict = outcome.verdict == "conflict" and outcome.version_id in seen_conflicts
    return Fate(id=arrival.stix_id, verdict="conflict" if conflict else "kept")


def _first(refusals: list[Refusal]) -> Any:
    def on_refusal(refusal: Refusal) -> None:
        if len(refusals) < MOST_REFUSALS:
            refusals.append(refusal)

    return on_refusal


def _imported(report: ImportReport, refusals: list[Refusal]) -> Imported:
    counted: dict[str, Any] = msgspec.to_builtins(report)
    names = ("new", "repeats", "conflicts", "variants", "refused", "invalid", "seconds")
    return Imported(**{name: counted[name] for name in names}, refusals=tuple(map(refused, refusals)))
