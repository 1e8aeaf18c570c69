"""The REST interface of performance: the figures of an agreement, as values, as a table and as signed paper."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct
from starlette.responses import Response

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.performance import model
from kouprey.performance.rules import quarter_text, read_quarter
from kouprey.performance.service import Performance, Processing
from kouprey.performance.wire import TABLE, register, render_table, table_rows
from kouprey.performance.wire.paper import draw

Text = Annotated[str, Meta(max_length=model.LONGEST)]
ONE = "/agreements/{agreement}/measures"


class Of(Asked, frozen=True, kw_only=True):
    """Which quarter, as 2026-Q4; "" for the present one."""

    quarter: str = ""


class InLanguage(Asked, frozen=True, kw_only=True):
    """The language of the paper."""

    language: Literal["en", "km"] = "en"


class OnPaper(Asked, frozen=True, kw_only=True):
    """Which quarter, and the language of the paper."""

    quarter: str = ""
    language: Literal["en", "km"] = "en"


class Point(Struct, kw_only=True):
    """A measure in one quarter; `n` is null for fewer than five, and so is `value` where it would give them away."""

    quarter: str
    value: float | None
    p90: float | None
    n: int | None
    hidden: bool


class Measure(Struct, kw_only=True):
    """A measure against what was agreed; `unit` is ratio, seconds or count."""

    measure: str
    unit: str
    target: float | None
    baseline: float | None
    state: str
    now: Point
    trend: tuple[Point, ...]


class Share(Struct, kw_only=True):
    """What a party gave; null where so few are not told."""

    party: str
    gave: int | None
    indicators: int | None


class Measures(Struct, kw_only=True):
    """Whether an agreement works; `whole` says that everything was counted, not only what the reader may see."""

    agreement: str
    title: str
    quarter: str
    verdict: str
    measures: tuple[Measure, ...]
    shares: tuple[Share, ...]
    hhi: float | None
    whole: bool
    behind: int
    at: Time


class Paper(Struct, kw_only=True):
    """A PDF (base64), and the note signed over its manifest (docs/spec/report.md)."""

    name: str
    pdf: str
    note: str


class Record(Struct, kw_only=True):
    """The record of processing of this node."""

    party: str
    name: str
    at: Time
    activities: tuple[model.Activity, ...]


class Written(Asked, frozen=True, kw_only=True):
    """What people write in an impact assessment; it is printed and not kept."""

    language: Literal["en", "km"] = "en"
    necessity: Text = ""
    subjects: Text = ""
    transfers: Text = ""
    risks: Text = ""
    opinion: Text = ""


class Sheet(Struct, kw_only=True):
    """A PDF (base64)."""

    pdf: str


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    return [*_measures(services), *_processing(services), *_impact(services)]


def _processing(services: Services) -> list[Door]:
    processing, people = services.get(Processing), services.get(People)

    def record(request: Request) -> Record:
        found = processing.register(request.reader)
        return Record(party=found.party, name=found.name, at=time_of(found.at), activities=found.activities)

    def table(request: Request) -> Response:
        rows = [register.row(each, _names(people)) for each in processing.register(request.reader).activities]
        return Response(render_table(rows, register.COLUMNS), media_type="text/csv; charset=utf-8")

    def paper(request: Request, asked: InLanguage) -> Sheet:
        drawn = register.draw_register(processing.register(request.reader), _names(people), asked.language)
        return Sheet(pdf=b64encode(drawn).decode())

    audits: dict[str, Any] = {"group": "Audit", "roles": roles_with(Permission.AUDIT), "fails": {"not-cleared": 403}}
    return [
        api(
            "GET",
            "/processing",
            record,
            gives=Record,
            does=("GET /processing",),
            summary="The record of processing of this node; for who is cleared for everything.",
            **audits,
        ),
        api(
            "GET",
            "/processing/table",
            table,
            media=("text/csv",),
            does=("GET /processing.csv",),
            summary="The record of processing as a table.",
            **audits,
        ),
        api(
            "GET",
            "/processing/paper",
            paper,
            takes=InLanguage,
            gives=Sheet,
            does=("GET /processing.pdf",),
            summary="The record of processing as a PDF.",
            **audits,
        ),
    ]


def _impact(services: Services) -> list[Door]:
    processing, people = services.get(Processing), services.get(People)

    def describe(request: Request) -> model.Activity:
        return processing.describe(request.path_params["agreement"])

    def impact(request: Request, asked: Written) -> Sheet:
        activity = processing.describe(request.path_params["agreement"])
        written = {name: getattr(asked, name) for name in model.EDITABLE}
        drawn = register.draw_impact(
            activity, _names(people), written, asked.language, home=people.home_id, at=processing.now()
        )
        processing.note_printed(activity.id, by=request.reader.name)
        return Sheet(pdf=b64encode(drawn).decode())

    reads: dict[str, Any] = {
        "group": "Agreements",
        "roles": roles_with(Permission.READ),
        "fails": {"unknown-agreement": 404},
    }
    return [
        api(
            "GET",
            "/agreements/{agreement}/impact",
            describe,
            gives=model.Activity,
            does=("GET /agreements/{agreement}/impact",),
            summary="What is processed under an agreement, by its terms.",
            **reads,
        ),
        api(
            "POST",
            "/agreements/{agreement}/impact",
            impact,
            takes=Written,
            gives=Sheet,
            repeatable=True,
            does=("POST /agreements/{agreement}/impact",),
            summary="An impact assessment with what people wrote, as a PDF; nothing of it is kept.",
            **reads,
        ),
    ]


def _names(people: People) -> dict[str, str]:
    return {party.id: party.name for party in people.list_parties()}


def _measures(services: Services) -> list[Door]:
    performance, people = services.get(Performance), services.get(People)

    def show(request: Request, asked: Of) -> Measures:
        return _shown(performance.report(request.path_params["agreement"], request.reader, _quarter(asked.quarter)))

    def table(request: Request, asked: Of) -> Response:
        report = performance.report(request.path_params["agreement"], request.reader, _quarter(asked.quarter))
        return Response(render_table(table_rows(report), TABLE), media_type="text/csv; charset=utf-8")

    def paper(request: Request, asked: OnPaper) -> Paper:
        names = {party.id: party.name for party in people.list_parties()}
        printed = performance.print_report(
            request.path_params["agreement"],
            request.reader,
            _quarter(asked.quarter),
            asked.language,
            lambda report, hashed: draw(report, hashed, language=asked.language, names=names, home=people.home_id),
            by=request.reader.name,
        )
        return Paper(name=printed.name, pdf=b64encode(printed.pdf).decode(), note=printed.note.decode())

    told: dict[str, Any] = {"group": "Agreements", "roles": roles_with(Permission.READ)}
    fails = {"unknown-agreement": 404, "bad-quarter": 400}
    return [
        api(
            "GET",
            ONE,
            show,
            takes=Of,
            gives=Measures,
            fails=fails,
            does=("GET /agreements/{agreement}/measures",),
            summary="Whether an agreement works: its measures over what the reader may see.",
            **told,
        ),
        api(
            "GET",
            f"{ONE}/table",
            table,
            takes=Of,
            media=("text/csv",),
            fails=fails,
            does=("GET /agreements/{agreement}/measures.csv",),
            summary="The same as a table, a row for each measure and quarter.",
            **told,
        ),
        api(
            "GET",
            f"{ONE}/paper",
            paper,
            takes=OnPaper,
            gives=Paper,
            fails={**fails, "not-cleared": 403},
            does=("GET /agreements/{agreement}/measures.zip",),
            summary="The report of a quarter as a signed PDF; for who is cleared for everything.",
            **told,
        ),
    ]


def _quarter(text: str) -> int | None:
    try:
        return read_quarter(text) if text else None
    except ValueError as error:
        raise Damaged("There is no such quarter.", f"{error}.", "Write it as 2026-Q4.", code="bad-quarter") from None


def _shown(report: model.Report) -> Measures:
    return Measures(
        agreement=report.agreement,
        title=report.title,
        quarter=quarter_text(report.quarter),
        verdict=report.verdict,
        measures=tuple(
            Measure(
                measure=each.measure,
                unit=each.unit,
                target=each.target,
                baseline=each.baseline,
                state=str(each.state),
                now=_point(each.now),
                trend=tuple(map(_point, each.trend)),
            )
            for each in report.measures
        ),
        shares=tuple(Share(party=each.party, gave=each.gave, indicators=each.indicators) for each in report.shares),
        hhi=report.hhi,
        whole=report.whole,
        behind=report.behind,
        at=time_of(report.at),
    )


def _point(point: model.Point) -> Point:
    return Point(quarter=quarter_text(point.quarter), value=point.value, p90=point.p90, n=point.n, hidden=point.hidden)
