"""The report of a case as a file."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.response.service import CaseReports, Contacts, HandOffs, Situations
from kouprey.response.wire.casepaper import draw_case


def doors(services: Services) -> list[Door]:
    """The PDF."""
    reports, situations, contacts = services.get(CaseReports), services.get(Situations), services.get(Contacts)

    def paper(request: Request) -> Response:
        who = HandOffs.speaker(request.reader, request.who.roles)
        made = reports.report(who, request.path_params["case"])
        language = request.query_params.get("language", "") or request.language
        drawn = draw_case(made, situations.names(contacts.names()), language)
        reports.note_printed(who, made, language)
        headers = {"Content-Disposition": f'attachment; filename="case-{made.case.number}-{language}.pdf"'}
        return Response(drawn, media_type="application/pdf", headers=headers)

    return [page("/cases/{case}/report.pdf", paper, roles=roles_with(Permission.READ))]
