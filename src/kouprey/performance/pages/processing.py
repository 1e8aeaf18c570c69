"""The record of processing, and the impact assessment of an agreement: read, printed, and not kept."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.performance.model import EDITABLE, LONGEST
from kouprey.performance.service.processing import Processing
from kouprey.performance.wire import register as words
from kouprey.performance.wire import render_table


def routes(services: Services) -> list[Door]:
    """The doors of processing for persons."""
    pages = _Pages(services.get(Processing), services.get(People))
    audits, reads = roles_with(Permission.AUDIT), roles_with(Permission.READ)
    return [
        page("/processing", pages.show, roles=audits),
        page("/processing.csv", pages.table, roles=audits),
        page("/processing.pdf", pages.paper, roles=audits),
        page("/agreements/{agreement}/impact", pages.impact, roles=reads),
        page("/agreements/{agreement}/impact", pages.print_impact, "POST", roles=reads),
    ]


class _Pages:
    def __init__(self, processing: Processing, people: People) -> None:
        self._processing = processing
        self._people = people

    def show(self, request: Request) -> Response:
        names = self._names()
        rows = [(each, words.row(each, names)) for each in self._processing.register(request.reader).activities]
        return request.render("performance/register.html", rows=rows, heads=words.heads())

    def table(self, request: Request) -> Response:
        names = self._names()
        rows = [words.row(each, names) for each in self._processing.register(request.reader).activities]
        return _file(render_table(rows, words.COLUMNS), "text/csv; charset=utf-8", "processing.csv")

    def paper(self, request: Request) -> Response:
        register = self._processing.register(request.reader)
        language = request.query_params.get("paper", request.language)
        return _file(words.draw_register(register, self._names(), language), "application/pdf", "processing.pdf")

    def impact(self, request: Request) -> Response:
        activity = self._processing.describe(request.path_params["agreement"])
        return request.render(
            "performance/impact.html", activity=activity, parts=words.parts(activity, self._names(), {})
        )

    def print_impact(self, request: Request) -> Response:
        activity = self._processing.describe(request.path_params["agreement"])
        written = {name: request.field(name, longest=LONGEST) for name in EDITABLE}
        drawn = words.draw_impact(
            activity,
            self._names(),
            written,
            request.field("paper") or request.language,
            home=self._people.home_id,
            at=self._processing.now(),
        )
        self._processing.note_printed(activity.id, by=request.reader.name)
        return _file(drawn, "application/pdf", "impact.pdf")

    def _names(self) -> dict[str, str]:
        return {party.id: party.name for party in self._people.list_parties()}


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
