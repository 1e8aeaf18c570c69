"""The page “Is the agreement working?”, its table, and the signed paper."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import LANGUAGES, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.performance.model import Measured, Printed, Quarter, Report
from kouprey.performance.rules import read_quarter
from kouprey.performance.service import Performance, sees_all
from kouprey.performance.wire import TABLE, render_table, table_rows, words
from kouprey.performance.wire.paper import draw

ONE = "/agreements/{agreement}/measures"
_WIDE, _HIGH = 320, 96


def routes(services: Services) -> list[Door]:
    """The doors of performance for persons."""
    pages = _Pages(services.get(Performance), services.get(People))
    reads = roles_with(Permission.READ)
    return [
        page(ONE, pages.show, roles=reads),
        page(f"{ONE}.csv", pages.table, roles=reads),
        page(f"{ONE}.zip", pages.paper, roles=reads),
    ]


class _Pages:
    def __init__(self, performance: Performance, people: People) -> None:
        self._performance = performance
        self._people = people

    def show(self, request: Request) -> Response:
        report = self._report(request)
        return request.render(
            "performance/measures.html",
            report=report,
            words=words,
            names=self._names(),
            charts={each.measure: list(_bars(each)) for each in report.measures},
            lines={each.measure: _line(each) for each in report.measures},
            size=(_WIDE, _HIGH),
            all_seen=sees_all(request.reader),
        )

    def table(self, request: Request) -> Response:
        report = self._report(request)
        name = f"measures-{words.quarter_name(report.quarter)}.csv"
        return _file(render_table(table_rows(report), TABLE), "text/csv; charset=utf-8", name)

    def paper(self, request: Request) -> Response:
        language = request.query_params.get("paper", request.language)
        if language not in LANGUAGES:
            raise Damaged(mark("There is no such language."), "", "", code="bad-field")
        names, home = self._names(), self._people.home_id
        printed = self._performance.print_report(
            request.path_params["agreement"],
            request.reader,
            _quarter(request),
            language,
            lambda report, hashed: draw(report, hashed, language=language, names=names, home=home),
            by=request.reader.name,
        )
        return _file(pack(printed), "application/zip", f"{printed.name}.zip")

    def _report(self, request: Request) -> Report:
        return self._performance.report(request.path_params["agreement"], request.reader, _quarter(request))

    def _names(self) -> dict[str, str]:
        return {party.id: party.name for party in self._people.list_parties()}


def pack(printed: Printed) -> bytes:
    """The PDF and its note in one ZIP file."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for suffix, content in (("pdf", printed.pdf), ("note", printed.note)):
            archive.writestr(ZipInfo(f"{printed.name}.{suffix}"), content)
    return out.getvalue()


def _quarter(request: Request) -> Quarter | None:
    text = request.query_params.get("quarter", "")
    try:
        return read_quarter(text) if text else None
    except ValueError as error:
        raise Damaged(
            mark("There is no such quarter."), str(error), mark("Choose one from the list."), code="bad-quarter"
        ) from None


def _top(measured: Measured) -> float:
    values = [point.value for point in measured.trend] + [measured.target]
    return max([each for each in values if each is not None], default=0) or 1


def _bars(measured: Measured) -> Iterator[tuple[float, float, float, float]]:
    """(x, y, width, height) of each quarter that has a value."""
    wide = _WIDE / max(1, len(measured.trend))
    for place, point in enumerate(measured.trend):
        if point.value is not None:
            high = max(2.0, point.value / _top(measured) * (_HIGH - 8))
            width = min(wide * 0.64, 48)
            yield place * wide + (wide - width) / 2, _HIGH - high, width, high


def _line(measured: Measured) -> float | None:
    """How high the target stands."""
    return None if measured.target is None else _HIGH - measured.target / _top(measured) * (_HIGH - 8)


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
